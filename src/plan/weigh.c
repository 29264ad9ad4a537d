// SPDX-License-Identifier: Apache-2.0
#include "plan/weigh.h"

#include "base/error.h"
#include "plan/join.h"
#include "plan/parts.h"
#include "plan/rules.h"

/* The load in so many parts, for each of the fewest engines that would do: routers take weights in percent, but sizes cost time. */
enum { PARTS_AN_ENGINE = 16, PARTS_MAX = 10000, PASSES = 3 };

/* Which comes first. */
enum way { JOIN_THEN_OPEN, OPEN_THEN_JOIN, WAYS };

struct weighing {
	struct sw__groups *groups;
	struct sw__state *best, trial;
	struct sw__cost cost; /* of the best */
	size_t workload;
	unsigned parts, left; /* of the load; without an engine */
	struct sw_error *err;
};

bool sw__weights_matter(const struct sw_problem *problem)
{
	for (size_t w = 0; w < problem->n_workloads; w++) {
		if (sw__parts_differ(&problem->workloads[w]))
			return true;
	}
	return false;
}

/* A set without the engines of the workload; *out NULL: nothing is left of it, or not known how (then *kept is false). */
static enum sw_status without(const struct weighing *g, const struct sw__together *there,
			      const struct sw__together **out, bool *kept)
{
	struct sw__size *rest[SW__TOGETHER_MAX];
	size_t n = 0;
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < there->n; i++) {
		if (there->engines[i]->workload != g->workload)
			rest[n++] = there->engines[i];
	}
	*out = n == there->n ? there : NULL;
	*kept = true;
	if (n == 0 || n == there->n)
		return SW_OK;
	st = sw__together_get(g->groups, there->fleet, rest, n, out, g->err);
	*kept = st == SW_OK && *out && (*out)->fits;
	return st;
}

/* The best plan without the workload; *done false where its neighbours would not hold their limits without it. */
static enum sw_status take_out(struct weighing *g, bool *done)
{
	enum sw_status st = sw__state_copy(&g->trial, g->best, g->err);

	*done = st == SW_OK;
	for (size_t i = g->trial.n; i-- > 0 && *done;) {
		const struct sw__together *left;

		st = without(g, g->trial.gpu[i], &left, done);
		if (st != SW_OK || !*done)
			break;
		if (left)
			sw__state_replace(&g->trial, i, left);
		else
			sw__state_close(&g->trial, i);
	}
	g->trial.replicas[g->workload] = g->parts;
	g->trial.unplaced[g->workload] = 0;
	g->left = g->parts;
	return st;
}

/* The set with an engine of so many parts, if it fits and has a place. */
static enum sw_status try_parts(const struct weighing *g, size_t at, size_t fleet,
				const struct sw__together *there, unsigned times,
				const struct sw__together **out)
{
	struct sw__size *size;
	bool takes = true;
	enum sw_status st = sw__size_weighted(g->groups->sizing, g->workload, fleet, times,
					      g->parts, &size, g->err);

	*out = NULL;
	if (st == SW_OK)
		st = sw__join(g->groups, there, size, out, g->err);
	if (st == SW_OK && *out)
		st = sw__state_takes(&g->trial, at, *out, &takes, g->err);
	if (!takes)
		*out = NULL;
	return st;
}

/* An engine on a GPU. */
struct offer {
	size_t at; /* SW__NEW_GPU: one that is not open yet */
	unsigned times;
	const struct sw__together *set;
	double price; /* of opening it, for each of its parts */
};

/* As many parts as it holds: what it holds, fewer parts it holds as well. `from`: more than so many are wanted. */
static enum sw_status most_parts(const struct weighing *g, size_t at, size_t fleet,
				 const struct sw__together *there, unsigned from, struct offer *out)
{
	unsigned low = from, high = g->left + 1;
	enum sw_status st = SW_OK;

	*out = (struct offer){.at = at};
	while (high - low > 1 && st == SW_OK) {
		/* All of what is left first: mostly that is it. */
		unsigned middle = high > g->left ? g->left : low + (high - low) / 2;
		const struct sw__together *set;

		st = try_parts(g, at, fleet, there, middle, &set);
		if (set) {
			low = middle;
			out->times = middle;
			out->set = set;
		} else {
			high = middle;
		}
	}
	return st;
}

static bool is_there(const struct weighing *g, const struct sw__together *set)
{
	for (size_t i = 0; i < set->n; i++) {
		if (set->engines[i]->workload == g->workload)
			return true;
	}
	return false;
}

/* The open GPU that holds most. */
static enum sw_status best_join(const struct weighing *g, struct offer *best)
{
	enum sw_status st = SW_OK;

