// SPDX-License-Identifier: Apache-2.0
#include "plan/peer_fixture.h"

/*
 * Within half of their limits they need 0.5, 0.5, 0.25, 0.25 and 0.1 alone; the first pushes: who is beside it is 1.5 times slower
 * and needs 1.5^(1/0.7) = 1.785 times the share. The fake slowdown is 1 + Σ of what the others do, so that α_cache is 1.
 *
 *     w1 beside w0 would need 0.89: a GPU of its own.     w2 beside w0 0.45, beside w1 0.25: there; w3 the same.
 *     w4 (0.1) finds the second GPU full: beside w0 it needs 0.1785, in steps of 0.025 that is 0.2.
 */
TEST(each_goes_where_it_forces_the_least_extra_share)
{
	static const double alone[] = {0.5, 0.5, 0.25, 0.25, 0.1};
	static const double shares[] = {0.5, 0.5, 0.25, 0.25, 0.2};
	static const size_t gpu[] = {0, 1, 1, 1, 0};
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2);
	for (size_t i = 0; i < 5; i++)
		peer_add(alone[i], i == 0, 0.5);
	plan = peer_solve("igniter", SW_OK);
	CHECK_INT(plan->n_gpus, 2);
	for (size_t i = 0; i < 5; i++) {
		CHECK_NEAR(peer_share_of(plan, i), shares[i], 1e-12);
		CHECK_INT(peer_gpu_of(plan, i), gpu[i]);
	}
	sw_plan_free(plan);
}

/* Another part of the limits, another size: what needs 0.5 within half needs 0.5 * 0.5^(1/0.7) = 0.186 within all. */
TEST(the_part_of_the_limits_can_be_given)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2);
	peer_add(0.5, 0, 0.5);
	plan = peer_solve("igniter:1", SW_INFEASIBLE);
	/* In steps of 0.025, of which the GPU gives whole percents: 0.2. The bound, 10 % above, breaks the limit. */
	CHECK_NEAR(peer_share_of(plan, 0), 0.2, 1e-12);
	sw_plan_free(plan);
}

/* Half of a limit that a whole GPU does not hold: the engine has no place, and the reason is told. */
TEST(half_of_a_limit_may_be_too_little)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2);
	peer_add(0.9, 0, 1);
	plan = peer_solve("igniter", SW_INFEASIBLE);
	CHECK_INT(plan->n_gpus, 0);
	CHECK(strstr(plan->workloads[0].why, "no GPU of the fleet can serve it"));
	sw_plan_free(plan);
}

TEST_MAIN()
