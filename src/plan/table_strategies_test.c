// SPDX-License-Identifier: Apache-2.0
#include "plan/table_strategies.h"

#include "plan/table_fixture.h"

static struct sw_error err;
static const double steps[] = {100, 220, 330, 450, 800};

TEST(one_gpu_per_engine)
{
	struct sw__alone alone;

	fake_reset();
	fake_add_mig(2);
	fake_add_gpu(SW_EXCLUSIVE, 100, 40, 1, 3);
	(void)fake_add_table(900, steps);
	(void)fake_add_table(10, steps);
	CHECK_INT(sw__tables_alone(&fake_problem, &alone, &err), SW_OK);
	CHECK_NEAR(alone.gpus, 3, 0);
	CHECK_NEAR(alone.per_hour, 6, 0);
	fake_asked[1].latency_ms = 1;
	CHECK_INT(sw__tables_alone(&fake_problem, &alone, &err), SW_OK);
	CHECK(isnan(alone.gpus));
}

/* The bound is of what the plan serves, whoever made it. */
TEST(a_bound_of_what_is_served)
{
	struct sw_plan_workload workloads[2] = {{.met = true}, {.met = false}};
	struct sw_plan plan = {.n_workloads = 2, .workloads = workloads};
	double bound;

	fake_reset();
	fake_add_mig(2);
	(void)fake_add_table(900, steps);
	(void)fake_add_table(2000, steps);
	CHECK_INT(sw__tables_bound(&fake_problem, &plan, &bound, &err), SW_OK);
	CHECK_NEAR(bound, 4, 1e-6);
	workloads[1].met = true;
	CHECK_INT(sw__tables_bound(&fake_problem, &plan, &bound, &err), SW_OK);
	CHECK_NEAR(bound, 8, 1e-6); /* 2900 of 800 and some each */
}

TEST_MAIN()
