// SPDX-License-Identifier: Apache-2.0
#include "plan/slots.h"

#include "plan/replan_fixture.h"
#include "plan/slot_memo.h"

static struct sw__sizing sizing;
static struct sw__groups groups;
static struct sw__running running;
static struct sw__kept kept;
static struct sw__held held;
static struct sw__memo memo;
static struct sw__slots slots;
static struct sw_replan_options options;
static struct sw_plan_mixes *plan;

/* 0.5 and 0.3 on one GPU, 0.6 on another. */
static void open_slots(void)
{
	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	(void)fake_add_share(0.5, 1);
	(void)fake_add_share(0.3, 1);
	(void)fake_add_share(0.6, 1);
	options = sw_replan_defaults();
	plan = plan_and_run();
	CHECK_INT(plan->n_gpus, 2);
	CHECK_INT(sw__sizing_open(&fake_problem, &fake_oracle, &sizing, &err), SW_OK);
	sw__groups_open(&sizing, SW__NEIGHBOURS_COUNT, &groups);
	sw__held_open(&groups, &held);
	CHECK_INT(sw__runs_open(&sizing, plan, &running, &err), SW_OK);
	CHECK_INT(sw__kept_open(&sizing, &running, &kept, &err), SW_OK);
	CHECK_INT(sw__slots_open(&kept, &held, &memo, &options, &slots, &err), SW_OK);
	for (size_t w = 0; w < 3; w++)
		slots.replicas[w] = 1;
}

static void close_slots(void)
{
	sw__slots_close(&slots);
	sw__memo_close(&memo);
	sw__kept_close(&kept);
	sw__held_close(&held);
	sw__runs_close(&running);
	sw__groups_close(&groups);
	sw__sizing_close(&sizing);
	free_running(plan);
	CHECK_INT(fake_prepared, 0);
}

/* Every running engine where it runs. */
static void stay(void)
{
	for (size_t i = 0; i < slots.n; i++) {
		const struct sw__running_gpu *gpu = &running.gpus[slots.slot[i].running];
		struct sw__want want[SW__TOGETHER_MAX];
		bool fits;

		for (size_t k = 0; k < gpu->n; k++)
			want[k] = (struct sw__want){running.engines[gpu->first + k].workload,
						    gpu->first + k};
		CHECK_INT(sw__slot_set(&slots, i, want, gpu->n, &fits, &err), SW_OK);
		CHECK(fits);
	}
}

TEST(what_stays_costs_its_hours_alone)
{
	struct sw__worth worth;

	open_slots();
	stay();
	worth = sw__slots_worth(&slots);
	CHECK_NEAR(worth.money, 2 * 2 * options.horizon_hours, 1e-12);
	CHECK_NEAR(worth.price + worth.changes + worth.lost, 0, 0);
	CHECK_NEAR(worth.gpus, 2, 0);
	close_slots();
}

/* 0.3 to the other GPU: 240 s of 0.3 of a GPU at 2 per hour; a try that is taken back leaves nothing. */
TEST(a_try_is_taken_back_as_a_whole)
{
	struct sw__worth before, during, after;
	size_t from, to, added;
	struct sw__want moved = {1, SW__NONE};
	bool fits;

	open_slots();
	stay();
	from = slots.slot[0].n == 2 ? 0 : 1;
	to = 1 - from;
	before = sw__slots_worth(&slots);
	sw__slots_begin(&slots);
	for (size_t k = 0; k < 2; k++) {
		if (slots.slot[from].want[k].workload == 1)
			moved = slots.slot[from].want[k];
	}
	{
		struct sw__want left = slots.slot[from].want[0], both[2] = {moved};

		if (left.workload == moved.workload)
			left = slots.slot[from].want[1];
		both[1] = slots.slot[to].want[0];
		CHECK_INT(sw__slot_set(&slots, from, &left, 1, &fits, &err), SW_OK);
		CHECK(fits);
		CHECK_INT(sw__slot_set(&slots, to, both, 2, &fits, &err), SW_OK);
		CHECK(fits);
		CHECK_INT(slots.slot[to].changes, 1);
	}
	during = sw__slots_worth(&slots);
	CHECK_NEAR(during.price, 240.0 / 3600 * 0.3 * 2, 1e-9);
	CHECK(sw__worth_less(&before, &during));
	CHECK_INT(sw__slots_add(&slots, 0, &added, &err), SW_OK);
	CHECK_INT(sw__pool_put(&slots, moved, &err), SW_OK);
	slots.replicas[2] = 7;
	sw__slots_rollback(&slots);
	after = sw__slots_worth(&slots);
	CHECK_NEAR(after.money, before.money, 1e-12);
	CHECK_INT(slots.n, 2);
	CHECK_INT(slots.n_pool, 0);
	CHECK_INT(slots.replicas[2], 1);
	CHECK_INT(slots.slot[from].n, 2);
	close_slots();
}

TEST(what_does_not_go_together_leaves_the_slot_as_it_was)
{
	struct sw__want all[3];
	bool fits;

	open_slots();
	stay();
	for (size_t e = 0; e < 3; e++)
		all[e] = (struct sw__want){running.engines[e].workload, e};
	CHECK_INT(sw__slot_set(&slots, 0, all, 3, &fits, &err), SW_OK);
	CHECK(!fits);
	CHECK_INT(slots.slot[0].n, running.gpus[0].n);
	close_slots();
}

/* Less to do for each leaves everything as it runs; more than fits changes nothing. */
TEST(a_load_is_divided_where_all_of_its_engines_take_that)
{
	bool fits;

	open_slots();
	stay();
	CHECK_INT(sw__slots_divide(&slots, 0, 2, &fits, &err), SW_OK);
	CHECK(fits);
	CHECK_NEAR(sw__slots_worth(&slots).changes, 0, 0);
	CHECK_INT(slots.replicas[0], 2);
	close_slots();
}

TEST_MAIN()
