// SPDX-License-Identifier: Apache-2.0
/* Bounds by hand; that no plan is cheaper is judged by brute force in plan_test.c. */
#include "plan/bound.h"

#include "check.h"
#include "plan/brute_force.h"
#include "plan/fake_oracle.h"

static struct sw_error err;

/* For a plan that costs and takes so much. */
static struct sw__bound bound_for(double per_hour, double gpus)
{
	const struct sw__bound plan = {per_hour, gpus, false};
	bool placed[FAKE_WORKLOADS];
	struct sw__bound bound = {NAN, NAN, false};
	struct sw__sizing sizing;

	for (size_t i = 0; i < FAKE_WORKLOADS; i++)
		placed[i] = true;
	CHECK_INT(sw__sizing_open(&fake_problem, &fake_oracle, &sizing, &err), SW_OK);
	CHECK_INT(sw__bound_of(&sizing, placed, &plan, &bound, &err), SW_OK);
	sw__sizing_close(&sizing);
	CHECK_INT(fake_prepared, 0);
	return bound;
}

static struct sw__bound bound_now(void)
{
	return bound_for(8, 8);
}

TEST(compute_bounds_the_number_of_gpus)
{
	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_share(0.6, 1);
	fake_add_share(0.5, 1);
	CHECK_NEAR(bound_now().per_hour, 4, 1e-12);
	CHECK_NEAR(bound_now().gpus, 2, 0);
	fake_asked[1].slo.bound_ms[SW_TPOT][SW_P95] = 40;
	CHECK_NEAR(bound_now().per_hour, 2, 1e-12);
}

TEST(memory_bounds_it_too)
{
	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	for (int i = 0; i < 5; i++)
		fake_add_share(0.1, 15.5); /* 16.5 GiB each: 82.5 of 40 */
	CHECK_NEAR(bound_now().gpus, 3, 0);
	CHECK_NEAR(bound_now().per_hour, 6, 1e-12);
}

/* Alone 0.5 of compute bounds it to one GPU and 0.55 of memory to two; mixed weights see both at once. */
TEST(compute_and_memory_together)
{
	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_gpu(SW_MPS, 100, 20, 1, 1.1);
	fake_add_share(0.9, 1);
	fake_add_share(0.1, 30);
	CHECK_NEAR(bound_now().per_hour, 2, 1e-12);
	fake_add_share(0.9, 1);
	/* 1.9 of compute: at 1.1 per GPU with little memory 2.09, and the 31 GiB need a large one: 2 + 1.1. */
	CHECK(bound_now().per_hour >= 2.2 - 1e-9 && bound_now().per_hour <= 3.1 + 1e-9);
}

TEST(sums_of_prices_are_rounded_to_whole_gpus)
{
	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_gpu(SW_MPS, 50, 10, 0.4, 0.7);
	fake_add_share(0.3, 30); /* too large for the small one */
	CHECK_NEAR(bound_now().per_hour, 2, 1e-12);
	fake_add_share(0.8, 1); /* 1.1 of compute, and the small one is too slow */
	CHECK_NEAR(bound_now().per_hour, 4, 1e-12);
	fake_add_share(0.2,
		       1); /* on the small one as well, which takes nothing away from the others */
	CHECK_NEAR(bound_now().per_hour, 4, 1e-12);
	fake_asked[0].slo.bound_ms[SW_TPOT][SW_P95] = 40;
	CHECK_NEAR(bound_now().per_hour, 2.7, 1e-12); /* 0.06 + 0.8 + 0.2 of the large one */
	fake_fleet[0].max_tenants = 1;
	CHECK_NEAR(bound_now().gpus, 3, 0);
}

/* Dividing a load lowers the bound only as far as an idle engine needs less. */
TEST(more_replicas_are_allowed_for)
{
	struct sw__bound one, any;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	for (int i = 0; i < 2; i++)
		fake_add_workload((struct fake_workload){5, 0.01, 0, 1}, 60, 12)->replicas = 1;
	one = bound_now();
	fake_asked[0].replicas = fake_asked[1].replicas = 0;
	any = bound_now();
	CHECK(any.gpus <= one.gpus);
	CHECK_NEAR(one.gpus, 2, 0);
}

