// SPDX-License-Identifier: Apache-2.0
#include "step/gemm_habits.h"

#include <math.h>

#include "check.h"

/* Deviations near 0 differ by what rounding leaves, relative to 1. */
#define CHECK_CLOSE(actual, expected) CHECK(fabs((actual) - (expected)) < 1e-12)

/* A table of a function of the knots' logarithms that is linear in each: interpolation gives it back exactly. */
static double trilinear(double log_m, double log_n, double log_k)
{
	return 0.01 * log_m - 0.006 * log_n + 0.0004 * log_m * log_k -
	       0.00002 * log_m * log_n * log_k;
}

static void fill(double *table)
{
	static const double m[] = {4, 7, 10, 15}, n[] = {5, 8, 11, 16}, k[] = {5, 7, 10, 13, 16};

	for (size_t i = 0; i < SW__HABITS; i++)
		table[i] = trilinear(m[i / SW__HABITS_K / SW__HABITS_N],
				     n[i / SW__HABITS_K % SW__HABITS_N], k[i % SW__HABITS_K]);
}

TEST(a_table_is_met_at_its_knots_and_straight_between_them)
{
	double table[SW__HABITS];

	fill(table);
	for (int m = 4; m <= 15; m++)
		for (int n = 5; n <= 16; n++)
			for (int k = 5; k <= 16; k++)
				CHECK_CLOSE(sw__habit(table, 1 << m, 1 << n, 1 << k),
					    trilinear(m, n, k));
	/* Half way from 64 to 128. */
	CHECK_CLOSE(sw__habit(table, 96, 256, 128), (trilinear(6, 8, 7) + trilinear(7, 8, 7)) / 2);
}

TEST(the_weights_add_up_to_one_where_rows_were_measured)
{
	for (double m = 1; m <= 32768; m *= 1.7)
		for (double n = 32; n <= 65536; n *= 1.9) {
			struct sw__habit_weights w = sw__habit_weights(m, n, 777);
			double sum = 0;

			for (int i = 0; i < SW__HABIT_CORNERS; i++) {
				CHECK(w.weight[i] >= 0 && w.at[i] < SW__HABITS);
				sum += w.weight[i];
			}
			CHECK_NEAR(sum, 1, 1e-12);
		}
}

TEST(it_is_the_sum_over_the_corners)
{
	double table[SW__HABITS];

	for (size_t i = 0; i < SW__HABITS; i++)
		table[i] = (double)((i * 37) % 11) / 40 - 0.12;
	for (double x = 1; x < 1e6; x *= 1.37) {
		struct sw__habit_weights w = sw__habit_weights(x / 3 + 1, x, x / 2 + 1);
		double sum = 0;

		for (int i = 0; i < SW__HABIT_CORNERS; i++)
			sum += w.weight[i] * table[w.at[i]];
		CHECK_CLOSE(sw__habit(table, x / 3 + 1, x, x / 2 + 1), sum);
	}
}

TEST(it_is_continuous)
{
	double table[SW__HABITS], before;

	for (size_t i = 0; i < SW__HABITS; i++)
		table[i] = (double)((i * 37) % 11) / 40 - 0.12;
	before = sw__habit(table, 1, 1, 1);
	for (double x = 1; x < 1e7; x *= 1.0005) {
		double now = sw__habit(table, x, x, x);

		CHECK(fabs(now - before) < 2e-3);
		before = now;
	}
}

TEST(it_fades_outside_of_what_was_measured)
{
	double table[SW__HABITS];

	fill(table);
	CHECK_NEAR(sw__habit(table, 1, 4096, 4096), sw__habit(table, 16, 4096, 4096), 1e-12);
	CHECK_NEAR(sw__habit(table, 64, 131072, 4096), sw__habit(table, 64, 65536, 4096) / 2,
		   1e-12);
	CHECK_NEAR(sw__habit(table, 64, 16, 4096), sw__habit(table, 64, 32, 4096) / 2, 1e-12);
	CHECK(fabs(sw__habit(table, 1e12, 1e12, 1e12)) < 1e-12);
}

TEST(no_table_moves_it_beyond_its_bound)
{
	double table[SW__HABITS];

	for (size_t i = 0; i < SW__HABITS; i++)
		table[i] = i % 2 ? 1e300 : -1e300;
	for (double x = 1; x < 1e6; x *= 1.3)
		CHECK(fabs(sw__habit(table, x, 1000, 1000)) <= SW__HABIT_BOUND);
}

TEST_MAIN()
