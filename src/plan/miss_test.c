// SPDX-License-Identifier: Apache-2.0
#include "plan/miss.h"

#include "check.h"

static struct sw_slo no_limits(void)
{
	struct sw_slo slo;

	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			slo.bound_ms[m][s] = NAN;
	}
	return slo;
}

TEST(the_nearest_limit_binds)
{
	struct sw_prediction p = {.binds = SW_BINDS_NOTHING};
	struct sw_slo slo = no_limits();
	struct sw__miss miss;
	char text[96];

	p.latency[SW_TTFT].hi[SW_P95] = 400;
	p.latency[SW_TPOT].hi[SW_P99] = 38.24;
	miss = sw__miss_of(&p, &slo);
	CHECK_NEAR(miss.ratio, 0, 0);
	sw__miss_say(&miss, text, sizeof(text));
	CHECK_STR(text, "no limits");
	slo.bound_ms[SW_TTFT][SW_P95] = 500;
	slo.bound_ms[SW_TPOT][SW_P99] = 40;
	miss = sw__miss_of(&p, &slo);
	CHECK_NEAR(miss.ratio, 0.956, 1e-12);
	sw__miss_say(&miss, text, sizeof(text));
	CHECK_STR(text, "tpot_p99 bound 38.24 of 40 ms");
	p.binds = SW_BINDS_OVERLOAD;
	miss = sw__miss_of(&p, &slo);
	CHECK(isinf(miss.ratio));
	sw__miss_say(&miss, text, sizeof(text));
	CHECK_STR(text, "overload");
}

/* One-token outputs have no TPOT: nothing is broken, and nothing is overloaded. Steps of an endless bound break all limits. */
TEST(what_does_not_exist_breaks_no_limit)
{
	struct sw_prediction p = {.binds = SW_BINDS_NOTHING};
	struct sw_slo slo = no_limits();
	char text[96];
	struct sw__miss miss;

	p.latency[SW_TTFT].hi[SW_P95] = 400;
	p.latency[SW_TPOT].hi[SW_P95] = NAN;
	slo.bound_ms[SW_TTFT][SW_P95] = 500;
	slo.bound_ms[SW_TPOT][SW_P95] = 40;
	miss = sw__miss_of(&p, &slo);
	CHECK_NEAR(miss.ratio, 0.8, 1e-12);
	sw__miss_say(&miss, text, sizeof(text));
	CHECK_STR(text, "ttft_p95 bound 400 of 500 ms");
	p.latency[SW_TPOT].hi[SW_P95] = INFINITY;
	CHECK(isinf(sw__miss_of(&p, &slo).ratio));
}

TEST_MAIN()