/* While one engine's CPU works the GPU is another's: only the GPU's time adds up to one. */
TEST(turns_are_of_the_gpus_time)
{
	fake_reset();
	fake_add_gpu(SW_TIMESLICE, 100, 40, 1, 2);
	for (int i = 0; i < 4; i++)
		fake_add_workload((struct fake_workload){5, 0.01, 0, 1}, 60, 60)->replicas = 1;
	CHECK_NEAR(bound_now().gpus, 3, 0);
	fake_gpu_part = 0.25;
	CHECK_NEAR(bound_now().gpus, 1, 0);
	fake_gpu_part = 1;
}

TEST(no_bound_is_above_the_plan)
{
	bool placed[] = {true, true};
	const struct sw__bound plan = {1.5, 1, false};
	struct sw__sizing sizing;
	struct sw__bound bound;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_share(0.9, 1);
	fake_add_share(0.9, 1);
	CHECK_INT(sw__sizing_open(&fake_problem, &fake_oracle, &sizing, &err), SW_OK);
	CHECK_INT(sw__bound_of(&sizing, placed, &plan, &bound, &err), SW_OK);
	CHECK_NEAR(bound.per_hour, 1.5, 0);
	CHECK_NEAR(bound.gpus, 1, 0);
	sw__sizing_close(&sizing);
}

/* A share that is not used up leaves time for turns: 0.7 of it held back, and turns for 0.6 of the time. */
TEST(shares_and_turns_have_sums_of_their_own)
{
	fake_reset();
	fake_add_gpu(SW_HAMI, 100, 40, 1, 2);
	for (int i = 0; i < 2; i++) {
		struct sw_workload *w =
			fake_add_workload((struct fake_workload){5, i ? 0.01 : 1e-9, 0, 1},
					  i ? 60 : 1, i ? 40 : 1.25 * 5.5 / pow(0.7, 0.7) * 1.001);

		w->replicas = 1;
		w->engine.given |= SW_KEY_CUDA_GRAPHS;
		w->engine.cuda_graphs = i == 1;
	}
	CHECK_NEAR(bound_now().gpus, 1, 0);
	CHECK_NEAR(bound_now().per_hour, 2, 1e-12);
	CHECK_NEAR(brute_cost(), 2, 1e-12);
}

/* For a plan that is half as dear again as the best, so that it is not cut to that. */
static void compare_with_brute_force(void (*make)(unsigned seed), unsigned from, unsigned n)
{
	double sum = 0;

	for (unsigned seed = from; seed < from + n; seed++) {
		double best, bound;

		make(seed);
		best = brute_cost();
		if (isinf(best))
			continue;
		bound = bound_for(1.5 * best, 99).per_hour;
		CHECK(bound <= best * (1 + 1e-9));
		sum += bound / best;
	}
	CHECK(sum > 0.7 * n);
}

TEST(no_bound_is_above_the_best_plan)
{
	compare_with_brute_force(random_problem, 0, 100);
	compare_with_brute_force(random_hami_problem, 0, 100);
	compare_with_brute_force(random_wishes_problem, 0, 100);
	compare_with_brute_force(random_graphs_problem, 800, 200);
}

TEST(what_is_not_placed_does_not_count)
{
	const struct sw__bound plan = {8, 8, false};
	const bool placed[] = {true, false};
	struct sw__sizing sizing;
	struct sw__bound bound;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_share(0.6, 1);
	fake_add_share(0.6, 1);
	CHECK_INT(sw__sizing_open(&fake_problem, &fake_oracle, &sizing, &err), SW_OK);
	CHECK_INT(sw__bound_of(&sizing, placed, &plan, &bound, &err), SW_OK);
	CHECK_NEAR(bound.per_hour, 2, 1e-12);
	sw__sizing_close(&sizing);
}

TEST_MAIN()
