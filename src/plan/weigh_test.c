// SPDX-License-Identifier: Apache-2.0
#include "plan/weigh.h"

#include "check.h"
#include "plan/brute_force.h"
#include "plan/planner.h"

static struct sw_error err;

static struct sw_plan *solve(enum sw_router router, enum sw_status expected)
{
	struct sw_plan *plan = NULL;
	enum sw_status st;

	for (size_t w = 0; w < fake_problem.n_workloads; w++)
		fake_asked[w].router = router;
	st = sw__plan_solve(&fake_problem, &fake_oracle, NULL, &plan, &err);
	if (!CHECK(st == expected))
		printf("    status %d: %s\n", st, err.message);
	CHECK_INT(fake_prepared, 0);
	return plan;
}

/*
 * Of a fast GPU there is one, and it holds 100 requests a second; slow ones hold 33.3 (11 ms x (1 + 0.3 x 0.02 x) <= 13.2). Of
 * 110 equal parts want four engines, 27.5 each; unequal ones two.
 */
TEST(each_gets_what_its_gpu_holds)
{
	struct sw_plan *plan;
	const struct sw_placement *fast, *slow;

	fake_reset();
	fake_add_gpu(SW_EXCLUSIVE, 100, 40, 1, 2)->count = 1;
	fake_add_gpu(SW_EXCLUSIVE, 100, 40, 0.5, 1);
	fake_add_workload((struct fake_workload){5, 0.01, 0, 3}, 110, 13.2);
	plan = solve(SW_ROUTER_EQUAL, SW_OK);
	CHECK(plan && plan->workloads[0].replicas == 4);
	CHECK_NEAR(plan ? plan->cost_per_hour : 0, 4, 1e-12);
	sw_plan_free(plan);
	plan = solve(SW_ROUTER_WEIGHTED, SW_OK);
	if (!CHECK(plan && plan->n_gpus == 2 && plan->workloads[0].replicas == 2))
		return;
	CHECK_NEAR(plan->cost_per_hour, 3, 1e-12);
	fast = &plan->gpus[0].tenants[0];
	slow = &plan->gpus[1].tenants[0];
	CHECK_NEAR(fast->rate_or_concurrency + slow->rate_or_concurrency, 110, 1e-9);
	CHECK(fast->rate_or_concurrency < 100 && slow->rate_or_concurrency <= 33.4);
	CHECK_NEAR(fast->sized_for, fast->rate_or_concurrency, 0);
	sw_plan_free(plan);
	/* As many engines as are asked for get the same. */
	fake_asked[0].replicas = 4;
	plan = solve(SW_ROUTER_WEIGHTED, SW_OK);
	CHECK(plan && plan->gpus[0].tenants[0].rate_or_concurrency == 27.5);
	sw_plan_free(plan);
}

/* What the equal parts of a fleet of one and one cannot hold. */
TEST(it_finds_a_place_where_equal_parts_do_not)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_EXCLUSIVE, 100, 40, 1, 2)->count = 1;
	fake_add_gpu(SW_EXCLUSIVE, 100, 40, 0.5, 1)->count = 1;
	fake_add_workload((struct fake_workload){5, 0.01, 0, 3}, NAN, 13.2)->load.concurrency = 110;
	sw_plan_free(solve(SW_ROUTER_EQUAL, SW_INFEASIBLE));
	plan = solve(SW_ROUTER_WEIGHTED, SW_OK);
	CHECK(plan && plan->workloads[0].met);
	for (size_t i = 0; plan && i < plan->n_gpus; i++) {
		double part = plan->gpus[i].tenants[0].rate_or_concurrency;

		CHECK_NEAR(part, floor(part), 0);
	}
	sw_plan_free(plan);
}

/* By turns: 0.6 and 0.85 of the time are taken, and 0.5 is to come; on either side less than half of it fits, or more. */
TEST(parts_fill_what_others_leave)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_TIMESLICE, 100, 40, 1, 2);
	for (int i = 0; i < 2; i++)
		fake_add_workload((struct fake_workload){5, 0.01, 0, 3}, 60, 100)->replicas = 1;
	fake_asked[1].load.rate = 85;
	fake_add_workload((struct fake_workload){5, 0.01, 0, 3}, 50, 100)->spread = true;
	plan = solve(SW_ROUTER_EQUAL, SW_OK);
	CHECK(plan && plan->n_gpus == 3);
	sw_plan_free(plan);
	plan = solve(SW_ROUTER_WEIGHTED, SW_OK);
	CHECK(plan && plan->n_gpus == 2);
	sw_plan_free(plan);
}

/* Never dearer than equal parts, never below the bound, and the judge has seen each. */
TEST(weights_never_cost)
{
	size_t cheaper = 0;

	for (unsigned seed = 0; seed < 150; seed++) {
		double cost = INFINITY;
		struct sw_plan *plan;
		enum sw_status st;

		random_problem(seed);
		for (size_t w = 0; w < fake_problem.n_workloads; w++) {
			fake_asked[w].replicas = 0;
			fake_asked[w].load.rate *= 3;
		}
		st = sw__plan_solve(&fake_problem, &fake_oracle, NULL, &plan, &err);
		if (st == SW_OK)
			cost = plan->cost_per_hour;
		sw_plan_free(plan);
		for (size_t w = 0; w < fake_problem.n_workloads; w++)
			fake_asked[w].router = SW_ROUTER_WEIGHTED;
		st = sw__plan_solve(&fake_problem, &fake_oracle, NULL, &plan, &err);
		CHECK(st == SW_OK || st == SW_INFEASIBLE);
		if (st == SW_OK) {
			CHECK(plan->cost_per_hour <= cost * (1 + 1e-9));
			CHECK(plan->bound_cost_per_hour <= plan->cost_per_hour * (1 + 1e-9));
			cheaper += plan->cost_per_hour < cost * (1 - 1e-9);
		}
		CHECK(st == SW_OK || isinf(cost));
		sw_plan_free(plan);
	}
	CHECK(cheaper > 0);
}

TEST_MAIN()
