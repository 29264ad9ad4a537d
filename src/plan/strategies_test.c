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
		CHECK(plan && plan->n_gpus >= 1);
		sw_plan_free(plan);
	}
	CHECK_INT(sw__plan_solve(&fake_problem, &fake_oracle, "magic", &plan, &err), SW_BAD_INPUT);
	CHECK_STR(err.message,
		  "unknown strategy magic; expected one of even-split, exclusive, ffd, slicewise");
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

/* Of two kinds of GPU even-split takes one for all, exclusive the cheapest for each. */
TEST(kinds_of_gpu)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_gpu(SW_MPS, 40, 10, 0.5, 0.7);
	fake_add_workload(small, 10, 20);
	fake_add_workload((struct fake_workload){5, 0.01, 0.2, 20}, 10, 30);
	plan = solve("exclusive", SW_OK);
	CHECK(plan && fabs(plan->cost_per_hour - 2.7) < 1e-12);
	CHECK(plan && plan->exclusive_cost_per_hour == plan->cost_per_hour);
	sw_plan_free(plan);
	plan = solve("even-split", SW_OK);
	CHECK(plan && plan->n_gpus == 2 && plan->gpus[0].fleet == 0 && plan->gpus[1].fleet == 0);
	sw_plan_free(plan);
}

TEST_MAIN()
