// SPDX-License-Identifier: Apache-2.0
#include "plan/peer_fixture.h"

/* Each is busy for 0.3 of the time on a whole GPU; its limit is 20 times what it takes. */
static void add_busy(size_t n)
{
	for (size_t i = 0; i < n; i++)
		fake_add_workload((struct fake_workload){5, 0.03, 0.1, 3}, 10, 100);
}

TEST(utilisation_adds_up_and_nobody_is_capped)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2);
	add_busy(3);
	plan = peer_solve("packed", SW_OK);
	CHECK_INT(plan->n_gpus, 2);
	CHECK_INT(plan->gpus[0].n, 2);
	for (size_t w = 0; w < 3; w++)
		CHECK(peer_share_of(plan, w) == 1);
	/* Two caps of 1 on a GPU take one GPU. */
	CHECK(plan->total_share == 2);
	sw_plan_free(plan);
	plan = peer_solve("packed:0.95", SW_OK);
	CHECK_INT(plan->n_gpus, 1);
	CHECK(plan->total_share == 1);
	sw_plan_free(plan);
}

TEST(memory_is_looked_at_and_neighbours_are_not)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 10, 1, 2);
	for (int i = 0; i < 3;
	     i++) /* 3 GiB and one of KV cache each; the limit allows no neighbour */
		fake_add_workload((struct fake_workload){5, 1e-9, 0.5, 3}, 1, 5.6);
	plan = peer_solve("packed", SW_INFEASIBLE);
	CHECK_INT(plan->n_gpus, 2);
	CHECK(!plan->workloads[0].met && !plan->workloads[1].met && plan->workloads[2].met);
	sw_plan_free(plan);
}

TEST(by_turns_each_has_an_equal_part)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_TIMESLICE, PEER_SMS, 40, 1, 2);
	add_busy(2);
	plan = peer_solve("packed", SW_OK);
	CHECK_INT(plan->n_gpus, 1);
	CHECK(peer_share_of(plan, 0) == 0.5);
	sw_plan_free(plan);
}

/* A limiter's shares add up to 1: eager engines get equal ones. */
TEST(under_hami_eager_engines_are_divided_evenly)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_HAMI, PEER_SMS, 40, 1, 2);
	add_busy(2);
	for (size_t w = 0; w < 2; w++)
		fake_asked[w].engine.given |= SW_KEY_CUDA_GRAPHS;
	plan = peer_solve("packed", SW_OK);
	CHECK_INT(plan->n_gpus, 1);
	CHECK(peer_share_of(plan, 0) == 0.5 && peer_share_of(plan, 1) == 0.5);
	sw_plan_free(plan);
}

TEST_MAIN()
