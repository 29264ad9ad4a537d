// SPDX-License-Identifier: Apache-2.0
/* Weights found by moves and by linear programming, against a grid over all of them. */
#include "plan/kind_prices.h"

#include "check.h"

enum { WORKLOADS = 8, KINDS = 2, GRID = 50 };

static struct sw_error err;
static struct sw__parts parts[WORKLOADS * KINDS];
static const struct sw__part_table table = {WORKLOADS, KINDS, parts};
static unsigned state;

static double between(double low, double high)
{
	state = state * 1664525u + 1013904223u;
	return low + (high - low) * ((state >> 8) / 16777216.0);
}

/* Compute and memory only, so that a grid can be over everything. */
static void draw(unsigned seed)
{
	state = seed * 2654435761u + 1;
	for (size_t i = 0; i < WORKLOADS * KINDS; i++)
		parts[i] = (struct sw__parts){{between(0.05, 0.9), between(0.05, 0.9), 0, 0}};
	if (seed % 3 == 0)
		parts[seed % WORKLOADS * KINDS].of[0] = INFINITY;
}

static double best_of_grid(const double *price)
{
	double best = 0;

	for (int i = 0; i <= GRID; i++) {
		for (int j = 0; j <= GRID; j++) {
			const struct sw__kind_weight weight[KINDS] = {
				{{(double)i / GRID, 1 - (double)i / GRID, 0, 0}},
				{{(double)j / GRID, 1 - (double)j / GRID, 0, 0}},
			};

			best = fmax(best, sw__sum_of_least(&table, price, weight));
		}
	}
	return best;
}

TEST(no_grid_finds_better_weights_than_the_programme)
{
	for (unsigned seed = 1; seed <= 200; seed++) {
		const double price[KINDS] = {2, between(0.5, 2)};
		struct sw__kind_weight moved[KINDS], best[KINDS];
		double by_moves, by_lp, grid;

		draw(seed);
		grid = best_of_grid(price);
		CHECK_INT(sw__kind_prices(&table, price, moved, &by_moves, &err), SW_OK);
		CHECK_INT(sw__kind_prices_lp(&table, price, best, &by_lp, &err), SW_OK);
		CHECK(by_lp >= grid * (1 - 1e-6) && by_lp <= grid * 1.05);
		CHECK(by_moves <= by_lp * (1 + 1e-6) && by_moves >= by_lp * 0.9);
		CHECK_NEAR(sw__sum_of_least(&table, price, moved), by_moves, 1e-9);
		CHECK_NEAR(sw__sum_of_least(&table, price, best), by_lp, 1e-9);
	}
}

/* One kind: the scarcer of two resources is all that counts. */
TEST(a_single_kind_is_worth_its_scarcest_resource)
{
	static const struct sw__parts one[] = {{{0.6, 0.1, 0, 0}}, {{0.7, 0.2, 0, 0}}};
	const struct sw__part_table small = {2, 1, one};
	const double price = 3;
	struct sw__kind_weight weight;
	double sum;

	CHECK_INT(sw__kind_prices_lp(&small, &price, &weight, &sum, &err), SW_OK);
	CHECK_NEAR(sum, 3 * 1.3, 1e-6);
	CHECK_NEAR(weight.of[0], 1, 1e-6);
	CHECK_INT(sw__kind_prices(&small, &price, &weight, &sum, &err), SW_OK);
	CHECK_NEAR(sum, 3 * 1.3, 0.02);
}

TEST(what_no_kind_serves_counts_for_nothing)
{
	static const struct sw__parts none[] = {{{INFINITY, 0, 0, 0}}, {{0.5, 0.2, 0, 0}}};
	const struct sw__part_table small = {2, 1, none};
	const double price = 1;
	struct sw__kind_weight weight;
	double sum;

	CHECK_INT(sw__kind_prices_lp(&small, &price, &weight, &sum, &err), SW_OK);
	CHECK_NEAR(sum, 0.5, 1e-6);
	CHECK_INT(sw__kind_prices(&small, &price, &weight, &sum, &err), SW_OK);
	CHECK_NEAR(sum, 0.5, 0.02);
}

TEST_MAIN()
