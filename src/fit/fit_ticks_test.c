// SPDX-License-Identifier: Apache-2.0
#include "fit/fit_ticks.h"

#include "fit/fit_fixture.h"

static struct sw_error err;

/* Engines that launch one by one at small shares, alone and beside each other: what a limiter holds. */
static struct sw_runs held_runs(double look_back_ms)
{
	static const char *const models[] = {"qwen3-1.7b", "llama-3.2-1b"};
	static const double shares[] = {0.1, 0.15, 0.2, 0.3};
	const struct truth truth = {.prefill = 1,
				    .decode = 1,
				    .host = 1,
				    .switch_ms = 1,
				    .dram_together = 1,
				    .look_back_ms = look_back_ms};
	struct sw_runs runs = {0};

	for (int k = 0; k < 12; k++) {
		struct played_fixture p;
		char name[32];

		(void)snprintf(name, sizeof(name), "mix-%d", k);
		played_open(&p, "quadro-rtx-6000", SW_HAMI);
		for (int i = 0; i <= k % 2; i++) {
			struct sw_engine *e = &played_add(&p, models[(k + i) % 2],
							  shares[(k / 2 + i) % 4], 1 + k % 5)
						       ->engine;

			e->cuda_graphs = false;
			e->given |= SW_KEY_CUDA_GRAPHS;
		}
		add_run(&runs, &p, &truth, name, 1);
		played_close(&p);
	}
	return runs;
}

static struct sw__known look_back_of(const struct sw_runs *runs, enum sw_mechanism mechanism)
{
	const struct sw__fit_group *g;
	struct sw__known known = {0, 0};
	sw_fit *fit = NULL;

	CHECK_INT(sw_fit_make(runs, NULL, &fit, NULL, &err), SW_OK);
	CHECK_STR(err.message, "");
	g = fit ? sw__fit_group(fit, runs->run[0].mix->gpu.id, mechanism) : NULL;
	if (CHECK(g != NULL))
		known = g->shared[SW__SHARED_look_back_ms];
	sw_fit_free(fit);
	return known;
}

TEST(eight_ticks_and_nine_are_told_apart)
{
	static const double truths[] = {960, 1080};

	for (size_t i = 0; i < sizeof(truths) / sizeof(truths[0]); i++) {
		struct sw_runs runs = held_runs(truths[i]);
		struct sw__known found = look_back_of(&runs, SW_HAMI);

		CHECK_NEAR(found.value, truths[i], 1e-9);
		CHECK(found.doubt < 0.05);
		sw_runs_clear(&runs);
	}
}

/* Graphs pass any limiter: what it looks at touches nobody, and nothing is learned of it. */
TEST(where_no_limiter_holds_anybody_nothing_is_tried)
{
	const struct truth truth = {1, 1, 1, 1, 1, 0, 0};
	struct sw_runs runs = measured_runs(SW_HAMI, &truth);
	struct sw__known found = look_back_of(&runs, SW_HAMI);

	CHECK_NEAR(found.value, 960, 1e-9);
	CHECK_NEAR(found.doubt, sw__shared_coefficients[SW__SHARED_look_back_ms].spread, 1e-9);
	sw_runs_clear(&runs);
}

TEST_MAIN()
