// SPDX-License-Identifier: Apache-2.0
#include "plan/peer_fixture.h"

/* By the predictions they fill a GPU; by their bounds, 10 % above, they do not. */
TEST(points_are_believed)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2);
	peer_add(0.5, 0, 1);
	peer_add(0.5, 0, 1);
	plan = peer_solve("slicewise", SW_OK);
	CHECK_INT(plan->n_gpus, 2);
	sw_plan_free(plan);
	plan = peer_solve("paper", SW_INFEASIBLE);
	CHECK_INT(plan->n_gpus, 1);
	CHECK(!plan->workloads[0].met);
	sw_plan_free(plan);
}

/* Neighbours count: beside one that pushes by 0.4 the other needs 0.2 * 1.4^(1/0.7) = 0.324 of a GPU. */
TEST(shares_are_least_beside_the_neighbours)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2);
	peer_add(0.4, 1, 1);
	peer_add(0.2, 0, 1);
	plan = peer_solve("paper", SW_INFEASIBLE);
	CHECK_INT(plan->n_gpus, 1);
	CHECK_NEAR(peer_share_of(plan, 0), 0.4, 1e-12);
	CHECK_NEAR(peer_share_of(plan, 1), 0.33, 1e-12);
	sw_plan_free(plan);
}

/* Three small GPUs would be cheaper than the large one that serves all with one engine. */
TEST(one_replica_where_that_is_possible)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 0.5);
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 4, 2);
	fake_add_workload((struct fake_workload){5, 0.01, 0.2, 3}, 240, 9.9);
	plan = peer_solve("slicewise", SW_OK);
	CHECK(plan->workloads[0].replicas == 3 && plan->cost_per_hour == 1.5);
	sw_plan_free(plan);
	(void)sw__plan_solve(&fake_problem, &fake_oracle, "paper", &plan, &err);
	CHECK(plan && plan->workloads[0].replicas == 1 && plan->cost_per_hour == 2);
	sw_plan_free(plan);
	fake_problem.n_fleet = 1;
	(void)sw__plan_solve(&fake_problem, &fake_oracle, "paper", &plan, &err);
	CHECK(plan && plan->workloads[0].replicas == 3);
	sw_plan_free(plan);
}

TEST_MAIN()
