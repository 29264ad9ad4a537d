// SPDX-License-Identifier: Apache-2.0
#include "plan/strategies.h"

#include "check.h"
#include "plan/fake_oracle.h"
#include "plan/planner.h"

static struct sw_error err;

static const struct fake_workload small = {
	.base_ms = 5, .work = 0.01, .push = 0.2, .weights_gib = 3};

static struct sw_plan *solve(const char *strategy, enum sw_status expected)
{
	struct sw_plan *plan;

	CHECK_INT(sw__plan_solve(&fake_problem, &fake_oracle, strategy, &plan, &err), expected);
	CHECK_INT(fake_prepared, 0);
	return plan;
}

TEST(strategies_are_a_table)
{
	const char *const *names = sw_strategies();
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	for (int i = 0; i < 4; i++)
		fake_add_workload(small, 10, 20 + i);
	for (size_t i = 0; names[i]; i++) {
		enum sw_status st =
			sw__plan_solve(&fake_problem, &fake_oracle, names[i], &plan, &err);

		CHECK(i == 0 || strcmp(names[i - 1], names[i]) < 0);
		CHECK(st == SW_OK || st == SW_INFEASIBLE);
		/* one of them knows MIG only */
		CHECK(plan && (plan->n_gpus >= 1 || strcmp(names[i], "parvagpu") == 0));
		sw_plan_free(plan);
	}
	CHECK_INT(sw__plan_solve(&fake_problem, &fake_oracle, "magic", &plan, &err), SW_BAD_INPUT);
	CHECK(strstr(err.message, "unknown strategy magic; expected one of cheapest-exclusive, "));
	CHECK(strstr(err.message, ", slicewise"));
}

TEST(a_number_after_a_colon)
{
	static const struct {
		const char *name, *message;
	} cases[] = {
		{"packed:", "strategy packed: found , expected a number above 0 and at most 10"},
		{"packed:1x",
		 "strategy packed: found 1x, expected a number above 0 and at most 10"},
		{"packed:0", "strategy packed: found 0, expected a number above 0 and at most 10"},
		{"packed:nan",
		 "strategy packed: found nan, expected a number above 0 and at most 10"},
		{"ffd:1", "strategy ffd: found :1, but it takes no number"},
	};
	const struct sw__strategy *strategy;
	double parameter;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_INT(sw__strategy_find(cases[i].name, &strategy, &parameter, &err), SW_USAGE);
		CHECK_STR(err.message, cases[i].message);
	}
	CHECK_INT(sw__strategy_find("packed:0.6", &strategy, &parameter, &err), SW_OK);
	CHECK(parameter == 0.6);
	CHECK_STR(strategy->name, "packed");
	CHECK_INT(sw__strategy_find("packed", &strategy, &parameter, &err), SW_OK);
	CHECK(isnan(parameter));
}

TEST(strategies_that_ignore_neighbours_break_limits_and_say_so)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	for (int i = 0; i < 4; i++)
		fake_add_workload(small, 10, 20);
	plan = solve("ffd", SW_INFEASIBLE);
	CHECK(strstr(err.message, "beside"));
	CHECK(plan && plan->n_gpus == 1 && !plan->workloads[0].met &&
	      plan->workloads[0].replicas == 1);
	sw_plan_free(plan);
	plan = solve("even-split", SW_INFEASIBLE);
	CHECK(plan && plan->n_gpus == 1 && plan->gpus[0].tenants[0].share == 0.2);
	sw_plan_free(plan);
	plan = solve("exclusive", SW_OK);
	CHECK(plan && plan->n_gpus == 4);
	sw_plan_free(plan);
}

/* Two profiles have a seventh of the compute, and only one of them can be cut seven times. */
TEST(equal_parts_of_mig_are_profiles_that_go_together)
{
	static const struct sw_mig_profile profiles[] = {
		{.name = "1g.5gb",
		 .compute_slices = 1,
		 .memory_slices = 1,
		 .memory_gib = 5,
		 .sms = 14,
		 .max_instances = 7},
		{.name = "1g.10gb",
		 .compute_slices = 1,
		 .memory_slices = 2,
		 .memory_gib = 10,
		 .sms = 14,
		 .max_instances = 4},
	};
	struct sw_plan *plan;
	struct sw_gpu *gpu;

	fake_reset();
	gpu = &fake_add_gpu(SW_MIG, 98, 40, 1, 2)->gpu;
	memcpy(gpu->mig, profiles, sizeof(profiles));
	gpu->n_mig = 2;
	gpu->mig_compute_slices = 7;
	gpu->mig_memory_slices = 8;
	for (int i = 0; i < 3; i++)
		fake_add_workload(small, 1, 60);
	plan = solve("even-split", SW_OK);
	CHECK(plan && plan->n_gpus == 1 && plan->gpus[0].tenants[0].memory_gib == 5);
	sw_plan_free(plan);
}

