// SPDX-License-Identifier: Apache-2.0
#include "held_out.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

void errors_header(struct sw_text *csv)
{
	sw_text_puts(csv, "gpu,what,left_out,rows,mape_pct,median_pct,p95_pct,bias_pct\n");
}

void errors_line(struct sw_text *csv, const char *gpu, const char *what, const char *left_out,
		 const struct sw__error_summary *e)
{
	sw_text_addf(csv, "%s,%s,%s,%zu,%.2f,%.2f,%.2f,%.2f\n", gpu, what, left_out, e->rows,
		     100 * e->mape, 100 * e->median_ape, 100 * e->p95_ape, 100 * e->bias);
}

void errors_merge(const char *old, const char *prefix, const char *lines, struct sw_text *merged)
{
	bool done = false;

	while (*old) {
		size_t size = strcspn(old, "\n");

		size += old[size] == '\n';
		if (strncmp(old, prefix, strlen(prefix)) != 0) {
			sw_text_add(merged, old, size);
		} else if (!done) {
			sw_text_puts(merged, lines);
			done = true;
		}
		old += size;
	}
	if (!done)
		sw_text_puts(merged, lines);
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
