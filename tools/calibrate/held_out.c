// SPDX-License-Identifier: Apache-2.0
#include "held_out.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

enum sw_status errors_of(const double *predicted, const double *measured, size_t n,
			 struct errors *out, struct sw_error *err)
{
	double *absolute = malloc((n + 1) * sizeof(*absolute));
	double sum = 0, bias = 0, squares = 0;

	if (!absolute)
		return sw_fail(err, SW_NO_MEMORY, "errors: out of memory");
	for (size_t i = 0; i < n; i++) {
		double error = predicted[i] / measured[i] - 1;
		double logarithm = log(predicted[i] / measured[i]);

		absolute[i] = fabs(error);
		sum += absolute[i];
		bias += error;
		squares += logarithm * logarithm;
	}
	qsort(absolute, n, sizeof(*absolute), ascending);
	*out = (struct errors){.rows = n,
			       .mape = n ? sum / (double)n : NAN,
			       .median = n ? absolute[n / 2] : NAN,
			       .p95 = n ? absolute[n * 95 / 100] : NAN,
			       .bias = n ? bias / (double)n : NAN,
			       .log_sd = n ? sqrt(squares / (double)n) : NAN};
	free(absolute);
	return SW_OK;
}

void errors_header(struct sw_text *csv)
{
	sw_text_puts(csv, "gpu,what,left_out,rows,mape_pct,median_pct,p95_pct,bias_pct\n");
}

void errors_line(struct sw_text *csv, const char *gpu, const char *what, const char *left_out,
		 const struct errors *e)
{
	sw_text_addf(csv, "%s,%s,%s,%zu,%.2f,%.2f,%.2f,%.2f\n", gpu, what, left_out, e->rows,
		     100 * e->mape, 100 * e->median, 100 * e->p95, 100 * e->bias);
}

/* FNV-1a over the bytes, then a mixing of the bits: neighbouring shapes fall into different folds. */
size_t fold_of(const double *numbers, size_t n, size_t folds)
{
	uint64_t hash = 14695981039346656037U;
	unsigned char bytes[sizeof(double)];

	for (size_t i = 0; i < n; i++) {
		memcpy(bytes, &numbers[i], sizeof(bytes));
		for (size_t j = 0; j < sizeof(bytes); j++)
			hash = (hash ^ bytes[j]) * 1099511628211U;
	}
	hash ^= hash >> 33;
	hash *= 0xff51afd7ed558ccdU;
	hash ^= hash >> 33;
	return (size_t)(hash % folds);
}
