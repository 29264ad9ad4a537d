// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"
#include "slicewise/plan.h"

enum { FILE_MAX_BYTES = 1 << 20 };

static struct sw_error err;
static char folder[] = "/tmp/slicewise-plan-XXXXXX";
static sw_catalog *catalog;
static const char *const files[] = {"w.yaml", "t.csv", "m.json", "g.json", "sub/plan.json"};

static const char *path_of(const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void put(const char *name, const char *text)
{
	CHECK_INT(sw_file_write(path_of(name), text, strlen(text), &err), SW_OK);
}

static char *get(const char *path)
{
	struct sw_text text = {0};

	CHECK_INT(sw_file_read(path, FILE_MAX_BYTES, &text, &err), SW_OK);
	return text.data;
}

/* A trace of 400 requests that come in pairs. */
static void put_trace(void)
{
	struct sw_text text = {0};

	sw_text_puts(&text, "timestamp_ms,input_tokens,output_tokens\n");
	for (int i = 0; i < 400; i++)
		sw_text_addf(&text, "%d,%d,%d\n", i / 2 * 500 + i % 2 * 20, 100 + i % 7 * 50,
			     20 + i % 5 * 10);
	put("t.csv", text.data);
	sw_text_free(&text);
}

#define MODEL                                                                              \
	"{\"model_type\": \"llama\", \"hidden_size\": 2048, \"intermediate_size\": 5504, " \
	"\"num_hidden_layers\": 16, \"num_attention_heads\": 16, \"vocab_size\": 32000, "  \
	"\"max_position_embeddings\": 4096, \"architectures\": [\"LlamaForCausalLM\"], "   \
	"\"torch_dtype\": \"float16\"}\n"

/* A closed loop, a trace that is rescaled over two replicas, one that is played as it is, and a model of one's own. */
#define WORKLOADS                                                                                 \
	"fleet:\n  - {gpu: l4, count: 8, mechanism: mps}\nworkloads:\n"                           \
	"  - {name: closed, model: qwen3-0.6b, replicas: 2,\n"                                    \
	"     load: {concurrency: 5, prompt_tokens: 300, output_tokens: 50}}\n"                   \
	"  - {name: traced, model: ./m.json, replicas: 3, load: {trace: t.csv, rate: 7},\n"       \
	"     engine: {max_num_seqs: 48, cuda_graphs: false}, slo: {ttft_p95_ms: 2000}}\n"        \
	"  - {name: once, model: qwen3-0.6b, load: {trace: t.csv}, slo: {tpot_p95_ms: 90}}\n"     \
	"  - {name: open, model: qwen2.5-0.5b, load: {rate: 1.7, burstiness: 2,\n"                \
	"     prompt_tokens: {mean: 200, p95: 600}, output_tokens: 50, prefix_hit_ratio: 0.3},\n" \
	"     replicas: 2}\n"

/* What was planned, and the path it was saved to: in a folder of its own. */
static const char *saved_plan(struct sw_problem **problem, struct sw_plan **plan)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/sub/plan.json", folder);
	put_trace();
	put("m.json", MODEL);
	put("w.yaml", WORKLOADS);
	CHECK_INT(sw_problem_load(catalog, path_of("w.yaml"), problem, &err), SW_OK);
	/* Engines are sized for the load that they have: so what is read predicts what was planned. */
	for (size_t w = 0; w < (*problem)->n_workloads; w++)
		(*problem)->workloads[w].window_s = 0;
	CHECK_INT(sw_plan_solve(catalog, *problem, NULL, plan, &err), SW_OK);
	CHECK_INT(sw_plan_save(*problem, *plan, path, &err), SW_OK);
	return path;
}

static void check_same(const struct sw_placement *p, const struct sw_prediction *q)
{
	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
			CHECK_NEAR(q->latency[m].at[s], p->predicted.latency[m].at[s], 1e-6);
			CHECK_NEAR(q->latency[m].hi[s], p->predicted.latency[m].hi[s], 1e-6);
		}
	}
	CHECK_NEAR(q->requests_per_s, p->predicted.requests_per_s, 1e-6);
	CHECK_NEAR(q->kv_cache_tokens, p->predicted.kv_cache_tokens, 1e-6);
}

