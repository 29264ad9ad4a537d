// SPDX-License-Identifier: Apache-2.0
#include "plan/table_replan_changes.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "plan/change_price.h"
#include "plan/replan_changes.h"

struct listing {
	const struct sw__table_board *board;
	const struct sw_replan_options *options;
	struct sw_plan *plan;
	struct sw_replanned *into;
	size_t capacity;
	bool *stays; /* per engine of the board: it is in the plan */
	struct sw_error *err;
};

static enum sw_status add(struct listing *l, enum sw_change_kind kind, struct sw_change **out)
{
	struct sw_replanned *into = l->into;

	if (into->n_changes >= l->capacity) {
		size_t capacity = 2 * into->n_changes + 16;
		struct sw_change *more = realloc(into->changes, capacity * sizeof(*more));

		if (!more)
			return sw_fail(l->err, SW_NO_MEMORY, "%zu changes", capacity);
		into->changes = more;
		l->capacity = capacity;
	}
	*out = &into->changes[into->n_changes++];
	**out = (struct sw_change){.kind = kind,
				   .from = {.share = NAN, .memory_gib = NAN},
				   .to = {.share = NAN, .memory_gib = NAN}};
	return SW_OK;
}

static void set_why(struct sw_change *change, struct sw_text *text)
{
	(void)sw_copy_name(change->why, sizeof(change->why), sw_text_string(text));
	sw_text_free(text);
}

static const char *id_of(const struct listing *l, size_t gpu)
{
	return l->board->gpus[gpu].planned->id;
}

static struct sw_engine_place place_of_running(const struct listing *l, size_t engine)
{
	const struct sw__table_board_engine *is = &l->board->engines[engine];
	struct sw_engine_place place = {.share = is->planned->share,
					.memory_gib = is->planned->memory_gib,
					.batch = is->planned->batch,
					.processes = is->planned->processes};

	(void)memcpy(place.gpu, id_of(l, is->gpu), sizeof(place.gpu));
	return place;
}

static struct sw_engine_place place_of_placement(const struct sw_plan_gpu *gpu,
						 const struct sw_placement *p)
{
	struct sw_engine_place place = {.share = p->share,
					.memory_gib = p->memory_gib,
					.batch = p->row->batch,
					.processes = p->row->processes};

	(void)memcpy(place.gpu, gpu->id, sizeof(place.gpu));
	return place;
}

/* What all engines of a workload that may go on would serve as they run. */
static double serve_as_they_run(const struct listing *l, size_t workload)
{
	double sum = 0;

	for (size_t e = 0; e < l->board->n_engines; e++)
		if (l->board->engines[e].workload == workload &&
		    sw__table_board_may_stay(l->board, e))
			sum += l->board->engines[e].row->throughput;
	return sum;
}

/* Where what runs is not enough: by how much. */
static void say_missing(const struct listing *l, size_t workload, struct sw_text *text)
{
	double rate = l->board->problem->workloads[workload].load.rate;
	double serve = serve_as_they_run(l, workload);

	if (serve < rate)
		sw_text_addf(text, "%sas they run its engines serve %.4g of %.4g requests/s",
			     text->size ? ": " : "", serve, rate);
}

static void say_saving(const struct listing *l, struct sw_text *text)
{
	double saved = l->into->running_per_hour - l->plan->cost_per_hour;

	if (saved > 0)
		sw_text_addf(text, "the plan saves %.4g per hour", saved);
	else
		sw_text_puts(text, "others need the place");
}

static void explain(const struct listing *l, size_t engine, size_t workload,
		    struct sw_change *change)
{
	const char *why_not = engine == SW__NONE ? "" : l->board->engines[engine].why_not;
	unsigned runs = l->board->engines_of[workload];
	struct sw_text text = {0};

	if (*why_not) {
		sw_text_puts(&text, why_not);
	} else if (runs == 0) {
		sw_text_puts(&text, "new among the workloads");
	} else {
		if (engine == SW__NONE)
			sw_text_addf(&text, "%u engines in place of %u",
				     l->plan->workloads[workload].replicas, runs);
		say_missing(l, workload, &text);
		if (!text.size)
			say_saving(l, &text);
	}
	set_why(change, &text);
}

/* What becomes of an engine that stays on its GPU; SW_CHANGE_COUNT: nothing. */
static enum sw_change_kind kind_of_restart(const struct sw_placement *p,
					   const struct sw_planned_row *was, bool mig)
{
	if (was->batch != p->row->batch || was->processes != p->row->processes)
		return SW_CHANGE_BATCH;
	if (!sw__same_number(was->memory_gib, p->memory_gib))
		return SW_CHANGE_MEMORY;
	if (!sw__same_number(was->share, p->share) || (mig && was->mig_start != p->mig_start))
		return SW_CHANGE_SHARE;
	return SW_CHANGE_COUNT;
}

