// SPDX-License-Identifier: Apache-2.0
#include "predict/queueing_fixture.h"

#include "check.h"

static struct sw__latency at(double rate, const struct sw__pace *pace)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();
	struct sw__traffic t =
		fixture_open(rate, fixture_lengths(300, 900), fixture_lengths(50, 150));

	if (pace) {
		t.pace = *pace;
		t.pace_stretch = 1;
	}
	return sw__queue_latency(&c, &b, &t);
}

TEST(a_pace_that_does_not_wander_is_steady)
{
	struct sw__pace even = {.n = 2, .window_s = 60, .factor = {1, 1}};
	struct sw__latency steady = at(2, NULL), paced = at(2, &even);

	for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
		CHECK_NEAR(paced.ttft_ms[s], steady.ttft_ms[s], 0.01);
		CHECK_NEAR(paced.tpot_ms[s], steady.tpot_ms[s], 0.01);
	}
	CHECK_NEAR(paced.running, steady.running, 1e-6);
	CHECK_NEAR(paced.utilisation, steady.utilisation, 1e-6);
}

/* Half of the time at half, half at one and a half of the rate: means weighted by requests. */
TEST(two_levels_mix_by_their_requests)
{
	struct sw__pace two = {.n = 2, .window_s = 60, .factor = {0.5F, 1.5F}};
	struct sw__latency low = at(1, NULL), high = at(3, NULL), both = at(2, &two);

	CHECK_NEAR(both.ttft_ms[SW_MEAN],
		   0.25 * low.ttft_ms[SW_MEAN] + 0.75 * high.ttft_ms[SW_MEAN], 1e-6);
	CHECK_NEAR(both.tpot_ms[SW_MEAN],
		   0.25 * low.tpot_ms[SW_MEAN] + 0.75 * high.tpot_ms[SW_MEAN], 1e-6);
	CHECK_NEAR(both.running, 0.5 * (low.running + high.running), 1e-6);
	CHECK(both.ttft_ms[SW_P99] > at(2, NULL).ttft_ms[SW_P99]);
	CHECK_NEAR(both.requests_per_s, 2, 1e-9);
}

TEST(minutes_of_overload_make_seconds_of_waiting)
{
	struct sw__pace storm = {.n = 4, .window_s = 60, .factor = {0.4F, 0.4F, 2.8F, 0.4F}};
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();
	struct sw__traffic t = fixture_open(1, fixture_lengths(300, 900), fixture_lengths(50, 150));
	double most = sw__queue_max_rate(&c, &b, &t), rate = 0.6 * most;
	struct sw__latency l = at(rate, &storm);
	/* What came in the storm beyond the capacity, at its end. */
	double line_ms = (2.8 * rate - most) * 60 / most * 1e3;

	CHECK(!l.overload);
	CHECK(l.ttft_ms[SW_P99] > 0.8 * line_ms && l.ttft_ms[SW_P99] < 1.2 * line_ms);
	CHECK(l.ttft_ms[SW_P50] < l.ttft_ms[SW_P99]);
	CHECK(l.tpot_ms[SW_P99] > at(rate, NULL).tpot_ms[SW_P50]);
	CHECK(at(1.01 * most, &storm).overload);
}

TEST_MAIN()
