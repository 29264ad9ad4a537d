// SPDX-License-Identifier: Apache-2.0
#include "plan/table_replan_board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/rules.h"
#include "plan/table_rows.h"

static bool may_use(const struct sw_workload *w, const struct sw_gpu *gpu)
{
	for (size_t i = 0; i < w->n_gpus; i++)
		if (strcmp(w->gpus[i], gpu->id) == 0)
			return true;
	return w->n_gpus == 0;
}

/* Why the engine cannot go on as it runs; its row where it can. */
static void judge(const struct sw_problem *problem, const struct sw__table_board_gpu *gpu,
		  struct sw__table_board_engine *e)
{
	const struct sw_workload *w = &problem->workloads[e->workload];
	const struct sw_planned_row *is = e->planned;
	bool known;

	if (!may_use(w, &gpu->planned->mix->gpu)) {
		(void)snprintf(e->why_not, sizeof(e->why_not), "%.60s is not among its gpus now",
			       gpu->planned->mix->gpu.id);
		return;
	}
	e->row = sw__row_as_run(w, is->share, is->memory_gib, is->batch, is->processes, &known);
	if (!e->row)
		(void)snprintf(e->why_not, sizeof(e->why_not),
			       "%s of %.60s with batches of %u by %u process%s on a share of %.2f "
			       "%s",
			       known ? "the row" : "no row", w->table->path, is->batch,
			       is->processes, is->processes == 1 ? "" : "es", is->share,
			       known ? "is not in time" : "any more");
}

static void fill_engine(const struct sw_problem *problem, const struct sw_plan_mixes *running,
			const struct sw__table_board_gpu *gpu, struct sw__table_board_engine *e)
{
	const struct sw_planned_row *is = e->planned;

	e->workload = sw__workload_called(problem, running->workloads[is->workload].name);
	if (e->workload != SW__NONE && !problem->workloads[e->workload].table)
		e->workload = SW__NONE;
	if (e->workload == SW__NONE) {
		(void)snprintf(e->why_not, sizeof(e->why_not), "no longer among the workloads");
		return;
	}
	if (gpu->fleet == SW__NONE) {
		(void)snprintf(e->why_not, sizeof(e->why_not),
			       "no %.80s under %s is in the fleet any more",
			       gpu->planned->mix->gpu.id,
			       sw_mechanism_name(gpu->planned->mix->mechanism));
		return;
	}
	if (problem->fleet[gpu->fleet].mechanism == SW_MIG) {
		e->place.profile = sw_gpu_mig_profile(&problem->fleet[gpu->fleet].gpu, is->share,
						      is->memory_gib);
		e->place.start = is->mig_start;
	}
	judge(problem, gpu, e);
}

static double cores_of(const struct sw_placement *p)
{
	return sw_known(p->engine.cores) ? p->engine.cores : SW__CORES_PER_ENGINE;
}

/* The place at which a language model's engine runs already, where it goes on in such an instance. */
static bool runs_there(const struct sw_problem *problem, const struct sw__table_board_gpu *gpu,
		       const struct sw_placement *p, const struct sw_mig_profile *profile,
		       unsigned *start)
{
	char name[SW_NAME_MAX + 16];

	(void)snprintf(name, sizeof(name), "%s/%u", problem->workloads[p->workload].name,
		       p->replica);
	for (size_t k = 0; gpu->planned && gpu->planned->mig_start && k < gpu->planned->mix->n;
	     k++) {
		const struct sw_tenant *is = &gpu->planned->mix->tenants[k];

		if (strcmp(is->name, name) != 0 || gpu->planned->mig_start[k] < 0 ||
		    sw_gpu_mig_profile(&problem->fleet[gpu->fleet].gpu, is->slice.share,
				       is->slice.memory_gib) != profile)
			continue;
		*start = (unsigned)gpu->planned->mig_start[k];
		return true;
	}
	return false;
}

/* The language models' new instances: beside all that runs there, else beside their own, else all anew. */
static void place_models(const struct sw__table_board *board, struct sw__table_board_gpu *gpu,
			 struct sw_plan_gpu *planned)
{
	const struct sw_gpu *model = &board->problem->fleet[gpu->fleet].gpu;
	struct sw__mig_place there[2 * SW_TENANTS_MAX];
	const struct sw_mig_profile *all[SW_TENANTS_MAX], *wanted[SW_TENANTS_MAX];
	size_t who[SW_TENANTS_MAX], n_there = 0, n = 0, n_own;
	unsigned starts[SW_TENANTS_MAX] = {0};

