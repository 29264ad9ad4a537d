// SPDX-License-Identifier: Apache-2.0
#include "plan/compute_sums.h"

#include "sharing/mechanism.h"

static enum sw_status look_at_kind(struct sw__sizing *sizing, const bool *placed, size_t fleet,
				   bool *both, struct sw_error *err)
{
	bool shares = false, turns = false;
	enum sw_status st = SW_OK;

	for (size_t w = 0; w < sizing->problem->n_workloads && st == SW_OK; w++) {
		struct sw__size *fewest;

		if (!placed[w])
			continue;
		st = sw__size_fewest(sizing, w, fleet, &fewest, err);
		if (st != SW_OK || !(fewest->possible || fewest->passed_over))
			continue;
		shares = shares || fewest->share_matters;
		turns = turns || !fewest->share_matters;
	}
	*both = shares && turns;
	return st;
}

enum sw_status sw__compute_sums(struct sw__sizing *sizing, const bool *placed, bool *both,
				struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t f = 0; f < sizing->problem->n_fleet && st == SW_OK; f++) {
		both[f] = false;
		if (sw__mechanism(sizing->problem->fleet[f].mechanism)->share_is_duty)
			st = look_at_kind(sizing, placed, f, &both[f], err);
	}
	return st;
}

bool sw__sum_leaves_out(enum sw__compute_sum sum, const struct sw__size *fewest)
{
	return fewest->share_matters == (sum == SW__SUM_OF_TURNS);
}
