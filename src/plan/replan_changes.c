// SPDX-License-Identifier: Apache-2.0
#include "plan/replan_changes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "plan/change_price.h"
#include "sharing/mechanism.h"

struct listing {
	const struct sw__running *running;
	const struct sw__diagnosis *diagnosis;
	const struct sw_replan_options *options;
	const struct sw_plan *plan;
	struct sw_replanned *into;
	size_t *plan_gpu; /* per running GPU: where it is in the plan; SW__NONE: closed */
	bool *stays; /* per running engine: it is in the plan */
	size_t capacity;
	struct sw_error *err;
};

static const struct sw_problem *problem_of(const struct listing *l)
{
	return l->running->problem;
}

static enum sw_status add(struct listing *l, struct sw_change **out)
{
	struct sw_replanned *into = l->into;

	if (into->n_changes == l->capacity) {
		size_t capacity = l->capacity ? l->capacity * 2 : 16;
		struct sw_change *more = realloc(into->changes, capacity * sizeof(*more));

		if (!more)
			return sw_fail(l->err, SW_NO_MEMORY, "%zu changes", capacity);
		into->changes = more;
		l->capacity = capacity;
	}
	*out = &into->changes[into->n_changes++];
	**out = (struct sw_change){.from = {.share = NAN, .memory_gib = NAN},
				   .to = {.share = NAN, .memory_gib = NAN}};
	return SW_OK;
}

static struct sw_engine_place place_of_placement(const struct sw_plan_gpu *gpu,
						 const struct sw_placement *p)
{
	struct sw_engine_place place = {.share = p->share,
					.memory_gib = p->memory_gib,
					.max_num_seqs = p->engine.max_num_seqs,
					.max_num_batched_tokens = p->engine.max_num_batched_tokens,
					.max_model_len = p->engine.max_model_len,
					.max_in_flight = p->max_in_flight};

	(void)memcpy(place.gpu, gpu->id, sizeof(place.gpu));
	return place;
}

static struct sw_engine_place place_of_running(const struct listing *l,
					       const struct sw__running_engine *is)
{
	const struct sw_engine *e = &is->tenant->engine;
	struct sw_engine_place place = {.share = is->tenant->slice.share,
					.memory_gib = is->tenant->slice.memory_gib,
					.max_num_seqs = e->max_num_seqs,
					.max_num_batched_tokens = e->max_num_batched_tokens,
					.max_model_len = e->max_model_len,
					.max_in_flight = is->tenant->max_in_flight};

	(void)memcpy(place.gpu, l->running->gpus[is->gpu].planned->id, sizeof(place.gpu));
	return place;
}

static void name_change(const struct listing *l, struct sw_change *change, enum sw_change_kind kind,
			size_t workload, unsigned replica)
{
	change->kind = kind;
	change->replica = replica;
	if (workload != SW__NONE)
		(void)memcpy(change->workload, problem_of(l)->workloads[workload].name,
			     sizeof(change->workload));
}

/* By workload and number; SW__NONE: it does not run. */
static size_t find_running(const struct listing *l, const struct sw_placement *p)
{
	for (size_t e = 0; e < l->running->n_engines; e++) {
		const struct sw__running_engine *is = &l->running->engines[e];

		if (is->workload == p->workload && is->replica == p->replica)
			return e;
	}
	return SW__NONE;
}

static bool same_share(const struct sw_plan_gpu *gpu, const struct listing *l, double a, double b)
{
	enum sw_mechanism mechanism = problem_of(l)->fleet[gpu->fleet].mechanism;

	return !sw__mechanism(mechanism)->share_has_effect || sw__same_number(a, b);
}

/* What becomes of an engine that stays on its GPU; SW_CHANGE_COUNT: nothing. */
static enum sw_change_kind kind_of_stay(const struct listing *l, const struct sw_plan_gpu *gpu,
					const struct sw_placement *p,
					const struct sw__running_engine *is)
{
	const struct sw_engine *was = &is->tenant->engine;

	if (strcmp(is->tenant->model.id, problem_of(l)->workloads[p->workload].model.id) != 0)
		return SW_CHANGE_SETTINGS;
	if (was->max_num_seqs != p->engine.max_num_seqs ||
	    was->max_num_batched_tokens != p->engine.max_num_batched_tokens)
		return SW_CHANGE_BATCH;
	if (!sw__same_number(is->tenant->slice.memory_gib, p->memory_gib))
		return SW_CHANGE_MEMORY;
	if (!sw__same_settings(was, &p->engine))
		return SW_CHANGE_SETTINGS;
	if (!same_share(gpu, l, is->tenant->slice.share, p->share))
		return SW_CHANGE_SHARE;
	return is->tenant->max_in_flight == p->max_in_flight ? SW_CHANGE_COUNT : SW_CHANGE_LIMIT;
}

