// SPDX-License-Identifier: Apache-2.0
/* A plan of tables that holds, spoilt in one way at a time. */
#include "plan/verify_tables.h"

#include "plan/planner.h"
#include "plan/table_fixture.h"
#include "plan/verify.h"

static struct sw_error err;
static const double steps[] = {100, 220, 330, 450, 800};

static struct sw_plan *good_plan(void)
{
	struct sw_plan *plan = NULL;

	fake_reset();
	fake_add_mig(2);
	(void)fake_add_table(320, steps);
	(void)fake_add_table(300, steps);
	CHECK_INT(sw__plan_solve(&fake_problem, &fake_oracle, NULL, &plan, &err), SW_OK);
	return plan;
}

static void too_much(struct sw_placement *p)
{
	p->rate_or_concurrency = p->row->throughput + 1;
}

static void other_row(struct sw_placement *p)
{
	p->row = &fake_rows[1][0];
}

static void larger_row(struct sw_placement *p)
{
	p->row = &fake_rows[0][4];
}

static void no_row(struct sw_placement *p)
{
	p->row = NULL;
}

static void less_memory(struct sw_placement *p)
{
	fake_rows[0][p->row - fake_rows[0]].memory_gib = 30;
}

static void late(struct sw_placement *p)
{
	fake_rows[0][p->row - fake_rows[0]].latency_ms = 45.1;
}

static void less_served(struct sw_placement *p)
{
	p->rate_or_concurrency -= 1;
}

TEST(every_way_of_spoiling_is_seen)
{
	static const struct {
		void (*spoil)(struct sw_placement *);
		const char *says;
	} cases[] = {
		{too_much, "requests/s, measured"},
		{other_row, "runs as no row of t.csv"},
		{larger_row, "measured at 1"},
		{no_row, "is  a table"},
		{less_memory, "measured with 30"},
		{late, "answers within 90.2 ms"},
		{less_served, "engines for 319 of a load of 320"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sw_plan *plan = good_plan();

		if (!plan)
			return;
		CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_OK);
		cases[i].spoil(&plan->gpus[0].tenants[0]);
		CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_INTERNAL);
		if (!CHECK(strstr(err.message, cases[i].says)))
			printf("    %zu: %s\n", i, err.message);
		sw_plan_free(plan);
	}
}

TEST(beside_others_only_under_mig)
{
	struct sw_plan *plan = good_plan();

	if (!plan)
		return;
	fake_fleet[0].mechanism = SW_MPS;
	CHECK_INT(sw__verify_tables(&fake_problem, plan, &plan->gpus[0], &err), SW_INTERNAL);
	CHECK(strstr(err.message, "is not alone"));
	sw_plan_free(plan);
}

TEST_MAIN()
