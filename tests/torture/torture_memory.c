// SPDX-License-Identifier: Apache-2.0
/*
 * Every allocation is made to fail once, as curl does it: each scenario is run with the first failing, the second, and so on
 * (in strides where there are very many). It must say SW_NO_MEMORY, give nothing, and leave no block behind. Or do as well
 * without: qsort(), for one, sorts in place where it gets no memory; then its result must be the same.
 *
 * Jansson is spared. Version 2.14 drops characters where its buffer cannot grow, and frees twice where an object cannot:
 * what it does without memory is not ours to promise. The solvers of COIN-OR are spared too: they throw.
 */
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "failing_memory.h"
#include "slicewise/slicewise.h"

/* Runs of one scenario at most, so that the test stays short where a planner asks for memory more often; of one that plays a mix
 * each time, fewer. */
enum { RUNS = 1000, PLAYS = 60 };

enum { RESULT_MAX = 1 << 16 };

static char result
	[RESULT_MAX]; /* what a scenario came to; not allocated, so that it is free of failures itself */
static char folder[] = "/tmp/slicewise-torture-XXXXXX";
static const sw_catalog *catalog;

static void put_file(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static const char *path_of(const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

typedef enum sw_status scenario(const char *path, struct sw_error *err);

/* What a scenario leaves where nothing fails, and how many allocations that takes. */
static size_t reference(scenario *run, const char *path, char *expected)
{
	struct sw_error err = {SW_OK, ""};
	size_t asked;
	bool fired;

	memory_arm(0);
	CHECK_INT(run(path, &err), SW_OK);
	asked = memory_disarm(&fired);
	CHECK_STR(err.message, "");
	memcpy(expected, result, RESULT_MAX);
	return asked;
}

static bool holds(enum sw_status st, const struct sw_error *err, const char *expected)
{
	if (st == SW_OK)
		return strcmp(result, expected) == 0;
	return st == SW_NO_MEMORY && err->status == st && err->message[0];
}

static void torture_often(scenario *run, const char *name, size_t runs)
{
	static char expected[RESULT_MAX];
	char path[128];
	size_t asked, stride;
	bool fired = true;

	memcpy(path, path_of(name), sizeof(path));
	asked = reference(run, path, expected);
	stride = asked / runs + 1;
	CHECK(asked > 0);
	for (size_t n = 1; n <= asked; n += stride) {
		struct sw_error err = {SW_OK, ""};
		long before = memory_blocks();
		enum sw_status st;

		result[0] = '\0';
		memory_arm(n);
		st = run(path, &err);
		(void)memory_disarm(&fired);
		if (!CHECK(fired && holds(st, &err, expected) && memory_blocks() == before)) {
			printf("    %s, allocation %zu of %zu: %s: %s; %ld blocks left\n", name, n,
			       asked, sw_status_name(st), err.message, memory_blocks() - before);
			break;
		}
	}
}

static void torture(scenario *run, const char *name)
{
	torture_often(run, name, RUNS);
}

static enum sw_status run_model(const char *path, struct sw_error *err)
{
	struct sw_model model;
	enum sw_status st = sw_model_read(path, &model, err);

	if (st == SW_OK)
		(void)snprintf(result, sizeof(result), "%s %u %g", model.id, model.hidden,
			       model.weight_bits);
	return st;
}

static enum sw_status run_mix(const char *path, struct sw_error *err)
{
	struct sw_prediction predictions[SW_TENANTS_MAX];
	struct sw_mix *mix;
	enum sw_status st = sw_mix_load(catalog, path, &mix, err);

	if (st != SW_OK)
		return CHECK(!mix) ? st : SW_INTERNAL;
	st = sw_predict_quick(mix, NULL, predictions, err);
	for (size_t i = 0, used = 0; st == SW_OK && i < mix->n && used < sizeof(result); i++)
		used += (size_t)snprintf(result + used, sizeof(result) - used, "%s %.17g %.17g ",
					 mix->tenants[i].name,
					 predictions[i].latency[SW_TTFT].at[SW_P95],
					 predictions[i].latency[SW_TPOT].hi[SW_MEAN]);
	sw_mix_free(mix);
	return st;
}

static sw_prepared *engine_to_tabulate;

static enum sw_status run_table(const char *path, struct sw_error *err)
{
	struct sw_prediction prediction;
	sw_tabled *tabled;
	enum sw_status st = sw_tabled_make(SW_MPS, engine_to_tabulate, &tabled, err);

	(void)path;
	if (st != SW_OK)
		return CHECK(!tabled) ? st : SW_INTERNAL;
	sw_predict_tabled(SW_MPS, (const sw_tabled *const *)&tabled, 1, &prediction);
	(void)snprintf(result, sizeof(result), "%.17g", prediction.latency[SW_TTFT].hi[SW_P95]);
	sw_tabled_free(tabled);
	return st;
}

static enum sw_status run_plan(const char *path, struct sw_error *err)
{
	struct sw_problem *problem;
	struct sw_plan *plan = NULL;
	char *json = NULL, *line = NULL;
	enum sw_status st = sw_problem_load(catalog, path, &problem, err);

	if (st != SW_OK)
		return CHECK(!problem) ? st : SW_INTERNAL;
	st = sw_plan_solve(catalog, problem, NULL, &plan, err);
	if (st == SW_OK)
		st = sw_plan_to_json(problem, plan, &json, err);
	if (st == SW_OK)
		st = sw_plan_command_line(problem, plan, 0, 0, &line, err);
	/* What is placed where; the words about it may be fewer. */
	for (size_t g = 0, used = 0; st == SW_OK && g < plan->n_gpus; g++)
		used += (size_t)snprintf(result + used, sizeof(result) - used,
					 "%s %zu %.17g %.17g\n", plan->gpus[g].id, plan->gpus[g].n,
					 plan->gpus[g].tenants[0].share,
					 plan->gpus[g].tenants[0].memory_gib);
	free(json);
	free(line);
	sw_plan_free(plan);
	sw_problem_free(problem);
	return st;
}

/* One thread, since what fails is counted; what each strategy takes and how late it is, not how long it thought. */
static enum sw_status run_comparison(const char *path, struct sw_error *err)
{
	static const char *const strategies[] = {"slicewise", "exclusive"};
	static const double margins[] = {1};
	struct sw_compare_settings settings = sw_compare_defaults();
	struct sw_problem *problem;
	struct sw_comparison *comparison = NULL;
	enum sw_status st = sw_problem_load(catalog, path, &problem, err);

	if (st != SW_OK)
		return st;
	settings.n_strategies = sizeof(strategies) / sizeof(strategies[0]);
	settings.strategies = strategies;
	settings.n_margins = 1;
	settings.margins = margins;
	settings.seeds = settings.worlds = settings.threads = 1;
	settings.duration_s = 2;
	settings.burstiness = 2;
	st = sw_compare(catalog, problem, &settings, &comparison, err);
	CHECK((st == SW_OK) == (comparison != NULL));
	for (size_t i = 0, used = 0; st == SW_OK && comparison && i < comparison->n; i++) {
		const struct sw_compared *row = &comparison->rows[i];

		used += (size_t)snprintf(result + used, sizeof(result) - used,
					 "%s %d %.17g %.17g %.17g\n", row->strategy, row->planned,
					 row->gpus, row->share,
					 row->lateness[SW_COMPARED_OTHER].late.value);
	}
	sw_comparison_free(comparison);
	sw_problem_free(problem);
	return st;
}

/* A plan that holds is not what it asks for: what it says of changes that would be enough is. */
static enum sw_status run_relaxations(const char *path, struct sw_error *err)
{
	struct sw_problem *problem;
	struct sw_plan *plan = NULL;
	char *json = NULL;
	enum sw_status st = sw_problem_load(catalog, path, &problem, err);

	if (st != SW_OK)
		return st;
	st = sw_plan_solve(catalog, problem, NULL, &plan, err);
	CHECK(st != SW_OK && (st == SW_INFEASIBLE) == (plan != NULL));
	if (st == SW_INFEASIBLE && plan) {
		CHECK(plan->n_relaxations > 0);
		err->message[0] = '\0';
		st = sw_plan_to_json(problem, plan, &json, err);
	}
	if (st == SW_OK)
		(void)snprintf(result, sizeof(result), "%s", json);
	free(json);
	sw_plan_free(plan);
	sw_problem_free(problem);
	return st;
}

static enum sw_status run_plan_file(const char *path, struct sw_error *err)
{
	struct sw_plan_mixes *mixes;
	enum sw_status st = sw_plan_mixes_load(catalog, path, &mixes, err);

	if (st != SW_OK)
		return CHECK(!mixes) ? st : SW_INTERNAL;
	for (size_t g = 0, used = 0; g < mixes->n_gpus; g++) {
		const struct sw_mix *mix = mixes->gpus[g].mix;

		for (size_t t = 0; t < mix->n && used < sizeof(result); t++)
			used += (size_t)snprintf(result + used, sizeof(result) - used,
						 "%s %s %.17g\n", mixes->gpus[g].id,
						 mix->tenants[t].name, mix->tenants[t].load.rate);
	}
	sw_plan_mixes_free(mixes);
	return st;
}

static struct sw_problem *problem_to_save;
static struct sw_plan *plan_to_save;

static enum sw_status run_save(const char *path, struct sw_error *err)
{
	enum sw_status st = sw_plan_save(problem_to_save, plan_to_save, path, err);

	(void)snprintf(result, sizeof(result), "saved");
	return st;
}

static enum sw_status run_rows(const char *path, struct sw_error *err)
{
	struct sw_validation *v;
	enum sw_status st = sw_validate_file(catalog, path, NULL, &v, err);

	if (st != SW_OK)
		return CHECK(!v) ? st : SW_INTERNAL;
	(void)snprintf(result, sizeof(result), "%zu %.17g", v->n_groups, v->groups[0].mape);
	sw_validation_free(v);
	return st;
}

static FILE *rows_out; /* that needs no memory any more */

/* Rows as runs, and back. */
static enum sw_status run_runs(const char *path, struct sw_error *err)
{
	struct sw_runs runs;
	enum sw_status st = sw_runs_read(catalog, path, &runs, err);

	rewind(rows_out);
	if (st == SW_OK)
		st = sw_runs_write(catalog, &runs, rows_out, err);
	(void)snprintf(result, sizeof(result), "%ld %zu", ftell(rows_out), runs.n);
	sw_runs_clear(&runs);
	return st;
}

/* What a data set has, and a question about it. */
static enum sw_status run_dataset(const char *path, struct sw_error *err)
{
	struct sw_answer answer = {0};
	struct sw_runs runs = {0};
	sw_dataset *dataset;
	enum sw_status st = sw_dataset_open(path, SW_DATASET_READ, &dataset, err);

	if (st != SW_OK)
		return CHECK(!dataset) ? st : SW_INTERNAL;
	st = sw_dataset_runs(dataset, catalog, NULL, &runs, err);
	if (st == SW_OK)
		st = sw_dataset_query(dataset, "latency-by-share", NULL, &answer, err);
	if (st == SW_OK)
		(void)snprintf(result, sizeof(result), "%zu %s %.17g %zu %.17g", runs.n,
			       runs.run[0].experiment, runs.run[0].mix->tenants[1].slice.memory_gib,
			       answer.n_rows, answer.cells[answer.n_columns - 1].number);
	sw_answer_clear(&answer);
	sw_runs_clear(&runs);
	sw_dataset_close(dataset);
	return st;
}

/* Made anew every time. */
static enum sw_status run_import(const char *path, struct sw_error *err)
{
	struct sw_imported imported;
	sw_dataset *dataset;
	enum sw_status st;

	(void)unlink(path_of("new.db"));
	st = sw_dataset_open(path_of("new.db"), SW_DATASET_WRITE, &dataset, err);
	if (st != SW_OK)
		return CHECK(!dataset) ? st : SW_INTERNAL;
	st = sw_dataset_import(dataset, catalog, path, NULL, &imported, err);
	sw_dataset_close(dataset);
	(void)snprintf(result, sizeof(result), "%zu", imported.runs);
	return st;
}

/* Until two engines and their timeline are through; what they came to, and what came to them. */
static enum sw_status run_simulation(const char *path, struct sw_error *err)
{
	struct sw_simulate_settings settings = sw_simulate_defaults();
	struct sw_simulated *s;
	struct sw_mix *mix;
	enum sw_status st = sw_mix_load(catalog, path, &mix, err);

	if (st != SW_OK)
		return CHECK(!mix) ? st : SW_INTERNAL;
	settings.duration_s = 0.05;
	settings.repetitions = 2;
	settings.timeline = true;
	st = sw_simulate(mix, &settings, &s, err);
	sw_mix_free(mix);
	if (st != SW_OK)
		return CHECK(!s) ? st : SW_INTERNAL;
	(void)snprintf(result, sizeof(result), "%zu %zu %.17g %.17g %.17g", s->n_requests,
		       s->n_moments, s->tenants[0].latency[SW_TTFT].at[SW_P95],
		       s->tenants[1].latency[SW_TPOT].hi[SW_MEAN], s->tenants[1].slowdown);
	sw_simulated_free(s);
	return SW_OK;
}

static enum sw_status run_catalog(const char *path, struct sw_error *err)
{
	sw_catalog *opened;
	enum sw_status st = sw_catalog_open(&opened, err);
	struct sw_gpu gpu;

	(void)path;
	if (st != SW_OK)
		return CHECK(!opened) ? st : SW_INTERNAL;
	st = sw_catalog_gpu(opened, "a100-sxm4-40gb", &gpu, err);
	if (st == SW_OK)
		(void)snprintf(result, sizeof(result), "%s", gpu.name);
	sw_catalog_free(opened);
	return st;
}

TEST(the_catalogue)
{
	torture(run_catalog, "none");
}

TEST(a_model)
{
	put_file(
		"model.json",
		"{\"model_type\": \"llama\", \"hidden_size\": 4096, \"intermediate_size\": 11008,\n"
		"\"num_hidden_layers\": 32, \"num_attention_heads\": 32, \"vocab_size\": 32000,\n"
		"\"max_position_embeddings\": 4096, \"architectures\": [\"LlamaForCausalLM\"],\n"
		"\"quantization_config\": {\"quant_method\": \"awq\", \"bits\": 4, \"group_size\": "
		"128}}\n");
	torture(run_model, "model.json");
}

TEST(a_mix_with_a_trace)
{
	put_file("trace.csv", "timestamp_ms,input_tokens,output_tokens\n"
			      "0,100,20\n900,400,30\n2100,90,60\n2500,800,10\n");
	put_file(
		"mix.yaml",
		"gpu: a100-sxm4-40gb\nmechanism: mps\ntenants:\n"
		"  - {name: a, model: qwen3-0.6b, share: 0.5, load: {trace: trace.csv, rate: 1}}\n"
		"  - {name: b, model: ./model.json, share: 0.6, engine: {max_model_len: 2048},\n"
		"     load: {rate: 1, prompt_tokens: {mean: 200, p95: 600}, output_tokens: 50}}\n");
	torture(run_mix, "mix.yaml");
}

TEST(a_table_of_predictions)
{
	sw_calibration *calibration;
	struct sw_mix *mix;

	CHECK_INT(sw_mix_load(catalog, path_of("mix.yaml"), &mix, NULL), SW_OK);
	CHECK_INT(sw_calibration_open(&mix->gpu, NULL, &calibration, NULL), SW_OK);
	CHECK_INT(sw_prepare(calibration, &mix->gpu, &mix->tenants[0], &engine_to_tabulate, NULL),
		  SW_OK);
	torture(run_table, "none");
	sw_prepared_free(engine_to_tabulate);
	sw_calibration_free(calibration);
	sw_mix_free(mix);
}

TEST(a_simulation)
{
	put_file(
		"simulation.yaml",
		"gpu: a100-sxm4-40gb\nmechanism: mps\ntenants:\n"
		"  - {name: a, model: qwen3-0.6b, share: 0.5, load: {trace: trace.csv, rate: 90}}\n"
		"  - {name: b, model: ./model.json, share: 0.6, engine: {max_model_len: 2048},\n"
		"     load: {concurrency: 20, prompt_tokens: {mean: 200, p95: 600}, output_tokens: "
		"2}}\n");
	torture(run_simulation, "simulation.yaml");
}

TEST(a_plan)
{
	put_file("plan.yaml",
		 "fleet:\n  - {gpu: l4, count: 4, mechanism: mps}\nworkloads:\n"
		 "  - name: a\n    model: qwen3-0.6b\n    replicas: 2\n"
		 "    load: {rate: 2, prompt_tokens: 300, output_tokens: 50}\n"
		 "    slo: {ttft_p95_ms: 1000, tpot_p95_ms: 60}\n"
		 "  - name: b\n    model: qwen2.5-0.5b\n"
		 "    load: {concurrency: 4, prompt_tokens: 100, output_tokens: 50}\n");
	torture(run_plan, "plan.yaml");
}

TEST(a_comparison_of_strategies)
{
	put_file("compare.yaml",
		 "fleet:\n  - {gpu: l4, count: 4, mechanism: mps}\nworkloads:\n"
		 "  - {name: a, model: qwen3-0.6b, replicas: 1,\n"
		 "     engine: {max_num_seqs: 32, max_num_batched_tokens: 2048},\n"
		 "     load: {rate: 2, prompt_tokens: 300, output_tokens: 20}, slo: {tpot_p95_ms: "
		 "60}}\n");
	torture_often(run_comparison, "compare.yaml", PLAYS);
}

TEST(a_plan_that_does_not_hold)
{
	put_file("short.yaml",
		 "fleet:\n  - {gpu: l4, count: 1, mechanism: mps}\nworkloads:\n"
		 "  - {name: a, model: qwen3-0.6b, replicas: 1, engine: {max_num_seqs: 32},\n"
		 "     load: {rate: 2, prompt_tokens: 300, output_tokens: 50}, slo: {tpot_p95_ms: "
		 "2}}\n"
		 "  - {name: b, model: qwen2.5-0.5b, engine: {max_num_seqs: 4},\n"
		 "     load: {concurrency: 4, prompt_tokens: 100, output_tokens: 50}}\n");
	torture_often(run_relaxations, "short.yaml", PLAYS);
}

TEST(a_plan_file_that_names_others)
{
	put_file("files.yaml",
		 "fleet:\n  - {gpu: l4, mechanism: mps}\nworkloads:\n"
		 "  - {name: a, model: ./model.json, replicas: 2, load: {trace: trace.csv, rate: "
		 "1}}\n"
		 "  - {name: b, model: qwen3-0.6b,\n"
		 "     load: {concurrency: 2, prompt_tokens: 100, output_tokens: 50}}\n");
	CHECK_INT(sw_problem_load(catalog, path_of("files.yaml"), &problem_to_save, NULL), SW_OK);
	CHECK_INT(sw_plan_solve(catalog, problem_to_save, NULL, &plan_to_save, NULL), SW_OK);
	torture(run_save, "plan.json");
	torture(run_plan_file, "plan.json");
	sw_plan_free(plan_to_save);
	sw_problem_free(problem_to_save);
}

TEST(measured_rows)
{
	put_file("rows.csv", "gpu,model,mechanism,share,phase,batch,seq_len,latency_ms\n"
			     "a100-sxm4-80gb,llama-7b,mps,1.0,prefill,1,512,49\n"
			     "l4,./model.json,mps,0.5,decode,8,256,13\n"
			     "l4,qwen3-4b,mps,0.5,decode,8,256,13\n");
	torture(run_rows, "rows.csv");
}

TEST(measured_mixes)
{
	put_file("mixes.csv", "experiment,gpu,mechanism,model,share,rate,prompt_tokens,output_"
			      "tokens,tpot_p50_ms\n"
			      "a,l4,mps,qwen3-0.6b,0.5,1,100,20,9\n"
			      "b,l4,mps,llama-13b,0.5,1,100,20,9\n"
			      "a,l4,mps,./model.json,0.5,0.5,100,20,9\n"
			      "c,l4,green-context,qwen3-0.6b,0.5,1,100,20,9\n");
	torture_often(run_rows, "mixes.csv", PLAYS);
}

TEST(a_data_set)
{
	struct sw_imported imported;
	sw_dataset *dataset;

	put_file("runs.csv",
		 "experiment,gpu,mechanism,model,share,rate,prompt_tokens,output_tokens,trace,"
		 "software,tpot_p50_ms,output_tok_s\n"
		 "a,l4,mps,qwen3-0.6b,0.5,1,100,20,,x 1; y 2,9,100\n"
		 "a,l4,mps,./model.json,0.5,,1,1,trace.csv,,9,50\n"
		 "b,l4,mps,llama-13b,0.5,1,100,20,,,9,20\n");
	rows_out = fopen(path_of("runs.out"), "w");
	CHECK(rows_out && setvbuf(rows_out, NULL, _IONBF, 0) == 0);
	torture(run_runs, "runs.csv");
	CHECK(fclose(rows_out) == 0);
	CHECK_INT(sw_dataset_open(path_of("data.db"), SW_DATASET_WRITE, &dataset, NULL), SW_OK);
	CHECK_INT(sw_dataset_import(dataset, catalog, path_of("runs.csv"), NULL, &imported, NULL),
		  SW_OK);
	sw_dataset_close(dataset);
	torture(run_dataset, "data.db");
	torture(run_import, "runs.csv");
}

int main(void)
{
	static const char *const files[] = {
		"model.json", "trace.csv", "mix.yaml",   "simulation.yaml", "plan.yaml",
		"rows.csv",   "mixes.csv", "files.yaml", "plan.json",       "runs.csv",
		"runs.out",   "data.db",   "new.db"};
	sw_catalog *opened;
	int status;

	json_set_alloc_funcs(memory_that_never_fails, free);
	if (!mkdtemp(folder) || sw_catalog_open(&opened, NULL) != SW_OK)
		return 1;
	catalog = opened;
	status = check_main();
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		(void)unlink(path_of(files[i]));
	(void)rmdir(folder);
	sw_catalog_free(opened);
	return status;
}
