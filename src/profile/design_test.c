// SPDX-License-Identifier: Apache-2.0
#include "profile/profile_fixture.h"

#define CAMPAIGN(gpu, mechanism, rest)                                              \
	"gpu: " gpu "\nmechanism: " mechanism                                       \
	"\nengine: {max_model_len: 2048, cuda_graphs: false}\nprompt_tokens: 256\n" \
	"output_tokens: 64\nduration: {requests: 20, least_s: 5, most_s: 20}\n"     \
	"models: [qwen3-0.6b, qwen3-1.7b, qwen3-4b, llama-3.2-1b, llama-3.2-3b]\n" rest

static struct sw_design *design_of(const char *text)
{
	sw_campaign *campaign = campaign_of(text);
	struct sw_design *design = NULL;

	if (campaign && !CHECK(sw_design_make(campaign, NULL, &design, &err) == SW_OK))
		printf("    %s\n", err.message);
	sw_campaign_free(campaign);
	return design;
}

static size_t count_of(const struct sw_design *d, size_t engines)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		n += d->experiments[i].mix->n == engines;
	return n;
}

TEST(counts_are_those_of_combinatorics)
{
	struct sw_design *d = design_of(CAMPAIGN(
		"a100-sxm4-80gb", "hami",
		"alone: {shares: [0.1, 0.5, 1], concurrency: [1, 4]}\n"
		"together: {pairs: all, triples: 4, quadruples: all, concurrency: [1, 2, 4]}\n"
		"repeats: 4\n"));

	if (!d)
		return;
	CHECK_INT(count_of(d, 1), 5 * 3 * 2);
	CHECK_INT(count_of(d, 2), 10); /* 5 choose 2 */
	CHECK_INT(count_of(d, 3), 4);
	CHECK_INT(count_of(d, 4), 5); /* 5 choose 4 */
	CHECK_INT(d->repeats, 4);
	CHECK_INT(d->unfit, 0);
	sw_design_free(d);
}

TEST(levels_are_dealt_evenly_where_they_are_not_crossed)
{
	struct sw_design *d = design_of(
		CAMPAIGN("a100-sxm4-80gb", "hami",
			 "alone: {shares: [0.2, 0.4, 0.6, 0.8], concurrency: [1, 2, 4, 8], "
			 "crossed: false}\n"));

	if (!d)
		return;
	CHECK_INT(d->n, 5 * 4);
	/* Each model has each of its four levels once. */
	for (size_t m = 0; m < 5; m++) {
		double sum = 0;

		for (size_t s = 0; s < 4; s++)
			sum += d->experiments[4 * m + s].mix->tenants[0].load.concurrency;
		CHECK_NEAR(sum, 1 + 2 + 4 + 8, 0);
	}
	sw_design_free(d);
}

TEST(more_sets_than_there_are_come_with_other_levels)
{
	struct sw_design *d = design_of(
		CAMPAIGN("a100-sxm4-80gb", "mps",
			 "together: {pairs: 25, shares: random, concurrency: [1, 2, 4, 8]}\n"));

	if (!d)
		return;
	CHECK_INT(d->n, 25); /* of 10 sets */
	for (size_t i = 0; i < d->n; i++) {
		const struct sw_tenant *t = d->experiments[i].mix->tenants;
		double sum = t[0].slice.share + t[1].slice.share;

		CHECK_NEAR(sum, 1, 1e-12);
		for (size_t j = 0; j < i; j++)
			CHECK(strcmp(d->experiments[i].name, d->experiments[j].name) != 0);
	}
	sw_design_free(d);
}

