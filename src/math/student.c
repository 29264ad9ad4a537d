// SPDX-License-Identifier: Apache-2.0
#include "math/student.h"

#include <math.h>

#include "math/normal.h"

static const double PI = 3.14159265358979323846;

/* Hill, "Algorithm 396: Student's t-quantiles", CACM 13 (1970), for two tails of `tails` together. */
static double hill(double tails, double n)
{
	double a = 1 / (n - 0.5), b = 48 / (a * a);
	double c = ((20700 * a / b - 98) * a - 16) * a + 96.36;
	double d = ((94.5 / (b + c) - 3) / b + 1) * sqrt(a * PI / 2) * n;
	double x = d * tails, y = pow(x, 2 / n);

	if (y > 0.05 + a) {
		x = sw__normal_quantile(tails / 2);
		y = x * x;
		if (n < 5)
			c += 0.3 * (n - 4.5) * (x + 0.6);
		c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c;
		y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x;
		y = expm1(a * y * y);
	} else {
		y = ((1 / (((n + 6) / (n * y) - 0.089 * d - 0.822) * (n + 2) * 3) + 0.5 / (n + 4)) *
			     y -
		     1) * (n + 1) /
			    (n + 2) +
		    1 / y;
	}
	return sqrt(n * y);
}

double sw__student_quantile(double p, double degrees)
{
	double tails = 2 * (1 - p);

	if (!(p >= 0.5 && p < 1) || !(degrees >= 1))
		return NAN;
	if (degrees == 1)
		return tan(PI * (p - 0.5));
	if (degrees == 2)
		return (2 * p - 1) / sqrt(2 * p * (1 - p));
	return hill(tails, degrees);
}
