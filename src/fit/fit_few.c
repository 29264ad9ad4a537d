// SPDX-License-Identifier: Apache-2.0
#include "fit/fit_few.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "math/ordered.h"

static const double BETTER = 0.97, BETTER_BY = 4;

bool sw__few_is_less(double left, double before)
{
	return left < sw__smaller(BETTER * before, before - BETTER_BY);
}

void sw__few_clear(struct sw__cases *few)
{
	for (size_t i = 0; i < few->n; i++)
		sw__case_clear_copy(&few->at[i]);
	free(few->at);
	free(few->vector.value);
	*few = (struct sw__cases){0};
}

enum sw_status sw__few_make(const struct sw__cases *cases, struct sw__cases *few,
			    struct sw_error *err)
{
	size_t size = (cases->vector.n + 1) * sizeof(double);

	*few = (struct sw__cases){.at = calloc(cases->n + 1, sizeof(*few->at)),
				  .vector = cases->vector};
	few->vector.value = malloc(size);
	if (!few->at || !few->vector.value)
		return sw_fail(err, SW_NO_MEMORY, "%zu mixes", cases->n);
	memcpy(few->vector.value, cases->vector.value, size);
	return SW_OK;
}

enum sw_status sw__few_add(const struct sw__case *c, struct sw__cases *few, struct sw_error *err)
{
	return sw__case_copy(c, &few->at[few->n++], err);
}

enum sw_status sw__few_left_at(struct sw__cases *few, const struct sw__few_entry *entry,
			       const struct sw__descent *how, double at, struct sw__few_best *best,
			       struct sw_error *err)
{
	double left;
	enum sw_status st;

	few->vector.value[entry->at] = at;
	st = sw__cases_predict_now(few, &how->predicting, err);
	sw__normal_set(few, how->normal);
	if (st == SW_OK)
		st = sw__normal_solve(how->normal, err);
	if (st != SW_OK)
		return st;
	left = sw__group_objective(few, entry->group, how->normal->step);
	if (left < best->left)
		*best = (struct sw__few_best){at, left};
	return SW_OK;
}
