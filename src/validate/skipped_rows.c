// SPDX-License-Identifier: Apache-2.0
#include "validate/skipped_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static enum sw_status add_reason(struct sw_validation *v, const char *why, struct sw_error *err)
{
	struct sw_skipped_rows *grown =
		realloc(v->skipped, (v->n_skipped + 1) * sizeof(*v->skipped));
	char *copy = strdup(why);

	if (grown)
		v->skipped = grown;
	if (!grown || !copy) {
		free(copy);
		return sw_fail(err, SW_NO_MEMORY, "validate: out of memory");
	}
	v->skipped[v->n_skipped++] = (struct sw_skipped_rows){.why = copy};
	return SW_OK;
}

enum sw_status sw__skip_rows(struct sw_validation *v, size_t rows, const char *why,
			     struct sw_error *err)
{
	enum sw_status st = SW_OK;
	size_t i = 0;

	if (rows == 0)
		return SW_OK;
	while (i < v->n_skipped && strcmp(v->skipped[i].why, why) != 0)
		i++;
	if (i == v->n_skipped)
		st = add_reason(v, why, err);
	if (st == SW_OK)
		v->skipped[i].rows += rows;
	return st;
}

void sw__skipped_rows_free(struct sw_validation *v)
{
	for (size_t i = 0; i < v->n_skipped; i++)
		free(v->skipped[i].why);
	free(v->skipped);
	v->skipped = NULL;
	v->n_skipped = 0;
}
