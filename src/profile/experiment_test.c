// SPDX-License-Identifier: Apache-2.0
#include "profile/experiment.h"

#include "profile/profile_fixture.h"

#define CAMPAIGN(gpu, mechanism, rest)                                                      \
	"gpu: " gpu "\nmechanism: " mechanism                                               \
	"\nengine: {max_model_len: 2048, cuda_graphs: false}\nprompt_tokens: 256\n"         \
	"output_tokens: 64\nmodels: [qwen3-0.6b, qwen3-8b, {name: fixed, model: qwen3-4b, " \
	"share: 0.4, memory_gib: 12}]\nalone: {concurrency: 1}\n" rest

static enum sw_status make(const sw_campaign *c, const struct sw__pick *picks, size_t n,
			   struct sw_experiment *e)
{
	return make_experiment(c, NULL, picks, n, e);
}

TEST(several_engines_get_their_weights_and_equal_parts_of_the_rest)
{
	sw_campaign *c = campaign_of(CAMPAIGN("a100-sxm4-40gb", "mps", ""));
	const struct sw__pick picks[] = {{0, 0.3, SW__CONCURRENCY, 4},
					 {1, 0.7, SW__CONCURRENCY, 2}};
	struct sw_experiment e;
	double small, large, a, b;

	if (!c || !CHECK(make(c, picks, 2, &e) == SW_OK))
		return;
	a = e.mix->tenants[0].slice.memory_gib;
	b = e.mix->tenants[1].slice.memory_gib;
	small = sw_weight_gib(&e.mix->tenants[0].model, &e.mix->tenants[0].engine);
	large = sw_weight_gib(&e.mix->tenants[1].model, &e.mix->tenants[1].engine);
	CHECK_NEAR(a + b, sw_gpu_visible_gib(&e.mix->gpu), 1e-3);
	CHECK(fabs((0.9 * a - small) - (0.9 * b - large)) < 0.011); /* hundredths */
	CHECK_STR(e.name, "qwen3-0.6b@0.3:c4+qwen3-8b@0.7:c2");
	CHECK_INT(e.mix->tenants[0].engine.max_num_seqs, 256); /* resolved */
	sw_mix_free(e.mix);
	sw_campaign_free(c);
}

TEST(a_models_own_share_and_memory_stay)
{
	sw_campaign *c = campaign_of(CAMPAIGN("a100-sxm4-40gb", "mps", ""));
	const struct sw__pick picks[] = {{2, 0.9, SW__CONCURRENCY, 1},
					 {0, 0.5, SW__CONCURRENCY, 1}};
	struct sw_experiment e;

	if (!c || !CHECK(make(c, picks, 2, &e) == SW_OK))
		return;
	CHECK_NEAR(e.mix->tenants[0].slice.share, 0.4, 0);
	CHECK_NEAR(e.mix->tenants[0].slice.memory_gib, 12, 0);
	CHECK_NEAR(e.mix->tenants[1].slice.memory_gib, sw_gpu_visible_gib(&e.mix->gpu) - 12, 1e-3);
	sw_mix_free(e.mix);
	sw_campaign_free(c);
}

TEST(what_does_not_fit_is_infeasible_and_shares_beyond_one_are_refused)
{
	sw_campaign *c = campaign_of(CAMPAIGN("l4", "hami", ""));
	const struct sw__pick large[] = {{1, 0.5, SW__CONCURRENCY, 1},
					 {2, 0.5, SW__CONCURRENCY, 1}};
	const struct sw__pick greedy[] = {{0, 0.7, SW__CONCURRENCY, 1}, {2, 1, SW__CONCURRENCY, 1}};
	struct sw_experiment e;

	if (!c)
		return;
	CHECK_INT(make(c, large, 2, &e), SW_INFEASIBLE); /* 15.3 + 12 GiB on 22 */
	CHECK_INT(make(c, greedy, 2, &e), SW_BAD_INPUT);
	CHECK(strstr(err.message, "1.1 in all"));
	sw_campaign_free(c);
}

TEST(the_slowest_engine_decides_how_long_within_bounds)
{
	sw_campaign *c = campaign_of(
		CAMPAIGN("a100-sxm4-40gb", "mps",
			 "duration: {requests: 100, least_s: 2, most_s: 5000, warm_up_s: 3}\n"));
	sw_campaign *d = campaign_of(CAMPAIGN(
		"a100-sxm4-40gb", "mps", "duration: {requests: 100, least_s: 2, most_s: 7}\n"));
	const struct sw__pick pick = {1, 0.5, SW__RATE, 0.2};
	struct sw_experiment e;

	if (!c || !d || !CHECK(make(c, &pick, 1, &e) == SW_OK))
		return;
	CHECK_NEAR(e.duration_s, 500, 1e-6); /* 100 requests at 0.2 a second */
	CHECK_NEAR(sw_experiment_load_s(&e), 506, 1e-6);
	CHECK_STR(e.name, "qwen3-8b@0.5:r0.2");
	sw_mix_free(e.mix);
	CHECK_INT(make(d, &pick, 1, &e), SW_OK);
	CHECK_NEAR(e.duration_s, 7, 0);
	sw_mix_free(e.mix);
	sw_campaign_free(c);
	sw_campaign_free(d);
}

TEST(long_names_end_in_a_hash_of_all_of_them)
{
	sw_campaign *c = campaign_of(
		"gpu: a100-sxm4-80gb\nmechanism: timeslice\nengine: {max_model_len: 512}\n"
		"prompt_tokens: 8\noutput_tokens: 8\nalone: {concurrency: 1}\nmodels:\n"
		"- {model: qwen3-0.6b, name: a-rather-long-name-for-a-model-of-this-kind-1}\n"
		"- {model: qwen3-0.6b, name: a-rather-long-name-for-a-model-of-this-kind-2}\n"
		"- {model: qwen3-0.6b, name: a-rather-long-name-for-a-model-of-this-kind-3}\n");
	const struct sw__pick a[] = {
		{0, 1, SW__CONCURRENCY, 1}, {1, 1, SW__CONCURRENCY, 1}, {2, 1, SW__CONCURRENCY, 1}};
	const struct sw__pick b[] = {
		{0, 1, SW__CONCURRENCY, 1}, {1, 1, SW__CONCURRENCY, 1}, {2, 1, SW__CONCURRENCY, 2}};
	struct sw_experiment x, y;

	if (!c || !CHECK(make(c, a, 3, &x) == SW_OK) || !CHECK(make(c, b, 3, &y) == SW_OK))
		return;
	CHECK(strchr(x.name, '~') && strlen(x.name) < SW_NAME_MAX);
	CHECK(strcmp(x.name, y.name) != 0);
	CHECK(strncmp(x.name, y.name, 60) == 0);
	sw_mix_free(x.mix);
	sw_mix_free(y.mix);
	sw_campaign_free(c);
}

TEST(a_runs_seed_depends_on_what_it_is_not_on_its_place)
{
	sw_campaign *c = campaign_of(CAMPAIGN("l4", "mps", ""));

	if (!c)
		return;
	CHECK(sw__run_seed(c, "a", 1) == sw__run_seed(c, "a", 1));
	CHECK(sw__run_seed(c, "a", 1) != sw__run_seed(c, "a", 2));
	CHECK(sw__run_seed(c, "a", 1) != sw__run_seed(c, "b", 1));
	CHECK(sw__run_seed(c, "a", 1) >> 63 == 0);
	sw_campaign_free(c);
	(void)rmdir(folder);
}

TEST_MAIN()
