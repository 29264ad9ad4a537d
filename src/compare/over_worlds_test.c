// SPDX-License-Identifier: Apache-2.0
#include "compare/over_worlds.h"

#include "base/random.h"
#include "check.h"

enum { WORLDS = 40, TRIALS = 200 };

TEST(by_hand)
{
	static const double values[] = {0.3, 0.1, 0.2, 0.9};
	double twenty[20];
	struct sw__over_worlds out;

	CHECK_INT(sw__over_worlds(values, 4, true, &out, NULL), SW_OK);
	CHECK_NEAR(out.median.value, 0.25, 1e-12);
	CHECK_NEAR(out.worst.value, 0.9, 1e-12);
	CHECK(isnan(out.median.low) && isnan(out.worst.high));
	for (int i = 0; i < 20; i++)
		twenty[(i * 7) % 20] = i;
	CHECK_INT(sw__over_worlds(twenty, 20, true, &out, NULL), SW_OK);
	CHECK_NEAR(out.median.value, 9.5, 1e-12);
	CHECK_NEAR(out.worst.value, 18.5, 1e-12);
}

TEST(what_is_the_same_in_all_worlds_is_sure)
{
	static const double values[] = {0.2, 0.2, 0.2, 0.2, 0.2, 0.2};
	struct sw__over_worlds out;

	CHECK_INT(sw__over_worlds(values, 6, true, &out, NULL), SW_OK);
	CHECK_NEAR(out.median.low, 0.2, 1e-12);
	CHECK_NEAR(out.worst.high, 0.2, 1e-12);
}

/* Of uniform numbers the median is known: 95 of 100 intervals should hold it, and of 200 at least 180 do. */
TEST(an_interval_holds_the_true_median_as_often_as_it_says)
{
	int held = 0;

	for (int t = 0; t < TRIALS; t++) {
		struct sw__random random = sw__random_make(7, (uint64_t)t);
		struct sw__over_worlds out;
		double values[WORLDS];

		for (int i = 0; i < WORLDS; i++)
			values[i] = sw__random_uniform(&random);
		CHECK_INT(sw__over_worlds(values, WORLDS, true, &out, NULL), SW_OK);
		held += out.median.low <= 0.5 && out.median.high >= 0.5;
	}
	CHECK(held >= 180 && held < TRIALS);
}

TEST(what_is_not_known_of_a_world_is_not_known_of_all)
{
	static const double values[] = {0.1, NAN, 0.2};
	struct sw__over_worlds out;

	CHECK_INT(sw__over_worlds(values, 3, true, &out, NULL), SW_OK);
	CHECK(isnan(out.median.value) && isnan(out.worst.value));
	CHECK_INT(sw__over_worlds(values, 0, true, &out, NULL), SW_OK);
	CHECK(isnan(out.median.value));
}

TEST_MAIN()