/* The first engine of a running GPU that misses a limit; SW__NONE. */
static size_t first_missed(const struct listing *l, size_t running_gpu)
{
	const struct sw__running_gpu *gpu = &l->running->gpus[running_gpu];

	for (size_t e = gpu->first; e < gpu->first + gpu->n; e++) {
		if (l->diagnosis[e].missed)
			return e;
	}
	return SW__NONE;
}

static double load_of(const struct sw_load *load)
{
	return sw_known(load->rate) ? load->rate : load->concurrency;
}

/* "as it runs ttft_p95 bound 551 of 500 ms, with 4.6 requests/s (4 planned for)" */
static void say_missed(const struct listing *l, size_t engine, const char *who,
		       struct sw_text *text)
{
	const struct sw__running_engine *is = &l->running->engines[engine];
	const struct sw_load *now = &problem_of(l)->workloads[is->workload].load;
	double was = load_of(&is->tenant->load);

	sw_text_addf(text, "%sas it runs %s", who, l->diagnosis[engine].words);
	if (sw_known(now->rate) == sw_known(is->tenant->load.rate))
		sw_text_addf(text, ", with %.4g %s (%.4g when it was planned)",
			     load_of(now) / l->running->replicas[is->workload],
			     sw_known(now->rate) ? "requests/s" : "requests in flight", was);
}

/* Why a running engine does not go on as it is. */
static void say_running(const struct listing *l, size_t engine, struct sw_text *text)
{
	const struct sw__running_engine *is = &l->running->engines[engine];
	size_t other = first_missed(l, is->gpu);

	if (*is->why_not) {
		sw_text_puts(text, is->why_not);
	} else if (l->diagnosis[engine].missed) {
		say_missed(l, engine, "", text);
	} else if (other != SW__NONE) {
		sw_text_addf(text, "for %s: ", l->running->engines[other].tenant->name);
		say_missed(l, other, "", text);
	}
}

/* The engines that a GPU gets, in words. */
static void say_guests(const struct listing *l, const struct sw_plan_gpu *gpu, struct sw_text *text)
{
	bool any = false;

	for (size_t k = 0; k < gpu->n; k++) {
		const struct sw_placement *p = &gpu->tenants[k];
		size_t e = find_running(l, p);

		if (e != SW__NONE &&
		    strcmp(l->running->gpus[l->running->engines[e].gpu].planned->id, gpu->id) == 0)
			continue;
		sw_text_addf(text, "%s%s/%u", any ? ", " : "makes room for ",
			     problem_of(l)->workloads[p->workload].name, p->replica);
		any = true;
	}
}

static void say_saving(const struct listing *l, struct sw_text *text)
{
	double saved = l->into->running_per_hour - l->plan->cost_per_hour;

	if (saved > 0)
		sw_text_addf(text, "the plan saves %.4g per hour", saved);
	else
		sw_text_puts(text, "others need the place");
}

static void set_why(struct sw_change *change, struct sw_text *text)
{
	(void)sw_copy_name(change->why, sizeof(change->why), sw_text_string(text));
	sw_text_free(text);
}

static void explain_stay(const struct listing *l, const struct sw_plan_gpu *gpu, size_t engine,
			 struct sw_change *change)
{
	struct sw_text text = {0};

	say_running(l, engine, &text);
	if (!text.size && change->kind == SW_CHANGE_LIMIT && !change->to.max_in_flight)
		sw_text_puts(&text, "all limits hold without it");
	if (!text.size)
		say_guests(l, gpu, &text);
	if (!text.size)
		say_saving(l, &text);
	set_why(change, &text);
}

static void explain_move(const struct listing *l, size_t engine, struct sw_change *change)
{
	struct sw_text text = {0};

	say_running(l, engine, &text);
	if (!text.size)
		say_saving(l, &text);
	set_why(change, &text);
}