/* Halves on one kind, and on the other, twice as fast, fifths (0.5 * 0.5^(1/0.7) = 0.186); one of the first is all there is. */
TEST(equal_parts_are_of_each_kind)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, 200, 40, 1, 1)->count = 1;
	fake_add_gpu(SW_MPS, 200, 40, 2, 3);
	for (int i = 0; i < 6; i++)
		(void)fake_add_share(0.5, 1);
	plan = solve("even-split", SW_OK);
	if (CHECK(plan && plan->n_gpus == 2)) {
		CHECK(plan->gpus[0].fleet == 0 && plan->gpus[0].n == 2);
		CHECK(plan->gpus[0].tenants[0].share == 0.5);
		CHECK(plan->gpus[1].fleet == 1 && plan->gpus[1].n == 4);
		CHECK(plan->gpus[1].tenants[0].share == 0.2);
	}
	sw_plan_free(plan);
}

/* Turns are dear, GPUs few and of three kinds: what not to share can do, the plan can do for no more. */
TEST(no_plan_is_dearer_than_not_to_share)
{
	struct sw_plan *plan, *alone;

	for (unsigned seed = 0; seed < 60; seed++) {
		unsigned random = seed * 2654435761u;

		fake_reset();
		for (int f = 0; f < 3; f++, random = random * 1664525u + 1013904223u)
			fake_add_gpu(SW_TIMESLICE, 100, 20 + (random >> 28), 1, 1 + (random >> 29))
				->count = 1 + (random >> 24) % 3;
		for (int i = 0; i < 5; i++, random = random * 1664525u + 1013904223u)
			fake_add_workload((struct fake_workload){5, 0.01, 0.5, 6 + (random >> 28)},
					  1 + (random >> 25) % 64, 7 + (random >> 20) % 16);
		(void)sw__plan_solve(&fake_problem, &fake_oracle, "exclusive", &alone, &err);
		(void)sw__plan_solve(&fake_problem, &fake_oracle, NULL, &plan, &err);
		if (CHECK(plan && alone) && sw_known(alone->exclusive_cost_per_hour)) {
			for (size_t w = 0; w < plan->n_workloads; w++)
				CHECK(plan->workloads[w].met);
			CHECK(plan->cost_per_hour <= alone->exclusive_cost_per_hour * (1 + 1e-9));
		}
		sw_plan_free(plan);
		sw_plan_free(alone);
	}
}

static size_t engines_of(const struct sw_plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n_gpus; i++)
		n += plan->gpus[i].n;
	return n;
}

static void random_problem(unsigned seed)
{
	static const enum sw_mechanism mechanisms[] = {SW_MPS, SW_TIMESLICE, SW_HAMI, SW_EXCLUSIVE};
	unsigned random = seed * 2654435761u + 12345;

	fake_reset();
	for (int f = 0; f < 2; f++, random = random * 1664525u + 1013904223u)
		fake_add_gpu(mechanisms[(seed + f) % 4], 200, 16 + (random >> 28), 1 + f * 0.5,
			     1 + (random >> 29));
	for (int i = 0; i < 6; i++, random = random * 1664525u + 1013904223u) {
		struct sw_workload *w =
			fake_add_workload((struct fake_workload){5, 0.001 * (1 + (random >> 28)),
								 0.5, 1 + (random >> 29)},
					  1 + (random >> 25) % 64, 15 + (random >> 20) % 32);

		/* Half of them eager: a share binds them under hami. */
		w->engine.given |= i % 2 ? SW_KEY_CUDA_GRAPHS : 0;
	}
}

/*
 * Whatever a strategy knows, its plan passes the judge (sw__plan_solve() asks it), is the same again, and has every engine on a GPU
 * where GPUs do not run out: who breaks a limit is placed all the same.
 */
