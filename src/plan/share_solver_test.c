// SPDX-License-Identifier: Apache-2.0
#include "plan/share_solver.h"

#include "check.h"
#include "plan/fake_oracle.h"

enum { ENGINES = 3, LEVELS = 20 };

static struct sw_error err;
static struct sw__shares_gpu gpu;
static unsigned state = 1;

static double between(double low, double high)
{
	state = state * 1664525u + 1013904223u;
	return low + (high - low) * ((state >> 8) / 16777216.0);
}

static void start(void)
{
	gpu = (struct sw__shares_gpu){
		.oracle = &fake_oracle, .entry = &fake_fleet[0], .n = fake_problem.n_workloads};
	for (size_t k = 0; k < gpu.n; k++) {
		struct sw_tenant *t = &gpu.engine[k].tenant;

		memcpy(t->name, fake_asked[k].name, sizeof(t->name));
		t->engine = fake_asked[k].engine;
		t->load = fake_asked[k].load;
		t->slo = fake_asked[k].slo;
		t->slice = (struct sw_slice){fake_fleet[0].mechanism, 0.3, 4};
	}
	sw__shares_start(&gpu);
}

static void stop(void)
{
	sw__shares_stop(&gpu);
	CHECK_INT(fake_prepared, 0);
}

/* All limits hold at these levels. */
static bool all_hold(const size_t *level, const double *load)
{
	struct sw_prepared engines[ENGINES];
	const sw_prepared *prepared[ENGINES];
	struct sw_prediction predicted[ENGINES];

	for (size_t k = 0; k < gpu.n; k++) {
		engines[k] = (struct sw_prepared){gpu.levels.level[level[k]].share,
						  fake_speed[0],
						  load[k],
						  false,
						  fake_workloads[k],
						  0};
		prepared[k] = &engines[k];
	}
	fake_predict(SW_MPS, prepared, gpu.n, predicted);
	for (size_t k = 0; k < gpu.n; k++) {
		if (!sw_prediction_meets(&predicted[k], &fake_asked[k].slo))
			return false;
	}
	return true;
}

/* The least sum of shares over all levels of all engines; above 1 where there is none that go together. */
static double brute(const double *load)
{
	size_t level[ENGINES] = {0}, i;
	double best = 2;

	do {
		double sum = 0;

		for (size_t k = 0; k < gpu.n; k++)
			sum += gpu.levels.level[level[k]].share;
		if (sum <= 1 + 1e-9 && sum < best - 1e-12 && all_hold(level, load))
			best = sum;
		for (i = 0; i < gpu.n && ++level[i] == gpu.levels.n; i++)
			level[i] = 0;
	} while (i < gpu.n);
	return best;
}

TEST(no_other_levels_have_a_smaller_sum)
{
	int solved = 0, refused = 0;

	for (int round = 0; round < 150; round++) {
		double load[ENGINES], share[ENGINES], sum = 0, least;
		enum sw_status st;

		fake_reset();
		fake_add_gpu(SW_MPS, LEVELS, 40, 1, 2);
		for (int k = 0; k < ENGINES; k++) {
			fake_add_workload(
				(struct fake_workload){between(3, 8), 0.01, between(0, 0.8), 3}, 10,
				between(14, 40));
			load[k] = between(1, 30);
		}
		start();
		least = brute(load);
		st = sw__shares_solve(&gpu, load, share, NULL, &err);
		for (int k = 0; k < ENGINES; k++)
			sum += share[k];
		CHECK_INT(st, least <= 1 + 1e-9 ? SW_OK : SW_INFEASIBLE);
		if (st == SW_OK)
			CHECK_NEAR(sum, least, 1e-9);
		solved += st == SW_OK;
		refused += st == SW_INFEASIBLE;
		stop();
	}
	CHECK(solved > 30 && refused > 30);
}

/* The same loads again, however the solver came to them. */
TEST(the_answer_does_not_depend_on_what_was_asked_before)
{
	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	for (int k = 0; k < ENGINES; k++)
		fake_add_workload((struct fake_workload){5, 0.01, 0.2, 3}, 10, 22 + k);
	start();
	for (int round = 0; round < 50; round++) {
		const double usual[ENGINES] = {10, 12, 8};
		static double first[ENGINES];
		double load[ENGINES], share[ENGINES];

		CHECK_INT(sw__shares_solve(&gpu, usual, share, NULL, &err), SW_OK);
		if (round == 0)
			memcpy(first, share, sizeof(first));
		for (int k = 0; k < ENGINES; k++) {
			CHECK_NEAR(share[k], first[k], 0);
			load[k] = between(1, 14);
		}
		CHECK_INT(sw__shares_solve(&gpu, load, share, NULL, &err), SW_OK);
	}
	stop();
}

TEST(what_is_no_load_or_too_much_is_refused_with_numbers)
{
	double load[1] = {0}, share[1];

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_workload((struct fake_workload){5, 0.01, 0.2, 3}, 10, 22);
	start();
	CHECK_INT(sw__shares_solve(&gpu, load, share, NULL, &err), SW_USAGE);
	load[0] = NAN;
	CHECK_INT(sw__shares_solve(&gpu, load, share, NULL, &err), SW_USAGE);
	load[0] = 500;
	CHECK_INT(sw__shares_solve(&gpu, load, share, NULL, &err), SW_INFEASIBLE);
	CHECK(strstr(err.message, "w0: with a share of 1.00 overload"));
	CHECK_NEAR(share[0], 1, 0);
	load[0] = 5;
	CHECK_INT(sw__shares_solve(&gpu, load, share, NULL, &err), SW_OK);
	stop();
}

/* Where turns are taken there is nothing to solve: the shares are as they were, and it is said whether they hold. */
TEST(shares_without_effect_stay)
{
	double load[2] = {10, 10}, share[2];

	fake_reset();
	fake_add_gpu(SW_TIMESLICE, 100, 40, 1, 2);
	fake_add_workload((struct fake_workload){5, 0.01, 0.2, 3}, 10, 22);
	fake_add_workload((struct fake_workload){5, 0.01, 0.2, 3}, 10, 22);
	start();
	CHECK_INT(sw__shares_solve(&gpu, load, share, NULL, &err), SW_OK);
	CHECK_NEAR(share[0] + share[1], 0.6, 1e-12);
	load[1] = 95;
	CHECK_INT(sw__shares_solve(&gpu, load, share, NULL, &err), SW_INFEASIBLE);
	stop();
}

TEST_MAIN()
