// SPDX-License-Identifier: Apache-2.0
#include "plan/table_explain.h"

#include "plan/table_fixture.h"
#include "plan/table_rows.h"

static struct sw_error err;
static const double steps[] = {100, 220, 330, 450, 800};

TEST(an_engine_and_its_workload_in_words)
{
	struct sw_placement p = {.share = 2.0 / 7, .memory_gib = 10, .rate_or_concurrency = 150};
	struct sw_plan_gpu gpu = {.n = 1, .tenants = &p};
	struct sw_plan_workload workload = {.replicas = 1, .met = true};
	struct sw_plan plan = {.n_gpus = 1, .gpus = &gpu, .n_workloads = 1, .workloads = &workload};

	fake_reset();
	fake_add_mig(2);
	(void)fake_add_table(150, steps);
	p.row = &fake_rows[0][1];
	p.predicted = sw__row_predict(p.row, 150);
	CHECK_INT(sw__tables_explain(&fake_problem, &plan, &err), SW_OK);
	CHECK_STR(p.binds, "batches of 4 by 1 process in 10 ms, latency bound 22.22 of 100 ms; 150 "
			   "of 220 requests/s; on 1g at most 100");
	CHECK(strstr(workload.why, "1 engine on 2g: batches of 4"));
	/* Of the smaller slices the one that serves the most, where any row is in time there. */
	p.share = 4.0 / 7;
	p.row = &fake_rows[0][3];
	CHECK_INT(sw__tables_explain(&fake_problem, &plan, &err), SW_OK);
	CHECK(strstr(p.binds, "150 of 450 requests/s; on 3g at most 330"));
	fake_rows[0][0].latency_ms = fake_rows[0][1].latency_ms = fake_rows[0][2].latency_ms = 60;
	CHECK_INT(sw__tables_explain(&fake_problem, &plan, &err), SW_OK);
	CHECK(strstr(p.binds, "; on smaller slices none in time"));
	fake_fleet[0].mechanism = SW_MPS;
	CHECK_INT(sw__tables_explain(&fake_problem, &plan, &err), SW_OK);
	CHECK(!strstr(p.binds, "smaller") && !strstr(p.binds, "at most"));
	fake_fleet[0].mechanism = SW_MIG;
	workload.met = false;
	plan.n_gpus = 0;
	CHECK_INT(sw__tables_explain(&fake_problem, &plan, &err), SW_OK);
	CHECK(strstr(workload.why, "no room left for 150 requests/s"));
}

TEST_MAIN()
