// SPDX-License-Identifier: Apache-2.0
#include "plan/relaxing.h"

#include <stdlib.h>

#include "base/error.h"

enum { FIRST_CAPACITY = 16 };

enum sw_status sw__relaxing_add(struct sw__relaxing *r, const struct sw_relaxation *found,
				struct sw_text *words, struct sw_error *err)
{
	struct sw_plan *plan = r->plan;

	if (plan->n_relaxations == r->capacity) {
		size_t capacity = r->capacity ? 2 * r->capacity : FIRST_CAPACITY;
		struct sw_relaxation *more = realloc(plan->relaxations, capacity * sizeof(*more));

		if (!more) {
			sw_text_free(words);
			return sw_fail(err, SW_NO_MEMORY, "%zu relaxations", capacity);
		}
		plan->relaxations = more;
		r->capacity = capacity;
	}
	plan->relaxations[plan->n_relaxations] = *found;
	(void)sw_copy_name(plan->relaxations[plan->n_relaxations].words, sizeof(found->words),
			   sw_text_string(words));
	plan->n_relaxations++;
	if (!sw_text_ok(words))
		return sw_fail(err, SW_NO_MEMORY, "out of memory");
	sw_text_free(words);
	return SW_OK;
}

struct sw_workload *sw__relaxing_copy(struct sw__relaxed *part, const struct sw__relaxing *r)
{
	return &part->problem.workloads[sw__relaxed_index(part, r->workload)];
}

/* A plan of all, while there is anything left to spend; else it is not known to hold. */
enum sw_status sw__relaxing_plan(struct sw__relaxing *r, bool *holds, struct sw_error *err)
{
	*holds = false;
	if (r->engines > r->left)
		return SW_OK;
	r->left -= r->engines;
	return sw__relaxed_holds(&r->others, holds, err);
}

/* GPUs of a kind that no workload whose limits hold is on. */
double sw__relaxing_free_gpus(const struct sw__relaxing *r, size_t fleet)
{
	double n = r->problem->fleet[fleet].count;

	for (size_t i = 0; i < r->plan->n_gpus; i++) {
		const struct sw_plan_gpu *gpu = &r->plan->gpus[i];
		bool needed = false;

		for (size_t k = 0; k < gpu->n; k++)
			needed = needed || r->plan->workloads[gpu->tenants[k].workload].met;
		n -= gpu->fleet == fleet && needed;
	}
	return n;
}

/* Whether the workload as it is now fits the GPUs that others leave, of one kind. */
enum sw_status sw__relaxing_fits_free(struct sw__relaxing *r, bool *fits, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	*fits = false;
	for (size_t f = 0; f < r->problem->n_fleet && st == SW_OK && !*fits; f++) {
		unsigned per_gpu, engines;

		if (sw__relaxing_free_gpus(r, f) < 1)
			continue;
		st = sw__relaxed_per_gpu(&r->alone, 0, f, &per_gpu, &engines, err);
		*fits = st == SW_OK && per_gpu &&
			ceil((double)engines / per_gpu) <= sw__relaxing_free_gpus(r, f);
		if (*fits) {
			r->alone_fleet = f;
			r->alone_engines = engines;
		}
	}
	return st;
}

/* What a plan with it costs, or what else says that it is enough. */
void sw__relaxing_say(const struct sw_problem *problem, const struct sw_relaxation *found,
		      struct sw_text *text)
{
	const char *gpu = found->fleet != SW_NONE ? problem->fleet[found->fleet].gpu.id : "";
	const char *s = found->replicas == 1 ? "" : "s";

	sw_text_addf(text, ", with %u engine%s", found->replicas, s);
	if (found->basis == SW_BASIS_PLANNED)
		sw_text_addf(text, "; %.2f per hour in all", found->cost_per_hour);
	else if (found->kind == SW_RELAX_GPUS)
		sw_text_puts(text, "; the others stay as they are");
	else if (found->basis == SW_BASIS_FREE)
		sw_text_addf(text, " on GPUs that are free, %s", gpu);
	else
		sw_text_addf(text, ", and GPUs for that which the fleet has not, %s", gpu);
}

double sw__relaxing_change(double from, double to)
{
	return fmax(from, to) / fmin(from, to) - 1;
}
