// SPDX-License-Identifier: Apache-2.0
#include "observe/forecast.h"

#include <math.h>

#include "base/random.h"
#include "check.h"

static const double PI = 3.14159265358979323846;

static struct sw__forecast forecast;

static void start(double horizon_s, double memory_s, double day_s)
{
	struct sw__forecast_settings s = sw__forecast_defaults();

	s.horizon_s = horizon_s;
	s.memory_s = memory_s;
	s.day_s = day_s;
	sw__forecast_init(&forecast, &s);
}

TEST(what_stays_is_forecast_to_stay)
{
	start(60, 60, 86400);
	CHECK(isnan(sw__forecast_ahead(&forecast).expected));
	for (int i = 1; i <= 60; i++) {
		sw__forecast_add(&forecast, 10 * i, 10, 4);
		CHECK_NEAR(sw__forecast_ahead(&forecast).expected, 4, 1e-9);
	}
	CHECK(sw__forecast_ahead(&forecast).checked > 40);
	CHECK_NEAR(sw__forecast_ahead(&forecast).upper, 4, 1e-9);
	CHECK(!sw__forecast_ahead(&forecast).daily);
}

TEST(no_bound_before_there_are_forecasts_to_judge_by)
{
	start(60, 60, 86400);
	for (int i = 1; i <= 15; i++)
		sw__forecast_add(&forecast, 10 * i, 10, 4);
	/* Nine have been checked; of 19 the largest would be the bound of 95 %. */
	CHECK_INT(sw__forecast_ahead(&forecast).checked, 9);
	CHECK(isnan(sw__forecast_ahead(&forecast).upper));
}

/* A load that grows by a tenth of its present value a minute: who looks at it alone is late by a tenth. */
TEST(what_grows_is_followed)
{
	double off = 0, level_off = 0;

	start(60, 120, 86400);
	for (int i = 1; i <= 60; i++) {
		double now = 10 + 0.1 * i, then = 10 + 0.1 * (i + 6);

		sw__forecast_add(&forecast, 10 * i, 10, now);
		if (i < 20)
			continue;
		off += fabs(sw__forecast_ahead(&forecast).expected - then);
		level_off += then - now;
	}
	printf("    off by %.0f %% of what it grew\n", 100 * off / level_off);
	CHECK(off < 0.5 * level_off);
	CHECK(sw__forecast_ahead(&forecast).upper >= 10 + 0.1 * 66);
}

/* From 1 to 4 and back within a day of 4800 s, a quarter of an hour's worth of it ahead. */
TEST(the_pattern_of_the_day_is_learned)
{
	double with = 0, without = 0;
	int days;

	start(600, 300, 4800);
	for (int i = 1; i <= 5 * 480; i++) {
		double at = 10.0 * i, value = 2.5 - 1.5 * cos(2 * PI * at / 4800);
		double then = 2.5 - 1.5 * cos(2 * PI * (at + 600) / 4800);

		sw__forecast_add(&forecast, at, 10, value);
		days = i / 480;
		if (days == 1)
			without += fabs(sw__forecast_ahead(&forecast).expected / then - 1) / 480;
		if (days == 4)
			with += fabs(sw__forecast_ahead(&forecast).expected / then - 1) / 480;
	}
	CHECK(sw__forecast_ahead(&forecast).daily);
	printf("    off by %.1f %% with the day's pattern, %.1f %% without\n", 100 * with,
	       100 * without);
	CHECK(with < 0.06);
	CHECK(with < 0.3 * without);
}

/* Counts of a Poisson process whose rate wanders: the next one lies below the bound as often as it says. */
TEST(bounds_hold_as_often_as_they_say)
{
	struct sw__random random = sw__random_make(3, 0);
	double rate = 5, held = 0, asked = 0, bounds[6];

	start(60, 60, 1e9);
	for (int i = 1; i <= 20000; i++) {
		double t = 0, n = 0;

		rate *= exp(0.02 * sw__random_normal(&random));
		rate = fmin(20, fmax(1, rate));
		while ((t += sw__random_exponential(&random) / rate) < 10)
			n++;
		if (i > 500) {
			held += n / 10 <= bounds[i % 6];
			asked++;
		}
		sw__forecast_add(&forecast, 10 * i, 10, n / 10);
		bounds[i % 6] = sw__forecast_ahead(&forecast).upper;
	}
	printf("    held in %.1f %% of %.0f\n", 100 * held / asked, asked);
	CHECK(held / asked > 0.93 && held / asked < 0.97);
}

TEST(what_is_no_value_changes_nothing)
{
	struct sw__forecast before;

	start(60, 60, 86400);
	for (int i = 1; i <= 30; i++)
		sw__forecast_add(&forecast, 10 * i, 10, 4);
	before = forecast;
	sw__forecast_add(&forecast, 310, 10, NAN);
	sw__forecast_add(&forecast, 310, 10, -1);
	sw__forecast_add(&forecast, 300, 10, 9); /* the clock stood still */
	sw__forecast_add(&forecast, 200, 10, 9); /* or went back */
	sw__forecast_add(&forecast, 310, 0, 9);
	CHECK_NEAR(sw__forecast_ahead(&forecast).expected, sw__forecast_ahead(&before).expected, 0);
	CHECK_INT(forecast.n_ratios, before.n_ratios);
}

/* Nobody looked for an hour: forecasts for moments within it are not judged by what came after it. */
TEST(a_gap_judges_nobody)
{
	size_t checked;

	start(60, 60, 86400);
	for (int i = 1; i <= 30; i++)
		sw__forecast_add(&forecast, 10 * i, 10, 4);
	checked = sw__forecast_ahead(&forecast).checked;
	sw__forecast_add(&forecast, 3900, 10, 40);
	CHECK_INT(sw__forecast_ahead(&forecast).checked, checked);
	/* And what was before counts for next to nothing. */
	CHECK_NEAR(sw__forecast_ahead(&forecast).expected, 40, 0.01);
}

TEST(a_load_that_is_none)
{
	start(60, 60, 86400);
	for (int i = 1; i <= 40; i++)
		sw__forecast_add(&forecast, 10 * i, 10, 0);
	CHECK_NEAR(sw__forecast_ahead(&forecast).expected, 0, 0);
	CHECK_INT(sw__forecast_ahead(&forecast).checked, 0);
	CHECK(isnan(sw__forecast_ahead(&forecast).upper));
}

TEST_MAIN()
