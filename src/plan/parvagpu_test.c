// SPDX-License-Identifier: Apache-2.0
#include "plan/parvagpu.h"

#include "plan/planner.h"
#include "plan/table_fixture.h"

static struct sw_error err;

static struct sw_plan *solve(enum sw_status expected)
{
	struct sw_plan *plan = NULL;

	CHECK_INT(sw__plan_solve(&fake_problem, &fake_oracle, "parvagpu", &plan, &err), expected);
	CHECK_INT(fake_prepared, 0);
	return plan;
}

/* 4, 3, 2, 2, 2 and 1 of seven slices: the larger first, each where the least is left. */
TEST(language_models_by_best_fit)
{
	static const double shares[] = {2 / 7.0, 4 / 7.0, 2 / 7.0, 1 / 7.0, 3 / 7.0, 2 / 7.0};
	struct sw_plan *plan;

	fake_reset();
	fake_add_mig(2);
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++)
		(void)fake_add_share(shares[i], 1);
	plan = solve(SW_OK);
	CHECK(plan && plan->n_gpus == 2);
	sw_plan_free(plan);
}

/* One engine is busy for 0.96 of the time on 4g and so needs 7g; five do with 1g each, busy for 0.77: five slices of seven. */
TEST(a_load_is_divided_where_that_takes_fewer_slices)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_mig(2);
	fake_add_workload((struct fake_workload){5, 0.0005, 0, 1}, 1100, 1000)
		->slo.bound_ms[SW_TTFT][SW_P95] = 1300;
	plan = solve(SW_OK);
	CHECK(plan && plan->workloads[0].replicas == 5);
	CHECK(plan && fabs(plan->total_share - 5.0 / 7) < 0.01);
	sw_plan_free(plan);
}

TEST(without_mig_there_is_no_plan)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	(void)fake_add_share(0.5, 1);
	plan = solve(SW_INFEASIBLE);
	CHECK(plan && plan->n_gpus == 0 && !plan->workloads[0].met);
	sw_plan_free(plan);
}

TEST_MAIN()
