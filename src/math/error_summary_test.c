// SPDX-License-Identifier: Apache-2.0
#include "math/error_summary.h"

#include "check.h"

TEST(four_rows_by_hand)
{
	const double measured[] = {10, 20, 40, 80};
	const double predicted[] = {11, 18, 40, 80};
	struct sw__error_summary s;

	CHECK_INT(sw__summarise_errors(predicted, measured, 4, &s, NULL), SW_OK);
	CHECK_INT(s.rows, 4);
	CHECK_NEAR(s.mape, 0.05, 1e-12);
	CHECK(fabs(s.bias) < 1e-12);
	CHECK_NEAR(s.median_ape, 0.1, 1e-12);
	CHECK_NEAR(s.p95_ape, 0.1, 1e-12);
	CHECK_NEAR(s.log_sd, sqrt((pow(log(1.1), 2) + pow(log(0.9), 2)) / 4), 1e-12);
	/* Logarithms in steps of ln 2: their squares about the mean sum to 5 (ln 2)^2. */
	CHECK_NEAR(s.r2, 1 - (pow(log(1.1), 2) + pow(log(0.9), 2)) / (5 * pow(log(2), 2)), 1e-12);
}

TEST(a_perfect_prediction_and_the_best_constant)
{
	const double measured[] = {1, 4};
	const double constant[] = {2, 2};
	struct sw__error_summary s;

	sw__summarise_errors(measured, measured, 2, &s, NULL);
	CHECK_NEAR(s.mape, 0, 0);
	CHECK_NEAR(s.r2, 1, 0);
	sw__summarise_errors(constant, measured, 2, &s, NULL);
	CHECK(fabs(s.r2) < 1e-12);
}

TEST(against_a_constant_there_is_no_r2_whatever_rounding_says)
{
	double measured[100], predicted[100];
	struct sw__error_summary s;

	for (int i = 0; i < 100; i++) {
		measured[i] = 0.1;
		predicted[i] = 0.1 + i;
	}
	for (size_t n = 1; n <= 100; n++) {
		sw__summarise_errors(predicted, measured, n, &s, NULL);
		CHECK(isnan(s.r2));
	}
}

TEST(no_rows_are_unknown)
{
	struct sw__error_summary s;

	CHECK_INT(sw__summarise_errors(NULL, NULL, 0, &s, NULL), SW_OK);
	CHECK(isnan(s.mape) && isnan(s.r2));
	CHECK_INT(s.rows, 0);
}

TEST_MAIN()
