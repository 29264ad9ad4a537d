// SPDX-License-Identifier: Apache-2.0
#include "plan/mig_cover.h"

#include <coin/Cbc_C_Interface.h>
#include <stdlib.h>

#include "base/error.h"
#include "plan/cbc_turn.h"

/* What is left unserved costs so many times everything that could serve it. */
static const double UNSERVED = 1000;
/* A share is worth this part of a GPU where GPUs are equal in number: fewer GPUs always win. */
static const double SHARE_WORTH = 1e-4;
static const double ROUNDING = 1e-7;
/* Ties are many, and to prove the last of their shares would take a hundred times the rest of the search. */
enum { TIE_NODES = 100, SPREAD_KINDS_MAX = 16, SPREAD_SETS_OF = 7 };

struct covering {
	const struct sw__covering *in;
	Cbc_Model *model;
	size_t engines_at, unserved_at, columns; /* cuts come first */
	int *column;
	double *value;
	bool by_price; /* else by number of GPUs and share */
};

static size_t engine_column(const struct covering *c, size_t demand, size_t kind)
{
	return c->engines_at + demand * c->in->n_kinds + kind;
}

static double capacity(const struct covering *c, size_t demand, size_t kind)
{
	return c->in->capacity[demand * c->in->n_kinds + kind];
}

static double dearest(const struct covering *c)
{
	double most = 1;

	for (size_t i = 0; i < c->in->n_cuts; i++)
		most = fmax(most, c->in->cuts[i].price);
	return most;
}

/* More engines of one kind than this serve everything alone. */
static double most_engines(const struct covering *c, size_t demand, size_t kind)
{
	double each = capacity(c, demand, kind);

	if (!(each > 0))
		return 0;
	if (c->in->exactly[demand])
		return c->in->exactly[demand];
	return ceil(c->in->rate[demand] / each);
}

static void add_columns(const struct covering *c)
{
	const struct sw__covering *in = c->in;
	double unserved = UNSERVED * dearest(c) * (double)(in->n_demands + 1);

	for (size_t i = 0; i < in->n_cuts; i++)
		Cbc_addCol(c->model, "", 0, in->group_count[in->cuts[i].group],
			   c->by_price ? in->cuts[i].price : in->cuts[i].price > 0, 1, 0, NULL,
			   NULL);
	for (size_t d = 0; d < in->n_demands; d++)
		for (size_t k = 0; k < in->n_kinds; k++)
			Cbc_addCol(c->model, "", 0, most_engines(c, d, k),
				   c->by_price ? 0 : SHARE_WORTH * in->share[k], 1, 0, NULL, NULL);
	for (size_t d = 0; d < in->n_demands; d++)
		Cbc_addCol(c->model, "", 0, 1, unserved, 1, 0, NULL, NULL);
}

static void put(struct covering *c, int *n, size_t column, double value)
{
	if (value == 0)
		return;
	c->column[*n] = (int)column;
	c->value[(*n)++] = value;
}

static void add_row(const struct covering *c, int n, char sense, double limit)
{
	Cbc_addRow(c->model, "", n, c->column, c->value, sense, limit);
}

/* In parts of the rate, so that the solver's tolerances mean the same for every demand. */
static void serve(struct covering *c, size_t demand)
{
	const struct sw__covering *in = c->in;
	int n = 0;

	for (size_t k = 0; k < in->n_kinds; k++)
		put(c, &n, engine_column(c, demand, k), capacity(c, demand, k) / in->rate[demand]);
	put(c, &n, c->unserved_at + demand, 1);
	add_row(c, n, 'G', 1);
	if (!in->exactly[demand])
		return;
	n = 0;
	for (size_t k = 0; k < in->n_kinds; k++)
		if (capacity(c, demand, k) > 0)
			put(c, &n, engine_column(c, demand, k), 1);
	put(c, &n, c->unserved_at + demand, in->exactly[demand]);
	add_row(c, n, 'E', in->exactly[demand]);
}

