// SPDX-License-Identifier: Apache-2.0
#include "plan/places.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/rules.h"

long sw__pinned_number(const char *gpu)
{
	const char *slash = strrchr(gpu, '/');

	return slash ? strtol(slash + 1, NULL, 10) : -1;
}

bool sw__names_kind(const char *gpu, const char *id)
{
	size_t length = strlen(id);

	return strncmp(gpu, id, length) == 0 && (gpu[length] == '\0' || gpu[length] == '/');
}

bool sw__may_run(const struct sw_problem *problem, size_t workload, size_t fleet)
{
	const struct sw_workload *w = &problem->workloads[workload];
	const struct sw_fleet_entry *entry = &problem->fleet[fleet];

	if (w->survive.nodes && !sw_known(entry->gpus_per_node))
		return false;
	for (size_t i = 0; i < w->n_gpus; i++) {
		if (sw__names_kind(w->gpus[i], entry->gpu.id))
			return true;
	}
	return w->n_gpus == 0;
}

/* Whether a workload may be on the GPU of this number; `number` -1: on any of the kind. */
static bool may_be_on(const struct sw_workload *w, const char *id, long number)
{
	for (size_t i = 0; i < w->n_gpus; i++) {
		if (sw__names_kind(w->gpus[i], id) &&
		    (sw__pinned_number(w->gpus[i]) < 0 || sw__pinned_number(w->gpus[i]) == number))
			return true;
	}
	return w->n_gpus == 0;
}

static bool all_may_be_on(const struct sw_problem *problem, size_t fleet,
			  struct sw__size *const *engines, size_t n, long number)
{
	for (size_t i = 0; i < n; i++) {
		if (!may_be_on(&problem->workloads[engines[i]->workload],
			       problem->fleet[fleet].gpu.id, number))
			return false;
	}
	return true;
}

/* The engine whose workload is pinned to single GPUs of the kind; NULL: all may be on any. */
static const struct sw_workload *pinned(const struct sw_problem *problem, size_t fleet,
					struct sw__size *const *engines, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct sw_workload *w = &problem->workloads[engines[i]->workload];

		if (!may_be_on(w, problem->fleet[fleet].gpu.id, -1))
			return w;
	}
	return NULL;
}

bool sw__pins_agree(const struct sw_problem *problem, size_t fleet, struct sw__size *const *engines,
		    size_t n)
{
	const struct sw_workload *w = pinned(problem, fleet, engines, n);

	for (size_t i = 0; w && i < w->n_gpus; i++) {
		if (sw__names_kind(w->gpus[i], problem->fleet[fleet].gpu.id) &&
		    all_may_be_on(problem, fleet, engines, n, sw__pinned_number(w->gpus[i])))
			return true;
	}
	return !w;
}

static double part_of_cores(const struct sw_fleet_entry *entry)
{
	return entry->cores_per_node / entry->gpus_per_node;
}

double sw__cores_of(const struct sw_fleet_entry *entry, struct sw__size *const *engines, size_t n)
{
	double wanted = 0;

	for (size_t i = 0; i < n; i++) {
		double cores = engines[i]->tenant.engine.cores;

		wanted += sw_known(cores) ? cores : SW__CORES_PER_ENGINE;
	}
	/* Alone an engine makes do with what there is. */
	if (n == 1 && !sw_known(engines[0]->tenant.engine.cores))
		wanted = fmin(wanted, part_of_cores(entry));
	return wanted;
}

bool sw__places_matter(const struct sw_problem *problem)
{
	for (size_t f = 0; f < problem->n_fleet; f++) {
		if (sw_known(part_of_cores(&problem->fleet[f])) &&
		    isfinite(problem->fleet[f].count))
			return true;
	}
	for (size_t w = 0; w < problem->n_workloads; w++) {
		const struct sw_workload *asked = &problem->workloads[w];

		for (size_t i = 0; i < asked->n_gpus; i++) {
			if (sw__pinned_number(asked->gpus[i]) >= 0)
				return true;
		}
		if (asked->survive.nodes)
			return true;
	}
	return false;
}

long sw__place_node(const struct sw_fleet_entry *entry, long number)
{
	return sw_known(entry->gpus_per_node) ? number / (long)entry->gpus_per_node : -1;
}

