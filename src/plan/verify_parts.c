// SPDX-License-Identifier: Apache-2.0
/* Whether the engines of a workload take all of its load, also when some are lost and the load has grown. */
#include <stdlib.h>

#include "plan/verify_checks.h"

/* Where an engine of the plan is. */
struct seat {
	size_t workload, gpu, tenant;
};

/* The engines of one workload. */
struct team {
	const struct checking *c;
	const struct sw_workload *workload;
	const struct sw_plan_workload *planned;
	const struct seat *seat;
	size_t n;
};

static int by_workload(const void *a, const void *b)
{
	const struct seat *x = a, *y = b;

	if (x->workload != y->workload)
		return x->workload < y->workload ? -1 : 1;
	if (x->gpu != y->gpu)
		return x->gpu < y->gpu ? -1 : 1;
	return (x->tenant > y->tenant) - (x->tenant < y->tenant);
}

static const struct sw_placement *engine(const struct team *t, size_t i)
{
	return &t->c->plan->gpus[t->seat[i].gpu].tenants[t->seat[i].tenant];
}

/* Numbers of replicas have gaps where a plan was made from a running one; no two engines have the same. */
static bool is_out_of_turn(const struct team *t, size_t i)
{
	if (engine(t, i)->replica == i)
		return false;
	if (!t->c->plan->replanned)
		return true;
	for (size_t k = 0; k < i; k++) {
		if (engine(t, k)->replica == engine(t, i)->replica)
			return true;
	}
	return false;
}

static enum sw_status check_numbers(const struct team *t)
{
	const struct sw_workload *w = t->workload;

	for (size_t i = 0; i < t->n; i++) {
		if (is_out_of_turn(t, i))
			return REFUSE(t->c, "%s: engine %u comes out of turn", w->name,
				      engine(t, i)->replica);
	}
	if (t->n != t->planned->replicas)
		return REFUSE(t->c, "%s: %zu engines, %u said", w->name, t->n,
			      t->planned->replicas);
	if (t->planned->met && w->replicas && t->n != w->replicas)
		return REFUSE(t->c, "%s: %zu engines, %u wanted", w->name, t->n, w->replicas);
	return SW_OK;
}

static double load_of(const struct sw_workload *w)
{
	return sw_known(w->load.rate) ? w->load.rate : w->load.concurrency;
}

static double parts(const struct team *t)
{
	double sum = 0;

	for (size_t i = 0; i < t->n; i++)
		sum += engine(t, i)->rate_or_concurrency;
	return sum;
}

/* Of a rate the parts are all, no less and no more; requests in flight are whole, and so the parts may be a few more. */
static enum sw_status check_sum(const struct team *t)
{
	const struct sw_workload *w = t->workload;
	double sum = parts(t);

	if (sw_known(w->load.rate) ? differ(sum, load_of(w)) : !(sum >= load_of(w)))
		return REFUSE(t->c, "%s: engines for %.9g of a load of %.9g", w->name, sum,
			      load_of(w));
	return SW_OK;
}

static enum sw_status check_part(const struct team *t, double part)
{
	const struct sw_workload *w = t->workload;
	bool in_flight = !sw_known(w->load.rate);
	double equal = load_of(w) / (double)t->n;

	if (!(part > 0 && part <= load_of(w) * (1 + VERIFY_ROUNDING)) ||
	    (in_flight && part != floor(part)))
		return REFUSE(t->c, "%s: a part of %.9g of a load of %.9g", w->name, part,
			      load_of(w));
	if (w->router == SW_ROUTER_EQUAL && !w->table &&
	    differ(part, in_flight ? ceil(equal) : equal))
		return REFUSE(t->c,
			      "%s: a part of %.9g, one of %zu is %.9g without a router with "
			      "weights",
			      w->name, part, t->n, equal);
	return SW_OK;
}

static enum sw_status check_parts(const struct team *t)
{
	enum sw_status st = check_sum(t);

	for (size_t i = 0; st == SW_OK && i < t->n; i++)
		st = check_part(t, engine(t, i)->rate_or_concurrency);
	return st;
}

/* What fails together when `nodes`: the node of a GPU, else the GPU. */
static bool same_place(const struct team *t, size_t i, size_t j, bool nodes)
{
	const struct sw_plan_gpu *a = &t->c->plan->gpus[t->seat[i].gpu];
	const struct sw_plan_gpu *b = &t->c->plan->gpus[t->seat[j].gpu];

	return a == b || (nodes && a->fleet == b->fleet && a->node == b->node);
}

