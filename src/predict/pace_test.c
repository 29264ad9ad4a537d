// SPDX-License-Identifier: Apache-2.0
#include "predict/pace.h"

#include <math.h>
#include <stdint.h>

#include "check.h"

enum { REQUESTS = 20000 };
static double arrivals[REQUESTS], prompts[REQUESTS], outputs[REQUESTS];

static double uniform(void)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return ((double)(state >> 11) + 0.5) * 0x1p-53;
}

/* Poisson arrivals whose rate is `high` in every second stretch of 500 s and `low` in the others. */
static struct sw_trace make(double low, double high)
{
	double at = 0, start;

	for (size_t i = 0; i < REQUESTS; i++) {
		at += -log(uniform()) / ((size_t)(at / 500) % 2 ? high : low);
		arrivals[i] = at;
		prompts[i] = 100 * (1 + uniform());
		outputs[i] = 50 * (1 + uniform());
	}
	start = arrivals[0];
	for (size_t i = 0; i < REQUESTS; i++)
		arrivals[i] -= start;
	return (struct sw_trace){NULL, REQUESTS, arrivals, prompts, outputs};
}

TEST(a_steady_trace_is_steady)
{
	struct sw_trace trace = make(5, 5);
	struct sw__pace pace;

	sw__pace_of(&trace, &pace);
	CHECK(pace.n == 0);
}

TEST(a_rate_that_doubles_is_found)
{
	struct sw_trace trace = make(3, 6);
	struct sw__pace pace;
	double sum = 0;
	size_t high = 0, low = 0;

	sw__pace_of(&trace, &pace);
	CHECK(pace.n == SW__PACE_WINDOWS);
	for (size_t k = 0; k < pace.n; k++) {
		sum += (double)pace.factor[k];
		high += pace.factor[k] > 1.15F;
		low += pace.factor[k] < 0.85F;
	}
	CHECK_NEAR(sum / (double)pace.n, 1, 1e-3);
	CHECK(high > pace.n / 4 && low > pace.n / 4);
	CHECK_NEAR(pace.burstiness, 1, 0.05);
	CHECK_NEAR(pace.window_s, arrivals[REQUESTS - 1] / SW__PACE_WINDOWS, 1e-9);
}

TEST(a_short_trace_is_steady)
{
	struct sw_trace trace = make(1, 20);
	struct sw__pace pace;

	trace.n = 150;
	sw__pace_of(&trace, &pace);
	CHECK(pace.n == 0);
}

TEST(all_requests_at_two_moments)
{
	struct sw_trace trace = make(1, 1);
	struct sw__pace pace;

	for (size_t i = 0; i < REQUESTS; i++)
		arrivals[i] = i < REQUESTS / 2 ? 0 : 10;
	sw__pace_of(&trace, &pace);
	CHECK(pace.n == SW__PACE_WINDOWS && isfinite(pace.burstiness));
	CHECK_NEAR((double)pace.factor[0], 0.5 * SW__PACE_WINDOWS, 1);
}

TEST_MAIN()
