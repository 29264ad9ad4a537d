// SPDX-License-Identifier: Apache-2.0
#include <limits.h>

#include "profile/profile_fixture.h"

#define HEAD                                                                                \
	"gpu: a100-sxm4-80gb\nmechanism: hami\nengine: {max_model_len: 4096, cuda_graphs: " \
	"false}\n"                                                                          \
	"prompt_tokens: 512\noutput_tokens: {mean: 100, p95: 200}\n"
#define MODELS "models: [qwen3-0.6b, {name: big, model: qwen3-4b, engine: {max_num_seqs: 8}}]\n"
#define ALONE  "alone: {shares: [0.5, 1], concurrency: [1, 8]}\n"

TEST(a_campaign_reads)
{
	sw_campaign *c = campaign_of(HEAD MODELS ALONE
				     "together: {pairs: all, triples: 3, shares: random, "
				     "load: [0.2, 0.6]}\nrepeats: 2\nseed: 9\n"
				     "duration: {requests: 50, least_s: 5, most_s: 40}\n"
				     "simulator: {world: 4}\nmetrics: {interval_s: 0.25}\n");

	if (!c || !CHECK(c->models != NULL))
		return;
	CHECK_STR(c->name, "campaign");
	CHECK_STR(c->gpu.id, "a100-sxm4-80gb");
	CHECK_INT(c->mechanism, SW_HAMI);
	CHECK_INT(c->n_models, 2);
	CHECK(strcmp(c->models[0].name, "qwen3-0.6b") == 0);
	CHECK(strcmp(c->models[1].name, "big") == 0);
	CHECK_STR(c->models[1].model_text, "qwen3-4b");
	CHECK_INT(c->models[0].engine.max_model_len, 4096);
	CHECK_INT(c->models[1].engine.max_model_len,
		  4096); /* its own settings beside those of all */
	CHECK_INT(c->models[1].engine.max_num_seqs, 8);
	CHECK_INT(c->models[1].engine.given,
		  SW_KEY_MAX_MODEL_LEN | SW_KEY_CUDA_GRAPHS | SW_KEY_MAX_NUM_SEQS);
	CHECK_NEAR(c->models[1].output_tokens.p95, 200, 0);
	CHECK_INT(c->alone.n_shares, 2);
	CHECK(c->alone.crossed);
	CHECK_INT(c->alone.loads.kind, SW__CONCURRENCY);
	CHECK_NEAR(c->alone.loads.level[1], 8, 0);
	CHECK_INT(c->together.sets[2], UINT_MAX);
	CHECK_INT(c->together.sets[3], 3);
	CHECK_INT(c->together.sets[4], 0);
	CHECK_INT(c->together.shares, SW__SHARES_RANDOM);
	CHECK_INT(c->together.loads.kind, SW__PART_OF_RATE);
	CHECK_INT(c->repeats, 2);
	CHECK_INT(c->seed, 9);
	CHECK_NEAR(c->duration.most_s, 40, 0);
	CHECK_NEAR(c->duration.warm_up_s, 10, 0); /* left out */
	CHECK_INT(c->source, SW_SOURCE_SIMULATOR);
	CHECK_INT(c->simulator.world, 4);
	CHECK_NEAR(c->metrics.interval_s, 0.25, 0);
	CHECK(c->metrics.nvml && !c->metrics.nvml_required);
	sw_campaign_free(c);
}

