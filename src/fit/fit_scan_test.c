// SPDX-License-Identifier: Apache-2.0
#include "fit/fit_scan.h"

#include "fit/fit_fixture.h"

static struct sw_error err;

/* A small engine that launches one by one, alone and beside large ones that always have work: a turn of theirs for each of its
 * pieces. */
static struct sw_runs runs_in_turns(const struct truth *truth)
{
	static const char *const large[] = {"llama-3.1-8b", "llama-3.2-3b"};
	struct sw_runs runs = {0};

	for (int k = 0; k < 8; k++) {
		struct played_fixture p;
		struct sw_engine *small;
		char name[32];

		(void)snprintf(name, sizeof(name), "mix-%d", k);
		played_open(&p, "a100-sxm4-80gb", SW_TIMESLICE);
		small = &played_add(&p, "qwen3-0.6b", 0.3, 1 + k % 3)->engine;
		small->cuda_graphs = false;
		small->given |= SW_KEY_CUDA_GRAPHS;
		for (int i = 0; i < k % 3; i++)
			played_add(&p, large[(i + k) % 2], 0.3, 4 + 4 * (k % 2));
		add_run(&runs, &p, truth, name, 1);
		played_close(&p);
	}
	return runs;
}

static sw_fit *fit_of(const struct sw_runs *runs)
{
	sw_fit *fit = NULL;

	CHECK_INT(sw_fit_make(runs, NULL, &fit, NULL, &err), SW_OK);
	CHECK_STR(err.message, "");
	return fit;
}

static struct sw__known slice_of(const sw_fit *fit)
{
	const struct sw__fit_group *g = sw__fit_group(fit, "a100-sxm4-80gb", SW_TIMESLICE);

	CHECK(g != NULL);
	return g ? g->shared[SW__SHARED_slice_ms] : (struct sw__known){0, 0};
}

/* Latencies jump with it, so that no slope leads there: 2 ms is where the search begins. */
TEST(turns_that_are_shorter_or_longer_are_found)
{
	static const double factors[] = {0.5, 1, 2.2};

	for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
		const struct truth truth = {1, 1.05, 0.9, 1, 1, factors[i], 0};
		struct sw_runs runs = runs_in_turns(&truth);
		sw_fit *fit = fit_of(&runs);

		CHECK_NEAR(slice_of(fit).value, 2 * factors[i], 0.12);
		CHECK(slice_of(fit).doubt < 0.1); /* and it knows that it does */
		sw_fit_free(fit);
		sw_runs_clear(&runs);
	}
}

TEST(without_turns_nothing_is_scanned)
{
	const struct truth truth = {1, 1, 1, 1, 1, 0, 0};
	struct sw_runs runs = measured_runs(SW_MPS, &truth);
	struct sw__cases cases;
	struct sw__descent how = {.rounds = 1};
	bool moved = true;

	CHECK_INT(sw__cases_make(&runs, &cases, &err), SW_OK);
	CHECK_INT(sw__fit_scan(&cases, &how, &moved, &err), SW_OK);
	CHECK(!moved);
	sw__cases_clear(&cases);
	sw_runs_clear(&runs);
}

TEST_MAIN()
