// SPDX-License-Identifier: Apache-2.0
#include "math/error_summary.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"
#include "math/ordered.h"

/* By value, not by the sum of squares: rounding makes that of equal numbers a little more than 0. */
static bool is_constant(const double *x, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (x[i] != x[0])
			return false;
	}
	return true;
}

static double r_squared(const double *predicted, const double *measured, size_t n)
{
	double mean = 0, total = 0, residual = 0;

	if (is_constant(measured, n))
		return NAN;
	for (size_t i = 0; i < n; i++)
		mean += log(measured[i]) / (double)n;
	for (size_t i = 0; i < n; i++) {
		total += pow(log(measured[i]) - mean, 2);
		residual += pow(log(measured[i] / predicted[i]), 2);
	}
	return 1 - residual / total;
}

enum sw_status sw__summarise_errors(const double *predicted, const double *measured, size_t n,
				    struct sw__error_summary *out, struct sw_error *err)
{
	double *absolute = malloc((n + 1) * sizeof(*absolute));
	double sum = 0, bias = 0, squares = 0, rows = (double)n;

	*out = (struct sw__error_summary){n, NAN, NAN, NAN, NAN, NAN, NAN};
	if (!absolute)
		return sw_fail(err, SW_NO_MEMORY, "errors: out of memory");
	for (size_t i = 0; i < n; i++) {
		double error = predicted[i] / measured[i] - 1;

		absolute[i] = fabs(error);
		sum += absolute[i];
		bias += error;
		squares += pow(log(predicted[i] / measured[i]), 2);
	}
	if (n > 0) {
		qsort(absolute, n, sizeof(*absolute), sw__ascending);
		*out = (struct sw__error_summary){n,
						  sum / rows,
						  absolute[n / 2],
						  absolute[n * 95 / 100],
						  bias / rows,
						  sqrt(squares / rows),
						  r_squared(predicted, measured, n)};
	}
	free(absolute);
	return SW_OK;
}
