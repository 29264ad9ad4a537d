// SPDX-License-Identifier: Apache-2.0
#include "plan/refute.h"

#include "check.h"

static struct sw_error err;

static double least(const struct sw__needs *needs, const struct sw_fleet_entry *fleet, double from,
		    double upto)
{
	double out = NAN;

	CHECK_INT(sw__least_not_refuted(needs, fleet, from, upto, &out, &err), SW_OK);
	return out;
}

TEST(one_kind_is_counted_in_whole_gpus)
{
	static const struct sw__need need[] = {{{0.4, 0.1, 0}}, {{0.4, 0.1, 0}}, {{0.4, 0.1, 0}}};
	const struct sw__needs needs = {3, 1, need};
	const struct sw_fleet_entry fleet[] = {{.price_per_hour = 1.5, .count = INFINITY}};
	const double price = 1.5;

	CHECK_NEAR(sw__best_bound(&needs, &price, 10), 1.8, 1e-12);
	CHECK_NEAR(least(&needs, fleet, 1.8, 6), 3, 1e-12);
	CHECK_NEAR(least(&needs, fleet, 1.8, 3), 3, 1e-12);
}

/* A dear GPU with much memory and a cheap one with much compute: either alone would have to be bought twice. */
TEST(virtual_prices_refute_what_real_ones_do_not)
{
	static const struct sw__need need[] = {
		{{0.9, 0.1, 0}}, {{0.3, 0.2, 0}}, /* of the dear one, of the cheap one */
		{{0.9, 0.1, 0}}, {{0.3, 0.2, 0}}, {{0.1, 0.9, 0}}, {{INFINITY, INFINITY, INFINITY}},
	};
	const struct sw__needs needs = {3, 2, need};
	const struct sw_fleet_entry fleet[] = {{.price_per_hour = 2, .count = INFINITY},
					       {.price_per_hour = 1, .count = INFINITY}};

	CHECK_NEAR(least(&needs, fleet, 0, 9), 3, 1e-12);
}

TEST(what_cannot_run_anywhere_refutes_everything)
{
	static const struct sw__need need[] = {{{INFINITY, INFINITY, INFINITY}}};
	const struct sw__needs needs = {1, 1, need};
	const struct sw_fleet_entry fleet[] = {{.price_per_hour = 1, .count = 3}};

	CHECK_NEAR(least(&needs, fleet, 0, 7), 7, 0);
}

/* A kind that costs nothing to speak of and serves nobody: mixes of it have no end. */
TEST(a_kind_for_next_to_nothing_does_not_take_forever)
{
	static const struct sw__need need[] = {{{INFINITY, INFINITY, INFINITY}}, {{0.4, 0.1, 0}}};
	const struct sw__needs needs = {1, 2, need};
	const struct sw_fleet_entry fleet[] = {{.price_per_hour = 1e-300, .count = INFINITY},
					       {.price_per_hour = 1, .count = INFINITY}};
	const struct sw_fleet_entry turned[] = {fleet[1], fleet[0]};
	const struct sw__need need_turned[] = {need[1], need[0]};
	const struct sw__needs needs_turned = {1, 2, need_turned};

	CHECK_NEAR(least(&needs, fleet, 0.4, 1), 0.4, 1e-12);
	CHECK(least(&needs_turned, turned, 0.4, 1) <= 1);
}

static unsigned state;

static double random_between(double low, double high)
{
	state = state * 1664525u + 1013904223u;
	return low + (high - low) * ((state >> 8) / 16777216.0);
}

/* Fill GPUs at random and ask for what went into them: no bound may be above what they cost. */
TEST(what_has_room_is_never_refuted)
{
	for (unsigned seed = 0; seed < 2000; seed++) {
		struct sw_fleet_entry fleet[3];
		struct sw__need need[12][3];
		struct sw__needs needs = {0, 3, &need[0][0]};
		double cost = 0;

		state = seed * 2654435761u + 7;
		for (int f = 0; f < 3; f++)
			fleet[f] = (struct sw_fleet_entry){.price_per_hour = random_between(0.5, 3),
							   .count = INFINITY};
		for (int gpu = 0; gpu < 3; gpu++) {
			size_t kind = (size_t)random_between(0, 2.999);
			double left[2] = {1, 1};

			cost += fleet[kind].price_per_hour;
			for (int k = 0; k < 4; k++, needs.n_workloads++) {
				for (size_t f = 0; f < 3; f++) {
					double *part = need[needs.n_workloads][f].part;

					part[0] = random_between(0, 1);
					part[1] = random_between(0, 1);
					part[2] = 0.125;
					if (random_between(0, 1) < 0.3)
						part[0] = part[1] = part[2] = INFINITY;
				}
				for (int r = 0; r < 2; r++) {
					double take =
						left[r] * random_between(0.2, k == 3 ? 1 : 0.6);

					need[needs.n_workloads][kind].part[r] = take;
					left[r] -= take;
				}
				need[needs.n_workloads][kind].part[2] = 0.125;
			}
		}
		CHECK(least(&needs, fleet, 0, cost + 2) <= cost * (1 + 1e-9));
	}
}

TEST_MAIN()