	for (size_t k = 0; k < planned->n; k++) {
		const struct sw_placement *p = &planned->tenants[k];

		all[k] = sw_gpu_mig_profile(model, p->share, p->memory_gib);
		there[n_there].profile = all[k];
		if (runs_there(board->problem, gpu, p, all[k], &there[n_there].start)) {
			planned->tenants[k].mig_start = there[n_there++].start;
		} else {
			who[n] = k;
			wanted[n++] = all[k];
		}
	}
	n_own = n_there;
	for (size_t e = gpu->first; e < gpu->first + gpu->n && n_there < 2 * SW_TENANTS_MAX; e++)
		if (board->engines[e].row)
			there[n_there++] = board->engines[e].place;
	if (!sw__mig_beside(model, there, n_there, wanted, n, starts) &&
	    !sw__mig_beside(model, there, n_own, wanted, n, starts)) {
		if (!sw_gpu_mig_arrange(model, all, planned->n, starts))
			return;
		for (n = 0; n < planned->n; n++)
			who[n] = n;
	}
	for (size_t i = 0; i < n; i++)
		planned->tenants[who[i]].mig_start = starts[i];
}

static void take_models(const struct sw__table_board *board, struct sw__table_board_gpu *gpu,
			struct sw_plan_gpu *planned)
{
	const struct sw_fleet_entry *entry = &board->problem->fleet[gpu->fleet];

	for (size_t k = 0; k < planned->n; k++)
		gpu->cores += cores_of(&planned->tenants[k]);
	gpu->n_models = planned->n;
	if (entry->mechanism != SW_MIG || planned->n > SW_TENANTS_MAX)
		return;
	place_models(board, gpu, planned);
	for (size_t k = 0; k < planned->n; k++)
		gpu->models[k] = (struct sw__mig_place){
			sw_gpu_mig_profile(&entry->gpu, planned->tenants[k].share,
					   planned->tenants[k].memory_gib),
			planned->tenants[k].mig_start};
}

static size_t in_plan(const struct sw_plan *plan, const char *id)
{
	for (size_t g = 0; g < plan->n_gpus; g++)
		if (strcmp(plan->gpus[g].id, id) == 0)
			return g;
	return SW__NONE;
}

static void add_running(const struct sw_plan_mixes *running, size_t i, const struct sw_plan *plan,
			struct sw__table_board *board)
{
	const struct sw_planned_gpu *planned = &running->gpus[i];
	struct sw__table_board_gpu *gpu = &board->gpus[board->n_gpus];

	gpu->planned = planned;
	gpu->fleet = sw__running_fleet(board->problem, planned);
	gpu->in_plan = in_plan(plan, planned->id);
	gpu->first = board->n_engines;
	gpu->n = planned->n_rows;
	for (size_t k = 0; k < planned->n_rows; k++) {
		struct sw__table_board_engine *e = &board->engines[board->n_engines++];

		e->planned = &planned->rows[k];
		e->gpu = board->n_gpus;
		fill_engine(board->problem, running, gpu, e);
		if (e->workload != SW__NONE)
			board->engines_of[e->workload]++;
	}
	board->n_gpus++;
}

static bool is_on(const struct sw__table_board *board, size_t in_plan)
{
	for (size_t g = 0; g < board->n_gpus; g++)
		if (board->gpus[g].in_plan == in_plan)
			return true;
	return false;
}

enum sw_status sw__table_board_open(const struct sw_problem *problem,
				    const struct sw_plan_mixes *running, struct sw_plan *plan,
				    struct sw__table_board *out, struct sw_error *err)
{
	size_t engines = 0;

	*out = (struct sw__table_board){.problem = problem};
	for (size_t i = 0; i < running->n_gpus; i++)
		engines += running->gpus[i].n_rows;
	out->gpus = calloc(running->n_gpus + plan->n_gpus + 1, sizeof(*out->gpus));
	out->engines = calloc(engines + 1, sizeof(*out->engines));
	out->engines_of = calloc(problem->n_workloads + 1, sizeof(*out->engines_of));
	if (!out->gpus || !out->engines || !out->engines_of) {
		sw__table_board_close(out);
		return sw_fail(err, SW_NO_MEMORY, "%zu engines", engines);
	}
	for (size_t i = 0; i < running->n_gpus; i++)
		add_running(running, i, plan, out);
	for (size_t g = 0; g < plan->n_gpus; g++)
		if (!is_on(out, g))
			out->gpus[out->n_gpus++] = (struct sw__table_board_gpu){
				.fleet = plan->gpus[g].fleet, .in_plan = g, .first = engines};
	for (size_t g = 0; g < out->n_gpus; g++)
		if (out->gpus[g].in_plan != SW__NONE)
			take_models(out, &out->gpus[g], &plan->gpus[out->gpus[g].in_plan]);
	return SW_OK;
}

void sw__table_board_close(struct sw__table_board *board)
{
	free(board->gpus);
	free(board->engines);
	free(board->engines_of);
	*board = (struct sw__table_board){0};
}

bool sw__table_board_may_stay(const struct sw__table_board *board, size_t engine)
{
	const struct sw__table_board_engine *e = &board->engines[engine];
	const struct sw__table_board_gpu *gpu = &board->gpus[e->gpu];

	if (!e->row || gpu->fleet == SW__NONE)
		return false;
	return board->problem->fleet[gpu->fleet].mechanism == SW_MIG ? e->place.profile != NULL
								     : gpu->n_models == 0;
}
