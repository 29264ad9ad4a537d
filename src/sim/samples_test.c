// SPDX-License-Identifier: Apache-2.0
#include "sim/samples.h"

#include "check.h"

TEST(grows_and_forgets)
{
	struct sw__samples s = {0};

	for (size_t i = 0; i < 1000; i++)
		CHECK(sw__samples_add(&s, (double)i));
	CHECK(s.n == 1000 && s.room >= 1000);
	for (size_t i = 0; i < 1000; i++)
		CHECK_NEAR(s.x[i], (double)i, 0);
	sw__samples_free(&s);
	CHECK(s.n == 0 && s.room == 0 && !s.x);
	sw__samples_free(&s);
}

/* 0 to 100 in no order: the percentile is the number. */
TEST(percentiles)
{
	struct sw__samples s = {0};
	double out[SW_STATISTIC_COUNT];

	for (int i = 0; i <= 100; i++)
		sw__samples_add(&s, (i * 37) % 101);
	sw__samples_describe(&s, out);
	CHECK_NEAR(out[SW_MEAN], 50, 1e-12);
	CHECK_NEAR(out[SW_P50], 50, 1e-12);
	CHECK_NEAR(out[SW_P95], 95, 1e-12);
	CHECK_NEAR(out[SW_P99], 99, 1e-12);
	sw__samples_free(&s);
}

TEST(percentiles_between_two_samples)
{
	struct sw__samples s = {0};
	double out[SW_STATISTIC_COUNT];

	sw__samples_add(&s, 30);
	sw__samples_describe(&s, out);
	CHECK_NEAR(out[SW_P99], 30, 0);
	sw__samples_add(&s, 10);
	sw__samples_describe(&s, out);
	CHECK_NEAR(out[SW_MEAN], 20, 1e-12);
	CHECK_NEAR(out[SW_P50], 20, 1e-12);
	CHECK_NEAR(out[SW_P95], 29, 1e-12);
	CHECK_NEAR(out[SW_P99], 29.8, 1e-12);
	sw__samples_free(&s);
}

TEST(none_are_not_known)
{
	struct sw__samples s = {0};
	double out[SW_STATISTIC_COUNT] = {1, 1, 1, 1};

	sw__samples_describe(&s, out);
	for (int i = 0; i < SW_STATISTIC_COUNT; i++)
		CHECK(isnan(out[i]));
}

TEST(mean_and_deviation)
{
	static const double x[] = {2, 4, 4, 4, 5, 5, 7, 9};
	double mean, deviation;

	sw__mean_deviation(x, 8, &mean, &deviation);
	CHECK_NEAR(mean, 5, 1e-15);
	CHECK_NEAR(deviation, sqrt(32.0 / 7), 1e-15);
	sw__mean_deviation(x, 1, &mean, &deviation);
	CHECK(check_near(mean, 2, 0) && isnan(deviation));
	sw__mean_deviation(NULL, 0, &mean, &deviation);
	CHECK(isnan(mean) && isnan(deviation));
}

TEST_MAIN()
