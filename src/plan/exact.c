// SPDX-License-Identifier: Apache-2.0
#include "plan/exact.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/parts.h"
#include "plan/pricing.h"
#include "plan/refute.h"

/* A plan so near to its bound is the best. */
static const double NEAR = 1e-6;

struct exact {
	struct sw__groups *groups;
	struct sw__state *state;
	const struct sw__effort *effort;
	bool *wanted;
	struct sw__priced_kind *kind; /* of each fleet entry */
	struct sw__cover *cover;
	struct sw__duals duals;
	double value, bound; /* of the linear programme; proved */
	bool converged; /* no set would make the linear programme cheaper */
	struct sw_error *err;
};

static const struct sw_problem *problem_of(const struct exact *x)
{
	return x->state->problem;
}

static void exact_free(struct exact *x)
{
	for (size_t f = 0; x->kind && f < problem_of(x)->n_fleet; f++) {
		free(x->kind[f].item);
	}
	free(x->kind);
	free(x->wanted);
	free(x->duals.workload);
	free(x->duals.fleet);
	sw__cover_free(x->cover);
}

/* So many numbers of replicas of each workload are items, from the fewest there; and that of the plan. Each has two sizes at most. */
enum { DIVISIONS = 3, ITEMS_A_WORKLOAD = 2 * (DIVISIONS + 1), SETS_A_ROUND = 12 };

static bool kind_make(const struct exact *x, size_t f, struct sw__priced_kind *k)
{
	size_t n = problem_of(x)->n_workloads + 1;

	k->fleet = f;
	k->item = calloc(ITEMS_A_WORKLOAD * n, sizeof(*k->item));
	return k->item != NULL;
}

static enum sw_status exact_make(struct exact *x)
{
	const struct sw_problem *p = problem_of(x);
	struct sw__cover *cover = NULL;
	enum sw_status st;
	bool ok;

	x->wanted = calloc(p->n_workloads + 1, sizeof(*x->wanted));
	x->kind = calloc(p->n_fleet + 1, sizeof(*x->kind));
	x->duals.workload = calloc(p->n_workloads + 1, sizeof(double));
	x->duals.fleet = calloc(p->n_fleet + 1, sizeof(double));
	ok = x->wanted && x->kind && x->duals.workload && x->duals.fleet;
	for (size_t f = 0; ok && f < p->n_fleet; f++)
		ok = kind_make(x, f, &x->kind[f]);
	if (!ok)
		return sw_fail(x->err, SW_NO_MEMORY, "%zu workloads", p->n_workloads);
	for (size_t w = 0; w < p->n_workloads; w++)
		x->wanted[w] = x->state->unplaced[w] == 0;
	st = sw__cover_new(p, x->wanted, &cover, x->err);
	x->cover = cover;
	return st;
}

/* An engine; alone it is a column. */
static enum sw_status add_size(struct exact *x, struct sw__priced_kind *k, struct sw__size *size)
{
	const struct sw__together *alone;
	enum sw_status st = sw__together_add(x->groups, NULL, size, &alone, x->err);

	if (st != SW_OK || !alone || !alone->fits)
		return st;
	st = sw__priced_item(x->groups->sizing, size, &k->item[k->n++], x->err);
	return st == SW_OK ? sw__cover_add(x->cover, alone, NULL, x->err) : st;
}

/* One engine of so many. */
static enum sw_status add_replicas(struct exact *x, struct sw__priced_kind *k, size_t w,
				   unsigned replicas)
{
	struct sw__size *size;
	enum sw_status st;

	for (size_t i = k->n; i-- > 0 && k->item[i].size->workload == w;)
		if (k->item[i].size->replicas == replicas)
			return SW_OK;
	st = sw__size_get(x->groups->sizing, w, k->fleet, replicas, &size, x->err);
	if (st == SW_OK)
		st = add_size(x, k, size);
	return st == SW_OK && size->other ? add_size(x, k, size->other) : st;
}