static size_t find_running(const struct listing *l, const struct sw_placement *p)
{
	for (size_t e = 0; e < l->board->n_engines; e++)
		if (l->board->engines[e].workload == p->workload &&
		    l->board->engines[e].planned->replica == p->replica)
			return e;
	return SW__NONE;
}

static enum sw_status list_engine(struct listing *l, const struct sw_plan_gpu *gpu,
				  const struct sw_placement *p)
{
	const struct sw_fleet_entry *entry = &l->board->problem->fleet[gpu->fleet];
	size_t e = find_running(l, p);
	enum sw_change_kind kind = SW_CHANGE_START;
	struct sw_change *change;
	enum sw_status st;

	if (e != SW__NONE) {
		const struct sw__table_board_engine *is = &l->board->engines[e];

		l->stays[e] = true;
		kind = SW_CHANGE_MOVE;
		if (strcmp(id_of(l, is->gpu), gpu->id) == 0)
			kind = kind_of_restart(p, is->planned, entry->mechanism == SW_MIG);
	}
	if (kind == SW_CHANGE_COUNT)
		return SW_OK;
	st = add(l, kind, &change);
	if (st != SW_OK)
		return st;
	(void)memcpy(change->workload, l->board->problem->workloads[p->workload].name,
		     sizeof(change->workload));
	change->replica = p->replica;
	change->to = place_of_placement(gpu, p);
	if (e != SW__NONE)
		change->from = place_of_running(l, e);
	change->price = kind == SW_CHANGE_START || kind == SW_CHANGE_MOVE
				? sw__price_of_start(l->options, entry, p->share)
				: sw__price_of_restart(l->options, entry, p->share);
	explain(l, e, p->workload, change);
	return SW_OK;
}

static enum sw_status list_stop(struct listing *l, size_t engine)
{
	const struct sw__table_board_engine *is = &l->board->engines[engine];
	const char *slash = strrchr(is->planned->name, '/');
	size_t length = slash ? (size_t)(slash - is->planned->name) : 0;
	struct sw_text text = {0};
	struct sw_change *change;
	enum sw_status st = add(l, SW_CHANGE_STOP, &change);

	if (st != SW_OK)
		return st;
	(void)memcpy(change->workload, is->planned->name, length);
	change->replica = is->planned->replica;
	change->from = place_of_running(l, engine);
	if (*is->why_not)
		sw_text_puts(&text, is->why_not);
	else if (l->plan->workloads[is->workload].met)
		sw_text_addf(&text, "%u in place of %u engines serve the load",
			     l->plan->workloads[is->workload].replicas,
			     l->board->engines_of[is->workload]);
	else
		say_saving(l, &text);
	set_why(change, &text);
	return SW_OK;
}

/* A language model's engine of a problem that has none: of the others the models' own list tells. */
static enum sw_status list_model(struct listing *l, const struct sw_planned_gpu *gpu,
				 const struct sw_tenant *is)
{
	const char *slash = strrchr(is->name, '/');
	struct sw_change *change;
	enum sw_status st = add(l, SW_CHANGE_STOP, &change);

	if (st != SW_OK)
		return st;
	(void)memcpy(change->workload, is->name, slash ? (size_t)(slash - is->name) : 0);
	change->replica = slash ? (unsigned)strtoul(slash + 1, NULL, 10) : 0;
	change->from = (struct sw_engine_place){.share = is->slice.share,
						.memory_gib = is->slice.memory_gib,
						.max_num_seqs = is->engine.max_num_seqs,
						.max_num_batched_tokens =
							is->engine.max_num_batched_tokens,
						.max_model_len = is->engine.max_model_len};
	(void)memcpy(change->from.gpu, gpu->id, sizeof(change->from.gpu));
	(void)sw_copy_name(change->why, sizeof(change->why), "no longer among the workloads");
	return SW_OK;
}

/* The engines that come to a GPU which was not there. */
static enum sw_status list_open(struct listing *l, const struct sw_plan_gpu *gpu)
{
	struct sw_text text = {0};
	struct sw_change *change;
	enum sw_status st = add(l, SW_CHANGE_OPEN, &change);

	if (st != SW_OK)
		return st;
	(void)memcpy(change->to.gpu, gpu->id, sizeof(change->to.gpu));
	change->price = sw__price_of_opening(l->options, &l->board->problem->fleet[gpu->fleet]);
	for (size_t k = 0; k < gpu->n; k++)
		sw_text_addf(&text, "%s%s/%u", k ? ", " : "makes room for ",
			     l->board->problem->workloads[gpu->tenants[k].workload].name,
			     gpu->tenants[k].replica);
	set_why(change, &text);
	return SW_OK;
}

