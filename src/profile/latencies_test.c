// SPDX-License-Identifier: Apache-2.0
#include "profile/latencies.h"

#include "check.h"

TEST(percentiles_of_a_hundred_and_one_are_read_off)
{
	struct sw__latencies l = {0};
	struct sw_measured m = {.running = 7};

	for (int i = 100; i >= 0; i--)
		sw__latencies_add(&l, i,
				  i ? 2.0 * i : (double)NAN); /* the last answer has one token */
	l.failed = 3;
	sw__latencies_summarize(&l, &m);
	CHECK_NEAR(m.ms[SW_TTFT][SW_MEAN], 50, 1e-12);
	CHECK_NEAR(m.ms[SW_TTFT][SW_P50], 50, 1e-12);
	CHECK_NEAR(m.ms[SW_TTFT][SW_P95], 95, 1e-12);
	CHECK_NEAR(m.ms[SW_TTFT][SW_P99], 99, 1e-12);
	CHECK_NEAR(m.ms[SW_TPOT][SW_MEAN], 101, 1e-12); /* 2 .. 200 */
	CHECK_NEAR(m.requests, 101, 0);
	CHECK_NEAR(m.failed, 3, 0);
	CHECK_NEAR(m.running, 7, 0); /* not its affair */
	sw__latencies_free(&l);
}

TEST(nothing_stays_unknown)
{
	struct sw__latencies l = {0};
	struct sw_measured m = {.ms = {{NAN, NAN, NAN, NAN}, {NAN, NAN, NAN, NAN}}};

	sw__latencies_summarize(&l, &m);
	CHECK(isnan(m.ms[SW_TTFT][SW_MEAN]));
	CHECK(isnan(m.ms[SW_TPOT][SW_P99]));
	CHECK_NEAR(m.requests, 0, 0);
}

TEST_MAIN()