static enum sw_status add_workload(struct exact *x, struct sw__priced_kind *k, size_t w)
{
	const struct sw_workload *asked = &problem_of(x)->workloads[w];
	struct sw__size *fewest;
	enum sw_status st = sw__size_fewest(x->groups->sizing, w, k->fleet, &fewest, x->err);

	if (st != SW_OK || !fewest->possible)
		return st;
	st = add_replicas(x, k, w, fewest->replicas);
	if (st != SW_OK || asked->replicas)
		return st;
	for (unsigned r = fewest->replicas + 1; st == SW_OK && r < fewest->replicas + DIVISIONS;
	     r++)
		if (!(r > sw__most_replicas(asked)))
			st = add_replicas(x, k, w, r);
	if (st == SW_OK && x->state->replicas[w] > fewest->replicas)
		st = add_replicas(x, k, w, x->state->replicas[w]);
	return st;
}

static enum sw_status start(struct exact *x)
{
	enum sw_status st = exact_make(x);

	for (size_t f = 0; st == SW_OK && f < problem_of(x)->n_fleet; f++)
		for (size_t w = 0; st == SW_OK && w < problem_of(x)->n_workloads; w++)
			if (x->wanted[w])
				st = add_workload(x, &x->kind[f], w);
	for (size_t i = 0; st == SW_OK && i < x->state->n; i++)
		st = sw__cover_add(x->cover, x->state->gpu[i], NULL, x->err);
	return st;
}

/* Prices that are too high by a factor still prove a bound, smaller by that (Farley 1990). */
static void prove(struct exact *x, double too_high)
{
	const struct sw_problem *p = problem_of(x);
	double worth = 0;

	for (size_t w = 0; w < p->n_workloads; w++)
		worth += x->duals.workload[w];
	for (size_t f = 0; f < p->n_fleet; f++)
		if (isfinite(p->fleet[f].count))
			worth += x->duals.fleet[f] * p->fleet[f].count;
	x->bound = fmax(x->bound, worth / fmax(1, too_high));
}

/* The prices of the linear programme, and what of a kind of GPU a set must be worth more than by them to be cheap. */
static double rent_of(const struct exact *x, size_t f)
{
	return problem_of(x)->fleet[f].price_per_hour - x->duals.fleet[f];
}

static enum sw_status add_sets(struct exact *x, const struct sw__priced *found, size_t *added)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && i < found->n; i++) {
		bool is_new;

		st = sw__cover_add(x->cover, found->set[i], &is_new, x->err);
		*added += is_new;
	}
	return st;
}

/* What whole GPUs cost: the first such sum that is not below what was proved. */
static enum sw_status prove_whole(struct exact *x)
{
	const struct sw_problem *p = problem_of(x);
	const struct sw__needs none = {.n_fleet = p->n_fleet};
	double upto = sw__state_cost(x->state).per_hour;

	return x->bound < upto * (1 - NEAR)
		       ? sw__least_not_refuted(&none, p->fleet, x->bound, upto, &x->bound, x->err)
		       : SW_OK;
}

/* New sets on one kind of GPU; *too_high: worth of the best over its price, at the most. */
static enum sw_status price_kind(struct exact *x, size_t f, size_t *added, double *too_high)
{
	double price = problem_of(x)->fleet[f].price_per_hour;
	const struct sw__pricing asked = {
		.prices = x->duals.workload,
		.least = rent_of(x, f) + NEAR * price,
		.most = SETS_A_ROUND,
		.looks = x->effort->looks,
		.nodes = x->effort->visits,
	};
	struct sw__priced found;
	enum sw_status st = sw__price(x->groups, &x->kind[f], &asked, &found, x->err);

	if (st == SW_OK)
		st = add_sets(x, &found, added);
	*too_high = fmax(*too_high, (found.bound + x->duals.fleet[f]) / price);
	sw__priced_free(&found);
	return st;
}

static enum sw_status generate(struct exact *x)
{
	size_t added = 1;
	enum sw_status st = SW_OK;

