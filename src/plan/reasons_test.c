// SPDX-License-Identifier: Apache-2.0
#include "plan/reasons.h"

#include "check.h"
#include "plan/fake_oracle.h"
#include "plan/planner.h"

static struct sw_error err;

static struct sw_plan *solve(const char *strategy)
{
	struct sw_plan *plan;

	CHECK_INT(sw__plan_solve(&fake_problem, &fake_oracle, strategy, &plan, &err), SW_OK);
	CHECK_INT(fake_prepared, 0);
	return plan;
}

static const struct sw_reason *find(const struct sw_plan *plan, enum sw_instead instead,
				    size_t workload, enum sw_obstacle_kind obstacle)
{
	for (size_t i = 0; plan && i < plan->n_reasons; i++) {
		const struct sw_reason *r = &plan->reasons[i];

		if (r->instead == instead && r->workload == workload &&
		    r->obstacle.kind == obstacle)
			return r;
	}
	return NULL;
}

TEST(do_not_share_is_an_answer_with_numbers)
{
	const struct sw_reason *r;
	struct sw_plan *plan;

	/* Two that push each other so hard that no slices do; on a GPU of twice the speed they would go, for more than two. */
	fake_reset();
	fake_add_gpu(SW_MPS, 200, 40, 1, 1);
	fake_add_gpu(SW_MPS, 200, 40, 2.6, 2.5);
	fake_add_workload((struct fake_workload){5, 0.001, 0.9, 3}, 1, 9);
	fake_add_workload((struct fake_workload){5, 0.001, 0.9, 3}, 1, 9);
	plan = solve(NULL);
	if (!CHECK(plan && plan->n_gpus == 2 && plan->gpus[0].fleet == 0))
		return;
	r = find(plan, SW_INSTEAD_SHARED, 0, SW_OBSTACLE_LIMIT);
	if (CHECK(r)) {
		CHECK_INT(r->obstacle.metric, SW_TPOT);
		CHECK_NEAR(r->obstacle.allowed, 9, 0);
		/* Each with half of the GPU beside the other's half. */
		CHECK_NEAR(r->obstacle.found, 1.1 * 5 / pow(0.5, 0.7) * 1.0006 * 1.45, 0.02);
		CHECK_STR(r->where, "g0/1");
		CHECK(strstr(r->words, "on g0/1 beside w1: at best "));
	}
	r = find(plan, SW_INSTEAD_SHARED, 0, SW_OBSTACLE_PRICE);
	if (CHECK(r)) {
		CHECK_NEAR(r->obstacle.found, 2.5, 0);
		CHECK_NEAR(r->obstacle.allowed, 2, 0);
		CHECK_STR(r->words, "together with all of g0/1 on one g1 all would hold, for 2.5 "
				    "instead of 2 per hour");
	}
	CHECK(strstr(plan->workloads[0].why, "; not shared: on g0/1 beside w1: at best "));
	sw_plan_free(plan);
}

TEST(a_cheaper_kind_of_gpu_and_a_smaller_slice_were_tried)
{
	const struct sw_reason *r;
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_gpu(SW_MPS, 100, 40, 0.2, 0.9);
	fake_add_gpu(SW_MPS, 100, 40, 0.1, 0.5);
	fake_add_workload((struct fake_workload){5, 0.01, 0.2, 3}, 10, 20);
	plan = solve(NULL);
	/* With the whole of g1 and nothing to do. */
	r = find(plan, SW_INSTEAD_CHEAPER, 0, SW_OBSTACLE_LIMIT);
	if (CHECK(r)) {
		CHECK_STR(r->where, "g1");
		CHECK_NEAR(r->obstacle.found, 1.1 * 5 / 0.2, 1e-4);
		CHECK(r->obstacle.idle);
		CHECK_STR(r->words,
			  "on a g1 at 0.9 per hour: tpot_p95 bound 27.5 of 20 ms, nearly idle");
	}
	r = find(plan, SW_INSTEAD_SMALLER, 0, SW_OBSTACLE_LIMIT);
	if (CHECK(r)) {
		CHECK_NEAR(r->share, plan->gpus[0].tenants[0].share - 0.02, 1e-9);
		CHECK_NEAR(r->obstacle.found, 21.31, 1e-3);
	}
	sw_plan_free(plan);
	fake_fleet[1].count = 0;
	fake_speed[1] = 1;
	fake_fleet[1].price_per_hour = 1.9;
	plan = solve(NULL);
	r = find(plan, SW_INSTEAD_CHEAPER, 0, SW_OBSTACLE_FLEET);
	CHECK(r && strstr(r->words, "the fleet has 0, and 1 would be used"));
	sw_plan_free(plan);
}

TEST(fewer_engines_and_another_gpu_were_tried)
{
	const struct sw_reason *r;
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_workload((struct fake_workload){5, 0.01, 0.2, 3}, 110, 7);
	fake_add_workload((struct fake_workload){5, 0.001, 0, 3}, 1, 60);
	plan = solve(NULL);
	if (!CHECK(plan && plan->workloads[0].replicas > 1))
		return;
	r = find(plan, SW_INSTEAD_FEWER, 0, SW_OBSTACLE_LIMIT);
	if (!r)
		r = find(plan, SW_INSTEAD_FEWER, 0, SW_OBSTACLE_OVERLOAD);
	CHECK(r && r->replicas == plan->workloads[0].replicas - 1);
	CHECK(r && strstr(r->words, "engines, each alone on a g0: "));
	/* The small one would do beside any of them. */
	r = find(plan, SW_INSTEAD_MOVED, 1, SW_OBSTACLE_PRICE);
	CHECK(r && strstr(r->words, " it would hold too, and free no GPU: "));
	sw_plan_free(plan);
}

TEST(of_many_engines_only_those_who_ask_get_reasons)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 1);
	for (int i = 0; i < 5; i++)
		fake_add_share(0.6, 3);
	fake_problem.explain_engines = 4;
	plan = solve(NULL);
	CHECK(plan && plan->n_reasons == 0);
	sw_plan_free(plan);
	fake_problem.explain_engines = 5;
	plan = solve(NULL);
	CHECK(plan && plan->n_reasons >= 10);
	for (size_t i = 1; plan && i < plan->n_reasons; i++)
		CHECK(plan->reasons[i - 1].gpu <= plan->reasons[i].gpu);
	sw_plan_free(plan);
	/* Who shares nothing on principle has nothing to say of it. */
	fake_problem.explain_engines = 0;
	plan = solve("exclusive");
	CHECK(plan && plan->n_reasons == 0);
	sw_plan_free(plan);
}

TEST_MAIN()
