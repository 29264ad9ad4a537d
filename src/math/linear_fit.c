// SPDX-License-Identifier: Apache-2.0
#include "math/linear_fit.h"

#include <assert.h>
#include <math.h>

/* Far below what any measurement tells, far above the rounding of sums of squares. */
static const double ridge = 1e-9;

void sw__linear_fit_start(struct sw__linear_fit *fit, size_t unknowns)
{
	assert(unknowns > 0 && unknowns <= SW__UNKNOWNS_MAX);
	*fit = (struct sw__linear_fit){.unknowns = unknowns};
}

void sw__linear_fit_add(struct sw__linear_fit *fit, const double *row, double y)
{
	fit->rows++;
	for (size_t i = 0; i < fit->unknowns; i++) {
		fit->b[i] += row[i] * y;
		for (size_t j = 0; j < fit->unknowns; j++)
			fit->a[i][j] += row[i] * row[j];
	}
}

/* Cholesky's factor of the scaled, ridged sums, in the lower triangle. */
static void factor(double l[SW__UNKNOWNS_MAX][SW__UNKNOWNS_MAX], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j <= i; j++) {
			double sum = l[i][j];

			for (size_t k = 0; k < j; k++)
				sum -= l[i][k] * l[j][k];
			l[i][j] = i == j ? sqrt(fmax(sum, ridge * ridge)) : sum / l[j][j];
		}
	}
}

static void substitute(double l[SW__UNKNOWNS_MAX][SW__UNKNOWNS_MAX], size_t n, double *x)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < i; k++)
			x[i] -= l[i][k] * x[k];
		x[i] /= l[i][i];
	}
	for (size_t i = n; i-- > 0;) {
		for (size_t k = i + 1; k < n; k++)
			x[i] -= l[k][i] * x[k];
		x[i] /= l[i][i];
	}
}

void sw__linear_fit_solve(const struct sw__linear_fit *fit, double *x)
{
	double l[SW__UNKNOWNS_MAX][SW__UNKNOWNS_MAX] = {{0}}, scale[SW__UNKNOWNS_MAX];
	size_t n = fit->unknowns;

	/* Unknowns in units in which each one's own sum of squares is 1: a ridge then means the same to all. */
	for (size_t i = 0; i < n; i++)
		scale[i] = fit->a[i][i] > 0 ? 1 / sqrt(fit->a[i][i]) : 0;
	for (size_t i = 0; i < n; i++) {
		x[i] = fit->b[i] * scale[i];
		for (size_t j = 0; j < n; j++)
			l[i][j] = fit->a[i][j] * scale[i] * scale[j];
		l[i][i] = scale[i] > 0 && !(fit->intercept && i + 1 == n) ? 1 + ridge : 1;
	}
	factor(l, n);
	substitute(l, n, x);
	for (size_t i = 0; i < n; i++)
		x[i] *= scale[i];
}
