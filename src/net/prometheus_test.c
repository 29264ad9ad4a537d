// SPDX-License-Identifier: Apache-2.0
#include "net/prometheus.h"

#include <stdlib.h>

#include "check.h"

static const char *number(double x)
{
	static struct sw_text text;

	text.size = 0;
	sw__prometheus_number(&text, x);
	return sw_text_string(&text);
}

TEST(numbers_are_written_as_the_python_client_does)
{
	CHECK_STR(number(0), "0.0");
	CHECK_STR(number(1), "1.0");
	CHECK_STR(number(0.001), "0.001");
	CHECK_STR(number(0.075), "0.075");
	CHECK_STR(number(-2.5), "-2.5");
	CHECK_STR(number(7680), "7680.0");
	CHECK_STR(number(100000), "100000.0");
	CHECK_STR(number(123456.75), "123456.75");
	CHECK_STR(number(1e6), "1e+06");
	CHECK_STR(number(1234567), "1.234567e+06");
	CHECK_STR(number(5e-5), "5e-05");
	CHECK_STR(number(0.1 + 0.2), "0.30000000000000004");
	CHECK_STR(number(INFINITY), "+Inf");
	CHECK_STR(number(-INFINITY), "-Inf");
	CHECK_STR(number(NAN), "NaN");
}

TEST(every_number_reads_back_as_itself)
{
	static const double some[] = {1.0 / 3, 1e-300, 9.999999999999999e22, 4503599627370497.5,
				      12.1};

	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++)
		CHECK_NEAR(strtod(number(some[i]), NULL), some[i], 0);
}

TEST(labels_and_help_are_escaped)
{
	const struct sw__prometheus_label labels[] = {{"a", "x\"y\\z\nw"}, {"b", "plain"}};
	struct sw_text text = {0};

	sw__prometheus_family(&text, "things_total", SW__PROMETHEUS_COUNTER,
			      "A \"thing\"\\\nor two");
	sw__prometheus_sample(&text, "things_total", labels, 2, 3);
	sw__prometheus_sample(&text, "bare", NULL, 0, 0.5);
	CHECK_STR(sw_text_string(&text), "# HELP things_total A \"thing\"\\\\\\nor two\n"
					 "# TYPE things_total counter\n"
					 "things_total{a=\"x\\\"y\\\\z\\nw\",b=\"plain\"} 3.0\n"
					 "bare 0.5\n");
	sw_text_free(&text);
}

TEST(a_bound_belongs_to_the_bucket_below_it)
{
	static const double bounds[] = {0.1, 1, 10};
	struct sw__histogram h;

	sw__histogram_init(&h, bounds, 3);
	sw__histogram_observe(&h, 0.1);
	sw__histogram_observe(&h, 0.1000001);
	sw__histogram_observe(&h, 10);
	sw__histogram_observe(&h, 11);
	sw__histogram_observe(&h, NAN);
	CHECK_INT(h.counts[0], 1);
	CHECK_INT(h.counts[1], 1);
	CHECK_INT(h.counts[2], 1);
	CHECK_INT(h.counts[3], 2);
	CHECK_INT(sw__histogram_count(&h), 5);
	CHECK_NEAR(h.sum, 21.2000001, 1e-12);
}

TEST(buckets_are_cumulative_and_end_at_infinity)
{
	static const double bounds[] = {0.5, 1};
	const struct sw__prometheus_label labels[] = {{"engine", "0"}};
	struct sw__histogram h;
	struct sw_text text = {0};

	sw__histogram_init(&h, bounds, 2);
	sw__histogram_observe(&h, 0.25);
	sw__histogram_observe(&h, 0.75);
	sw__histogram_observe(&h, 2);
	sw__prometheus_histogram(&text, "t_seconds", labels, 1, &h);
	CHECK_STR(sw_text_string(&text), "t_seconds_bucket{engine=\"0\",le=\"0.5\"} 1.0\n"
					 "t_seconds_bucket{engine=\"0\",le=\"1.0\"} 2.0\n"
					 "t_seconds_bucket{engine=\"0\",le=\"+Inf\"} 3.0\n"
					 "t_seconds_sum{engine=\"0\"} 3.0\n"
					 "t_seconds_count{engine=\"0\"} 3.0\n");
	sw_text_free(&text);
}

TEST_MAIN()