static double of_kind(const struct sw__cut *cut, size_t kind)
{
	bool has = kind >= cut->first_kind && kind - cut->first_kind < SW_MIG_PROFILES_MAX;

	return has ? cut->count[kind - cut->first_kind] : 0;
}

static void supply(struct covering *c, size_t kind)
{
	const struct sw__covering *in = c->in;
	int n = 0;

	for (size_t i = 0; i < in->n_cuts; i++)
		put(c, &n, i, -of_kind(&in->cuts[i], kind));
	for (size_t d = 0; d < in->n_demands; d++)
		if (capacity(c, d, kind) > 0)
			put(c, &n, engine_column(c, d, kind), 1);
	add_row(c, n, 'L', 0);
}

static void spread_over(struct covering *c, size_t demand, const size_t *kinds, size_t n_kinds)
{
	const struct sw__covering *in = c->in;
	int n = 0;

	for (size_t i = 0; i < in->n_cuts; i++) {
		bool has_one = false;

		for (size_t k = 0; k < n_kinds; k++)
			has_one = has_one || of_kind(&in->cuts[i], kinds[k]) > 0;
		put(c, &n, i, has_one ? -1 : 0);
	}
	for (size_t k = 0; k < n_kinds; k++)
		put(c, &n, engine_column(c, demand, kinds[k]), 1);
	add_row(c, n, 'L', 0);
}

/*
 * Of a demand that is spread, no more engines on slices of some kinds than there are GPUs with one of these: for all sets of kinds that is
 * enough for a place each (Hall 1935). Where there are very many sets, for single kinds and for all.
 */
static void spread(struct covering *c, size_t demand)
{
	size_t usable[SPREAD_KINDS_MAX], n = 0, chosen[SPREAD_KINDS_MAX];

	for (size_t k = 0; k < c->in->n_kinds && n < SPREAD_KINDS_MAX; k++)
		if (capacity(c, demand, k) > 0)
			usable[n++] = k;
	for (unsigned long set = 1; set < 1UL << n; set++) {
		size_t n_chosen = 0;

		for (size_t i = 0; i < n; i++)
			if (set >> i & 1)
				chosen[n_chosen++] = usable[i];
		if (n <= SPREAD_SETS_OF || n_chosen == 1 || n_chosen == n)
			spread_over(c, demand, chosen, n_chosen);
	}
}

static void limit_group(struct covering *c, size_t group)
{
	const struct sw__covering *in = c->in;
	int n = 0;

	if (!isfinite(in->group_count[group]))
		return;
	for (size_t i = 0; i < in->n_cuts; i++)
		put(c, &n, i, in->cuts[i].group == group);
	if (n > 0)
		add_row(c, n, 'L', in->group_count[group]);
}

static void limit_price(struct covering *c, double per_hour)
{
	int n = 0;

	for (size_t i = 0; i < c->in->n_cuts; i++)
		put(c, &n, i, c->in->cuts[i].price);
	if (n > 0)
		add_row(c, n, 'L', per_hour * (1 + ROUNDING));
}

/* With `before` what it serves stays served, for no more. */
static void build(struct covering *c, const struct sw__covered *before)
{
	const struct sw__covering *in = c->in;

	add_columns(c);
	for (size_t d = 0; d < in->n_demands; d++) {
		serve(c, d);
		if (in->spread[d])
			spread(c, d);
	}
	for (size_t k = 0; k < in->n_kinds; k++)
		supply(c, k);
	for (size_t g = 0; g < in->n_groups; g++)
		limit_group(c, g);
	if (!before)
		return;
	limit_price(c, before->per_hour);
	for (size_t d = 0; d < in->n_demands; d++)
		if (before->served[d])
			Cbc_setColUpper(c->model, (int)(c->unserved_at + d), 0);
}

static unsigned whole(double x)
{
	return x > 0 ? (unsigned)lround(x) : 0;
}

