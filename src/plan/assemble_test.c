// SPDX-License-Identifier: Apache-2.0
#include "plan/assemble.h"

#include "plan/search_fixture.h"

static const struct sw__together *set_of(size_t fleet, size_t a, size_t b)
{
	const struct sw__together *t = NULL;
	struct sw__size *sizes[2] = {NULL};

	CHECK_INT(sw__size_get(&sizing, a, fleet, 1 + (a == 2), &sizes[0], &err), SW_OK);
	CHECK_INT(sw__size_get(&sizing, b, fleet, 1 + (b == 2), &sizes[1], &err), SW_OK);
	CHECK_INT(sw__together_get(&groups, fleet, sizes, 2, &t, &err), SW_OK);
	CHECK(t && t->fits);
	return t;
}

/* GPUs and engines in the order of fleet and file, whatever order they were found in; two entries of one kind of GPU. */
TEST(a_plan_is_in_the_order_of_the_file)
{
	const struct sw__bound bound = {2, 2, false};
	struct sw_plan *plan = NULL;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_gpu(SW_TIMESLICE, 100, 40, 1, 1);
	memcpy(fake_fleet[1].gpu.id, "g0", 3);
	for (int i = 0; i < 4; i++)
		fake_add_workload((struct fake_workload){5, 0.01, 0.1, 3}, 10, 20 + i);
	fake_asked[2].replicas = 2;
	open_all();
	CHECK_INT(sw__state_open(&state, set_of(1, 3, 2), &err), SW_OK);
	CHECK_INT(sw__state_open(&state, set_of(0, 2, 1), &err), SW_OK);
	state.unplaced[0] = 1;
	CHECK_INT(sw__assemble(&sizing, NULL, &state, &bound, NULL, &plan, &err), SW_OK);
	if (plan) {
		CHECK_STR(plan->gpus[0].id, "g0/0");
		CHECK_STR(plan->gpus[1].id, "g0/1");
		CHECK_INT(plan->gpus[0].fleet, 0);
		CHECK_INT(plan->gpus[0].tenants[0].workload, 1);
		CHECK_INT(plan->gpus[0].tenants[1].workload, 2);
		CHECK_INT(plan->gpus[0].tenants[1].replica, 0);
		CHECK_INT(plan->gpus[1].tenants[0].workload, 2);
		CHECK_INT(plan->gpus[1].tenants[0].replica, 1);
		CHECK_NEAR(plan->gpus[1].tenants[0].rate_or_concurrency, 5, 0);
		CHECK_NEAR(plan->gpus[1].tenants[0].predicted.max_rate_per_s, 100, 1e-9);
		CHECK(!plan->workloads[0].met && plan->workloads[1].met && plan->workloads[2].met);
		CHECK_INT(plan->workloads[2].replicas, 2);
		CHECK_NEAR(plan->cost_per_hour, 3, 1e-12);
		CHECK_NEAR(plan->gap, 0.5, 1e-12);
		CHECK(isnan(plan->exclusive_cost_per_hour));
	}
	sw_plan_free(plan);
	close_all();
}

/* Of very many engines what a level less would do is told to who asks. */
TEST(what_is_dear_to_say_of_many_is_said_to_who_asks)
{
	const struct sw__bound bound = {0};

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 400, 1, 2);
	for (int i = 0; i < 2; i++)
		fake_add_share(0.3, 1);
	for (int asked = 0; asked < 2; asked++) {
		struct sw_plan *plan = NULL;

		fake_problem.explain_engines = asked ? 1000 : 0;
		open_all();
		for (int i = 0; i < 129; i++)
			CHECK_INT(sw__state_open(&state, set_of(0, 0, 1), &err), SW_OK);
		CHECK_INT(sw__assemble(&sizing, NULL, &state, &bound, NULL, &plan, &err), SW_OK);
		CHECK(plan && (strstr(plan->gpus[0].tenants[0].binds, "; at share ") != NULL) ==
				      (asked == 1));
		sw_plan_free(plan);
		close_all();
	}
}

TEST_MAIN()