TEST(a_plan_that_was_saved_predicts_the_same)
{
	struct sw_problem *problem = NULL;
	struct sw_plan *plan = NULL;
	struct sw_plan_mixes *mixes = NULL;
	const char *path = saved_plan(&problem, &plan);
	struct sw_prediction predictions[SW_TENANTS_MAX];

	if (!CHECK(sw_plan_mixes_load(catalog, path, &mixes, &err) == SW_OK)) {
		printf("    %s\n", err.message);
		return;
	}
	CHECK(mixes->is_plan);
	CHECK_INT(mixes->n_gpus, plan->n_gpus);
	CHECK_INT(mixes->n_workloads, 4);
	CHECK_INT(mixes->n_traces, 1);
	for (size_t i = 0; i < plan->n_gpus; i++) {
		const struct sw_planned_gpu *gpu = &mixes->gpus[i];

		CHECK_STR(gpu->id, plan->gpus[i].id);
		CHECK_INT(gpu->mix->n, plan->gpus[i].n);
		CHECK_INT(sw_predict_quick(gpu->mix, NULL, predictions, &err), SW_OK);
		for (size_t k = 0; k < gpu->mix->n; k++) {
			const struct sw_placement *p = &plan->gpus[i].tenants[k];

			CHECK_INT(gpu->workload[k], p->workload);
			CHECK_INT(gpu->mix->tenants[k].engine.given, p->engine.given);
			CHECK_INT(gpu->mix->tenants[k].engine.max_num_seqs, p->engine.max_num_seqs);
			check_same(p, &predictions[k]);
		}
	}
	sw_plan_mixes_free(mixes);
	sw_plan_free(plan);
	sw_problem_free(problem);
}

static const struct sw_tenant *tenant_called(const struct sw_plan_mixes *mixes, const char *name)
{
	for (size_t i = 0; i < mixes->n_gpus; i++)
		for (size_t k = 0; k < mixes->gpus[i].mix->n; k++)
			if (strcmp(mixes->gpus[i].mix->tenants[k].name, name) == 0)
				return &mixes->gpus[i].mix->tenants[k];
	return NULL;
}

TEST(replicas_have_their_parts_of_loads)
{
	struct sw_problem *problem = NULL;
	struct sw_plan *plan = NULL;
	struct sw_plan_mixes *mixes = NULL;
	const struct sw_tenant *t;

	CHECK_INT(sw_plan_mixes_load(catalog, saved_plan(&problem, &plan), &mixes, &err), SW_OK);
	t = mixes ? tenant_called(mixes, "traced/2") : NULL;
	if (CHECK(t != NULL)) {
		CHECK_STR(t->model.id, "m");
		CHECK(t->load.trace && !t->load.trace_once);
		CHECK_NEAR(t->load.rate, 7.0 / 3, 1e-8);
		/* 399 gaps in 99.52 s are 4.009 per s, which is to be 7. */
		CHECK_NEAR(t->load.trace_stretch, 399 / 99.52 / 7, 1e-6);
		CHECK_INT(t->engine.max_num_seqs, 48);
		CHECK(!t->engine.cuda_graphs);
		CHECK_NEAR(t->slo.bound_ms[SW_TTFT][SW_P95], 2000, 0);
	}
	t = mixes ? tenant_called(mixes, "once/0") : NULL;
	CHECK(t && t->load.trace_once && t->load.trace_stretch == 1);
	t = mixes ? tenant_called(mixes, "closed/1") : NULL;
	CHECK(t && t->load.concurrency == 3 && isnan(t->load.rate));
	t = mixes ? tenant_called(mixes, "open/0") : NULL;
	CHECK(t && t->load.prefix_hit_ratio == 0.3);
	CHECK_NEAR(t ? t->load.burstiness : 0, sqrt(2.5), 1e-9);
	sw_plan_mixes_free(mixes);
	sw_plan_free(plan);
	sw_problem_free(problem);
}