/* A set with what it asks of its node. */
struct guest {
	const struct sw__together *set;
	double cores;
	bool survives_nodes; /* an engine of it must not meet its like on the node */
	bool is_pinned;
	long number; /* -1: none yet */
};

struct finding {
	const struct sw_problem *problem;
	const struct sw_fleet_entry *entry;
	size_t fleet, n;
	struct guest *guest;
	struct guest **order; /* in which they find a node */
	long *wanted; /* single GPUs that somebody is pinned to, and who has them */
	struct guest **holder;
	bool *tried;
	size_t n_wanted;
};

static bool survives_nodes(const struct finding *f, const struct sw__size *engine)
{
	return f->problem->workloads[engine->workload].survive.nodes > 0;
}

static struct guest guest_of(const struct finding *f, const struct sw__together *set)
{
	struct guest g = {
		.set = set,
		.cores = sw_known(part_of_cores(f->entry))
				 ? sw__cores_of(f->entry, set->engines, set->n)
				 : 0,
		.is_pinned = pinned(f->problem, f->fleet, set->engines, set->n) != NULL,
		.number = -1,
	};

	for (size_t i = 0; i < set->n; i++)
		g.survives_nodes = g.survives_nodes || survives_nodes(f, set->engines[i]);
	return g;
}

/* Every GPU with no more than its part of the cores, and nothing else to look at: any numbers will do. */
static bool is_easy(const struct finding *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct guest *g = &f->guest[i];

		if (g->is_pinned || g->survives_nodes ||
		    g->cores > part_of_cores(f->entry) + SW__SUM_ROUNDING)
			return false;
	}
	return true;
}

/* Pinned ones first, then those that must not meet, then the larger ones. */
static int by_need(const void *a, const void *b)
{
	const struct guest *x = *(struct guest *const *)a, *y = *(struct guest *const *)b;

	if (x->is_pinned != y->is_pinned)
		return x->is_pinned ? -1 : 1;
	if (x->survives_nodes != y->survives_nodes)
		return x->survives_nodes ? -1 : 1;
	if (x->cores != y->cores)
		return x->cores > y->cores ? -1 : 1;
	return x < y ? -1 : x > y;
}

static size_t wish_of(const struct finding *f, long number)
{
	size_t i = 0;

	while (i < f->n_wanted && f->wanted[i] != number)
		i++;
	return i;
}

/* The single GPUs that a set may be on, among those anybody is pinned to. */
static void add_wishes(struct finding *f, const struct guest *g)
{
	const struct sw_workload *w = pinned(f->problem, f->fleet, g->set->engines, g->set->n);

	for (size_t i = 0; i < w->n_gpus; i++) {
		long number = sw__pinned_number(w->gpus[i]);

		if (sw__names_kind(w->gpus[i], f->entry->gpu.id) &&
		    wish_of(f, number) == f->n_wanted)
			f->wanted[f->n_wanted++] = number;
	}
}

static size_t most_wishes(const struct finding *f)
{
	size_t n = 1;

	for (size_t i = 0; i < f->n; i++) {
		for (size_t k = 0; k < f->guest[i].set->n; k++)
			n += f->problem->workloads[f->guest[i].set->engines[k]->workload].n_gpus;
	}
	return n;
}

/* An augmenting path: a GPU that is free, or whose holder finds another. */
static bool find_pinned(struct finding *f, struct guest *g)
{
	for (size_t i = 0; i < f->n_wanted; i++) {
		if (f->tried[i] ||
		    !all_may_be_on(f->problem, f->fleet, g->set->engines, g->set->n, f->wanted[i]))
			continue;
		f->tried[i] = true;
		if (!f->holder[i] || find_pinned(f, f->holder[i])) {
			f->holder[i] = g;
			g->number = f->wanted[i];
			return true;
		}
	}
	return false;
}

static bool match_pins(struct finding *f)
{
	for (size_t i = 0; i < f->n; i++) {
		if (f->guest[i].is_pinned)
			add_wishes(f, &f->guest[i]);
	}
	for (size_t i = 0; i < f->n; i++) {
		(void)memset(f->tried, 0, f->n_wanted * sizeof(*f->tried));
		if (f->guest[i].is_pinned && !find_pinned(f, &f->guest[i]))
			return false;
	}
	return true;
}

