// SPDX-License-Identifier: Apache-2.0
#include "sim/lateness.h"

#include "base/random.h"
#include "check.h"

static struct sw_slo no_limit(void)
{
	struct sw_slo slo;

	for (int m = 0; m < SW_METRIC_COUNT; m++)
		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			slo.bound_ms[m][s] = NAN;
	return slo;
}

static struct sw_slo limit(enum sw_metric metric, enum sw_statistic statistic, double ms)
{
	struct sw_slo slo = no_limit();

	slo.bound_ms[metric][statistic] = ms;
	return slo;
}

static int late(const struct sw_slo *slo, double ttft, double tpot)
{
	const double ms[SW_METRIC_COUNT] = {[SW_TTFT] = ttft, [SW_TPOT] = tpot};

	return sw__late(slo, ms);
}

static void add(struct sw__lateness *l, const struct sw_slo *slo, double arrival_s, double ttft,
		double tpot)
{
	const double ms[SW_METRIC_COUNT] = {[SW_TTFT] = ttft, [SW_TPOT] = tpot};

	sw__lateness_add(l, slo, arrival_s, ms);
}

TEST(above_the_bound_is_late)
{
	struct sw_slo slo = limit(SW_TTFT, SW_P95, 100);

	CHECK_INT(late(&slo, 100, 1e9), 0);
	CHECK_INT(late(&slo, 100.001, 0), 1);
	CHECK_INT(late(&slo, INFINITY, INFINITY), 1);
	slo = limit(SW_TPOT, SW_P50, 10);
	CHECK_INT(late(&slo, 1e9, 10), 0);
	CHECK_INT(late(&slo, 0, 11), 1);
}

TEST(means_are_no_matter_of_single_requests)
{
	struct sw_slo slo = limit(SW_TTFT, SW_MEAN, 100);
	struct sw__lateness l = {0};

	CHECK_INT(late(&slo, 1e9, 1e9), -1);
	add(&l, &slo, 1, 1e9, 1e9);
	sw__lateness_close(&l);
	CHECK(l.requests > 0 && l.late <= 0 && l.excess <= 0);
	slo = no_limit();
	CHECK_INT(late(&slo, INFINITY, INFINITY), -1);
}

/* p50 at 10 and p99 at 100: half of them may be above 10, so that alone makes none late. */
TEST(the_highest_percentile_is_the_one)
{
	struct sw_slo slo = limit(SW_TTFT, SW_P50, 10);

	slo.bound_ms[SW_TTFT][SW_P99] = 100;
	CHECK_INT(late(&slo, 50, 0), 0);
	CHECK_INT(late(&slo, 101, 0), 1);
	slo.bound_ms[SW_TPOT][SW_P95] = 5;
	CHECK_INT(late(&slo, 50, 6), 1);
	CHECK_INT(late(&slo, 50, 5), 0);
}

/* An answer of one token has no TPOT to be late by. */
TEST(what_is_not_there_is_not_late)
{
	struct sw_slo slo = limit(SW_TPOT, SW_P95, 10);

	CHECK_INT(late(&slo, 1e9, NAN), 0);
}

/* 100 requests at p95: five may be above. */
TEST(allowed_parts)
{
	static const double allowed[SW_STATISTIC_COUNT] = {
		[SW_P50] = 50, [SW_P95] = 5, [SW_P99] = 1};

	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		for (int s = SW_P50; s < SW_STATISTIC_COUNT; s++) {
			struct sw_slo slo = limit(m, s, 100);
			struct sw__lateness l = {0};

			for (int i = 0; i < 100; i++)
				add(&l, &slo, i, i < 60 ? 200 : 50, i < 60 ? 200 : 50);
			sw__lateness_close(&l);
			CHECK_NEAR(l.excess, 60 - allowed[s], 1e-12);
			CHECK_NEAR(l.late, 60, 0);
			CHECK_NEAR(l.requests, 100, 0);
		}
	}
}