	for (size_t round = 0; st == SW_OK && added > 0 && round < x->effort->rounds; round++) {
		double too_high = 1;

		added = 0;
		st = sw__cover_solve(x->cover, &x->value, &x->duals, x->err);
		for (size_t f = 0; st == SW_OK && f < problem_of(x)->n_fleet; f++)
			st = price_kind(x, f, &added, &too_high);
		if (st == SW_OK)
			prove(x, too_high);
		x->converged = added == 0 && too_high <= 1 + 2 * NEAR;
	}
	return st;
}

/* The number of replicas by which a workload is served: the first of which there are enough engines. */
static unsigned replicas_served(const struct exact *x, const unsigned *times, size_t w)
{
	for (size_t i = 0; i < sw__cover_columns(x->cover); i++) {
		const struct sw__together *set = sw__cover_set(x->cover, i);

		for (size_t k = 0; times[i] > 0 && k < set->n; k++) {
			unsigned replicas = set->engines[k]->replicas, engines = 0;

			if (set->engines[k]->workload != w)
				continue;
			for (size_t j = 0; j < sw__cover_columns(x->cover); j++)
				for (size_t l = 0; l < sw__cover_set(x->cover, j)->n; l++)
					engines +=
						times[j] *
						(sw__cover_set(x->cover, j)->engines[l]->workload ==
							 w &&
						 sw__cover_set(x->cover, j)->engines[l]->replicas ==
							 replicas);
			if (engines >= replicas)
				return replicas;
		}
	}
	return 0;
}

/* Those engines of a set of which there are not enough yet. */
static size_t pick(const struct sw__together *set, const struct sw__state *out, unsigned *missing,
		   struct sw__size **kept, unsigned char *alone)
{
	size_t n = 0;

	for (size_t k = 0; k < set->n; k++) {
		struct sw__size *size = set->engines[k];

		if (size->replicas != out->replicas[size->workload] || missing[size->workload] == 0)
			continue;
		missing[size->workload]--;
		alone[n] = (unsigned char)size->alone;
		kept[n++] = size;
	}
	return n;
}

/* A set without engines of which there are enough: fewer neighbours never hurt; where they do all the same it is not opened. */
static enum sw_status open_set(struct exact *x, const struct sw__together *set, unsigned *missing,
			       struct sw__state *out)
{
	unsigned char alone[SW__TOGETHER_MAX];
	struct sw__size *kept[SW__TOGETHER_MAX];
	const struct sw__together *together = set;
	size_t n = pick(set, out, missing, kept, alone);
	enum sw_status st = SW_OK;

	if (n > 0 && n < set->n)
		st = sw__together_try(x->groups, set->fleet, kept, alone, n, &together, x->err);
	if (st != SW_OK || n == 0)
		return st;
	if (together && together->fits)
		return sw__state_open(out, together, x->err);
	for (size_t k = 0; k < n; k++)
		missing[kept[k]->workload]++;
	return SW_OK;
}

static enum sw_status build(struct exact *x, const unsigned *times, struct sw__state *out)
{
	size_t n = problem_of(x)->n_workloads;
	unsigned *missing = calloc(n + 1, sizeof(*missing));
	enum sw_status st = missing ? SW_OK : sw_fail(x->err, SW_NO_MEMORY, "%zu workloads", n);

	for (size_t w = 0; st == SW_OK && w < n; w++) {
		out->unplaced[w] = x->state->unplaced[w];
		out->replicas[w] =
			x->wanted[w] ? replicas_served(x, times, w) : x->state->replicas[w];
		missing[w] = x->wanted[w] ? out->replicas[w] : 0;
	}
	for (size_t i = 0; st == SW_OK && i < sw__cover_columns(x->cover); i++)
		for (unsigned k = 0; st == SW_OK && k < times[i]; k++)
			st = open_set(x, sw__cover_set(x->cover, i), missing, out);
	for (size_t w = 0; st == SW_OK && w < n; w++)
		out->unplaced[w] += missing[w];
	free(missing);
	return st;
}