TEST(every_strategy_places_every_engine)
{
	for (unsigned seed = 0; seed < 24; seed++) {
		for (const char *const *name = sw_strategies(); *name; name++) {
			struct sw_plan *plan = NULL, *again = NULL;
			enum sw_status st;

			random_problem(seed);
			st = sw__plan_solve(&fake_problem, &fake_oracle, *name, &plan, &err);
			CHECK(st == SW_OK || st == SW_INFEASIBLE);
			(void)sw__plan_solve(&fake_problem, &fake_oracle, *name, &again, &err);
			if (!CHECK(plan && again)) {
				printf("    seed %u, %s: %s\n", seed, *name, err.message);
				continue;
			}
			/* ParvaGPU cuts GPUs into instances; without MIG it has none. */
			if (strcmp(*name, "parvagpu") != 0 &&
			    !CHECK(engines_of(plan) >= fake_problem.n_workloads))
				printf("    seed %u, %s: %zu engines\n", seed, *name,
				       engines_of(plan));
			CHECK(plan->cost_per_hour == again->cost_per_hour &&
			      plan->total_share == again->total_share);
			sw_plan_free(plan);
			sw_plan_free(again);
		}
	}
	CHECK_INT(fake_prepared, 0);
}

/* Of two kinds of GPU exclusive takes one for all, cheapest-exclusive the cheapest for each, even-split what is cheapest in all. */
TEST(kinds_of_gpu)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_gpu(SW_MPS, 40, 10, 0.5, 0.7);
	fake_add_workload(small, 10, 20);
	fake_add_workload((struct fake_workload){5, 0.01, 0.2, 20}, 10, 30);
	plan = solve("exclusive", SW_OK);
	CHECK(plan && fabs(plan->cost_per_hour - 4) < 1e-12);
	CHECK(plan && fabs(plan->exclusive_cost_per_hour - 2.7) < 1e-12);
	sw_plan_free(plan);
	plan = solve("cheapest-exclusive", SW_OK);
	CHECK(plan && fabs(plan->cost_per_hour - 2.7) < 1e-12);
	CHECK(plan && plan->exclusive_cost_per_hour == plan->cost_per_hour);
	sw_plan_free(plan);
	plan = solve("even-split", SW_OK);
	CHECK(plan && plan->n_gpus == 2 && fabs(plan->cost_per_hour - 2.7) < 1e-12);
	sw_plan_free(plan);
}

/* No kind serves both: what exclusive cannot have of one kind comes from the cheapest that does. */
TEST(exclusive_of_no_one_kind)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_gpu(SW_MPS, 40, 10, 4, 3);
	fake_add_workload((struct fake_workload){5, 0.01, 0.2, 20}, 10, 30);
	fake_add_workload(small, 10, 4);
	plan = solve("exclusive", SW_OK);
	CHECK(plan && plan->n_gpus == 2 && fabs(plan->cost_per_hour - 5) < 1e-12);
	sw_plan_free(plan);
}

/*
 * Three engines on the cheap GPU would do, but there is one of it, and then two of the dear kind are taken beside; one of the dear
 * kind alone serves all of the load.
 */
TEST(one_of_a_kind_is_no_reason_to_pay_more)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, 40, 40, 1, 0.5)->count = 1;
	fake_add_gpu(SW_MPS, 100, 40, 4, 2);
	fake_add_workload((struct fake_workload){5, 0.01, 0.2, 3}, 240, 9.9);
	plan = solve("cheapest-exclusive", SW_OK);
	CHECK(plan && plan->n_gpus == 1 && fabs(plan->cost_per_hour - 2) < 1e-12);
	sw_plan_free(plan);
}

/* Shares that add up to two GPUs exactly: the bound by sums says two, and the exact search proves as much. */
TEST(the_exact_search_is_no_dearer_and_proves_more)
{
	static const double shares[] = {0.55, 0.55, 0.55, 0.45, 0.44};
	struct sw_plan *usual, *exact;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++)
		(void)fake_add_share(shares[i], 1);
	usual = solve(NULL, SW_OK);
	exact = solve("exact", SW_OK);
	CHECK(usual && exact && exact->cost_per_hour <= usual->cost_per_hour);
	CHECK(exact && exact->bound_cost_per_hour >= usual->bound_cost_per_hour);
	CHECK(exact && exact->bound_cost_per_hour <= exact->cost_per_hour);
	CHECK(exact && exact->bound_is_of_sizes && !usual->bound_is_of_sizes);
	CHECK(exact &&
	      exact->gap <
		      2e-6); /* what is worth a millionth more than its price is not looked for */
	sw_plan_free(usual);
	sw_plan_free(exact);
}

TEST_MAIN()
