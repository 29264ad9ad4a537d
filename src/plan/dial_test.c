// SPDX-License-Identifier: Apache-2.0
#include "plan/dial.h"

#include "check.h"

static const struct sw__dial limit = {SW_RELAX_LIMIT, SW_TPOT, SW_P95};
static const struct sw__dial limits = {SW_RELAX_LIMITS, SW_TTFT, SW_MEAN};
static const struct sw__dial load = {SW_RELAX_LOAD, SW_TTFT, SW_MEAN};

static struct sw_workload open_loop(void)
{
	struct sw_workload w = {.load = {.rate = 40, .concurrency = NAN, .trace_stretch = 3}};

	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			w.slo.bound_ms[m][s] = NAN;
	}
	w.slo.bound_ms[SW_TPOT][SW_P95] = 20;
	w.slo.bound_ms[SW_TTFT][SW_P99] = 500;
	return w;
}

TEST(values_have_three_digits_and_give_no_more_than_was_asked)
{
	struct sw_workload w = open_loop();

	CHECK_NEAR(sw__dial_value(&limit, &w, 1), 20, 0);
	CHECK_NEAR(sw__dial_value(&limit, &w, 1.23456), 24.7, 0);
	CHECK_NEAR(sw__dial_value(&limit, &w, 1.235), 24.7, 0);
	CHECK_NEAR(sw__dial_value(&limit, &w, 617.3), 12400, 0);
	CHECK_NEAR(sw__dial_value(&load, &w, 3), 13.3, 0);
	CHECK_NEAR(sw__dial_value(&load, &w, 4000), 0.01, 0);
	w.load.rate = NAN;
	w.load.concurrency = 7;
	CHECK_NEAR(sw__dial_value(&load, &w, 1.1), 6, 0);
	CHECK_NEAR(sw__dial_value(&load, &w, 100), 1, 0);
}

TEST(a_dial_turns_what_it_is_for_and_nothing_else)
{
	struct sw_workload asked = open_loop(), w = asked;

	sw__dial_set(&limit, &asked, 31, &w);
	CHECK_NEAR(w.slo.bound_ms[SW_TPOT][SW_P95], 31, 0);
	CHECK_NEAR(w.slo.bound_ms[SW_TTFT][SW_P99], 500, 0);
	CHECK_NEAR(w.load.rate, 40, 0);
	sw__dial_set(&limits, &asked, 1.5, &w);
	CHECK_NEAR(w.slo.bound_ms[SW_TPOT][SW_P95], 30, 0);
	CHECK_NEAR(w.slo.bound_ms[SW_TTFT][SW_P99], 750, 0);
	CHECK(isnan(w.slo.bound_ms[SW_TTFT][SW_P50]));
	/* A trace at half of its rate takes twice the time. */
	sw__dial_set(&load, &asked, 20, &w);
	CHECK_NEAR(w.slo.bound_ms[SW_TPOT][SW_P95], 20, 0);
	CHECK_NEAR(w.load.rate, 20, 0);
	CHECK_NEAR(w.load.trace_stretch, 6, 1e-12);
}

/* Holds from a value on, as limits do; counts how often it was asked. */
struct threshold {
	double value;
	int asked;
};

static enum sw_status above(void *context, double value, bool *out, struct sw_error *err)
{
	struct threshold *t = context;

	(void)err;
	t->asked++;
	*out = value >= t->value;
	return SW_OK;
}

static enum sw_status below(void *context, double value, bool *out, struct sw_error *err)
{
	enum sw_status st = above(context, value, out, err);

	*out = value <= ((struct threshold *)context)->value;
	return st;
}

TEST(the_least_turn_is_found)
{
	static const struct sw__dial_search search = {2, 4096, 1.005};
	struct sw_workload w = open_loop();

	for (double at = 20.1; at < 40000; at *= 1.37) {
		struct threshold t = {at, 0};
		const struct sw__dial_question question = {&t, above};
		double factor, value;

		CHECK_INT(sw__dial_turn(&limit, &w, &search, 1, &question, &factor, NULL), SW_OK);
		value = sw__dial_value(&limit, &w, factor);
		CHECK(value >= at);
		/* The next number of three digits below, or half a percent. */
		CHECK(value / at < 1.0151);
		CHECK(t.asked < 25);
	}
	for (double at = 39.5; at > 0.02; at /= 1.37) {
		struct threshold t = {at, 0};
		const struct sw__dial_question question = {&t, below};
		double factor, value;

		CHECK_INT(sw__dial_turn(&load, &w, &search, 1, &question, &factor, NULL), SW_OK);
		value = sw__dial_value(&load, &w, factor);
		CHECK(value <= at && value > at / 1.0151);
	}
}

TEST(what_nothing_helps_is_said)
{
	static const struct sw__dial_search search = {2, 50, 1.005};
	struct sw_workload w = open_loop();
	struct threshold t = {1001, 0};
	const struct sw__dial_question question = {&t, above};
	double factor;

	CHECK_INT(sw__dial_turn(&limit, &w, &search, 1, &question, &factor, NULL), SW_OK);
	CHECK(isinf(factor));
	t.value = 1000; /* just where the search ends */
	CHECK_INT(sw__dial_turn(&limit, &w, &search, 1, &question, &factor, NULL), SW_OK);
	CHECK_NEAR(factor, 50, 0.01);
}

TEST_MAIN()