TEST(shares_and_memory_of_other_mechanisms_come_back)
{
	static const char *const fleets[] = {
		"{gpu: a100-sxm4-80gb, mechanism: mig}", "{gpu: l4, mechanism: exclusive}",
		"{gpu: a10, mechanism: timeslice}", "{gpu: l40s, mechanism: hami}"};

	for (size_t i = 0; i < sizeof(fleets) / sizeof(fleets[0]); i++) {
		char text[512], plan_path[128];
		struct sw_problem *problem = NULL;
		struct sw_plan *plan = NULL;
		struct sw_plan_mixes *mixes = NULL;

		(void)snprintf(text, sizeof(text),
			       "fleet:\n  - %s\nworkloads:\n  - {name: a, model: qwen3-0.6b, "
			       "replicas: 3, load: {rate: 0.7, prompt_tokens: 300, output_tokens: "
			       "40}}\n",
			       fleets[i]);
		put("w.yaml", text);
		(void)snprintf(plan_path, sizeof(plan_path), "%s/sub/plan.json", folder);
		CHECK_INT(sw_problem_load(catalog, path_of("w.yaml"), &problem, &err), SW_OK);
		CHECK_INT(sw_plan_solve(catalog, problem, NULL, &plan, &err), SW_OK);
		CHECK_INT(sw_plan_save(problem, plan, plan_path, &err), SW_OK);
		if (!CHECK(sw_plan_mixes_load(catalog, plan_path, &mixes, &err) == SW_OK))
			printf("    %s: %s\n", fleets[i], err.message);
		CHECK(!mixes || tenant_called(mixes, "a/2"));
		sw_plan_mixes_free(mixes);
		sw_plan_free(plan);
		sw_problem_free(problem);
	}
}

TEST(a_mix_is_a_plan_of_one_gpu)
{
	struct sw_plan_mixes *mixes = NULL;

	put("w.yaml",
	    "gpu: l4\nmechanism: exclusive\ntenants:\n"
	    "  - {model: qwen3-0.6b, load: {rate: 1, prompt_tokens: 9, output_tokens: 9}}\n");
	CHECK_INT(sw_plan_mixes_load(catalog, path_of("w.yaml"), &mixes, &err), SW_OK);
	CHECK(mixes && !mixes->is_plan && mixes->n_gpus == 1 && mixes->n_workloads == 0);
	CHECK(mixes && mixes->gpus[0].id[0] == '\0');
	CHECK_STR(mixes ? mixes->gpus[0].mix->tenants[0].name : "", "tenant-1");
	sw_plan_mixes_free(mixes);
}

/* What is changed in a good plan, and what is said of it. */
static const struct {
	const char *from, *to, *message;
} wrongs[] = {
	{"slicewise-plan-1", "slicewise-plan-2",
	 "format: found \"slicewise-plan-2\", expected one of slicewise-plan-1"},
	{"\"gpus\": [", "\"gpus\": [], \"x\": [",
	 "gpus: found an empty list, expected a list of at least one GPU"},
	{"\"id\": \"l4/1\"", "\"id\": \"l4/0\"",
	 "id: found \"l4/0\", expected one that no other has"},
	{"\"gpu\": \"l4\"", "\"gpu\": \"l5\"", "gpus[0].gpu: "},
	{"\"mechanism\": \"mps\"", "\"mechanism\": \"sps\"", "gpus[0].mechanism: found \"sps\""},
	{"\"workload\": \"closed\"", "\"workload\": \"cosed\"",
	 "gpus[0].tenants[0].workload: found \"cosed\", expected the name of a workload of this "
	 "plan"},
	{"\"replica\": 0", "\"replica\": 0.5", "gpus[0].tenants[0].replica: found 0.5"},
	{"\"model\": \"qwen3-0.6b\"", "\"model\": \"qwen9\"", "gpus[0].tenants[0].model: "},
	{"\"model\": \"m\"", "\"model\": \"n\"", "model: found n, but line"},
	{"./m.json", "./absent.json", "model_file: "},
	{"../m.json", "../absent.json", "model_file: "},
	{"t.csv", "u.csv", "load.trace: "},
	{"\"share\": ", "\"share\": 9", "gpus[0].tenants[0].share: found 9"},
	{"\"memory_gib\": ", "\"memory_gib\": 99", "GiB"},
	{"\"memory_gib\": ", "\"memory_gb\": ", "gpus[0].tenants[0]: key memory_gib is missing"},
	{"\"concurrency\": 3", "\"concurrency\": 9",
	 "gpus[0].tenants[0].concurrency: found 9, expected a whole number of at most the "
	 "workload's 5"},
	{"\"concurrency\": 3", "\"rate\": 3",
	 "gpus[0].tenants[0]: key concurrency is missing: the workload's load has one"},
	{"\"rate\": 0.85", "\"rate\": 1.75",
	 "rate: found 1.75, expected at most the workload's 1.7 "},
	{"\"name\": \"vllm\"", "\"nam\": \"vllm\"", "gpus[0].tenants[0].engine.nam: unknown key"},
	{"\"max_num_seqs\": 3", "\"max_in_flight\": 0, \"max_num_seqs\": 3",
	 "gpus[0].tenants[0].max_in_flight: found 0"},
	{"\"max_num_seqs\": 3", "\"max_in_flight\": 4, \"max_num_seqs\": 3",
	 "max_in_flight: found 4, expected at most the engine's max_num_seqs of 3"},
	{"\"given\": [", "\"given\": [\"seqs\"], \"x\": [", "engine.given[0]: found \"seqs\""},
	{"\"max_model_len\": ", "\"max_model_len\": 9", "max_model_len: found 9"},
	{"\"workloads\": [",
	 "\"workloads\": [{\"name\": \"open\", \"replicas\": 0, \"met\": true, \"load\": "
	 "{\"rate\": 9, \"prompt_tokens\": 1, \"output_tokens\": 1}}, ",
	 "name: found \"open\", expected one that no other has"},
	{"\"replica\": 1", "\"replica\": 0",
	 "replica: found 0, expected one that no other has (line "},
};

