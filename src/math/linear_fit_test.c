// SPDX-License-Identifier: Apache-2.0
#include "math/linear_fit.h"

#include <math.h>

#include "check.h"

/* Three points beside a line; by hand: slope 1.5, intercept 1/6. */
TEST(a_line_through_three_points)
{
	static const double points[][2] = {{0, 0}, {1, 2}, {2, 3}};
	struct sw__linear_fit fit;
	double x[2];

	sw__linear_fit_start(&fit, 2);
	for (size_t i = 0; i < 3; i++)
		sw__linear_fit_add(&fit, (double[]){points[i][0], 1}, points[i][1]);
	sw__linear_fit_solve(&fit, x);
	CHECK_NEAR(x[0], 1.5, 1e-7);
	CHECK_NEAR(x[1], 1.0 / 6, 1e-7);
}

/* What rows are made with comes back, in units as far apart as milliseconds and parts of a million. */
TEST(known_unknowns_are_found_again)
{
	static const double truth[] = {0.5, -2000, 3e-6, 7};
	struct sw__linear_fit fit;
	double x[4], state = 0.3;

	sw__linear_fit_start(&fit, 4);
	for (int i = 0; i < 40; i++) {
		double row[4], y = 0;

		for (int k = 0; k < 4; k++) {
			state = fmod(state * 997 + 0.1234567, 1);
			row[k] = state * (k == 2 ? 1e6 : k == 1 ? 1e-3 : 1);
			y += truth[k] * row[k];
		}
		sw__linear_fit_add(&fit, row, y);
	}
	sw__linear_fit_solve(&fit, x);
	for (int k = 0; k < 4; k++)
		CHECK_NEAR(x[k] / truth[k], 1, 1e-6);
}

/* Twice the same column: each takes half. A column of zeros: nothing. No rows: zeros. */
TEST(what_rows_do_not_tell_apart_is_shared)
{
	struct sw__linear_fit fit;
	double x[3];

	sw__linear_fit_start(&fit, 3);
	sw__linear_fit_solve(&fit, x);
	CHECK(x[0] == 0 && x[1] == 0 && x[2] == 0);
	for (int i = 1; i < 5; i++)
		sw__linear_fit_add(&fit, (double[]){i, i, 0}, 4 * i);
	sw__linear_fit_solve(&fit, x);
	CHECK_NEAR(x[0], 2, 1e-6);
	CHECK_NEAR(x[1], 2, 1e-6);
	CHECK(x[2] == 0);
}

/* An element that never changes could be the intercept as well, and is left to it. */
TEST(an_intercept_takes_what_is_constant)
{
	struct sw__linear_fit fit;
	double x[3];

	sw__linear_fit_start(&fit, 3);
	fit.intercept = true;
	for (int i = 0; i < 6; i++)
		sw__linear_fit_add(&fit, (double[]){3e-9, i % 3, 1}, 1 + 0.5 * (i % 3));
	sw__linear_fit_solve(&fit, x);
	CHECK(fabs(x[0] * 3e-9) < 1e-6);
	CHECK_NEAR(x[1], 0.5, 1e-6);
	CHECK_NEAR(x[2], 1, 1e-6);
}

TEST_MAIN()
