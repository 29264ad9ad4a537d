// SPDX-License-Identifier: Apache-2.0
#include "sim/constants.h"

#include <stddef.h>

#include "check.h"
#include "slicewise/simulate.h"

/* The value of constant i in a world. */
static double value_in(uint64_t world, size_t i)
{
	struct sw__sim_constants c;

	sw__sim_constants(world, &c);
	return ((const double *)&c)[i];
}

TEST(every_constant_has_a_unit_an_origin_and_a_range_around_its_value)
{
	for (size_t i = 0; i < sw_sim_constant_count(); i++) {
		const struct sw_sim_constant *c = sw_sim_constant_at(i);

		CHECK(*c->name && *c->unit && strlen(c->origin) > 10);
		CHECK(c->low <= c->value && c->value <= c->high);
		CHECK_NEAR(value_in(0, i), c->value, 0);
	}
	CHECK(sw_sim_constant_at(sw_sim_constant_count()) == NULL);
}

TEST(a_world_draws_all_within_their_ranges_half_of_them_below_the_value)
{
	enum { WORLDS = 400 };

	for (size_t i = 0; i < sw_sim_constant_count(); i++) {
		const struct sw_sim_constant *c = sw_sim_constant_at(i);
		int below = 0;

		for (uint64_t world = 1; world <= WORLDS; world++) {
			double x = value_in(world, i);

			CHECK(x >= c->low && x <= c->high);
			below += x < c->value;
		}
		/* Four standard deviations of a fair coin, where there is anything to draw. */
		if (c->low < c->value && c->value < c->high)
			CHECK(below > WORLDS / 2 - 40 && below < WORLDS / 2 + 40);
	}
}

TEST(worlds_differ_and_the_same_world_is_the_same)
{
	size_t different = 0;

	for (size_t i = 0; i < sw_sim_constant_count(); i++) {
		different += value_in(1, i) != value_in(2, i);
		CHECK_NEAR(value_in(7, i), value_in(7, i), 0);
	}
	CHECK(different > sw_sim_constant_count() / 2);
}

TEST_MAIN()
