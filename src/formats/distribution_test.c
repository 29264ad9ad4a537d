// SPDX-License-Identifier: Apache-2.0
#include "formats/distribution.h"

#include "check.h"

#include <math.h>

static double bins_mean(const struct sw__lengths *l)
{
	double sum = 0;

	for (size_t i = 0; i < l->n_bins; i++)
		sum += l->weight[i] * l->value[i];
	return sum;
}

TEST(constant_is_one_bin)
{
	struct sw__lengths l;

	CHECK_INT(sw__lengths_constant(2048, &l, NULL), SW_OK);
	CHECK_INT(l.n_bins, 1);
	CHECK_NEAR(l.mean, 2048, 0);
	CHECK_NEAR(l.mean_square, 2048.0 * 2048, 0);
	CHECK_NEAR(sw__lengths_quantile(&l, 0.99), 2048, 0);
}

TEST(lognormal_keeps_mean_and_p95)
{
	struct sw__lengths l;

	CHECK_INT(sw__lengths_lognormal(800, 3000, &l, NULL), SW_OK);
	CHECK_NEAR(l.mean, 800, 1e-3); /* the floor of one token moves it a little */
	CHECK_NEAR(l.p95, 3000, 1e-12);
	CHECK_NEAR(bins_mean(&l), l.mean, 1e-12);
	CHECK_NEAR(sw__lengths_quantile(&l, 0.95), 3000, 1e-9);
}

TEST(lognormal_takes_the_smaller_sigma)
{
	struct sw__lengths l;

	CHECK_INT(sw__lengths_lognormal(200, 700, &l, NULL), SW_OK);
	CHECK(l.log_sd < 1.645);
	CHECK_NEAR(l.mean_square / (l.mean * l.mean), exp(l.log_sd * l.log_sd), 2e-3);
}

TEST(narrow_lognormal_has_moments)
{
	struct sw__lengths l;

	for (double ratio = 1.0001; ratio < 1.2; ratio += 0.0007) {
		CHECK_INT(sw__lengths_lognormal(3.4, 3.4 * ratio, &l, NULL), SW_OK);
		CHECK_NEAR(l.mean, 3.4, 1e-3);
		CHECK(isfinite(l.mean_square) && isfinite(l.value[0]));
	}
}

TEST(lognormal_refuses_what_no_lognormal_has)
{
	static const double bad[][2] = {{800, 800}, {800, 700},     {800, 3100}, {0.5, 1},
					{NAN, 10},  {10, INFINITY}, {-3, -4}};
	struct sw__lengths l;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_INT(sw__lengths_lognormal(bad[i][0], bad[i][1], &l, NULL), SW_BAD_INPUT);
	CHECK_INT(sw__lengths_lognormal(1000, 3860, &l, NULL), SW_OK);
}

TEST(constant_refuses_less_than_a_token)
{
	struct sw_error err;
	struct sw__lengths l;

	CHECK_INT(sw__lengths_constant(0, &l, &err), SW_BAD_INPUT);
	CHECK_INT(sw__lengths_constant(INFINITY, &l, NULL), SW_BAD_INPUT);
}

TEST(cut_lowers_moments_and_ends_the_last_bin)
{
	struct sw__lengths l, whole;

	CHECK_INT(sw__lengths_lognormal(800, 3000, &whole, NULL), SW_OK);
	l = whole;
	sw__lengths_cut(&l, 1024);
	CHECK(l.mean < whole.mean && l.mean_square < whole.mean_square);
	CHECK_NEAR(l.upper[l.n_bins - 1], 1024, 0);
	CHECK_NEAR(bins_mean(&l), l.mean, 1e-12);
	CHECK_NEAR(sw__lengths_quantile(&l, 0.999), 1024, 0);
}

TEST(trace_keeps_moments_and_quantiles)
{
	double tokens[1000];
	struct sw__lengths l;

	for (int i = 0; i < 1000; i++)
		tokens[i] = (double)((i * 7) % 1000); /* 0..999 shuffled; 0 counts as 1 */
	CHECK_INT(sw__lengths_trace(tokens, 1000, &l, NULL), SW_OK);
	CHECK_NEAR(l.mean, 499.501, 1e-9);
	CHECK_NEAR(bins_mean(&l), l.mean, 1e-12);
	CHECK_NEAR(sw__lengths_quantile(&l, 0.5), 499.5, 0.01);
	CHECK_NEAR(l.p95, 949, 0.01);
}

TEST(trace_of_few_requests_has_few_bins)
{
	static const double tokens[] = {30, 10, 20};
	struct sw__lengths l;
	double sum = 0;

	CHECK_INT(sw__lengths_trace(tokens, 3, &l, NULL), SW_OK);
	CHECK_INT(l.n_bins, 3);
	for (size_t i = 0; i < l.n_bins; i++)
		sum += l.weight[i];
	CHECK_NEAR(sum, 1, 1e-12);
	CHECK_NEAR(l.mean_square, 1400.0 / 3, 1e-12);
}

TEST(trace_refuses_nothing_and_nonsense)
{
	static const double bad[] = {10, NAN};
	struct sw__lengths l;

	CHECK_INT(sw__lengths_trace(bad, 0, &l, NULL), SW_BAD_INPUT);
	CHECK_INT(sw__lengths_trace(bad, 2, &l, NULL), SW_BAD_INPUT);
}

TEST_MAIN()