static char *replaced(const char *text, const char *from, const char *to)
{
	const char *place = strstr(text, from);
	struct sw_text result = {0};

	if (!place)
		return NULL;
	sw_text_add(&result, text, (size_t)(place - text));
	sw_text_addf(&result, "%s%s", to, place + strlen(from));
	return result.data;
}

TEST(what_cannot_be_used_is_said_with_file_line_and_key)
{
	struct sw_problem *problem = NULL;
	struct sw_plan *plan = NULL;
	const char *path = saved_plan(&problem, &plan);
	char *good = get(path);
	size_t tried = 0;

	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		char *bad = replaced(good, wrongs[i].from, wrongs[i].to);
		struct sw_plan_mixes *mixes = (struct sw_plan_mixes *)1;
		enum sw_status st;

		if (!bad)
			continue;
		tried++;
		put("sub/plan.json", bad);
		st = sw_plan_mixes_load(catalog, path, &mixes, &err);
		CHECK(!mixes && (st == SW_BAD_INPUT || st == SW_INFEASIBLE));
		CHECK(strncmp(err.message, path, strlen(path)) == 0);
		if (!CHECK(strstr(err.message, wrongs[i].message) != NULL))
			printf("    %s: %s\n", wrongs[i].from, err.message);
		free(bad);
	}
	CHECK(tried + 1 >= sizeof(wrongs) / sizeof(wrongs[0]));
	free(good);
	sw_plan_free(plan);
	sw_problem_free(problem);
}

/* Measured tables beside a language model: what a plan says of them, and what cannot be. */
TEST(tables_come_back)
{
	static const struct {
		const char *from, *to, *message;
	} bad[] = {
		{"\"batch\": 4", "\"batch\": 0", "batch: found 0"},
		{"\"processes\": 1,", "", "key processes is missing"},
		{"\"start\": 0", "\"start\": 1",
		 "MIG instances that cannot lie where the plan says"},
		{"\"mig\": {", "\"gim\": {", "key mig is missing"},
	};
	struct sw_problem *problem = NULL;
	struct sw_plan_mixes *mixes = NULL;
	struct sw_plan *plan = NULL;
	char *good;

	put("t.csv", "batch,share,latency_ms,throughput\n4,0.14,10,100\n4,0.28,6,190\n");
	put("w.yaml", "fleet:\n  - {gpu: a100-sxm4-80gb, mechanism: mig}\nworkloads:\n"
		      "  - {name: net, model: {table: t.csv}, load: {rate: 90}, slo: {latency_ms: "
		      "50}}\n  - {name: a, model: qwen3-0.6b, load: {rate: 1, prompt_tokens: 100, "
		      "output_tokens: 10}}\n");
	CHECK_INT(sw_problem_load(catalog, path_of("w.yaml"), &problem, &err), SW_OK);
	if (!problem)
		return;
	CHECK_INT(sw_plan_solve(catalog, problem, NULL, &plan, &err), SW_OK);
	CHECK_INT(sw_plan_save(problem, plan, path_of("sub/plan.json"), &err), SW_OK);
	CHECK_INT(sw_plan_mixes_load(catalog, path_of("sub/plan.json"), &mixes, &err), SW_OK);
	if (CHECK(mixes && mixes->n_gpus == 1 && mixes->gpus[0].n_rows == 1)) {
		const struct sw_planned_row *row = &mixes->gpus[0].rows[0];

		CHECK_STR(row->name, "net/0");
		CHECK(mixes->workloads[row->workload].is_table);
		CHECK_INT(row->batch, 4);
		CHECK_INT(row->processes, 1);
		CHECK_INT(row->mig_start, plan->gpus[0].tenants[0].mig_start);
		CHECK_NEAR(row->rate, 90, 1e-9);
		CHECK_NEAR(row->share, 1.0 / 7, 1e-8);
		CHECK_INT(mixes->gpus[0].mix->n, 1);
		CHECK_INT(mixes->gpus[0].mig_start[0], plan->gpus[0].tenants[1].mig_start);
	}
	sw_plan_mixes_free(mixes);
	good = get(path_of("sub/plan.json"));
	for (size_t i = 0; good && i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *changed = replaced(good, bad[i].from, bad[i].to);

		put("sub/plan.json", changed);
		free(changed);
		CHECK_INT(sw_plan_mixes_load(catalog, path_of("sub/plan.json"), &mixes, &err),
			  SW_BAD_INPUT);
		if (!CHECK(strstr(err.message, bad[i].message) != NULL))
			printf("    %s: %s\n", bad[i].from, err.message);
	}
	free(good);
	sw_plan_free(plan);
	sw_problem_free(problem);
}

