// SPDX-License-Identifier: Apache-2.0
/* Whole plans with measured tables: alone, beside language models, and where something is missing. */
#include "plan/table_split.h"

#include "plan/planner.h"
#include "plan/table_fixture.h"

static struct sw_error err;
static const double steps[] = {100, 220, 330, 450, 800};

static struct sw_plan *solve(const char *strategy, enum sw_status expected)
{
	struct sw_plan *plan = NULL;

	CHECK_INT(sw__plan_solve(&fake_problem, &fake_oracle, strategy, &plan, &err), expected);
	CHECK_INT(fake_prepared, 0);
	return plan;
}

static double rate_of(const struct sw_plan *plan, size_t workload)
{
	double sum = 0;

	for (size_t g = 0; g < plan->n_gpus; g++)
		for (size_t k = 0; k < plan->gpus[g].n; k++)
			if (plan->gpus[g].tenants[k].workload == workload)
				sum += plan->gpus[g].tenants[k].rate_or_concurrency;
	return sum;
}

/* 700 are the seven slices of 1g; 750 take 4g and 3g, whose traffic is as 450 to 330. */
TEST(unequal_slices_get_unequal_traffic)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_mig(2);
	(void)fake_add_table(760, steps);
	fake_tables[0].n = 4; /* not measured on all of it */
	plan = solve(NULL, SW_OK);
	if (!plan)
		return;
	CHECK_INT(plan->n_gpus, 1);
	CHECK_INT(plan->workloads[0].replicas, plan->gpus[0].n);
	CHECK_NEAR(rate_of(plan, 0), 760, 1e-9);
	for (size_t k = 0; k < plan->gpus[0].n; k++)
		CHECK_NEAR(plan->gpus[0].tenants[k].rate_or_concurrency /
				   plan->gpus[0].tenants[k].row->throughput,
			   plan->gpus[0].tenants[0].rate_or_concurrency /
				   plan->gpus[0].tenants[0].row->throughput,
			   1e-9);
	CHECK_NEAR(plan->bound_cost_per_hour, 2, 1e-9);
	CHECK(strstr(plan->workloads[0].why, "latency bound 22.22 of 100 ms"));
	sw_plan_free(plan);
}

/* A language model that needs 3 of 7 slices leaves 4 for a table. */
TEST(a_table_lies_beside_a_language_model)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_mig(2);
	(void)fake_add_share(3.0 / 7, 1);
	(void)fake_add_table(400, steps);
	plan = solve(NULL, SW_OK);
	if (!plan)
		return;
	CHECK_INT(plan->n_gpus, 1);
	CHECK(plan->workloads[0].met && plan->workloads[1].met);
	CHECK(!plan->gpus[0].tenants[0].row && plan->gpus[0].tenants[1].row);
	CHECK_NEAR(plan->cost_per_hour, 2, 0);
	CHECK_NEAR(plan->exclusive_gpus, 2, 0);
	sw_plan_free(plan);
}

TEST(elsewhere_a_table_has_the_gpu_to_itself)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	(void)fake_add_share(0.2, 1);
	(void)fake_add_table(400, steps);
	(void)fake_add_table(900, steps);
	plan = solve(NULL, SW_OK);
	if (!plan)
		return;
	CHECK_INT(plan->n_gpus, 4);
	CHECK_NEAR(plan->bound_cost_per_hour, 8, 1e-9);
	CHECK_NEAR(plan->gpus[1].tenants[0].share, 1, 0);
	sw_plan_free(plan);
}

TEST(what_cannot_be_served_is_said)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_mig(2)->count = 1;
	(void)fake_add_table(400, steps);
	(void)fake_add_table(700, steps);
	plan = solve(NULL, SW_INFEASIBLE);
	CHECK(plan && plan->workloads[0].met + plan->workloads[1].met == 1);
	CHECK(strstr(err.message, "the fleet has no room left for"));
	sw_plan_free(plan);
	fake_asked[0].latency_ms = 20;
	plan = solve(NULL, SW_INFEASIBLE);
	CHECK(strstr(err.message, "w0: no row of t.csv is in time: the fastest has batches of 4 in "
				  "10 ms at share 0.14, latency bound 22.22 of 20 ms"));
	CHECK(plan && !plan->workloads[0].met && plan->workloads[1].met);
	sw_plan_free(plan);
}

TEST(wishes_are_kept)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_mig(2);
	(void)fake_add_table(150, steps);
	fake_asked[0].replicas = 3;
	plan = solve(NULL, SW_OK);
	CHECK(plan && plan->n_gpus == 1 && plan->workloads[0].replicas == 3);
	sw_plan_free(plan);
	fake_asked[0].spread = true;
	plan = solve(NULL, SW_OK);
	CHECK(plan && plan->n_gpus == 3);
	sw_plan_free(plan);
}

TEST(every_strategy_plans_tables)
{
	for (const char *const *name = sw_strategies(); *name; name++) {
		struct sw_plan *plan;

		fake_reset();
		fake_add_mig(2);
		(void)fake_add_share(2.0 / 7, 1);
		(void)fake_add_table(400, steps);
		plan = solve(*name, SW_OK);
		CHECK(plan && plan->workloads[1].met);
		CHECK(plan && plan->n_gpus == (strcmp(*name, "exclusive") == 0 ? 2 : plan->n_gpus));
		sw_plan_free(plan);
	}
	CHECK(!solve("none-such", SW_BAD_INPUT));
}

TEST_MAIN()