TEST(the_same_file_gives_the_same_experiments_and_another_seed_others)
{
	static const char text[] =
		CAMPAIGN("a100-sxm4-80gb", "hami",
			 "together: {triples: 6, shares: random, concurrency: [1, 2, 4, 8]}\n");
	static const char seeded[] = CAMPAIGN(
		"a100-sxm4-80gb", "hami",
		"together: {triples: 6, shares: random, concurrency: [1, 2, 4, 8]}\nseed: 2\n");
	struct sw_design *a = design_of(text), *b = design_of(text), *c = design_of(seeded);
	size_t same = 0;

	if (!a || !b || !c || !CHECK(a->experiments && b->experiments && c->experiments))
		return;
	for (size_t i = 0; i < 6; i++) {
		CHECK_STR(a->experiments[i].name, b->experiments[i].name);
		same += strcmp(a->experiments[i].name, c->experiments[i].name) == 0;
	}
	CHECK(same < 6);
	sw_design_free(a);
	sw_design_free(b);
	sw_design_free(c);
}

TEST(sets_that_do_not_fit_are_left_out_and_counted)
{
	/* On 22.5 GiB: 7.5 + 6 GiB of weights and more do, three of the largest with their workspaces do not. */
	struct sw_design *d = design_of(
		"gpu: l4\nmechanism: mps\nengine: {max_model_len: 2048}\nprompt_tokens: 8\n"
		"output_tokens: 8\nmodels: [qwen3-0.6b, qwen3-4b, qwen3-8b, llama-3.1-8b]\n"
		"alone: {concurrency: 1}\ntogether: {pairs: all, concurrency: 1}\n");

	if (!d)
		return;
	CHECK_INT(count_of(d, 1), 4);
	/* 8b with 8b: 15.3 + 15 GiB; 4b with either: 7.5 + 15 GiB of 22; 0.6b fits with all. */
	CHECK_INT(count_of(d, 2), 3);
	CHECK_INT(d->unfit, 3);
	sw_design_free(d);
}

TEST(a_budget_is_spent_and_not_exceeded)
{
	struct sw_design *d = design_of(
		CAMPAIGN("a100-sxm4-80gb", "mps",
			 "alone: {shares: [0.25, 0.5, 1], concurrency: [1, 8], crossed: false}\n"
			 "together: {pairs: all, shares: random, concurrency: [1, 8]}\n"
			 "repeats: 2\nbudget: {runs: 25}\n"));
	struct sw_design *m =
		design_of(CAMPAIGN("a100-sxm4-80gb", "mps",
				   "alone: {shares: [0.25, 0.5, 1], concurrency: [1, 8]}\n"
				   "repeats: 1\nbudget: {runs_per_model: 2}\n"));

	if (!d || !m)
		return;
	CHECK_INT(d->n, 12);
	CHECK_INT(d->candidates, 5 * 3 * 2 + 10 * 4);
	for (size_t i = 1; i < d->n; i++)
		CHECK(d->experiments[i].gain <= d->experiments[i - 1].gain);
	CHECK_INT(m->n, 10);
	sw_design_free(d);
	sw_design_free(m);
}

TEST(a_mig_design_is_one_that_can_be_cut)
{
	struct sw_design *d = design_of(CAMPAIGN(
		"a100-sxm4-80gb", "mig",
		"alone: {shares: [0.142857142857, 0.42857142857], concurrency: 1}\n"
		"together: {pairs: 4, triples: 4, shares: random, concurrency: [1, 2]}\n"));

	if (!d)
		return;
	CHECK(count_of(d, 2) > 0);
	for (size_t i = 0; i < d->n; i++) {
		const struct sw_mix *mix = d->experiments[i].mix;
		double memory = 0;

		for (size_t k = 0; k < mix->n; k++)
			memory += mix->tenants[k].slice.memory_gib;
		CHECK(memory <= 80);
	}
	sw_design_free(d);
}

TEST(a_campaign_without_any_experiment_that_fits_is_refused)
{
	sw_campaign *c =
		campaign_of("gpu: l4\nmechanism: exclusive\nprompt_tokens: 8\noutput_tokens: 8\n"
			    "models: [qwen3-32b]\nalone: {concurrency: 1}\n");
	struct sw_design *d = NULL;

	if (!c)
		return;
	CHECK_INT(sw_design_make(c, NULL, &d, &err), SW_BAD_INPUT);
	CHECK(!d && strstr(err.message, "no experiment fits the memory of l4"));
	sw_campaign_free(c);
	(void)rmdir(folder);
}

TEST_MAIN()