/* The part of the load at the place of engine i, counted at the first engine there; 0 at the others. */
static double part_at(const struct team *t, size_t i, bool nodes)
{
	double sum = 0;

	for (size_t j = 0; j < t->n; j++) {
		if (!same_place(t, i, j, nodes))
			continue;
		if (j < i)
			return 0;
		sum += engine(t, j)->rate_or_concurrency;
	}
	return sum;
}

/* The most that can be lost with `n` places of which none is that of engine `kept`. */
static double most_lost(const struct team *t, const double *at, size_t kept, unsigned n, bool nodes)
{
	double sum = 0, below = INFINITY;
	size_t before = 0;

	while (n-- > 0) {
		double most = 0;
		size_t found = t->n;

		/* The next of them in descending order, ties by their number. */
		for (size_t i = 0; i < t->n; i++) {
			bool later = at[i] < below || (at[i] == below && i > before);

			if (later && at[i] > most && !same_place(t, kept, i, nodes)) {
				most = at[i];
				found = i;
			}
		}
		if (found == t->n)
			break;
		sum += most;
		below = most;
		before = found;
	}
	return sum;
}

static enum sw_status check_losses(const struct team *t, unsigned n, bool nodes, double *at)
{
	const struct sw_workload *w = t->workload;
	double sum = parts(t), grown = load_of(w) * (1 + w->room);

	for (size_t i = 0; n > 0 && i < t->n; i++)
		at[i] = part_at(t, i, nodes);
	for (size_t i = 0; i < t->n; i++) {
		const struct sw_placement *p = engine(t, i);
		double left = sum - most_lost(t, at, i, n, nodes);
		double gets = grown * p->rate_or_concurrency / left;

		if (!sw_known(w->load.rate))
			gets = ceil(gets - VERIFY_ROUNDING);
		gets = sw__verify_busy(w, gets);
		if (gets > p->sized_for * (1 + VERIFY_ROUNDING))
			return REFUSE(t->c,
				      "%s: engine %zu is sized for %.9g; with %u %s%s lost it gets "
				      "%.9g",
				      w->name, i, p->sized_for, n, nodes ? "node" : "GPU",
				      n == 1 ? "" : "s", gets);
	}
	return SW_OK;
}

/* Wherever it is lost, somebody is left. */
static enum sw_status check_left(const struct team *t, unsigned n, bool nodes, const double *at)
{
	size_t places = 0;

	for (size_t i = 0; i < t->n; i++)
		places += at[i] > 0;
	if (places <= n)
		return REFUSE(t->c, "%s is on %zu %s, %u of which may be lost", t->workload->name,
			      places, nodes ? "nodes" : "GPUs", n);
	return SW_OK;
}

static enum sw_status check_team(const struct team *t, double *at)
{
	const struct sw_survive *survive = &t->workload->survive;
	enum sw_status st = check_numbers(t);

	if (st != SW_OK || !t->planned->met)
		return st;
	st = check_parts(t);
	if (st == SW_OK)
		st = check_losses(t, survive->gpus, false, at);
	if (st == SW_OK && survive->gpus)
		st = check_left(t, survive->gpus, false, at);
	if (st == SW_OK && survive->nodes)
		st = check_losses(t, survive->nodes, true, at);
	if (st == SW_OK && survive->nodes)
		st = check_left(t, survive->nodes, true, at);
	return st;
}

static size_t count_engines(const struct sw_plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n_gpus; i++)
		n += plan->gpus[i].n;
	return n;
}

static void fill_seats(const struct sw_plan *plan, struct seat *seats, size_t n)
{
	size_t at = 0;

	for (size_t i = 0; i < plan->n_gpus; i++) {
		for (size_t k = 0; k < plan->gpus[i].n; k++)
			seats[at++] = (struct seat){plan->gpus[i].tenants[k].workload, i, k};
	}
	qsort(seats, n, sizeof(*seats), by_workload);
}

enum sw_status sw__verify_parts(const struct checking *c)
{
	size_t n = count_engines(c->plan), from = 0;
	struct seat *seats = calloc(n + 1, sizeof(*seats));
	double *at = calloc(n + 1, sizeof(*at));
	enum sw_status st = seats && at ? SW_OK : sw_fail(c->err, SW_NO_MEMORY, "%zu engines", n);

	if (st == SW_OK)
		fill_seats(c->plan, seats, n);
	for (size_t w = 0; st == SW_OK && w < c->problem->n_workloads; w++) {
		struct team team = {c, &c->problem->workloads[w], &c->plan->workloads[w],
				    seats + from, 0};

		while (from < n && seats[from].workload == w) {
			from++;
			team.n++;
		}
		st = check_team(&team, at);
	}
	free(seats);
	free(at);
	return st;
}