static void take_solution(const struct covering *c, const double *solution, struct sw__covered *out)
{
	const struct sw__covering *in = c->in;

	out->per_hour = 0;
	for (size_t i = 0; i < in->n_cuts; i++) {
		out->times[i] = whole(solution[i]);
		out->per_hour += out->times[i] * in->cuts[i].price;
	}
	for (size_t d = 0; d < in->n_demands; d++) {
		out->served[d] = whole(solution[c->unserved_at + d]) == 0;
		for (size_t k = 0; k < in->n_kinds; k++)
			out->engines[d * in->n_kinds + k] =
				out->served[d] ? whole(solution[engine_column(c, d, k)]) : 0;
	}
}

/* What the search has proved of its objective, without what is left unserved; 0 where that hides it. */
static double proved(const struct covering *c, const struct sw__covered *out)
{
	double possible = Cbc_getBestPossibleObjValue(c->model);
	double unserved = UNSERVED * dearest(c) * (double)(c->in->n_demands + 1), n = 0;

	for (size_t d = 0; d < c->in->n_demands; d++)
		n += !out->served[d];
	if (Cbc_isProvenOptimal(c->model))
		return out->per_hour;
	return fmin(out->per_hour, fmax(0, possible - n * unserved));
}

static bool solve(struct covering *c, const struct sw__covered *before, struct sw__covered *out)
{
	const double *solution;

	sw__cbc_enter();
	c->model = Cbc_newModel();
	if (!c->model) {
		sw__cbc_leave();
		return false;
	}
	build(c, before);
	Cbc_setLogLevel(c->model, 0);
	Cbc_setMaximumNodes(c->model,
			    c->by_price || c->in->nodes < TIE_NODES ? c->in->nodes : TIE_NODES);
	(void)Cbc_solve(c->model);
	solution = Cbc_bestSolution(c->model);
	if (solution) {
		take_solution(c, solution, out);
		if (c->by_price)
			out->bound_per_hour = proved(c, out);
	}
	Cbc_deleteModel(c->model);
	sw__cbc_leave();
	return solution != NULL;
}

void sw__covered_free(struct sw__covered *covered)
{
	free(covered->times);
	free(covered->engines);
	free(covered->served);
	*covered = (struct sw__covered){0};
}

static bool allocate(struct covering *c, struct sw__covered *out)
{
	const struct sw__covering *in = c->in;

	c->engines_at = in->n_cuts;
	c->unserved_at = c->engines_at + in->n_demands * in->n_kinds;
	c->columns = c->unserved_at + in->n_demands;
	c->column = calloc(c->columns + 1, sizeof(*c->column));
	c->value = calloc(c->columns + 1, sizeof(*c->value));
	out->times = calloc(in->n_cuts + 1, sizeof(*out->times));
	out->engines = calloc(in->n_demands * in->n_kinds + 1, sizeof(*out->engines));
	out->served = calloc(in->n_demands + 1, sizeof(*out->served));
	return c->column && c->value && out->times && out->engines && out->served;
}

enum sw_status sw__mig_cover(const struct sw__covering *covering, struct sw__covered *out,
			     struct sw_error *err)
{
	struct covering c = {.in = covering, .by_price = true};
	enum sw_status st = SW_OK;

	*out = (struct sw__covered){0};
	if (!allocate(&c, out))
		st = sw_fail(err, SW_NO_MEMORY, "%zu workloads", covering->n_demands);
	else if (!solve(&c, NULL, out))
		st = sw_fail(err, SW_INTERNAL, "%zu workloads on %zu ways of cutting: no solution",
			     covering->n_demands, covering->n_cuts);
	c.by_price = false;
	if (st == SW_OK)
		(void)solve(&c, out, out); /* none within the nodes: the first stands */
	free(c.column);
	free(c.value);
	if (st != SW_OK)
		sw__covered_free(out);
	return st;
}