TEST(a_file_that_is_not_there)
{
	struct sw_plan_mixes *mixes;

	CHECK_INT(sw_plan_mixes_load(catalog, "nowhere/plan.json", &mixes, &err), SW_IO);
	CHECK(!mixes);
	sw_plan_mixes_free(NULL);
}

TEST(a_plan_says_with_which_fit_it_was_made)
{
	struct sw_problem *problem = NULL;
	struct sw_plan_mixes *mixes = NULL;
	struct sw_plan *plan = NULL;
	struct sw_fit_id id;
	sw_fit *fit = NULL;
	char *text, *end;

	put("w.yaml", "fleet:\n  - {gpu: l4, mechanism: mps}\nworkloads:\n  - {name: a, model: "
		      "qwen3-0.6b, load: {rate: 1, prompt_tokens: 100, output_tokens: 10}}\n");
	CHECK_INT(sw_problem_load(catalog, path_of("w.yaml"), &problem, &err), SW_OK);
	CHECK_INT(sw_fit_open(NULL, &fit, &err), SW_OK);
	if (!problem || !fit)
		return;
	problem->fit = fit;
	sw_fit_identify(fit, &id);
	CHECK_INT(sw_plan_solve(catalog, problem, NULL, &plan, &err), SW_OK);
	CHECK_INT(sw_plan_save(problem, plan, path_of("sub/plan.json"), &err), SW_OK);
	CHECK_INT(sw_plan_mixes_load(catalog, path_of("sub/plan.json"), &mixes, &err), SW_OK);
	CHECK_STR(mixes ? mixes->fit.hash : "", id.hash);
	CHECK_STR(mixes ? mixes->fit.origin : "", id.origin);
	sw_plan_mixes_free(mixes);
	/* One made without any fit. */
	text = get(path_of("sub/plan.json"));
	end = text ? strstr(text, "\"gpus\"") : NULL;
	if (CHECK(end)) {
		struct sw_text old = {0};

		sw_text_addf(&old, "{\"format\": \"slicewise-plan-1\", \"fit\": null, %s", end);
		put("sub/plan.json", old.data);
		sw_text_free(&old);
		CHECK_INT(sw_plan_mixes_load(catalog, path_of("sub/plan.json"), &mixes, &err),
			  SW_OK);
		CHECK_STR(mixes ? mixes->fit.hash : "?", "");
		sw_plan_mixes_free(mixes);
	}
	free(text);
	sw_plan_free(plan);
	sw_problem_free(problem);
	sw_fit_free(fit);
}

int main(void)
{
	int status;

	if (!mkdtemp(folder) || mkdir(path_of("sub"), 0700) != 0 ||
	    sw_catalog_open(&catalog, &err) != SW_OK)
		return 1;
	status = check_main();
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		(void)unlink(path_of(files[i]));
	(void)rmdir(path_of("sub"));
	(void)rmdir(folder);
	sw_catalog_free(catalog);
	return status;
}