TEST(processes_read)
{
	sw_campaign *c = campaign_of(
		"name: x\ngpu: my-host\nmechanism: cpu-quota\nengine: {name: llama.cpp}\n"
		"prompt_tokens: 10\noutput_tokens: 5\ntoken_ids: [0, 94]\n"
		"models: [{model: qwen3-0.6b, variables: {gguf: a.gguf}, token_ids: [3, 4]}]\n"
		"alone: {concurrency: 1}\n"
		"processes: {command: 'serve -m {gguf}  --port {port}', cpus: [0, 1],\n"
		"  environment: {A: '{share_percent}', B: null}, cpu_quota: true}\n");

	if (!c)
		return;
	CHECK_STR(c->name, "x");
	CHECK_STR(c->gpu.id, "my-host");
	CHECK(isnan(c->gpu.dram_gib));
	CHECK(!sw__campaign_predictable(c));
	CHECK_INT(c->source, SW_SOURCE_PROCESSES);
	CHECK_INT(c->processes.command.n, 5);
	CHECK_STR(c->processes.command.word[2], "{gguf}");
	CHECK_STR(c->processes.ready, "/health");
	CHECK_INT(c->processes.n_cpus, 2);
	CHECK_NEAR(c->models[0].engine.cores, 2, 0);
	CHECK_STR(c->processes.environment.pair[0].value, "{share_percent}");
	CHECK(!c->processes.environment.pair[1].value);
	CHECK_INT(c->models[0].token_ids[0], 3);
	CHECK_INT(c->models[0].token_ids[1], 4);
	CHECK_STR(c->models[0].variables.pair[0].value, "a.gguf");
	CHECK_NEAR(c->alone.share[0], 1, 0);
	sw_campaign_free(c);
}

TEST(what_bears_on_a_run_is_its_conditions)
{
	/* Another order, comments, and more experiments are the same conditions; another length is not. */
	sw_campaign *a = campaign_of(HEAD MODELS ALONE);
	sw_campaign *b = campaign_of(MODELS HEAD "# more of them\nalone: {shares: [0.1], "
						 "concurrency: [2]}\nrepeats: 7\nname: other\n");
	sw_campaign *c = campaign_of(HEAD MODELS ALONE "seed: 2\n");

	if (!a || !b || !c)
		return;
	CHECK_STR(a->conditions, b->conditions);
	CHECK(strcmp(a->conditions, c->conditions) != 0);
	CHECK_STR(a->conditions,
		  "{\"engine\": {\"cuda_graphs\": false, \"max_model_len\": 4096}, \"gpu\": "
		  "\"a100-sxm4-80gb\", \"mechanism\": \"hami\", \"models\": [\"qwen3-0.6b\", "
		  "{\"engine\": {\"max_num_seqs\": 8}, \"model\": \"qwen3-4b\", \"name\": "
		  "\"big\"}], \"output_tokens\": {\"mean\": 100, \"p95\": 200}, "
		  "\"prompt_tokens\": 512}");
	sw_campaign_free(a);
	sw_campaign_free(b);
	sw_campaign_free(c);
}

