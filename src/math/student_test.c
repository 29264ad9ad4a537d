// SPDX-License-Identifier: Apache-2.0
#include "math/student.h"

#include "check.h"
#include "math/normal.h"

/* Tables of t as every handbook prints them (one tail). */
TEST(published_tables)
{
	static const struct {
		double p, degrees, t;
	} rows[] = {
		{0.75, 1, 1.0000},    {0.75, 4, 0.7407},    {0.75, 10, 0.6998},
		{0.90, 1, 3.0777},    {0.90, 3, 1.6377},    {0.90, 20, 1.3253},
		{0.95, 1, 6.3138},    {0.95, 2, 2.9200},    {0.95, 3, 2.3534},
		{0.95, 4, 2.1318},    {0.95, 5, 2.0150},    {0.95, 10, 1.8125},
		{0.95, 30, 1.6973},   {0.95, 120, 1.6577},  {0.975, 1, 12.7062},
		{0.975, 2, 4.3027},   {0.975, 3, 3.1824},   {0.975, 4, 2.7764},
		{0.975, 5, 2.5706},   {0.975, 6, 2.4469},   {0.975, 7, 2.3646},
		{0.975, 9, 2.2622},   {0.975, 10, 2.2281},  {0.975, 30, 2.0423},
		{0.975, 60, 2.0003},  {0.975, 120, 1.9799}, {0.99, 3, 4.5407},
		{0.99, 4, 3.7469},    {0.99, 10, 2.7638},   {0.995, 1, 63.6567},
		{0.995, 2, 9.9248},   {0.995, 3, 5.8409},   {0.995, 4, 4.6041},
		{0.995, 10, 3.1693},  {0.995, 30, 2.7500},  {0.9995, 3, 12.9240},
		{0.9995, 10, 4.5869},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		double t = sw__student_quantile(rows[i].p, rows[i].degrees);

		if (!CHECK(fabs(t - rows[i].t) < 1.5e-4))
			printf("    p %g, %g degrees: %.6f\n", rows[i].p, rows[i].degrees, t);
	}
}

static double density(double x, double n)
{
	double log_of = lgamma((n + 1) / 2) - lgamma(n / 2) - 0.5 * log(n * acos(-1)) -
			(n + 1) / 2 * log1p(x * x / n);

	return exp(log_of);
}

/* P(T <= t) by Simpson's rule from 0 on. */
static double integrated(double t, double n)
{
	enum { PIECES = 2000 };
	double h = t / PIECES, sum = density(0, n) + density(t, n);

	for (int i = 1; i < PIECES; i++)
		sum += (i % 2 ? 4 : 2) * density(i * h, n);
	return 0.5 + sum * h / 3;
}

/* What lies beyond the quantile is 1 - p, to five digits of t: the density says what that is of p. */
TEST(the_integral_of_the_density)
{
	static const double levels[] = {0.6, 0.9, 0.95, 0.975, 0.99};

	for (double n = 1; n <= 200; n++) {
		for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
			double t = sw__student_quantile(levels[i], n);
			double off = (integrated(t, n) - levels[i]) / density(t, n);

			if (!CHECK(fabs(off) < 2e-5 * t))
				printf("    p %g, %g degrees: %.7f, off by %.2g\n", levels[i], n, t,
				       off);
		}
	}
}

TEST(many_degrees_are_the_normal_distribution)
{
	CHECK_NEAR(sw__student_quantile(0.975, 1e9), sw__normal_quantile(0.975), 1e-6);
	CHECK_NEAR(sw__student_quantile(0.95, 1e9), sw__normal_quantile(0.95), 1e-6);
}

TEST(the_middle_and_outside)
{
	for (double n = 1; n < 10; n++)
		CHECK(fabs(sw__student_quantile(0.5, n)) < 1e-9);
	CHECK(isnan(sw__student_quantile(0.4, 5)));
	CHECK(isnan(sw__student_quantile(1, 5)));
	CHECK(isnan(sw__student_quantile(NAN, 5)));
	CHECK(isnan(sw__student_quantile(0.9, 0)));
	CHECK(isnan(sw__student_quantile(0.9, NAN)));
}

TEST_MAIN()
