// SPDX-License-Identifier: Apache-2.0
#include "common/least_squares.h"

#include <gsl/gsl_multifit.h>

/* Columns that are nearly sums of others (pairs alone: always two engines) would get coefficients that cancel each other. */
static const double SMALL = 1e-6;

/* Every row is divided by what is to come out. */
static void fill(const double *x, const double *given, const double *y, gsl_matrix *rows,
		 gsl_vector *aims)
{
	for (size_t i = 0; i < rows->size1; i++) {
		gsl_vector_set(aims, i, 1 - (given ? given[i] / y[i] : 0));
		for (size_t j = 0; j < rows->size2; j++)
			gsl_matrix_set(rows, i, j, x[i * rows->size2 + j] / y[i]);
	}
}

bool least_squares(const double *x, const double *given, const double *y, size_t n, size_t k,
		   double *c, double *rest)
{
	gsl_multifit_linear_workspace *work = n >= k ? gsl_multifit_linear_alloc(n, k) : NULL;
	gsl_matrix *rows = work ? gsl_matrix_alloc(n, k) : NULL;
	gsl_matrix *covariance = work ? gsl_matrix_alloc(k, k) : NULL;
	gsl_vector *aims = work ? gsl_vector_alloc(n) : NULL, *found = gsl_vector_alloc(k);
	bool ok = rows && covariance && aims && found;
	double squares = 0;
	size_t rank;

	if (ok) {
		fill(x, given, y, rows, aims);
		ok = gsl_multifit_linear_tsvd(rows, aims, SMALL, found, covariance, &squares, &rank,
					      work) == 0;
	}
	for (size_t j = 0; ok && j < k; j++)
		c[j] = gsl_vector_get(found, j);
	if (rest)
		*rest = squares;
	gsl_multifit_linear_free(work);
	gsl_matrix_free(rows);
	gsl_matrix_free(covariance);
	gsl_vector_free(aims);
	gsl_vector_free(found);
	return ok;
}
