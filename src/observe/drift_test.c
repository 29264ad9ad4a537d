// SPDX-License-Identifier: Apache-2.0
#include "observe/drift.h"

#include <math.h>

#include "base/random.h"
#include "check.h"

static struct sw__drift drift;

static void start(void)
{
	struct sw__drift_settings s = sw__drift_defaults();

	sw__drift_init(&drift, &s);
}

/* The mean of n requests whose latencies are exponential. */
static double mean_of(struct sw__random *random, int n, double mean_ms)
{
	double sum = 0;

	for (int i = 0; i < n; i++)
		sum += mean_ms * sw__random_exponential(random);
	return sum / n;
}

static void see(struct sw__random *random, int windows, double ratio)
{
	for (int i = 0; i < windows; i++)
		sw__drift_add(&drift, SW_TTFT, 20, mean_of(random, 20, 100 * ratio), 100);
}

TEST(few_requests_say_nothing)
{
	struct sw__random random = sw__random_make(1, 0);

	start();
	see(&random, 1, 3);
	CHECK(!sw__drift_of(&drift, SW_TTFT).known);
	CHECK(isnan(sw__drift_of(&drift, SW_TTFT).ratio));
	CHECK_NEAR(sw__drift_of(&drift, SW_TTFT).correction, 1, 0);
	CHECK(!sw__drift_of(&drift, SW_TPOT).known);
}

TEST(an_error_is_corrected_and_a_large_one_only_so_far)
{
	struct sw__random random = sw__random_make(2, 0);

	start();
	see(&random, 100, 1.3);
	CHECK_NEAR(sw__drift_of(&drift, SW_TTFT).ratio, 1.3, 0.12);
	CHECK(sw__drift_of(&drift, SW_TTFT).correction > 1.12);
	CHECK(sw__drift_of(&drift, SW_TTFT).correction <= sw__drift_of(&drift, SW_TTFT).ratio);
	CHECK(!sw__drift_of(&drift, SW_TTFT).alarm);
	see(&random, 100, 4);
	CHECK_NEAR(sw__drift_of(&drift, SW_TTFT).correction, 1.5, 1e-9);
	CHECK(sw__drift_of(&drift, SW_TTFT).alarm);
	see(&random, 100, 0.2);
	CHECK_NEAR(sw__drift_of(&drift, SW_TTFT).correction, 1 / 1.5, 1e-9);
	CHECK(sw__drift_of(&drift, SW_TTFT).alarm);
	sw__drift_reset(&drift);
	CHECK(!sw__drift_of(&drift, SW_TTFT).known);
}

/* Predictions that are right are not alarmed, and hardly corrected, whatever chance does. */
TEST(chance_alarms_nobody)
{
	int alarms = 0, corrected = 0;

	for (unsigned seed = 1; seed <= 500; seed++) {
		struct sw__random random = sw__random_make(seed, 0);

		start();
		for (int i = 0; i < 20; i++) {
			see(&random, 1, 1);
			alarms += sw__drift_of(&drift, SW_TTFT).alarm;
			corrected += fabs(log(sw__drift_of(&drift, SW_TTFT).correction)) > 0.1;
		}
	}
	CHECK_INT(alarms, 0);
	printf("    corrected by more than a tenth in %.1f %%\n", corrected / 100.0);
	/* What chance makes of a correction deviates by 0.05 at the most, where doubt is as large as usual errors: 4.6 % beyond 0.1. */
	CHECK(corrected < 460);
}

/* Over means of many windows the doubt says how far off the ratio is. */
TEST(doubt_is_what_chance_makes_of_it)
{
	int within = 0;

	for (unsigned seed = 1; seed <= 400; seed++) {
		struct sw__random random = sw__random_make(seed, 1);
		struct sw__drift_value v;

		start();
		see(&random, 40, 1.2);
		v = sw__drift_of(&drift, SW_TTFT);
		within += fabs(log(v.ratio / 1.2)) < 2 * v.doubt;
	}
	printf("    %.1f %% within two deviations\n", within / 4.0);
	CHECK(within > 0.9 * 400);
}

TEST(what_is_not_known_teaches_nothing)
{
	start();
	sw__drift_add(&drift, SW_TTFT, 100, NAN, 100);
	sw__drift_add(&drift, SW_TTFT, 100, 100, NAN);
	sw__drift_add(&drift, SW_TTFT, 100, 100, INFINITY);
	sw__drift_add(&drift, SW_TTFT, 0, 100, 100);
	sw__drift_add(&drift, SW_TTFT, NAN, 100, 100);
	sw__drift_add(&drift, SW_TTFT, 100, 0, 100);
	CHECK_NEAR(drift.of[SW_TTFT].weight, 0, 0);
}

TEST_MAIN()
