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
	size_t engines_at, unserved_at, again_at, columns; /* cuts come first */
	int *column;
	double *value;
	bool by_price; /* else by number of GPUs and share */
};

static size_t engine_column(const struct covering *c, size_t demand, size_t kind)
{
	return c->engines_at + demand * c->in->n_kinds + kind;
}

static size_t again_column(const struct covering *c, size_t again, size_t kind)
{
	return c->again_at + again * c->in->n_kinds + kind;
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

static void add_column(const struct covering *c, double most, double price, double tie)
{
	Cbc_addCol(c->model, "", 0, most, c->by_price ? price : tie, 1, 0, NULL, NULL);
}

static void add_columns(const struct covering *c)
{
	const struct sw__covering *in = c->in;
	double unserved = UNSERVED * dearest(c) * (double)(in->n_demands + 1);

	for (size_t i = 0; i < in->n_cuts; i++)
		add_column(c, in->group_count[in->cuts[i].group], in->cuts[i].price,
			   (in->cuts[i].price > 0) + SHARE_WORTH * in->cuts[i].stopped);
	for (size_t d = 0; d < in->n_demands; d++)
		for (size_t k = 0; k < in->n_kinds; k++)
			add_column(c, most_engines(c, d, k),
				   in->start_price ? in->start_price[k] : 0,
				   SHARE_WORTH * in->share[k]);
	for (size_t d = 0; d < in->n_demands; d++)
		add_column(c, 1, unserved, unserved);
	for (size_t i = 0; i < in->n_again; i++)
		for (size_t k = 0; k < in->n_kinds; k++)
			add_column(c, capacity(c, in->again[i].demand, k) > 0 ? in->again[i].n : 0,
				   in->again[i].price[k], SHARE_WORTH * in->share[k]);
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

/* What engines that go on serve of a demand where a GPU is cut like this; with `counted` how many they are. */
static double staying(const struct sw__cut *cut, size_t demand, bool counted)
{
	double sum = 0;

	for (size_t i = 0; i < cut->n_stay; i++)
		if (cut->stay[i].demand == demand)
			sum += counted ? 1 : cut->stay[i].capacity;
	return sum;
}

/* All that may serve a demand, each by its capacity over `of`; `of` 0: each once. */
static int put_servers(struct covering *c, size_t demand, double of)
{
	const struct sw__covering *in = c->in;
	int n = 0;

	for (size_t i = 0; i < in->n_cuts; i++)
		put(c, &n, i, staying(&in->cuts[i], demand, of == 0) / (of == 0 ? 1 : of));
	for (size_t k = 0; k < in->n_kinds; k++) {
		double each = capacity(c, demand, k);

		if (!(each > 0))
			continue;
		each = of == 0 ? 1 : each / of;
		put(c, &n, engine_column(c, demand, k), each);
		for (size_t i = 0; i < in->n_again; i++)
			if (in->again[i].demand == demand)
				put(c, &n, again_column(c, i, k), each);
	}
	return n;
}

/* In parts of the rate, so that the solver's tolerances mean the same for every demand. */
static void serve(struct covering *c, size_t demand)
{
	const struct sw__covering *in = c->in;
	int n = put_servers(c, demand, in->rate[demand]);

	put(c, &n, c->unserved_at + demand, 1);
	add_row(c, n, 'G', 1);
	if (!in->exactly[demand])
		return;
	n = put_servers(c, demand, 0);
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
	for (size_t i = 0; i < in->n_again; i++)
		put(c, &n, again_column(c, i, kind), 1);
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
		put(c, &n, i, has_one && staying(&in->cuts[i], demand, true) == 0 ? -1 : 0);
	}
	for (size_t k = 0; k < n_kinds; k++) {
		put(c, &n, engine_column(c, demand, kinds[k]), 1);
		for (size_t i = 0; i < in->n_again; i++)
			if (in->again[i].demand == demand)
				put(c, &n, again_column(c, i, kinds[k]), 1);
	}
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

/* The GPU stays in use, however it is cut. */
static void keep_open(struct covering *c, size_t group)
{
	int n = 0;

	for (size_t i = 0; i < c->in->n_cuts; i++)
		put(c, &n, i, c->in->cuts[i].group == group);
	if (n > 0)
		add_row(c, n, 'G', 1);
}

static void limit_pool(struct covering *c, size_t pool)
{
	const struct sw__covering *in = c->in;
	int n = 0;

	if (!isfinite(in->pool_count[pool]))
		return;
	for (size_t i = 0; i < in->n_cuts; i++)
		put(c, &n, i, in->pool[in->cuts[i].group] == pool);
	if (n > 0)
		add_row(c, n, 'L', in->pool_count[pool]);
}

/* Only as many are started anew on a GPU as ran there and do not go on; of those that are apart one. */
static void limit_again(struct covering *c, size_t i)
{
	const struct sw__covering *in = c->in;
	const struct sw__again *again = &in->again[i];
	int n = 0;

	for (size_t cut = 0; cut < in->n_cuts; cut++) {
		double left = again->n - staying(&in->cuts[cut], again->demand, true);

		if (in->cuts[cut].group != again->group)
			continue;
		if (in->spread[again->demand])
			left = left == again->n ? 1 : 0;
		put(c, &n, cut, -left);
	}
	for (size_t k = 0; k < in->n_kinds; k++)
		put(c, &n, again_column(c, i, k), 1);
	add_row(c, n, 'L', 0);
}

/* And only on slices that this very GPU has. */
static void seat_again(struct covering *c, size_t group, size_t kind)
{
	const struct sw__covering *in = c->in;
	int n = 0;

	for (size_t i = 0; i < in->n_again; i++)
		if (in->again[i].group == group)
			put(c, &n, again_column(c, i, kind), 1);
	if (n == 0)
		return;
	for (size_t i = 0; i < in->n_cuts; i++)
		if (in->cuts[i].group == group)
			put(c, &n, i, -of_kind(&in->cuts[i], kind));
	add_row(c, n, 'L', 0);
}

/* What holds where some GPUs run. */
static void build_running(struct covering *c)
{
	const struct sw__covering *in = c->in;

	for (size_t g = 0; in->stays_open && g < in->n_groups; g++)
		if (in->stays_open[g])
			keep_open(c, g);
	for (size_t pool = 0; pool < in->n_pools; pool++)
		limit_pool(c, pool);
	for (size_t i = 0; i < in->n_again; i++)
		limit_again(c, i);
	for (size_t g = 0; in->n_again && g < in->n_groups; g++)
		for (size_t k = 0; k < in->n_kinds; k++)
			seat_again(c, g, k);
}

static void limit_price(struct covering *c, double per_hour)
{
	const struct sw__covering *in = c->in;
	int n = 0;

	for (size_t i = 0; i < in->n_cuts; i++)
		put(c, &n, i, in->cuts[i].price);
	for (size_t d = 0; in->start_price && d < in->n_demands; d++)
		for (size_t k = 0; k < in->n_kinds; k++)
			put(c, &n, engine_column(c, d, k), in->start_price[k]);
	for (size_t i = 0; i < in->n_again; i++)
		for (size_t k = 0; k < in->n_kinds; k++)
			put(c, &n, again_column(c, i, k), in->again[i].price[k]);
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
	build_running(c);
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

static void take_engines(const struct covering *c, const double *solution, size_t demand,
			 struct sw__covered *out)
{
	const struct sw__covering *in = c->in;

	for (size_t k = 0; k < in->n_kinds; k++) {
		unsigned n = out->served[demand] ? whole(solution[engine_column(c, demand, k)]) : 0;

		out->engines[demand * in->n_kinds + k] = n;
		out->per_hour += in->start_price ? n * in->start_price[k] : 0;
	}
}

static void take_again(const struct covering *c, const double *solution, size_t i,
		       struct sw__covered *out)
{
	const struct sw__covering *in = c->in;
	bool served = out->served[in->again[i].demand];

	for (size_t k = 0; k < in->n_kinds; k++) {
		unsigned n = served ? whole(solution[again_column(c, i, k)]) : 0;

		out->again[i * in->n_kinds + k] = n;
		out->per_hour += n * in->again[i].price[k];
	}
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
		take_engines(c, solution, d, out);
	}
	for (size_t i = 0; i < in->n_again; i++)
		take_again(c, solution, i, out);
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
	if (c->by_price && c->in->cutoff > 0)
		Cbc_setCutoff(c->model, c->in->cutoff * (1 - ROUNDING));
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
	free(covered->again);
	free(covered->served);
	*covered = (struct sw__covered){0};
}

static bool allocate(struct covering *c, struct sw__covered *out)
{
	const struct sw__covering *in = c->in;

	c->engines_at = in->n_cuts;
	c->unserved_at = c->engines_at + in->n_demands * in->n_kinds;
	c->again_at = c->unserved_at + in->n_demands;
	c->columns = c->again_at + in->n_again * in->n_kinds;
	c->column = calloc(c->columns + 1, sizeof(*c->column));
	c->value = calloc(c->columns + 1, sizeof(*c->value));
	out->times = calloc(in->n_cuts + 1, sizeof(*out->times));
	out->engines = calloc(in->n_demands * in->n_kinds + 1, sizeof(*out->engines));
	out->again = calloc(in->n_again * in->n_kinds + 1, sizeof(*out->again));
	out->served = calloc(in->n_demands + 1, sizeof(*out->served));
	return c->column && c->value && out->times && out->engines && out->again && out->served;
}

enum sw_status sw__mig_cover(const struct sw__covering *covering, struct sw__covered *out,
			     struct sw_error *err)
{
	struct covering c = {.in = covering, .by_price = true};
	bool found = false;
	enum sw_status st = SW_OK;

	*out = (struct sw__covered){0};
	if (!allocate(&c, out))
		st = sw_fail(err, SW_NO_MEMORY, "%zu workloads", covering->n_demands);
	else if (!(found = solve(&c, NULL, out)) && !(covering->cutoff > 0))
		st = sw_fail(err, SW_INTERNAL, "%zu workloads on %zu ways of cutting: no solution",
			     covering->n_demands, covering->n_cuts);
	c.by_price = false;
	if (st == SW_OK && found)
		(void)solve(&c, out, out); /* none within the nodes: the first stands */
	free(c.column);
	free(c.value);
	if (st != SW_OK)
		sw__covered_free(out);
	return st;
}
