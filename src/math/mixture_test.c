// SPDX-License-Identifier: Apache-2.0
#include "math/mixture.h"

#include "check.h"

#include <math.h>

/* p50, p95, p99: -ln(1 - p). */
static const double levels[] = {0.6931471805599453, 2.995732273553991, 4.605170185988091};

TEST(a_uniform_is_itself)
{
	struct sw__mixture m;
	double q[3];

	sw__mixture_clear(&m);
	sw__mixture_add_uniform(&m, 2, 10, 20);
	CHECK_NEAR(sw__mixture_mean(&m), 15, 1e-12);
	CHECK_NEAR(sw__mixture_cdf(&m, 12.5), 0.25, 1e-12);
	sw__mixture_quantiles(&m, levels, 3, NULL, q);
	CHECK_NEAR(q[0], 15, 5e-3);
	CHECK_NEAR(q[1], 19.5, 5e-3);
	CHECK_NEAR(q[2], 19.9, 5e-3);
}

TEST(an_exponential_keeps_its_percentiles)
{
	struct sw__mixture m;
	double q[3];

	sw__mixture_clear(&m);
	sw__mixture_add_gamma(&m, 1, 5, 2, 4);
	sw__mixture_quantiles(&m, levels, 3, NULL, q);
	CHECK_NEAR(q[0] - 5, 2 * log(2), 0.03);
	CHECK_NEAR(q[1] - 5, 2 * log(20), 0.02);
	CHECK_NEAR(q[2] - 5, 2 * log(100), 0.07);
}

TEST(a_narrow_gamma_is_normal)
{
	struct sw__mixture m;
	double q[3];

	sw__mixture_clear(&m);
	sw__mixture_add_gamma(&m, 1, 0, 100, 4);
	sw__mixture_quantiles(&m, levels, 3, NULL, q);
	CHECK_NEAR(q[0], 100, 2e-3);
	CHECK_NEAR(q[1], 103.29, 2e-3);
	CHECK_NEAR(q[2], 104.65, 2e-3);
}

TEST(points_far_apart_are_told_apart)
{
	struct sw__mixture m;
	double q[3];

	sw__mixture_clear(&m);
	sw__mixture_add_uniform(&m, 0.94, 3, 3);
	sw__mixture_add_uniform(&m, 0.04, 1000, 1000);
	sw__mixture_add_uniform(&m, 0.02, 1e6, 1e6);
	sw__mixture_quantiles(&m, levels, 3, NULL, q);
	CHECK_NEAR(q[0], 3, 2e-3);
	CHECK_NEAR(q[1], 1000, 2e-3);
	CHECK_NEAR(q[2], 1e6, 2e-3);
}

TEST(weights_need_not_sum_to_one_and_order_does_not_matter)
{
	struct sw__mixture a, b;
	double qa[3], qb[3];

	sw__mixture_clear(&a);
	sw__mixture_clear(&b);
	sw__mixture_add_gamma(&a, 3, 1, 10, 30);
	sw__mixture_add_uniform(&a, 1, 0, 4);
	sw__mixture_add_uniform(&b, 0.25, 0, 4);
	sw__mixture_add_gamma(&b, 0.75, 1, 10, 30);
	sw__mixture_quantiles(&a, levels, 3, NULL, qa);
	sw__mixture_quantiles(&b, levels, 3, NULL, qb);
	for (int i = 0; i < 3; i++)
		CHECK_NEAR(qa[i], qb[i], 2e-3);
	CHECK_NEAR(sw__mixture_mean(&a), 0.25 * 2 + 0.75 * 11, 1e-12);
}

TEST(a_guess_changes_the_time_and_not_the_answer)
{
	static const double guesses[][3] = {{9, 30, 45}, {1, 1, 1},       {1e6, 1e6, 1e6},
					    {45, 30, 9}, {NAN, NAN, NAN}, {-1, 0, 20}};
	struct sw__mixture m;
	double without[3], with[3];

	sw__mixture_clear(&m);
	sw__mixture_add_gamma(&m, 0.7, 1, 10, 90);
	sw__mixture_add_gamma(&m, 0.03, 5, 200, 900);
	sw__mixture_add_uniform(&m, 0.27, 2, 4);
	sw__mixture_quantiles(&m, levels, 3, NULL, without);
	for (size_t i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++) {
		sw__mixture_quantiles(&m, levels, 3, guesses[i], with);
		for (int k = 0; k < 3; k++)
			CHECK_NEAR(with[k], without[k], 0.015);
	}
	CHECK_NEAR(sw__mixture_deviation(&m) * sw__mixture_deviation(&m),
		   m.square - m.mean * m.mean, 1e-9);
}

TEST(an_empty_mixture_is_unknown)
{
	struct sw__mixture m;
	double q[3];

	sw__mixture_clear(&m);
	sw__mixture_add_gamma(&m, 0, 0, 1, 1);
	sw__mixture_quantiles(&m, levels, 3, NULL, q);
	CHECK(isnan(q[0]) && isnan(q[2]) && isnan(sw__mixture_mean(&m)));
}

TEST_MAIN()
