// SPDX-License-Identifier: Apache-2.0
#include "compare/contender.h"

#include "compare/compare_fixture.h"

static struct sw_plan *empty_plan(void)
{
	return calloc(1, sizeof(struct sw_plan));
}

/* Plans of no GPUs: only what they are said to cost matters. */
static struct sw__contender four(void)
{
	static const struct sw__candidate made[] = {
		{.margin = 1, .complete = true, .usage = {2, NAN, 1.5, 4}},
		{.margin = 0.9, .complete = true, .usage = {2, NAN, 1.5, 4}},
		{.margin = 0.8, .complete = true, .usage = {3, NAN, 2.5, 6}},
		{.margin = 0.65, .complete = false},
		{.margin = 0.5, .complete = true, .usage = {2, NAN, 1.2, 4}},
	};
	struct sw__contender contender = {.strategy = "ffd", .n = 5};

	contender.candidates = calloc(5, sizeof(*contender.candidates));
	memcpy(contender.candidates, made, sizeof(made));
	for (int i = 0; i < 5; i++)
		contender.candidates[i].plan = made[i].complete ? empty_plan() : NULL;
	return contender;
}

static double asked(const struct sw__contender *contender)
{
	const struct sw__candidate *c = sw__contender_asks(contender);

	return c ? c->margin : NAN;
}

TEST(the_cheapest_without_late_requests_is_taken)
{
	struct sw__contender contender = four();
	struct sw__book book = {.loads = 1, .worlds = 1};

	CHECK_INT(sw__contender_enter(&contender, NULL, &book, NULL), SW_OK);
	CHECK_NEAR(asked(&contender), 0.5, 0); /* the smallest share */
	sw__contender_hears(&contender, 0.02);
	CHECK_NEAR(asked(&contender), 1, 0); /* of equal ones the looser */
	sw__contender_hears(&contender, 0.01);
	CHECK_NEAR(asked(&contender), 0.9, 0);
	sw__contender_hears(&contender, SW_COMPARE_NO_EXCESS);
	CHECK(isnan(asked(&contender)));
	CHECK_NEAR(contender.taken ? contender.taken->margin : 0, 0.9, 0);
	sw__contender_clear(&contender);
}

TEST(where_all_are_late_the_least_late_is_taken)
{
	static const double excess[] = {0.02, 0.01, 0.01, 0.03};
	struct sw__contender contender = four();
	struct sw__book book = {.loads = 1, .worlds = 1};

	CHECK_INT(sw__contender_enter(&contender, NULL, &book, NULL), SW_OK);
	for (int i = 0; i < 4; i++)
		sw__contender_hears(&contender, excess[i]);
	CHECK(isnan(asked(&contender)));
	CHECK_NEAR(contender.taken ? contender.taken->margin : 0, 1, 0);
	sw__contender_clear(&contender);
}

TEST(without_a_plan_nothing_is_asked)
{
	struct sw__contender contender = four();
	struct sw__book book = {.loads = 1, .worlds = 1};

	for (int i = 0; i < 5; i++)
		contender.candidates[i].complete = false;
	CHECK_INT(sw__contender_enter(&contender, NULL, &book, NULL), SW_OK);
	CHECK(isnan(asked(&contender)));
	CHECK(!contender.taken);
	sw__contender_clear(&contender);
}

TEST(limits_are_multiplied_for_planning_and_stay_as_they_are)
{
	struct compare_fixture f;
	struct sw__candidate loose = {.margin = 1}, tight = {.margin = 0.2};

	compare_fixture_open(&f, "fleet:\n  - {gpu: l40s, mechanism: mps}\n" TWO_WORKLOADS);
	CHECK_INT(sw__candidate_plan(f.catalog, f.problem, "ffd", &loose, NULL), SW_OK);
	CHECK_INT(sw__candidate_plan(f.catalog, f.problem, "ffd", &tight, NULL), SW_OK);
	CHECK_NEAR(f.problem->workloads[0].slo.bound_ms[SW_TTFT][SW_P95], 300, 0);
	CHECK(loose.complete && tight.complete);
	CHECK(tight.usage.share > loose.usage.share);
	CHECK(loose.planning_ms > 0 && loose.bound_gpus >= 1 && isnan(tight.bound_gpus));
	sw_plan_free(loose.plan);
	sw_plan_free(tight.plan);
	compare_fixture_close(&f);
}

/* Half full or overfull, by what its own number does; limits are not touched. */
TEST(packed_has_another_margin)
{
	struct compare_fixture f;
	struct sw__candidate full = {.margin = 3}, tight = {.margin = 0.05};
	struct sw_plan *plan = NULL;

	compare_fixture_open(&f, "fleet:\n  - {gpu: l40s, mechanism: mps}\n" TWO_WORKLOADS);
	CHECK_INT(sw__candidate_plan(f.catalog, f.problem, "packed", &full, NULL), SW_OK);
	CHECK_INT(sw__candidate_plan(f.catalog, f.problem, "packed", &tight, NULL), SW_OK);
	(void)sw_plan_solve(f.catalog, f.problem, "packed:3", &plan, NULL);
	CHECK(full.complete && plan && full.usage.gpus == (double)plan->n_gpus);
	CHECK(full.usage.gpus < tight.usage.gpus);
	sw_plan_free(plan);
	sw_plan_free(full.plan);
	sw_plan_free(tight.plan);
	compare_fixture_close(&f);
}

TEST(a_strategy_that_fails_says_why)
{
	struct compare_fixture f;
	struct sw__candidate c = {.margin = 0.001};

	compare_fixture_open(&f, "fleet:\n  - {gpu: l40s, mechanism: mps}\n" TWO_WORKLOADS);
	CHECK_INT(sw__candidate_plan(f.catalog, f.problem, "exclusive", &c, NULL), SW_OK);
	CHECK(!c.complete && strstr(c.why, "chat"));
	sw_plan_free(c.plan);
	compare_fixture_close(&f);
}

TEST_MAIN()
