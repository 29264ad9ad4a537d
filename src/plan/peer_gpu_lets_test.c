// SPDX-License-Identifier: Apache-2.0
#include "plan/peer_fixture.h"

TEST(slices_from_the_list_and_two_engines_at_most)
{
	static const double needed[] = {0.55, 0.3, 0.15, 0.1};
	static const double slices[] = {0.6, 0.4, 0.2, 0.2};
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2);
	for (size_t i = 0; i < 4; i++)
		(void)fake_add_share(needed[i], 1);
	plan = peer_solve("gpu-lets", SW_OK);
	CHECK_INT(plan->n_gpus, 2);
	for (size_t i = 0; i < 4; i++)
		CHECK_NEAR(peer_share_of(plan, i), slices[i], 1e-12);
	CHECK_INT(peer_gpu_of(plan, 1), peer_gpu_of(plan, 0)); /* the best fit of 0.4 */
	CHECK_INT(peer_gpu_of(plan, 3), peer_gpu_of(plan, 2));
	sw_plan_free(plan);
}

/*
 * Both need 0.3 alone, so 0.4 is 1.223 times faster than needed; the second is 1 + 0.6 * 0.4 = 1.24 times slower beside the
 * first, and takes 0.5 (1.43 times). The line through the pairs is exact here: the fake slowdown is one.
 */
TEST(the_newcomers_slice_grows_until_both_hold)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2);
	fake_add_workload((struct fake_workload){5, 1e-9, 0.6, 1}, 1, 5.5 / pow(0.3, 0.7) * 1.0001);
	fake_add_workload((struct fake_workload){5, 1e-9, 0, 1}, 1, 5.5 / pow(0.3, 0.7) * 1.0001);
	plan = peer_solve("gpu-lets", SW_OK);
	CHECK_INT(plan->n_gpus, 1);
	CHECK_NEAR(peer_share_of(plan, 0), 0.4, 1e-12);
	CHECK_NEAR(peer_share_of(plan, 1), 0.5, 1e-12);
	sw_plan_free(plan);
}

/* The slice of who was there stays: beside a newcomer that slows it down by 1.3 it would be late. */
TEST(who_was_there_is_not_made_late)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2);
	(void)fake_add_share(0.4, 1);
	fake_add_workload((struct fake_workload){5, 1e-9, 1, 1}, 1, 5.5 / pow(0.3, 0.7) * 1.0001);
	plan = peer_solve("gpu-lets", SW_OK);
	CHECK_INT(plan->n_gpus, 2);
	sw_plan_free(plan);
}

TEST_MAIN()