	*best = (struct offer){.set = NULL};
	for (size_t i = 0; i < g->trial.n && st == SW_OK && best->times < g->left; i++) {
		const struct sw__together *there = g->trial.gpu[i];
		struct offer offer;

		if (is_there(g, there))
			continue;
		st = most_parts(g, i, there->fleet, there, best->times, &offer);
		if (st == SW_OK && offer.set)
			*best = offer;
	}
	return st;
}

/* The kind of GPU that costs least for what it holds. */
static enum sw_status best_opening(const struct weighing *g, struct offer *best)
{
	const struct sw_problem *problem = g->trial.problem;
	enum sw_status st = SW_OK;

	*best = (struct offer){.set = NULL};
	for (size_t f = 0; f < problem->n_fleet && st == SW_OK; f++) {
		struct offer offer;

		if (!sw__state_has_another(&g->trial, f))
			continue;
		st = most_parts(g, SW__NEW_GPU, f, NULL, 0, &offer);
		if (st != SW_OK || !offer.set)
			continue;
		offer.price = problem->fleet[f].price_per_hour / offer.times;
		if (!best->set || offer.price < best->price)
			*best = offer;
	}
	return st;
}

static enum sw_status accept(struct weighing *g, const struct offer *offer)
{
	g->left -= offer->times;
	if (offer->at == SW__NEW_GPU)
		return sw__state_open(&g->trial, offer->set, g->err);
	sw__state_replace(&g->trial, offer->at, offer->set);
	return SW_OK;
}

/* One kind of offer as long as there are any. */
static enum sw_status accept_all(struct weighing *g,
				 enum sw_status (*next)(const struct weighing *, struct offer *),
				 size_t most)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < most && g->left > 0 && st == SW_OK; i++) {
		struct offer offer;

		st = next(g, &offer);
		if (st != SW_OK || !offer.set)
			break;
		st = accept(g, &offer);
	}
	return st;
}

static enum sw_status put_back(struct weighing *g, enum way way)
{
	enum sw_status st = SW_OK;

	if (way == OPEN_THEN_JOIN)
		st = accept_all(g, best_opening, 1);
	if (st == SW_OK)
		st = accept_all(g, best_join, SIZE_MAX);
	if (st == SW_OK)
		st = accept_all(g, best_opening, SIZE_MAX);
	g->trial.unplaced[g->workload] = g->left;
	return st;
}

static enum sw_status keep_if_better(struct weighing *g, bool *better)
{
	struct sw__cost cost = sw__state_cost(&g->trial);
	bool holds = false;
	enum sw_status st = SW_OK;

	if (sw__cost_less(&cost, &g->cost))
		st = sw__state_holds(&g->trial, &holds, g->err);
	if (st != SW_OK || !holds)
		return st;
	*better = true;
	g->cost = cost;
	return sw__state_copy(g->best, &g->trial, g->err);
}

/* From the fewest engines that any kind of GPU would do with; 0: none does. */
static enum sw_status count_parts(struct weighing *g)
{
	const struct sw_problem *problem = g->best->problem;
	unsigned fewest = 0;
	enum sw_status st = SW_OK;

	for (size_t f = 0; f < problem->n_fleet && st == SW_OK; f++) {
		struct sw__size *size;

		st = sw__size_fewest(g->groups->sizing, g->workload, f, &size, g->err);
		if (st == SW_OK && size->possible && (!fewest || size->replicas < fewest))
			fewest = size->replicas;
	}
	g->parts = (unsigned)fmin(fmin(PARTS_AN_ENGINE * (double)fewest, PARTS_MAX),
				  sw__most_replicas(&problem->workloads[g->workload]));
	return st;
}

static enum sw_status weigh_one(struct weighing *g, bool *better)
{
	enum sw_status st = count_parts(g);

	for (int way = 0; way < WAYS && st == SW_OK && g->parts > 1; way++) {
		bool done;

		st = take_out(g, &done);
		if (st != SW_OK || !done)
			break;
		st = put_back(g, (enum way)way);
		if (st == SW_OK)
			st = keep_if_better(g, better);
	}
	return st;
}

enum sw_status sw__weigh(struct sw__groups *groups, struct sw__state *state, struct sw_error *err)
{
	struct weighing g = {.groups = groups, .best = state, .err = err};
	bool better = sw__weights_matter(state->problem);
	enum sw_status st;

	if (!better)
		return SW_OK;
	st = sw__state_new(state->problem, &g.trial, err);
	g.cost = sw__state_cost(state);
	for (int pass = 0; pass < PASSES && better && st == SW_OK; pass++) {
		better = false;
		for (g.workload = 0; g.workload < state->problem->n_workloads && st == SW_OK;
		     g.workload++) {
			if (sw__parts_differ(&state->problem->workloads[g.workload]))
				st = weigh_one(&g, &better);
		}
	}
	sw__state_free(&g.trial);
	return st;
}
