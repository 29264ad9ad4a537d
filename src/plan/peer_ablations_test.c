// SPDX-License-Identifier: Apache-2.0
#include "plan/peer_fixture.h"

static void two_that_push(void)
{
	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2);
	for (int i = 0; i < 2; i++)
		fake_add_workload((struct fake_workload){5, 1e-9, 0.5, 1}, 1,
				  5.5 / pow(0.4, 0.7) * 1.0001);
}

/*
 * Each needs 0.4 alone; the pairs are 1 + 0.5 * 0.4 = 1.2 times slower, and so much more is 0.4 * 1.2^(1/0.7) = 0.519, which does
 * not go twice. Told that nobody is slowed down it puts both on one GPU, and both are late there.
 */
TEST(the_constant_is_the_mean_of_pairs_or_given)
{
	struct sw_plan *plan;

	two_that_push();
	plan = peer_solve("constant-slowdown", SW_OK);
	CHECK_INT(plan->n_gpus, 2);
	CHECK_NEAR(peer_share_of(plan, 0), 0.4, 1e-12);
	sw_plan_free(plan);
	plan = peer_solve("constant-slowdown:1", SW_INFEASIBLE);
	CHECK_INT(plan->n_gpus, 1);
	CHECK_NEAR(plan->total_share, 0.8, 1e-12);
	CHECK(!plan->workloads[0].met && !plan->workloads[1].met);
	sw_plan_free(plan);
	/* 0.4 * 1.1^(1/0.7) = 0.4583 */
	plan = peer_solve("constant-slowdown:1.1", SW_INFEASIBLE);
	CHECK_INT(plan->n_gpus, 1);
	CHECK_NEAR(peer_share_of(plan, 1), 0.46, 1e-12);
	sw_plan_free(plan);
}

TEST(without_bounds_plans_are_tighter_and_late)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2);
	peer_add(0.5, 0, 1);
	peer_add(0.5, 0, 1);
	plan = peer_solve("no-bounds", SW_INFEASIBLE);
	CHECK_INT(plan->n_gpus, 1);
	CHECK_NEAR(peer_share_of(plan, 0), 0.5, 1e-12);
	CHECK(plan->gpus[0].tenants[0].predicted.latency[SW_TPOT].hi[SW_P95] >
	      1.09 * plan->gpus[0].tenants[0].predicted.latency[SW_TPOT].at[SW_P95]);
	sw_plan_free(plan);
}

/* The example of README.md: first fit takes three GPUs where two are enough; neighbours are not forgotten. */
TEST(first_fit_with_our_predictor_finds_less)
{
	static const double shares[] = {0.45, 0.35, 0.35, 0.30, 0.30, 0.25};
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2);
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++)
		(void)fake_add_share(shares[i], 1);
	plan = peer_solve("ffd-predicted", SW_OK);
	CHECK_INT(plan->n_gpus, 3);
	sw_plan_free(plan);
	two_that_push();
	plan = peer_solve("ffd-predicted", SW_OK);
	CHECK_INT(plan->n_gpus, 2);
	sw_plan_free(plan);
}

TEST_MAIN()
