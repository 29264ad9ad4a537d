// SPDX-License-Identifier: Apache-2.0
/* How the running engines would do if nothing were changed. */
#include <string.h>

#include "plan/miss.h"
#include "plan/replan_changes.h"
#include "plan/together.h"

/* The sizes of a GPU's engines as they run; false where one of them cannot go on so. */
static enum sw_status sizes_of(struct sw__kept *kept, const struct sw__running_gpu *gpu,
			       struct sw__size **size, unsigned char *level, bool *all,
			       struct sw_error *err)
{
	const struct sw__running *running = kept->running;
	enum sw_status st = SW_OK;

	*all = gpu->fleet != SW__NONE && gpu->n <= SW__TOGETHER_MAX;
	for (size_t k = 0; st == SW_OK && *all && k < gpu->n; k++) {
		const struct sw__running_engine *is = &running->engines[gpu->first + k];

		*all = is->workload != SW__NONE && is->may_stay && is->level != SW__NONE;
		if (!*all)
			break;
		level[k] = (unsigned char)is->level;
		st = sw__kept_size(kept, gpu->first + k, running->replicas[is->workload],
				   is->tenant->max_in_flight, &size[k], err);
	}
	return st;
}

static enum sw_status diagnose_gpu(struct sw__kept *kept, const struct sw__running_gpu *gpu,
				   struct sw__diagnosis *out, struct sw_error *err)
{
	struct sw__size *size[SW__TOGETHER_MAX] = {NULL};
	unsigned char level[SW__TOGETHER_MAX];
	struct sw_prediction predicted[SW__TOGETHER_MAX];
	bool all;
	enum sw_status st = sizes_of(kept, gpu, size, level, &all, err);

	if (st != SW_OK || !all)
		return st;
	st = sw__together_predict(kept->sizing, gpu->fleet, size, level, gpu->n, predicted, err);
	for (size_t k = 0; st == SW_OK && k < gpu->n; k++) {
		struct sw__miss miss = sw__miss_of(&predicted[k], &size[k]->tenant.slo);

		out[k].known = true;
		out[k].missed = !sw_prediction_meets(&predicted[k], &size[k]->tenant.slo);
		sw__miss_say(&miss, out[k].words, sizeof(out[k].words));
	}
	return st;
}

enum sw_status sw__diagnose(struct sw__kept *kept, struct sw__diagnosis *out, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t g = 0; st == SW_OK && g < kept->running->n_gpus; g++) {
		const struct sw__running_gpu *gpu = &kept->running->gpus[g];

		st = diagnose_gpu(kept, gpu, out + gpu->first, err);
	}
	return st;
}