/* Late ones of one window are not excused by others' punctuality. */
TEST(windows_of_five_minutes)
{
	struct sw_slo slo = limit(SW_TTFT, SW_P95, 100);
	struct sw__lateness l = {0};

	for (int i = 0; i < 900; i++) /* one a second: the second 300 has 20 late ones */
		add(&l, &slo, i, i >= 300 && i < 320 ? 200 : 50, 1);
	sw__lateness_close(&l);
	CHECK_NEAR(l.excess, 20 - 0.05 * 300, 1e-12);
	l = (struct sw__lateness){0};
	for (int i = 0; i < 900; i++) /* the same ones, half before and half after the border */
		add(&l, &slo, i, i >= 290 && i < 310 ? 200 : 50, 1);
	sw__lateness_close(&l);
	CHECK_NEAR(l.excess, 0, 1e-12);
	CHECK_NEAR(l.late, 20, 0);
}

/* A window without requests is none; the one at 300 begins there and not after it. */
TEST(gaps_and_borders)
{
	struct sw_slo slo = limit(SW_TTFT, SW_P50, 100);
	struct sw__lateness l = {0};

	add(&l, &slo, 299.999, 200, 1);
	add(&l, &slo, 300, 50, 1);
	add(&l, &slo, 100000, 200, 1);
	sw__lateness_close(&l);
	CHECK_NEAR(l.excess, 0.5 + 0 + 0.5, 1e-12);
}

/* A second repetition begins at 0 again. */
TEST(repetitions)
{
	struct sw_slo slo = limit(SW_TTFT, SW_P50, 100);
	struct sw__lateness l = {0};

	add(&l, &slo, 10, 200, 1);
	sw__lateness_close(&l);
	add(&l, &slo, 10, 50, 1);
	sw__lateness_close(&l);
	CHECK_NEAR(l.excess, 0.5, 1e-12);
	CHECK_NEAR(l.requests, 2, 0);
}

/* Several limits: the one that is missed most says how many are too many. */
static double by_brute_force(const struct sw_slo *slo, double ms[][SW_METRIC_COUNT],
			     const double *arrival_s, size_t n)
{
	static const double part[SW_STATISTIC_COUNT] = {1, 0.5, 0.05, 0.01};
	double excess = 0;

	for (double from = 0; from < 3000; from += 300) {
		double most = 0;

		for (int m = 0; m < SW_METRIC_COUNT; m++)
			for (int s = SW_P50; s < SW_STATISTIC_COUNT; s++) {
				double over = 0;

				for (size_t i = 0; i < n; i++)
					if (arrival_s[i] >= from && arrival_s[i] < from + 300)
						over += (ms[i][m] > slo->bound_ms[m][s]) - part[s];
				most = fmax(most, over);
			}
		excess += most;
	}
	return excess;
}

TEST(as_by_brute_force)
{
	struct sw__random random = sw__random_make(1, 1);
	struct sw_slo slo = no_limit();

	slo.bound_ms[SW_TTFT][SW_P50] = 1;
	slo.bound_ms[SW_TTFT][SW_P99] = 4;
	slo.bound_ms[SW_TPOT][SW_P95] = 3;
	for (int trial = 0; trial < 50; trial++) {
		double ms[500][SW_METRIC_COUNT], arrival_s[500], now_s = 0;
		struct sw__lateness l = {0};

		for (size_t i = 0; i < 500; i++) {
			arrival_s[i] = now_s += 5 * sw__random_exponential(&random);
			for (int m = 0; m < SW_METRIC_COUNT; m++)
				ms[i][m] = 1.1 * sw__random_exponential(&random);
			sw__lateness_add(&l, &slo, arrival_s[i], ms[i]);
		}
		sw__lateness_close(&l);
		CHECK(now_s < 3000 && l.excess > 0);
		CHECK_NEAR(l.excess, by_brute_force(&slo, ms, arrival_s, 500), 1e-9);
	}
}

TEST_MAIN()
