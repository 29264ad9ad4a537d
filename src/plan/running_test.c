// SPDX-License-Identifier: Apache-2.0
#include "plan/running.h"

#include "plan/kept.h"
#include "plan/replan_fixture.h"

static struct sw__sizing sizing;
static struct sw__running running;
static struct sw_plan_mixes *plan;

/* Two engines of 0.6 on a GPU each, then what a test makes of the problem. */
static void run_two(void)
{
	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	(void)fake_add_share(0.6, 1);
	(void)fake_add_share(0.7, 1);
	plan = plan_and_run();
}

static void see(void)
{
	CHECK_INT(sw__sizing_open(&fake_problem, &fake_oracle, &sizing, &err), SW_OK);
	CHECK_INT(sw__runs_open(&sizing, plan, &running, &err), SW_OK);
}

static void stop(void)
{
	sw__runs_close(&running);
	sw__sizing_close(&sizing);
	free_running(plan);
	CHECK_INT(fake_prepared, 0);
}

TEST(engines_are_found_by_their_workloads)
{
	run_two();
	see();
	CHECK_INT(running.n_gpus, 2);
	CHECK_INT(running.n_engines, 2);
	for (size_t e = 0; e < 2; e++) {
		CHECK_INT(running.engines[e].workload, e);
		CHECK_INT(running.engines[e].replica, 0);
		CHECK(running.engines[e].may_stay);
		CHECK_NEAR(sizing.levels[0].level[running.engines[e].level].share,
			   running.engines[e].tenant->slice.share, 1e-9);
	}
	stop();
}

TEST(what_may_not_stay_says_why)
{
	run_two();
	memcpy(fake_asked[0].model.id, "other", 6);
	fake_asked[1].engine.max_num_seqs = 16;
	see();
	CHECK(!running.engines[0].may_stay && !running.engines[1].may_stay);
	CHECK_STR(running.engines[0].why_not, "the model is other now, not ");
	CHECK_STR(running.engines[1].why_not, "the workloads file says another max_num_seqs");
	stop();
}

TEST(of_too_many_gpus_the_one_with_least_on_it_is_gone)
{
	run_two();
	fake_fleet[0].count = 1;
	see();
	CHECK(running.gpus[0].fleet == SW__NONE && running.gpus[1].fleet == 0);
	CHECK_STR(running.engines[0].why_not, "the fleet has 1 g0, 2 run");
	stop();
}

TEST(another_mechanism_is_another_kind_and_the_price_tells_twins_apart)
{
	run_two();
	fake_add_gpu(SW_MPS, 100, 40, 1, 1);
	memcpy(fake_fleet[1].gpu.id, "g0", 3);
	plan->gpus[0].price_per_hour = 1;
	plan->gpus[1].mix->mechanism = SW_TIMESLICE;
	see();
	CHECK_INT(running.gpus[0].fleet, 1);
	CHECK(running.gpus[1].fleet == SW__NONE);
	stop();
}

/* The size of an engine as it is set, for the load of today. */
TEST(kept_sizes_have_the_settings_that_run)
{
	struct sw__kept kept;
	struct sw__size *size = NULL, *half = NULL, *again = NULL;

	run_two();
	fake_workloads[0].work = 0.02;
	fake_asked[0].load.rate = 10;
	if (!CHECK(plan && plan->gpus[0].mix))
		return;
	plan->gpus[0].mix->tenants[0].slice.memory_gib = 7;
	see();
	CHECK_INT(sw__kept_open(&sizing, &running, &kept, &err), SW_OK);
	CHECK_INT(sw__kept_size(&kept, 0, 1, 0, &size, &err), SW_OK);
	CHECK_INT(sw__kept_size(&kept, 0, 2, 0, &half, &err), SW_OK);
	CHECK_INT(sw__kept_size(&kept, 0, 1, 0, &again, &err), SW_OK);
	if (CHECK(size && half && size == again && size != half)) {
		CHECK_NEAR(size->tenant.slice.memory_gib, 7, 0);
		CHECK_NEAR(half->tenant.load.rate, 5, 1e-12);
		CHECK(size->possible && half->possible && half->alone < size->alone);
	}
	running.engines[1].may_stay = false;
	CHECK_INT(sw__kept_size(&kept, 1, 1, 0, &size, &err), SW_OK);
	CHECK(!size);
	/* Less memory than it takes to start. */
	plan->gpus[0].mix->tenants[0].slice.memory_gib = 1;
	CHECK_INT(sw__kept_size(&kept, 0, 3, 0, &size, &err), SW_OK);
	CHECK(size && !size->possible);
	sw__kept_close(&kept);
	stop();
}

TEST_MAIN()