/* The first engine of a workload that misses a limit. */
static size_t first_missed_of(const struct listing *l, size_t workload)
{
	for (size_t e = 0; e < l->running->n_engines; e++) {
		if (l->running->engines[e].workload == workload && l->diagnosis[e].missed)
			return e;
	}
	return SW__NONE;
}

static void explain_start(const struct listing *l, size_t workload, struct sw_change *change)
{
	unsigned runs = l->running->replicas[workload],
		 wanted = l->plan->workloads[workload].replicas;
	size_t missed = first_missed_of(l, workload);
	struct sw_text text = {0};

	if (!runs) {
		sw_text_puts(&text, "new among the workloads");
	} else {
		sw_text_addf(&text, "%u engines in place of %u", wanted, runs);
		if (missed != SW__NONE)
			say_missed(l, missed, ": ", &text);
	}
	set_why(change, &text);
}

static enum sw_status list_engine(struct listing *l, const struct sw_plan_gpu *gpu,
				  const struct sw_placement *p)
{
	const struct sw_fleet_entry *entry = &problem_of(l)->fleet[gpu->fleet];
	size_t e = find_running(l, p);
	const struct sw__running_engine *is = e == SW__NONE ? NULL : &l->running->engines[e];
	enum sw_change_kind kind = SW_CHANGE_START;
	struct sw_change *change;
	enum sw_status st;

	if (is) {
		bool moves = strcmp(l->running->gpus[is->gpu].planned->id, gpu->id) != 0;

		l->stays[e] = true;
		kind = moves ? SW_CHANGE_MOVE : kind_of_stay(l, gpu, p, is);
	}
	if (kind == SW_CHANGE_COUNT)
		return SW_OK;
	st = add(l, &change);
	if (st != SW_OK)
		return st;
	name_change(l, change, kind, p->workload, p->replica);
	change->to = place_of_placement(gpu, p);
	if (is)
		change->from = place_of_running(l, is);
	if (kind == SW_CHANGE_START || kind == SW_CHANGE_MOVE)
		change->price = sw__price_of_start(l->options, entry, p->share);
	else if (kind == SW_CHANGE_LIMIT)
		change->price = sw__price_of_limit();
	else
		change->price = sw__price_of_restart(l->options, entry, p->share);
	if (!is)
		explain_start(l, p->workload, change);
	else if (kind == SW_CHANGE_MOVE)
		explain_move(l, e, change);
	else
		explain_stay(l, gpu, e, change);
	return SW_OK;
}

static enum sw_status list_open(struct listing *l, const struct sw_plan_gpu *gpu)
{
	struct sw_text text = {0};
	struct sw_change *change;
	enum sw_status st = add(l, &change);

	if (st != SW_OK)
		return st;
	change->kind = SW_CHANGE_OPEN;
	(void)memcpy(change->to.gpu, gpu->id, sizeof(gpu->id));
	change->price = sw__price_of_opening(l->options, &problem_of(l)->fleet[gpu->fleet]);
	say_guests(l, gpu, &text);
	set_why(change, &text);
	return SW_OK;
}

static enum sw_status list_stop(struct listing *l, size_t engine)
{
	const struct sw__running_engine *is = &l->running->engines[engine];
	const char *slash = strrchr(is->tenant->name, '/');
	struct sw_text text = {0};
	struct sw_change *change;
	enum sw_status st = add(l, &change);

	if (st != SW_OK)
		return st;
	name_change(l, change, SW_CHANGE_STOP, is->workload, is->replica);
	if (is->workload == SW__NONE) {
		(void)sw_copy_name(change->workload, sizeof(change->workload), is->tenant->name);
		change->workload[slash ? slash - is->tenant->name : 0] = '\0';
		sw_text_puts(&text, is->why_not);
	} else if (l->plan->workloads[is->workload].met) {
		sw_text_addf(&text, "%u in place of %u engines hold the limits",
			     l->plan->workloads[is->workload].replicas,
			     l->running->replicas[is->workload]);
	} else {
		say_running(l, engine, &text);
	}
	change->from = place_of_running(l, is);
	set_why(change, &text);
	return SW_OK;
}

static enum sw_status list_close(struct listing *l, const struct sw__running_gpu *gpu)
{
	struct sw_text text = {0};
	struct sw_change *change;
	enum sw_status st = add(l, &change);

