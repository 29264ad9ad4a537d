// SPDX-License-Identifier: Apache-2.0
#include "queueing_fixture.h"

#include "check.h"

static struct sw__latency with_cache(double tokens)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();
	struct sw__traffic t =
		fixture_open(5, fixture_lengths(500, 1500), fixture_lengths(150, 500));

	b.kv_cache_tokens = tokens;
	return sw__queue_latency(&c, &b, &t);
}

TEST(a_large_cache_is_no_limit)
{
	struct sw__latency wide = with_cache(INFINITY), enough = with_cache(1e6);

	CHECK_NEAR(wide.ttft_ms[SW_P99], enough.ttft_ms[SW_P99], 1e-9);
	CHECK(wide.binds != SW_BINDS_KV);
}

TEST(a_smaller_cache_makes_tails_longer_until_it_overloads)
{
	double used = with_cache(INFINITY).kv_tokens;
	double last = with_cache(INFINITY).ttft_ms[SW_MEAN];

	for (double factor = 2; factor > 1.2; factor -= 0.15) {
		struct sw__latency l = with_cache(factor * used);

		CHECK(!l.overload && l.ttft_ms[SW_MEAN] >= 0.98 * last);
		last = l.ttft_ms[SW_MEAN];
	}
	CHECK(with_cache(1.4 * used).binds == SW_BINDS_KV);
	CHECK(with_cache(0.5 * used).overload);
}

TEST(contexts_that_vary_press_earlier)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();
	struct sw__traffic even =
		fixture_open(5, fixture_lengths(500, NAN), fixture_lengths(150, NAN));
	struct sw__traffic wild =
		fixture_open(5, fixture_lengths(500, 1900), fixture_lengths(150, NAN));
	struct sw__latency a, z;

	b.kv_cache_tokens = 10000;
	a = sw__queue_latency(&c, &b, &even);
	z = sw__queue_latency(&c, &b, &wild);
	CHECK(z.ttft_ms[SW_P99] > a.ttft_ms[SW_P99]);
	CHECK(even.context_variance < wild.context_variance);
}

TEST_MAIN()
