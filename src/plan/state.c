// SPDX-License-Identifier: Apache-2.0
#include "plan/state.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/places.h"

enum { FIRST_GPUS = 16 };

static const double cost_rounding = 1e-9;

enum sw_status sw__state_new(const struct sw_problem *problem, struct sw__state *out,
			     struct sw_error *err)
{
	*out = (struct sw__state){.problem = problem,
				  .capacity = FIRST_GPUS,
				  .places_matter = sw__places_matter(problem)};
	out->gpu = calloc(out->capacity, sizeof(struct sw__together *));
	out->replicas = calloc(problem->n_workloads + 1, sizeof(*out->replicas));
	out->unplaced = calloc(problem->n_workloads + 1, sizeof(*out->unplaced));
	out->used = calloc(problem->n_fleet + 1, sizeof(*out->used));
	if (out->gpu && out->replicas && out->unplaced && out->used)
		return SW_OK;
	sw__state_free(out);
	return sw_fail(err, SW_NO_MEMORY, "%zu workloads", problem->n_workloads);
}

void sw__state_free(struct sw__state *state)
{
	free((void *)state->gpu);
	free(state->replicas);
	free(state->unplaced);
	free(state->used);
	*state = (struct sw__state){0};
}

static enum sw_status reserve(struct sw__state *state, size_t n, struct sw_error *err)
{
	size_t capacity = state->capacity;
	const struct sw__together **more;

	if (n <= capacity)
		return SW_OK;
	while (capacity < n)
		capacity *= 2;
	more = realloc((void *)state->gpu, capacity * sizeof(struct sw__together *));
	if (!more)
		return sw_fail(err, SW_NO_MEMORY, "%zu GPUs", n);
	state->gpu = more;
	state->capacity = capacity;
	return SW_OK;
}

enum sw_status sw__state_copy(struct sw__state *to, const struct sw__state *from,
			      struct sw_error *err)
{
	size_t workloads = from->problem->n_workloads;
	enum sw_status st = reserve(to, from->n, err);

	if (st != SW_OK)
		return st;
	to->n = from->n;
	(void)memcpy((void *)to->gpu, (const void *)from->gpu, from->n * sizeof(from->gpu[0]));
	(void)memcpy(to->replicas, from->replicas, workloads * sizeof(*from->replicas));
	(void)memcpy(to->unplaced, from->unplaced, workloads * sizeof(*from->unplaced));
	(void)memcpy(to->used, from->used, from->problem->n_fleet * sizeof(*from->used));
	return SW_OK;
}

struct sw__cost sw__state_cost(const struct sw__state *state)
{
	struct sw__cost cost = {.gpus = (double)state->n};

	for (size_t i = 0; i < state->problem->n_workloads; i++) {
		if (state->unplaced[i])
			cost.unplaced += state->unplaced[i] / fmax(1, state->replicas[i]);
	}
	for (size_t i = 0; i < state->problem->n_fleet; i++)
		cost.per_hour += (double)state->used[i] * state->problem->fleet[i].price_per_hour;
	for (size_t i = 0; i < state->n; i++)
		cost.share += state->gpu[i]->share;
	return cost;
}

bool sw__cost_less(const struct sw__cost *a, const struct sw__cost *b)
{
	const double x[] = {a->unplaced, a->per_hour, a->gpus, a->share};
	const double y[] = {b->unplaced, b->per_hour, b->gpus, b->share};

	for (size_t i = 0; i < sizeof(x) / sizeof(x[0]); i++) {
		double rounding = cost_rounding * fmax(1, fabs(y[i]));

		if (fabs(x[i] - y[i]) > rounding)
			return x[i] < y[i];
	}
	return false;
}

enum sw_status sw__state_open(struct sw__state *state, const struct sw__together *together,
			      struct sw_error *err)
{
	enum sw_status st = reserve(state, state->n + 1, err);

	if (st != SW_OK)
		return st;
	state->gpu[state->n++] = together;
	state->used[together->fleet]++;
	return SW_OK;
}

void sw__state_replace(struct sw__state *state, size_t i, const struct sw__together *together)
{
	state->used[state->gpu[i]->fleet]--;
	state->used[together->fleet]++;
	state->gpu[i] = together;
}

void sw__state_close(struct sw__state *state, size_t i)
{
	state->used[state->gpu[i]->fleet]--;
	state->n--;
	(void)memmove((void *)(state->gpu + i), (const void *)(state->gpu + i + 1),
		      (state->n - i) * sizeof(state->gpu[0]));
}

bool sw__state_has_another(const struct sw__state *state, size_t fleet)
{
	return (double)state->used[fleet] + 1 <= state->problem->fleet[fleet].count;
}

/* The sets on a kind of GPU, `set` among them (NULL: as they are). */
static size_t sets_on(const struct sw__state *state, size_t fleet, size_t at,
		      const struct sw__together *set, const struct sw__together **out)
{
	size_t n = 0;

	for (size_t i = 0; i < state->n; i++) {
		const struct sw__together *there = i == at && set ? set : state->gpu[i];

		if (there->fleet == fleet)
			out[n++] = there;
	}
	if (set && at == SW__NEW_GPU)
		out[n++] = set;
	return n;
}

static enum sw_status takes_on(const struct sw__state *state, size_t fleet, size_t at,
			       const struct sw__together *set, bool *takes, struct sw_error *err)
{
	const struct sw__together **sets = calloc(state->n + 1, sizeof(sets[0]));
	enum sw_status st;

	if (!sets)
		return sw_fail(err, SW_NO_MEMORY, "%zu GPUs", state->n);
	st = sw__places_find(state->problem, fleet, sets, sets_on(state, fleet, at, set, sets),
			     NULL, takes, err);
	free((void *)sets);
	return st;
}

enum sw_status sw__state_takes(const struct sw__state *state, size_t at,
			       const struct sw__together *set, bool *takes, struct sw_error *err)
{
	*takes = true;
	return state->places_matter ? takes_on(state, set->fleet, at, set, takes, err) : SW_OK;
}

enum sw_status sw__state_holds(const struct sw__state *state, bool *holds, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	*holds = true;
	for (size_t f = 0; state->places_matter && f < state->problem->n_fleet && *holds; f++) {
		st = takes_on(state, f, SW__NEW_GPU, NULL, holds, err);
		if (st != SW_OK)
			break;
	}
	return st;
}
