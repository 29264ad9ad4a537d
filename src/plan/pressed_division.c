// SPDX-License-Identifier: Apache-2.0
#include "plan/pressed_division.h"

#include <string.h>

#include "plan/parts.h"

static enum sw_status holds_alone(struct sw__sizing *sizing, struct sw__size *size, size_t level,
				  bool *holds, struct sw_error *err)
{
	enum sw_mechanism mechanism = sizing->problem->fleet[size->fleet].mechanism;
	struct sw_prediction predicted;
	const sw_prepared *prepared;
	enum sw_status st = sw__size_prepared(sizing, size, level, &prepared, err);

	if (st != SW_OK)
		return st;
	sizing->oracle->predict(mechanism, &prepared, 1, &predicted);
	*holds = sw_prediction_meets(&predicted, &size->tenant.slo);
	return SW_OK;
}

/* From above: mostly it does not hold there either, and one look is enough. */
static enum sw_status find_alone(struct sw__sizing *sizing, struct sw__size *size, size_t from,
				 struct sw_error *err)
{
	size_t low = 0, at = from;
	enum sw_status st = SW_OK;

	size->alone = from + 1;
	while (low < size->alone && st == SW_OK) {
		bool holds = false;

		st = holds_alone(sizing, size, at, &holds, err);
		*(holds ? &size->alone : &low) = holds ? at : at + 1;
		at = low + (size->alone - low) / 2;
	}
	return st;
}

enum sw_status sw__division_make(struct sw__sizing *sizing, const struct sw__size *fewest,
				 unsigned replicas, size_t from, struct sw__size *out, bool *holds,
				 struct sw_error *err)
{
	enum sw_status st;

	*out = *fewest;
	out->replicas = replicas;
	out->tenant.load =
		sw__load_to_hold(&sizing->problem->workloads[fewest->workload], replicas);
	(void)memset((void *)out->prepared, 0, sizeof(out->prepared));
	st = find_alone(sizing, out, from, err);
	*holds = st == SW_OK && out->alone <= from;
	return st;
}

void sw__division_clear(struct sw__sizing *sizing, struct sw__size *division)
{
	for (size_t level = 0; level < sizing->levels[division->fleet].n; level++) {
		if (division->prepared[level])
			sizing->oracle->release(division->prepared[level]);
		division->prepared[level] = NULL;
	}
}

bool sw__division_allowed(const struct sw_workload *workload, unsigned replicas)
{
	return !workload->replicas && !(replicas > workload->load.concurrency);
}
