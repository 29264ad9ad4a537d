// SPDX-License-Identifier: Apache-2.0
#include "plan/by_play.h"

#include "check.h"
#include "plan/played_fake.h"
#include "plan/verify.h"

static struct sw_error err;

/* Three engines that press on each other, with limits `scale` times as far, to be played. */
static void three(const double *factor, const double *scale)
{
	static const double base[] = {5, 6, 7}, limit[] = {20, 26, 24};

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 20, 1, 2);
	fake_add_gpu(SW_MPS, 50, 16, 0.7, 1.3);
	for (int i = 0; i < 3; i++) {
		truth_factor[i] = factor ? factor[i] : 1;
		fake_add_workload((struct fake_workload){base[i], 0.012, 0.3, 3}, 10,
				  limit[i] * (scale ? scale[i] : 1));
	}
	fake_problem.play_engines = 8;
}

static struct sw_plan *plan_of(const struct sw__oracle *oracle)
{
	struct sw_plan *plan = NULL;

	CHECK_INT(sw__plan_solve(&fake_problem, oracle, NULL, &plan, &err), SW_OK);
	CHECK_INT(fake_prepared, 0);
	return plan;
}

/* Bounds that are c times the closed form's hold a limit where the closed form's hold one that is 1 / c as far. */
TEST(a_plan_by_play_is_that_of_limits_scaled_by_what_plays_say)
{
	static const double factors[][3] = {{0.6, 0.7, 0.8}, {1.2, 0.8, 1}, {1.3, 1.2, 1.1}};

	for (size_t k = 0; k < sizeof(factors) / sizeof(factors[0]); k++) {
		struct sw__oracle oracle = truth_oracle();
		double scale[3] = {1 / factors[k][0], 1 / factors[k][1], 1 / factors[k][2]};
		struct sw_plan *played, *scaled;

		three(factors[k], NULL);
		played = plan_of(&oracle);
		three(NULL, scale);
		scaled = plan_of(&fake_oracle);
		if (!CHECK(played && scaled))
			return;
		CHECK(played->played && !scaled->played);
		CHECK_NEAR(played->cost_per_hour, scaled->cost_per_hour, 1e-9);
		CHECK_NEAR(played->total_share, scaled->total_share, 1e-9);
		sw_plan_free(played);
		sw_plan_free(scaled);
	}
}

TEST(its_predictions_are_the_plays)
{
	static const double factor[] = {0.6, 0.7, 0.8};
	struct sw__oracle oracle = truth_oracle();
	struct sw_plan *plan;

	three(factor, NULL);
	plan = plan_of(&oracle);
	if (!CHECK(plan && plan->played))
		return;
	for (size_t i = 0; i < plan->n_gpus; i++)
		for (size_t k = 0; k < plan->gpus[i].n; k++) {
			const struct sw_placement *p = &plan->gpus[i].tenants[k];
			const struct sw_latency *l = &p->predicted.latency[SW_TPOT];

			CHECK_NEAR(l->hi[SW_P95], 1.1 * factor[p->workload] * l->at[SW_P95], 1e-9);
			CHECK_NEAR(p->played_over_closed[SW_TPOT][SW_P95], factor[p->workload],
				   1e-9);
		}
	for (int w = 0; w < 3; w++) /* nothing is left behind for the next plan */
		for (int f = 0; f < 2; f++)
			CHECK_INT(truth_correction[w][f][0].n, 0);
	sw_plan_free(plan);
}

TEST(the_judge_plays_it_anew)
{
	static const double factor[] = {0.6, 0.7, 0.8};
	struct sw__oracle oracle = truth_oracle();
	struct sw_plan *plan;
	struct sw_placement *p;

	three(factor, NULL);
	plan = plan_of(&oracle);
	if (!CHECK(plan && plan->played))
		return;
	p = &plan->gpus[0].tenants[0];
	CHECK_INT(sw__plan_verify(&fake_problem, &oracle, plan, &err), SW_OK);
	p->predicted.latency[SW_TPOT].hi[SW_P95] *= 1.01;
	CHECK_INT(sw__plan_verify(&fake_problem, &oracle, plan, &err), SW_INTERNAL);
	p->predicted.latency[SW_TPOT].hi[SW_P95] /= 1.01;
	p->played_over_closed[SW_TTFT][SW_P50] *= 1.01;
	CHECK_INT(sw__plan_verify(&fake_problem, &oracle, plan, &err), SW_INTERNAL);
	p->played_over_closed[SW_TTFT][SW_P50] /= 1.01;
	truth_factor[p->workload] = 1.5; /* in another truth it is late */
	CHECK_INT(sw__plan_verify(&fake_problem, &oracle, plan, &err), SW_INTERNAL);
	truth_factor[p->workload] = factor[p->workload];
	plan->played = false; /* and by the closed form too */
	CHECK_INT(sw__plan_verify(&fake_problem, &oracle, plan, &err), SW_INTERNAL);
	plan->played = true;
	oracle.play = NULL;
	CHECK_INT(sw__plan_verify(&fake_problem, &oracle, plan, &err), SW_INTERNAL);
	CHECK(strstr(err.message, "nobody can play"));
	sw_plan_free(plan);
}

TEST(larger_plans_and_those_who_did_not_ask_are_not_played)
{
	static const double factor[] = {0.6, 0.7, 0.8};
	struct sw__oracle oracle = truth_oracle();

	for (int engines = 0; engines < 3; engines += 2) {
		struct sw_plan *plan;

		three(factor, NULL);
		fake_problem.play_engines = (size_t)engines;
		plan = plan_of(&oracle);
		CHECK(plan && !plan->played);
		CHECK_INT(truth_plays, 0);
		sw_plan_free(plan);
	}
}

/* What no slice holds by play is planned by the closed form, as if nobody had played. */
TEST(where_nothing_holds_by_play_the_closed_form_decides)
{
	static const double factor[] = {1, 7.9, 1};
	struct sw__oracle oracle = truth_oracle();
	struct sw_plan *plan, *closed;

	three(factor, NULL);
	plan = plan_of(&oracle);
	CHECK(truth_plays > 0);
	closed = plan_of(&fake_oracle);
	if (!CHECK(plan && closed))
		return;
	CHECK(!plan->played);
	CHECK_NEAR(plan->cost_per_hour, closed->cost_per_hour, 1e-12);
	CHECK_NEAR(plan->total_share, closed->total_share, 1e-12);
	sw_plan_free(plan);
	sw_plan_free(closed);
}

TEST_MAIN()