static bool must_not_meet(const struct finding *f, const struct guest *a, const struct guest *b)
{
	for (size_t i = 0; i < a->set->n; i++) {
		for (size_t k = 0; survives_nodes(f, a->set->engines[i]) && k < b->set->n; k++) {
			if (a->set->engines[i]->workload == b->set->engines[k]->workload)
				return true;
		}
	}
	return false;
}

/* Whether a set may be on a node beside those of `order` before it that are there. */
static bool takes(const struct finding *f, size_t upto, const struct guest *g, long node)
{
	double cores = g->cores;

	for (size_t i = 0; i < upto; i++) {
		const struct guest *other = f->order[i];

		if (sw__place_node(f->entry, other->number) != node)
			continue;
		cores += other->cores;
		if (must_not_meet(f, g, other))
			return false;
	}
	return !sw_known(f->entry->cores_per_node) ||
	       cores <= f->entry->cores_per_node + SW__SUM_ROUNDING;
}

static bool is_taken(const struct finding *f, long number)
{
	for (size_t i = 0; i < f->n; i++) {
		if (f->guest[i].number == number)
			return true;
	}
	return false;
}

/* The lowest number that nobody has on a node that takes it. Of an unlimited kind some node always does, unless it is too much. */
static bool find_any(const struct finding *f, size_t upto, struct guest *g)
{
	double per_node = sw_known(f->entry->gpus_per_node) ? f->entry->gpus_per_node : 1;
	double last = fmin(f->entry->count, (double)(f->n + f->n_wanted) * per_node);

	for (long number = 0; (double)number < last; number++) {
		long node = sw__place_node(f->entry, number);

		if (node >= 0 && !takes(f, upto, g, node)) {
			number = (node + 1) * (long)per_node - 1;
			continue;
		}
		if (!is_taken(f, number)) {
			g->number = number;
			return true;
		}
	}
	return false;
}

static bool find_numbers(struct finding *f)
{
	if (!match_pins(f))
		return false;
	for (size_t i = 0; i < f->n; i++)
		f->order[i] = &f->guest[i];
	qsort((void *)f->order, f->n, sizeof(f->order[0]), by_need);
	for (size_t i = 0; i < f->n; i++) {
		struct guest *g = f->order[i];

		if (g->is_pinned ? !takes(f, i, g, sw__place_node(f->entry, g->number))
				 : !find_any(f, i, g))
			return false;
	}
	return true;
}

static bool find_all(struct finding *f)
{
	if (!is_easy(f))
		return find_numbers(f);
	for (size_t i = 0; i < f->n; i++)
		f->guest[i].number = (long)i;
	return true;
}

enum sw_status sw__places_find(const struct sw_problem *problem, size_t fleet,
			       const struct sw__together *const *sets, size_t n, long *number,
			       bool *holds, struct sw_error *err)
{
	struct guest *guests = calloc(n + 1, sizeof(*guests));
	struct finding f = {.problem = problem,
			    .entry = &problem->fleet[fleet],
			    .fleet = fleet,
			    .n = n,
			    .guest = guests,
			    .order = calloc(n + 1, sizeof(struct guest *))};
	size_t wishes;

	for (size_t i = 0; f.guest && i < n; i++)
		f.guest[i] = guest_of(&f, sets[i]);
	wishes = f.guest ? most_wishes(&f) : 1;
	f.wanted = calloc(wishes, sizeof(*f.wanted));
	f.holder = calloc(wishes, sizeof(struct guest *));
	f.tried = calloc(wishes, sizeof(*f.tried));
	if (f.guest && f.order && f.wanted && f.holder && f.tried) {
		*holds = find_all(&f);
		for (size_t i = 0; number && i < n; i++)
			number[i] = f.guest[i].number;
	} else {
		wishes = 0;
	}
	free(guests);
	free((void *)f.order);
	free(f.wanted);
	free((void *)f.holder);
	free(f.tried);
	return wishes ? SW_OK : sw_fail(err, SW_NO_MEMORY, "%zu GPUs", n);
}