	if (st != SW_OK)
		return st;
	change->kind = SW_CHANGE_CLOSE;
	(void)memcpy(change->from.gpu, gpu->planned->id, sizeof(gpu->planned->id));
	if (gpu->fleet == SW__NONE)
		sw_text_puts(&text, gpu->why_not);
	else
		sw_text_addf(&text, "no engine is left on it; %.4g per hour less",
			     problem_of(l)->fleet[gpu->fleet].price_per_hour);
	set_why(change, &text);
	return SW_OK;
}

static int by_kind(const void *a, const void *b)
{
	const struct sw_change *x = a, *y = b;
	int order;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	order = strcmp(x->workload, y->workload);
	if (order)
		return order;
	if (x->replica != y->replica)
		return x->replica < y->replica ? -1 : 1;
	order = strcmp(x->from.gpu, y->from.gpu);
	return order ? order : strcmp(x->to.gpu, y->to.gpu);
}

void sw__order_changes(struct sw_replanned *replanned)
{
	if (replanned->n_changes)
		qsort(replanned->changes, replanned->n_changes, sizeof(struct sw_change), by_kind);
	replanned->changes_price = 0;
	for (size_t i = 0; i < replanned->n_changes; i++)
		replanned->changes_price += replanned->changes[i].price;
}

/* At the fleet's price; of a kind that it no longer has, at what the file says. */
static double price_of(const struct listing *l, const struct sw__running_gpu *gpu)
{
	if (gpu->fleet != SW__NONE)
		return problem_of(l)->fleet[gpu->fleet].price_per_hour;
	return sw_known(gpu->planned->price_per_hour) ? gpu->planned->price_per_hour : 0;
}

static void find_gpus(struct listing *l)
{
	for (size_t g = 0; g < l->running->n_gpus; g++) {
		l->plan_gpu[g] = SW__NONE;
		for (size_t i = 0; i < l->plan->n_gpus; i++) {
			if (strcmp(l->plan->gpus[i].id, l->running->gpus[g].planned->id) == 0)
				l->plan_gpu[g] = i;
		}
		l->into->running_per_hour += price_of(l, &l->running->gpus[g]);
	}
}

static enum sw_status list_gpus(struct listing *l)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && i < l->plan->n_gpus; i++) {
		const struct sw_plan_gpu *gpu = &l->plan->gpus[i];
		bool runs = false;

		for (size_t g = 0; g < l->running->n_gpus; g++)
			runs |= l->plan_gpu[g] == i;
		if (!runs)
			st = list_open(l, gpu);
		for (size_t k = 0; st == SW_OK && k < gpu->n; k++)
			st = list_engine(l, gpu, &gpu->tenants[k]);
	}
	return st;
}

static enum sw_status list_all(struct listing *l)
{
	enum sw_status st = list_gpus(l);

	for (size_t e = 0; st == SW_OK && e < l->running->n_engines; e++) {
		if (!l->stays[e])
			st = list_stop(l, e);
	}
	for (size_t g = 0; st == SW_OK && g < l->running->n_gpus; g++) {
		if (l->plan_gpu[g] == SW__NONE)
			st = list_close(l, &l->running->gpus[g]);
	}
	if (st == SW_OK)
		sw__order_changes(l->into);
	return st;
}

enum sw_status sw__list_changes(const struct sw__running *running,
				const struct sw__diagnosis *diagnosis,
				const struct sw_replan_options *options, struct sw_plan *plan,
				struct sw_error *err)
{
	struct listing l = {.running = running,
			    .diagnosis = diagnosis,
			    .options = options,
			    .plan = plan,
			    .err = err};
	enum sw_status st = SW_OK;

	plan->replanned = calloc(1, sizeof(*plan->replanned));
	l.plan_gpu = calloc(running->n_gpus + 1, sizeof(*l.plan_gpu));
	l.stays = calloc(running->n_engines + 1, sizeof(*l.stays));
	l.into = plan->replanned;
	if (!l.into || !l.plan_gpu || !l.stays)
		st = sw_fail(err, SW_NO_MEMORY, "%zu engines", running->n_engines);
	if (st == SW_OK) {
		l.into->horizon_hours = options->horizon_hours;
		find_gpus(&l);
		st = list_all(&l);
	}
	free(l.plan_gpu);
	free(l.stays);
	return st;
}

const char *sw_change_id(enum sw_change_kind kind)
{
	static const char *const ids[] = {
#define CHANGE(name, id) id,
		SW_CHANGE_LIST(CHANGE)
#undef CHANGE
	};

	return ids[kind];
}
