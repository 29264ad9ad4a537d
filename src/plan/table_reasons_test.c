// SPDX-License-Identifier: Apache-2.0
#include "plan/table_reasons.h"

#include "plan/planner.h"
#include "plan/table_fixture.h"

static struct sw_error err;
static const double steps[] = {100, 220, 330, 450, 800};

static struct sw_plan *solve(void)
{
	struct sw_plan *plan = NULL;

	CHECK_INT(sw__plan_solve(&fake_problem, &fake_oracle, NULL, &plan, &err), SW_OK);
	return plan;
}

static const struct sw_reason *find(const struct sw_plan *plan, enum sw_instead instead,
				    size_t workload)
{
	for (size_t i = 0; i < plan->n_reasons; i++)
		if (plan->reasons[i].instead == instead && plan->reasons[i].workload == workload)
			return &plan->reasons[i];
	return NULL;
}

/* By hand: 300 are one 3g (330): a 2g serves 220. */
TEST(a_smaller_slice_serves_too_little)
{
	struct sw_plan *plan;
	const struct sw_reason *r;

	fake_reset();
	fake_add_mig(2);
	(void)fake_add_table(325, steps);
	plan = solve();
	if (!plan)
		return;
	CHECK_INT(plan->n_reasons, 1);
	r = find(plan, SW_INSTEAD_SMALLER, 0);
	if (CHECK(r)) {
		CHECK_STR(r->words, "on 2g at most 220 requests/s: all its engines serve 220 of "
				    "325 requests/s, 105 are missing");
		CHECK_INT(r->obstacle.kind, SW_OBSTACLE_OVERLOAD);
		CHECK_NEAR(r->obstacle.found, 325, 0);
		CHECK_NEAR(r->obstacle.allowed, 220, 0);
		CHECK_NEAR(r->share, 2.0 / 7, 1e-12);
		CHECK_INT(r->tenant, 0);
	}
	sw_plan_free(plan);
	for (size_t i = 0; i < 2; i++)
		fake_rows[0][i].latency_ms = 60;
	plan = solve();
	r = plan ? find(plan, SW_INSTEAD_SMALLER, 0) : NULL;
	CHECK(r && strstr(r->words, "on 2g no row in time: all its engines serve 0 of 325"));
	sw_plan_free(plan);
	fake_problem.explain_engines = 0;
}

/* 800 and 400 are a whole GPU and, on the other, 4g of 7: 3g are left there, with 330. */
TEST(another_gpu_and_fewer_engines)
{
	struct sw_plan *plan;
	const struct sw_reason *r;

	fake_reset();
	fake_add_mig(2);
	(void)fake_add_table(795, steps);
	(void)fake_add_table(445, steps);
	fake_asked[1].replicas = 1;
	plan = solve();
	if (!plan)
		return;
	CHECK_INT(plan->n_gpus, 2);
	r = find(plan, SW_INSTEAD_MOVED, 0);
	CHECK(r && strstr(r->words, "on a free 3g of g0/1 at most 330 requests/s: all its engines "
				    "serve 330 of 795"));
	r = find(plan, SW_INSTEAD_MOVED, 1);
	CHECK(r && r->obstacle.kind == SW_OBSTACLE_RULE);
	CHECK(!find(plan, SW_INSTEAD_FEWER, 0) && !find(plan, SW_INSTEAD_FEWER, 1));
	sw_plan_free(plan);
	fake_reset();
	fake_add_mig(2);
	(void)fake_add_table(690, steps);
	fake_tables[0].n = 1; /* seven 1g */
	plan = solve();
	r = plan ? find(plan, SW_INSTEAD_FEWER, 0) : NULL;
	CHECK(r && r->replicas == 6);
	CHECK(r && strstr(r->words, "6 instead of 7: all its engines serve 600 of 690"));
	sw_plan_free(plan);
}

/* A cheaper kind that serves 330 at the most, one that is not enough for both, and none left of it. */
TEST(a_cheaper_kind_of_gpu)
{
	struct sw_plan *plan;
	const struct sw_reason *r;

	fake_reset();
	fake_add_mig(2);
	(void)fake_add_gpu(SW_MPS, 50, 20, 1, 1.5);
	(void)fake_add_table(440, steps);
	(void)fake_add_table(300, steps);
	for (size_t w = 0; w < 2; w++)
		fake_tables[w].n = 4; /* all of a GPU serves what 4g do */
	plan = solve();
	if (!plan)
		return;
	CHECK_INT(plan->n_gpus, 1);
	r = find(plan, SW_INSTEAD_CHEAPER, SW_NONE);
	CHECK(r && strstr(r->words, "on g1 under mps for 1.5 per hour: one does not serve all of"));
	CHECK(r && r->obstacle.kind == SW_OBSTACLE_OVERLOAD);
	sw_plan_free(plan);
	fake_problem.n_workloads = 1;
	fake_fleet[1].count = 0;
	plan = solve();
	r = plan ? find(plan, SW_INSTEAD_CHEAPER, SW_NONE) : NULL;
	CHECK(r && r->obstacle.kind == SW_OBSTACLE_FLEET);
	sw_plan_free(plan);
}

TEST(many_engines_only_for_who_asks)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_mig(2);
	(void)fake_add_table(6700, steps);
	fake_tables[0].n = 1;
	plan = solve();
	CHECK(plan && plan->n_reasons == 0);
	sw_plan_free(plan);
	fake_problem.explain_engines = 100;
	plan = solve();
	CHECK(plan && plan->n_reasons > 0);
	sw_plan_free(plan);
}

TEST_MAIN()
