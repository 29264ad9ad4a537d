// SPDX-License-Identifier: Apache-2.0
#include "plan/table_cover.h"

#include "plan/table_fixture.h"

static struct sw_error err;
static const double steps[] = {100, 220, 330, 450, 800};

TEST(slices_rows_and_cuts)
{
	struct sw__table_cover c;

	fake_reset();
	fake_add_mig(2);
	fake_add_gpu(SW_MPS, 100, 20, 1, 3);
	(void)fake_add_table(500, steps);
	(void)fake_add_workload((struct fake_workload){5, 0.01, 0, 3}, 10, 12); /* no table */
	CHECK_INT(sw__table_cover_of(&fake_problem, NULL, &c, &err), SW_OK);
	CHECK_INT(c.covering.n_demands, 1);
	CHECK_INT(c.covering.n_kinds, 6);
	CHECK_INT(c.covering.n_groups, 2);
	CHECK_NEAR(c.capacity[1], 220, 0);
	CHECK_NEAR(c.capacity[5], 800, 0); /* all of the other GPU */
	CHECK(c.row[2] == &fake_rows[0][2]);
	CHECK_NEAR(c.kinds[2].memory_gib, 20, 0);
	CHECK(c.complete);
	for (size_t i = 0; i < c.covering.n_cuts; i++)
		CHECK_NEAR(c.cuts[i].price, c.cuts[i].group == 0 ? 2 : 3, 0);
	sw__table_cover_free(&c);
}

TEST(slices_that_nobody_can_use_are_not_cut)
{
	static const double only_two[] = {0, 220, 0, 0, 0};
	struct sw__table_cover c;
	struct sw_workload *w;

	fake_reset();
	fake_add_mig(2);
	w = fake_add_table(500, only_two);
	w->latency_ms = 100;
	fake_rows[0][0].memory_gib = 9;
	CHECK_INT(sw__table_cover_of(&fake_problem, NULL, &c, &err), SW_OK);
	CHECK_NEAR(c.capacity[0], 0, 0);
	CHECK_NEAR(c.capacity[4], 220, 0); /* a smaller slice's row */
	for (size_t i = 0; i < c.covering.n_cuts; i++)
		CHECK_INT(c.cuts[i].count[0], 0);
	sw__table_cover_free(&c);
}

/* Two GPUs of the plan with the same instances are one group, and the new ones are fewer by them. */
TEST(beside_engines_that_are_there)
{
	struct sw_placement on[2] = {
		{.share = 3.0 / 7, .memory_gib = 20, .engine = {.cores = NAN}},
		{.share = 3.0 / 7, .memory_gib = 20, .engine = {.cores = NAN}}};
	struct sw_plan_gpu gpus[2] = {{.n = 1, .tenants = &on[0]}, {.n = 1, .tenants = &on[1]}};
	struct sw_plan plan = {.n_gpus = 2, .gpus = gpus};
	struct sw__table_cover c;

	fake_reset();
	fake_add_mig(2)->count = 5;
	(void)fake_add_table(500, steps);
	CHECK_INT(sw__table_cover_of(&fake_problem, &plan, &c, &err), SW_OK);
	CHECK_INT(c.covering.n_groups, 2);
	CHECK_NEAR(c.group_count[0], 3, 0);
	CHECK_NEAR(c.group_count[1], 2, 0);
	for (size_t i = 0; i < c.covering.n_cuts; i++)
		if (c.cuts[i].group == 1) {
			CHECK_NEAR(c.cuts[i].price, 0, 0);
			CHECK_INT(c.cuts[i].count[4], 0);
			CHECK(c.cuts[i].count[2] + c.cuts[i].count[3] <= 1);
		}
	sw__table_cover_free(&c);
}

TEST(host_cores_limit_engines)
{
	struct sw_fleet_entry *entry;

	fake_reset();
	entry = fake_add_mig(2);
	entry->max_tenants = 7;
	CHECK_INT(sw__most_engines(entry, 0, 0), 7);
	entry->gpus_per_node = 4;
	entry->cores_per_node = 24;
	CHECK_INT(sw__most_engines(entry, 0, 0), 3);
	CHECK_INT(sw__most_engines(entry, 1, 4), 2);
	entry->cores_per_node = 4;
	CHECK_INT(sw__most_engines(entry, 0, 0), 1);
	entry->mechanism = SW_MPS;
	CHECK_INT(sw__most_engines(entry, 0, 0), 1);
}

TEST_MAIN()