static enum sw_status list_close(struct listing *l, const struct sw__table_board_gpu *gpu)
{
	struct sw_text text = {0};
	struct sw_change *change;
	enum sw_status st = add(l, SW_CHANGE_CLOSE, &change);

	if (st != SW_OK)
		return st;
	(void)memcpy(change->from.gpu, gpu->planned->id, sizeof(change->from.gpu));
	if (gpu->fleet == SW__NONE)
		sw_text_addf(&text, "no %.80s under %s is in the fleet any more",
			     gpu->planned->mix->gpu.id,
			     sw_mechanism_name(gpu->planned->mix->mechanism));
	else
		sw_text_addf(&text, "no engine is left on it; %.4g per hour less",
			     l->board->problem->fleet[gpu->fleet].price_per_hour);
	set_why(change, &text);
	return SW_OK;
}

/* GPUs are opened and closed for both, so the models' list of them goes. */
static void forget_gpus(struct sw_replanned *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->n_changes; i++)
		if (r->changes[i].kind != SW_CHANGE_OPEN && r->changes[i].kind != SW_CHANGE_CLOSE)
			r->changes[kept++] = r->changes[i];
	r->n_changes = kept;
}

static const struct sw_plan_gpu *planned_as(const struct listing *l, const char *id)
{
	for (size_t i = 0; i < l->plan->n_gpus; i++)
		if (strcmp(l->plan->gpus[i].id, id) == 0)
			return &l->plan->gpus[i];
	return NULL;
}

static bool runs(const struct listing *l, const char *id)
{
	for (size_t g = 0; g < l->board->n_gpus; g++)
		if (l->board->gpus[g].planned && strcmp(id_of(l, g), id) == 0)
			return true;
	return false;
}

static enum sw_status list_tables(struct listing *l)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < l->plan->n_gpus && st == SW_OK; i++) {
		const struct sw_plan_gpu *gpu = &l->plan->gpus[i];

		if (!runs(l, gpu->id))
			st = list_open(l, gpu);
		for (size_t k = 0; k < gpu->n && st == SW_OK; k++)
			if (gpu->tenants[k].row)
				st = list_engine(l, gpu, &gpu->tenants[k]);
	}
	for (size_t e = 0; e < l->board->n_engines && st == SW_OK; e++)
		if (!l->stays[e])
			st = list_stop(l, e);
	for (size_t g = 0; g < l->board->n_gpus && st == SW_OK; g++)
		if (l->board->gpus[g].planned && !planned_as(l, id_of(l, g)))
			st = list_close(l, &l->board->gpus[g]);
	return st;
}

static enum sw_status list_models(struct listing *l, const struct sw_plan_mixes *running)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < running->n_gpus; i++)
		for (size_t k = 0; k < running->gpus[i].mix->n && st == SW_OK; k++)
			st = list_model(l, &running->gpus[i], &running->gpus[i].mix->tenants[k]);
	return st;
}

/* At the fleet's prices; of a kind that it no longer has, at what the file says. */
static double running_per_hour(const struct sw__table_board *board)
{
	double sum = 0;

	for (size_t g = 0; g < board->n_gpus; g++) {
		const struct sw__table_board_gpu *gpu = &board->gpus[g];

		if (!gpu->planned)
			continue;
		if (gpu->fleet != SW__NONE)
			sum += board->problem->fleet[gpu->fleet].price_per_hour;
		else if (sw_known(gpu->planned->price_per_hour))
			sum += gpu->planned->price_per_hour;
	}
	return sum;
}

enum sw_status sw__tables_changes(const struct sw__table_board *board,
				  const struct sw_plan_mixes *running,
				  const struct sw_replan_options *options, struct sw_plan *plan,
				  struct sw_error *err)
{
	struct listing l = {.board = board, .options = options, .plan = plan, .err = err};
	bool models = plan->replanned != NULL;
	enum sw_status st = SW_OK;

	if (!models)
		plan->replanned = calloc(1, sizeof(*plan->replanned));
	l.into = plan->replanned;
	l.stays = calloc(board->n_engines + 1, sizeof(*l.stays));
	if (!l.into || !l.stays)
		st = sw_fail(err, SW_NO_MEMORY, "%zu engines", board->n_engines);
	if (st == SW_OK) {
		l.into->horizon_hours = options->horizon_hours;
		l.into->running_per_hour = running_per_hour(board);
		forget_gpus(l.into);
		st = models ? SW_OK : list_models(&l, running);
	}
	if (st == SW_OK)
		st = list_tables(&l);
	if (st == SW_OK)
		sw__order_changes(l.into);
	free(l.stays);
	return st;
}
