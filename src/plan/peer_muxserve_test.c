// SPDX-License-Identifier: Apache-2.0
#include "plan/peer_fixture.h"

/* 0.5 and 0.4 share a GPU, 0.3 opens another, and 0.2 and 0.1 go where less is given away, although 0.1 fits on the first. */
TEST(each_goes_to_the_least_loaded_gpu)
{
	static const double shares[] = {0.5, 0.4, 0.3, 0.2, 0.1};
	static const size_t gpu[] = {0, 0, 1, 1, 1};
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2);
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++)
		(void)fake_add_share(shares[i], 1);
	plan = peer_solve("muxserve", SW_OK);
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		CHECK_NEAR(peer_share_of(plan, i), shares[i], 1e-12);
		CHECK_INT(peer_gpu_of(plan, i), gpu[i]);
	}
	sw_plan_free(plan);
}

TEST(neighbours_cost_nothing_in_its_eyes)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2);
	for (int i = 0; i < 2; i++)
		fake_add_workload((struct fake_workload){5, 1e-9, 0.5, 1}, 1,
				  5.5 / pow(0.5, 0.7) * 1.0001);
	plan = peer_solve("muxserve", SW_INFEASIBLE);
	CHECK_INT(plan->n_gpus, 1);
	CHECK(!plan->workloads[0].met && !plan->workloads[1].met);
	CHECK(strstr(plan->workloads[0].why, "neighbours slow it down 1.25 times"));
	sw_plan_free(plan);
}

/* By turns the need is time: two engines of 0.6 each do not go together, 0.6 and 0.3 do. */
TEST(by_turns_the_need_is_time)
{
	static const double work[] = {0.06, 0.06, 0.03};
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_TIMESLICE, PEER_SMS, 40, 1, 2);
	for (int i = 0; i < 3; i++)
		fake_add_workload((struct fake_workload){5, work[i], 0, 1}, 10, 60);
	plan = peer_solve("muxserve", SW_OK);
	CHECK_INT(plan->n_gpus, 2);
	CHECK(peer_gpu_of(plan, 0) != peer_gpu_of(plan, 1));
	sw_plan_free(plan);
}

TEST_MAIN()
