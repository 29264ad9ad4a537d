// SPDX-License-Identifier: Apache-2.0
#include "plan/peer_fixture.h"

/* The rule for one engine that needs `needed`, played here: it begins with the whole GPU. */
static double settled_share(double needed)
{
	double share = 1, level = 1;

	for (int period = 0; period < 50; period++) {
		double ratio = pow(needed / level, 0.7), before = level;

		if (fabs(ratio - 1) > 0.1)
			share = fmin(1, share * fmin(2, fmax(0.5, ratio)));
		level = floor(share * 100 + 1e-7) / 100;
		if (level == before)
			break;
	}
	return level;
}

TEST(one_engine_settles_where_the_rule_has_it)
{
	static const double needed[] = {0.12, 0.3, 0.44, 0.9, 0.98};

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		struct sw_plan *plan;

		fake_reset();
		fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2);
		peer_add(needed[i], 0, 1);
		(void)sw__plan_solve(&fake_problem, &fake_oracle, "gslice", &plan, &err);
		if (CHECK(plan && plan->n_gpus == 1))
			CHECK_NEAR(peer_share_of(plan, 0), settled_share(needed[i]), 1e-12);
		sw_plan_free(plan);
	}
}

/* In even shares 0.6 is late and 0.2 far from it; what one gives up the other gets. */
TEST(a_gpu_is_divided_anew)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2);
	peer_add(0.6, 0, 1);
	peer_add(0.2, 0, 1);
	(void)sw__plan_solve(&fake_problem, &fake_oracle, "gslice", &plan, &err);
	if (CHECK(plan && plan->n_gpus == 1)) {
		CHECK_NEAR(peer_share_of(plan, 0), 0.6, 0.1);
		CHECK_NEAR(peer_share_of(plan, 1), 0.2, 0.1);
	}
	sw_plan_free(plan);
}

/* Two that push each other out of every limit: nothing settles, all are placed, and the plan says that they are late. */
TEST(what_cannot_settle_stays_late)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2);
	peer_add(0.5, 2, 1);
	peer_add(0.5, 2, 1);
	plan = peer_solve("gslice", SW_INFEASIBLE);
	CHECK_INT(plan->n_gpus, 1);
	CHECK(!plan->workloads[0].met && !plan->workloads[1].met);
	CHECK_NEAR(plan->total_share, 1, 1e-12);
	sw_plan_free(plan);
}

TEST_MAIN()
