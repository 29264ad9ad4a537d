// SPDX-License-Identifier: Apache-2.0
#include "plan/table_place.h"

#include "plan/table_fixture.h"

static struct sw_error err;
static const double steps[] = {100, 220, 330, 450, 800};

/* One GPU cut into 4g and 3g by hand, an engine on each. */
TEST(engines_go_where_the_cut_has_room)
{
	struct sw__table_cover cover;
	unsigned times[64] = {0}, engines[5] = {0, 0, 1, 1, 0};
	bool served[1] = {true};
	struct sw__covered covered = {.times = times, .engines = engines, .served = served};
	struct sw_plan_workload workloads[1] = {{0}};
	struct sw_plan plan = {.n_workloads = 1, .workloads = workloads};

	fake_reset();
	fake_add_mig(2);
	(void)fake_add_table(390, steps);
	CHECK_INT(sw__table_cover_of(&fake_problem, NULL, &cover, &err), SW_OK);
	for (size_t i = 0; i < cover.covering.n_cuts; i++)
		times[i] = cover.cuts[i].count[2] == 1 && cover.cuts[i].count[3] == 1;
	CHECK_INT(sw__tables_place(&cover, &covered, &plan, &err), SW_OK);
	sw__table_cover_free(&cover);
	if (!CHECK(plan.n_gpus == 1 && plan.gpus[0].n == 2))
		return;
	CHECK(plan.workloads[0].met);
	CHECK_NEAR(plan.gpus[0].tenants[0].share, 4.0 / 7, 1e-12); /* the larger first */
	CHECK_NEAR(plan.gpus[0].tenants[0].rate_or_concurrency, 225, 1e-9);
	CHECK_NEAR(plan.gpus[0].tenants[1].rate_or_concurrency, 165, 1e-9);
	CHECK_INT(plan.gpus[0].tenants[0].mig_start, 0);
	CHECK_INT(plan.gpus[0].tenants[1].mig_start, 4);
	free(plan.gpus[0].tenants);
	free(plan.gpus);
}

TEST_MAIN()