/* Line and key of each; what they say is in tests/golden/bad-campaign.t. */
static const struct {
	const char *text, *says;
} refused[] = {
	{MODELS ALONE, "yaml:1: key gpu is missing"},
	{HEAD ALONE, "yaml:1: key models is missing"},
	{HEAD MODELS, "found no experiments"},
	{HEAD "models: []\n" ALONE, "yaml:6: models: "},
	{HEAD "models: [qwen9]\n" ALONE, "yaml:6: models[0]: "},
	{HEAD "models: [qwen3-4b, qwen3-4b]\n" ALONE, "yaml:6: models[1]: "},
	{HEAD "models: [{model: qwen3-4b, name: 'a+b'}]\n" ALONE, "yaml:6: models[0]: "},
	{HEAD "models: [{model: qwen3-4b, engine: {max_model_len: 999999}}]\n" ALONE,
	 "yaml:6: models[0].engine: "},
	{HEAD MODELS "alone: {shares: [0.5, 0.5], concurrency: 1}\n", "yaml:7: alone.shares[1]: "},
	{HEAD MODELS "alone: {shares: 1.5, concurrency: 1}\n", "yaml:7: alone.shares: "},
	{HEAD MODELS "alone: {shares: []}\n", "yaml:7: alone.shares: "},
	{HEAD MODELS "alone: {shares: 1}\n", "yaml:7: alone: found no load"},
	{HEAD MODELS "alone: {concurrency: [1], rates: [2]}\n", "yaml:7: alone.rates: line 7 has"},
	{HEAD MODELS "alone: {concurrency: [1.5]}\n", "yaml:7: alone.concurrency: "},
	{HEAD MODELS "alone: {load: [1.5]}\n", "yaml:7: alone.load[0]: "},
	{HEAD MODELS "together: {concurrency: 1}\n", "yaml:7: together: found no sets"},
	{HEAD MODELS "together: {pairs: some, concurrency: 1}\n", "yaml:7: together.pairs: "},
	{HEAD MODELS "together: {pairs: 1, shares: odd, concurrency: 1}\n",
	 "yaml:7: together.shares: "},
	{HEAD MODELS ALONE "repeats: 0\n", "yaml:8: repeats: "},
	{HEAD MODELS ALONE "repeat: 1\n", "yaml:8: repeat: unknown key"},
	{HEAD MODELS ALONE "budget: {}\n", "yaml:8: budget: "},
	{HEAD MODELS ALONE "budget: {runs: 1, runs_per_model: 2}\n", "yaml:8: budget: "},
	{HEAD MODELS ALONE "duration: {least_s: 5, most_s: 4}\n", "yaml:8: duration: "},
	{HEAD MODELS ALONE "simulator: {}\nprocesses: {command: x}\n",
	 "yaml:9: processes: experiments run in one place"},
	{HEAD MODELS ALONE "processes: {}\n", "yaml:8: processes: key command is missing"},
	{HEAD MODELS ALONE "processes: {command: 'x {prot}'}\n",
	 "yaml:8: processes.command: {prot}: no such word"},
	{HEAD MODELS ALONE "processes: {command: 'x {'}\n", "yaml:8: processes.command: a brace"},
	{HEAD MODELS ALONE "replay: {command: x, environment: {A: '{b}'}}\n",
	 "yaml:8: replay.environment: {b}: no such word"},
	{HEAD MODELS ALONE "processes: {command: x, ready: health}\n", "yaml:8: processes.ready: "},
	{HEAD MODELS ALONE "processes: {command: x, cpu_quota: true}\n",
	 "yaml:8: processes: found cpu_quota under hami"},
	{HEAD MODELS ALONE "endpoints: {}\n", "yaml:6: models[0]: key url is missing"},
	{HEAD MODELS ALONE "metrics: {interval_s: 0}\n", "yaml:8: metrics.interval_s: "},
	{HEAD MODELS ALONE "token_ids: [5, 5]\n", "yaml:8: token_ids: "},
	{"gpu: h\nmechanism: cpu-quota\nprompt_tokens: 1\noutput_tokens: 1\n" MODELS ALONE,
	 "yaml:2: mechanism: found cpu-quota"},
	{"gpu: l4\nmechanism: exclusive\nprompt_tokens: 1\noutput_tokens: 1\n" MODELS
	 "together: {pairs: 1, concurrency: 1}\n",
	 "yaml:6: together: under exclusive"},
	{"gpu: l4\nmechanism: mps\nprompt_tokens: 1\n" MODELS ALONE,
	 "key output_tokens is missing, here and for all"},
};

TEST(refusals_name_line_and_key)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		sw_campaign *campaign;

		if (!CHECK(load_campaign(refused[i].text, &campaign) == SW_BAD_INPUT && !campaign &&
			   strstr(err.message, refused[i].says)))
			printf("    %zu: %s\n    expected %s\n", i, err.message, refused[i].says);
	}
}

TEST(a_file_that_is_not_there_is_the_worlds_failure)
{
	sw_campaign *campaign;

	CHECK_INT(sw_campaign_load(NULL, path_of("none.yaml"), &campaign, &err), SW_IO);
	CHECK(!campaign);
	(void)rmdir(folder);
}

TEST_MAIN()