/* A plan of so many of the sets, where it is better than the one at hand. */
static enum sw_status take(struct exact *x, const unsigned *times)
{
	struct sw__cost was = sw__state_cost(x->state), now;
	struct sw__state made = {0};
	bool holds = false;
	enum sw_status st = sw__state_new(problem_of(x), &made, x->err);

	if (st == SW_OK)
		st = build(x, times, &made);
	if (st == SW_OK)
		st = sw__state_holds(&made, &holds, x->err);
	if (st == SW_OK && holds) {
		now = sw__state_cost(&made);
		if (sw__cost_less(&now, &was))
			st = sw__state_copy(x->state, &made, x->err);
	}
	if (made.gpu)
		sw__state_free(&made);
	return st;
}

static double price_of(const struct exact *x, const unsigned *times)
{
	double sum = 0;

	for (size_t i = 0; i < sw__cover_columns(x->cover); i++)
		sum += times[i] *
		       problem_of(x)->fleet[sw__cover_set(x->cover, i)->fleet].price_per_hour;
	return sum;
}

/*
 * The best plan of the sets that are there, if it is better than the one at hand; `all`: no other set could be part of such a plan, so
 * what is found is the best there is.
 */
static enum sw_status round_up(struct exact *x, bool all)
{
	double per_hour = sw__state_cost(x->state).per_hour;
	unsigned *times = calloc(sw__cover_columns(x->cover) + 1, sizeof(*times));
	bool found = false, proved = false;
	enum sw_status st =
		times ? sw__cover_whole(x->cover, per_hour * (1 - NEAR), x->effort->nodes, times,
					&found, &proved, x->err)
		      : sw_fail(x->err, SW_NO_MEMORY, "sets of engines");

	if (st == SW_OK && all && proved)
		x->bound = fmax(x->bound, found ? price_of(x, times) : per_hour);
	if (st == SW_OK && found)
		st = take(x, times);
	free(times);
	return st;
}

/*
 * Every set that a plan cheaper than the one at hand can have: by the prices of the linear programme a plan costs its optimum, and
 * what its sets cost more than they are worth. *all false: they are too many to look at.
 */
static enum sw_status add_all(struct exact *x, bool *all)
{
	double slack = sw__state_cost(x->state).per_hour * (1 + NEAR) - x->value;
	enum sw_status st = SW_OK;

	*all = x->converged;
	for (size_t f = 0; st == SW_OK && *all && f < problem_of(x)->n_fleet; f++) {
		const struct sw__pricing asked = {
			.prices = x->duals.workload,
			.least = rent_of(x, f) - slack,
			.looks = x->effort->last_looks,
			.nodes = x->effort->visits,
		};
		struct sw__priced found;
		size_t added = 0;

		st = sw__price(x->groups, &x->kind[f], &asked, &found, x->err);
		*all = st == SW_OK && found.complete;
		if (*all)
			st = add_sets(x, &found, &added);
		sw__priced_free(&found);
	}
	return st;
}

static bool is_open(const struct exact *x)
{
	return x->bound < sw__state_cost(x->state).per_hour * (1 - NEAR);
}

/* In whole numbers: of the sets that are there, then of all that could be better. */
static enum sw_status finish(struct exact *x)
{
	bool all = false;
	enum sw_status st = is_open(x) ? round_up(x, false) : SW_OK;

	if (st == SW_OK && is_open(x))
		st = add_all(x, &all);
	return st == SW_OK && all ? round_up(x, true) : st;
}

enum sw_status sw__exact(struct sw__groups *groups, struct sw__state *state,
			 const struct sw__effort *effort, double *per_hour, struct sw_error *err)
{
	struct exact x = {.groups = groups, .state = state, .effort = effort, .err = err};
	enum sw_status st = start(&x);

	if (st == SW_OK)
		st = generate(&x);
	if (st == SW_OK)
		st = prove_whole(&x);
	if (st == SW_OK)
		st = finish(&x);
	*per_hour = x.bound;
	exact_free(&x);
	return st;
}
