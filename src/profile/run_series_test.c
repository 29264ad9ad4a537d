// SPDX-License-Identifier: Apache-2.0
#include "profile/run_series.h"

#include "check.h"

TEST(samples_come_back_in_their_order_with_texts_of_their_own)
{
	struct sw__run_series s = {0};
	char metric[16];

	for (int i = 0; i < 1000; i++) {
		(void)snprintf(metric, sizeof(metric), "m%d", i % 7);
		sw__series_add(&s, i, i % 2 ? "nvml" : "metrics", "a", metric, 2 * i);
	}
	CHECK_INT(s.n, 1000);
	CHECK_INT(s.n_texts, 7 + 2 + 1); /* each once */
	for (size_t i = 0; i < s.n; i++) {
		(void)snprintf(metric, sizeof(metric), "m%d", (int)i % 7);
		CHECK_STR(s.sample[i].metric, metric);
		CHECK_STR(s.sample[i].source, i % 2 ? "nvml" : "metrics");
		CHECK_NEAR(s.sample[i].value, 2.0 * (double)i, 0);
	}
	sw__series_free(&s);
	CHECK_INT(s.n, 0);
}

TEST(what_is_not_known_is_left_out)
{
	struct sw__run_series s = {0};

	sw__series_add(&s, 0, "nvml", "", "x", NAN);
	sw__series_add(&s, 0, "nvml", "", "x", INFINITY);
	CHECK_INT(s.n, 0);
	CHECK(!s.cut);
	sw__series_free(&s);
}

TEST(means_and_growth_are_of_one_series_within_the_window)
{
	struct sw__run_series s = {0};

	for (int t = -2; t < 6; t++) {
		sw__series_add(&s, t, "metrics", "a", "running", t);
		sw__series_add(&s, t, "metrics", "b", "running", 100);
		sw__series_add(&s, t, "metrics", "a", "total", 10 * t * t);
	}
	CHECK_NEAR(sw__series_mean(&s, "metrics", "a", "running", 0, 4), 1.5, 0);
	CHECK_NEAR(sw__series_growth(&s, "metrics", "a", "total", 0, 4), 90, 0);
	CHECK(isnan(sw__series_mean(&s, "nvml", "a", "running", 0, 4)));
	CHECK(isnan(sw__series_mean(&s, "metrics", "a", "running", 9, 10)));
	CHECK(isnan(sw__series_growth(&s, "metrics", "a", "total", 3, 4))); /* one value */
	sw__series_free(&s);
}

TEST_MAIN()
