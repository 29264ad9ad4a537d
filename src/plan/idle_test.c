// SPDX-License-Identifier: Apache-2.0
#include "plan/idle.h"

#include "check.h"
#include "plan/fake_oracle.h"

static struct sw_error err;
static struct sw__sizing sizing;

static struct sw__idle idle_at(size_t level)
{
	struct sw__idle idle = {.possible = false};

	CHECK_INT(sw__idle_of(&sizing, 0, 0, level, &idle, &err), SW_OK);
	CHECK_INT(fake_prepared, 0);
	return idle;
}

TEST(an_idle_engine_holds_what_a_busy_one_does_not)
{
	struct sw__size *size;
	struct sw__idle idle;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_workload((struct fake_workload){5, 0.01, 0, 3}, 90, 6);
	CHECK_INT(sw__sizing_open(&fake_problem, &fake_oracle, &sizing, &err), SW_OK);
	CHECK_INT(sw__size_get(&sizing, 0, 0, 1, &size, &err), SW_OK);
	CHECK(!size->possible);
	idle = idle_at(sizing.levels[0].n - 1);
	CHECK(idle.possible && idle.meets);
	CHECK_NEAR(idle.predicted.latency[SW_TPOT].at[SW_P95], 5, 1e-4);
	idle = idle_at(3);
	CHECK(idle.possible && !idle.meets);
	sw__sizing_close(&sizing);
}

TEST(closed_loops_and_too_little_memory)
{
	fake_reset();
	fake_add_gpu(SW_TIMESLICE, 100, 3, 1, 2);
	fake_add_workload((struct fake_workload){5, 0.01, 0, 1}, NAN, 6)->load.concurrency = 64;
	CHECK_INT(sw__sizing_open(&fake_problem, &fake_oracle, &sizing, &err), SW_OK);
	CHECK(idle_at(0).meets);
	fake_workloads[0].weights_gib = 3;
	CHECK(!idle_at(0).possible);
	sw__sizing_close(&sizing);
}

TEST_MAIN()
