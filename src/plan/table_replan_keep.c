// SPDX-License-Identifier: Apache-2.0
#include "plan/table_replan_keep.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/change_price.h"
#include "plan/mig_patterns.h"

/*
 * Of a GPU with few engines every set of them may be what goes on; of one with more, and where there are very many GPUs, all, none
 * and all but one.
 */
enum { FREE_ENGINES_MAX = 7, FREE_SETS_MAX = 1500, ENGINES_MAX = 32, FIRST_ROOM = 64 };

struct keeping {
	struct sw__keep *keep;
	const struct sw_replan_options *options;
	bool all_stay, every_set;
	struct sw_error *err;
};

/* One GPU of the board while its cuts are listed. */
struct gpu_sets {
	size_t gpu, n, most;
	size_t engine[ENGINES_MAX]; /* those that may stay */
	sw__staying_set loose; /* of these by number: those that may have to go */
	bool all_fit;
};

static enum sw_status out_of_memory(const struct keeping *k)
{
	return sw_fail(k->err, SW_NO_MEMORY, "%zu engines", k->keep->board->n_engines);
}

size_t sw__keep_group(const struct sw__keep *keep, size_t gpu)
{
	return keep->board->problem->n_fleet + gpu;
}

static bool is_mig(const struct keeping *k, const struct sw__table_board_gpu *gpu)
{
	return k->keep->board->problem->fleet[gpu->fleet].mechanism == SW_MIG;
}

static size_t demand_of(const struct keeping *k, size_t engine)
{
	return k->keep->demand_of[k->keep->board->engines[engine].workload];
}

/* What stays of a set; its places behind the language models'. */
static size_t places_of(const struct keeping *k, const struct gpu_sets *s, sw__staying_set set,
			struct sw__mig_place *places)
{
	const struct sw__table_board_gpu *gpu = &k->keep->board->gpus[s->gpu];
	size_t n = gpu->n_models;

	(void)memcpy(places, gpu->models, n * sizeof(*places));
	for (size_t i = 0; i < s->n; i++)
		if (set >> i & 1)
			places[n++] = k->keep->board->engines[s->engine[i]].place;
	return n;
}

/* No two engines that must be apart, no more than the GPU takes, none on another. */
static bool go_together(const struct keeping *k, const struct gpu_sets *s, sw__staying_set set)
{
	const struct sw__table_board_gpu *gpu = &k->keep->board->gpus[s->gpu];
	struct sw__mig_place places[SW_TENANTS_MAX + ENGINES_MAX];
	unsigned starts[1];
	size_t n = gpu->n_models;

	for (size_t i = 0; i < s->n; i++) {
		if (!(set >> i & 1))
			continue;
		n++;
		for (size_t j = 0; j < i; j++)
			if ((set >> j & 1) &&
			    demand_of(k, s->engine[i]) == demand_of(k, s->engine[j]) &&
			    k->keep->cover.spread[demand_of(k, s->engine[i])])
				return false;
	}
	if (n > s->most)
		return false;
	if (!is_mig(k, gpu))
		return n <= 1;
	n = places_of(k, s, set, places);
	return sw__mig_beside(&k->keep->board->problem->fleet[gpu->fleet].gpu, places, n, NULL, 0,
			      starts);
}

/* Whether the set is one of those that are tried. */
static bool is_tried(const struct keeping *k, const struct gpu_sets *s, sw__staying_set set)
{
	sw__staying_set all = ((sw__staying_set)1 << s->n) - 1, gone = all & ~set;

	if (k->all_stay && s->all_fit)
		return (gone & ~s->loose) == 0;
	return k->every_set || set == 0 || (gone & (gone - 1)) == 0;
}

static int by_demand(const void *a, const void *b)
{
	const struct sw__staying *x = a, *y = b;

	if (x->demand != y->demand)
		return x->demand < y->demand ? -1 : 1;
	return (x->capacity > y->capacity) - (x->capacity < y->capacity);
}

/* What the engines of a set serve, and what they leave. */
static enum sw_status fill_staying(const struct keeping *k, const struct gpu_sets *s,
				   sw__staying_set set, struct sw__cut *cut)
{
	struct sw__staying *stay = calloc(s->n + 1, sizeof(*stay));

	cut->stay = stay;
	cut->n_stay = 0;
	cut->stopped = 0;
	if (!stay)
		return out_of_memory(k);
	for (size_t i = 0; i < s->n; i++) {
		const struct sw__table_board_engine *e = &k->keep->board->engines[s->engine[i]];

		if (set >> i & 1)
			stay[cut->n_stay++] = (struct sw__staying){demand_of(k, s->engine[i]),
								   e->row->throughput};
		else
			cut->stopped += e->planned->share;
	}
	qsort(stay, cut->n_stay, sizeof(*stay), by_demand);
	return SW_OK;
}

static bool same_staying(const struct sw__cut *a, const struct sw__cut *b)
{
	if (a->n_stay != b->n_stay)
		return false;
	for (size_t i = 0; i < a->n_stay; i++)
		if (a->stay[i].demand != b->stay[i].demand ||
		    a->stay[i].capacity != b->stay[i].capacity)
			return false;
	return true;
}

/* Whether `a` has nothing that `b` does not have. */
static bool within(const struct sw__cut *a, const struct sw__cut *b)
{
	for (size_t p = 0; p < SW_MIG_PROFILES_MAX; p++)
		if (a->count[p] > b->count[p])
			return false;
	return a->group == b->group && a->stopped >= b->stopped && same_staying(a, b);
}

static enum sw_status add_cut(const struct keeping *k, const struct gpu_sets *s,
			      sw__staying_set set, const struct sw__cut *like)
{
	struct sw__keep *keep = k->keep;
	size_t n = keep->covering.n_cuts;
	struct sw__cut cut = *like;
	enum sw_status st = SW_OK;

	if (n == keep->cuts_room) {
		size_t room = n ? 2 * n : FIRST_ROOM;
		struct sw__cut *cuts = realloc(keep->cuts, room * sizeof(*cuts));
		sw__staying_set *stays;

		keep->cuts = cuts ? cuts : keep->cuts;
		stays = realloc(keep->stays, room * sizeof(*stays));
		keep->stays = stays ? stays : keep->stays;
		if (!cuts || !stays)
			return out_of_memory(k);
		keep->cuts_room = room;
	}
	if (s)
		st = fill_staying(k, s, set, &cut);
	if (st != SW_OK)
		return st;
	for (size_t i = n; s && i-- > 0 && keep->cuts[i].group == cut.group;)
		if (within(&cut, &keep->cuts[i])) {
			free((void *)cut.stay);
			return SW_OK;
		}
	keep->cuts[n] = cut;
	keep->stays[n] = 0;
	for (size_t i = 0; s && i < s->n; i++)
		if (set >> i & 1)
			keep->stays[n] |= (sw__staying_set)1
					  << (s->engine[i] - keep->board->gpus[s->gpu].first);
	keep->covering.n_cuts++;
	return SW_OK;
}

/* Slices that nobody can use are none. */
static void forget_useless(const struct keeping *k, struct sw__cut *cut)
{
	const struct sw__covering *in = &k->keep->cover.covering;

	for (size_t i = 0; i < SW_MIG_PROFILES_MAX; i++) {
		bool used = false;

		if (cut->count[i] == 0)
			continue;
		for (size_t d = 0; d < in->n_demands; d++)
			used = used || in->capacity[d * in->n_kinds + cut->first_kind + i] > 0;
		if (!used)
			cut->count[i] = 0;
	}
}

/* A cut of a GPU without any slices yet: the horizon is paid for where nothing else keeps it in use. */
static struct sw__cut cut_like(const struct keeping *k, size_t g)
{
	const struct sw__table_board_gpu *gpu = &k->keep->board->gpus[g];
	struct sw__cut cut = {.group = sw__keep_group(k->keep, g),
			      .first_kind = k->keep->cover.first_kind[gpu->fleet]};

	if (gpu->in_plan == SW__NONE)
		cut.price = k->keep->board->problem->fleet[gpu->fleet].price_per_hour *
			    k->options->horizon_hours;
	return cut;
}

/* Everything that may lie beside a set that stays. */
static enum sw_status add_set(const struct keeping *k, const struct gpu_sets *s,
			      sw__staying_set set)
{
	const struct sw__table_board_gpu *gpu = &k->keep->board->gpus[s->gpu];
	const struct sw_fleet_entry *entry = &k->keep->board->problem->fleet[gpu->fleet];
	struct sw__mig_place places[SW_TENANTS_MAX + ENGINES_MAX];
	struct sw__mig_patterns patterns = {0};
	struct sw__cut cut = cut_like(k, s->gpu);
	enum sw_status st;

	if (!is_mig(k, gpu)) {
		cut.count[0] = set == 0;
		return add_cut(k, s, set, &cut);
	}
	st = sw__mig_patterns_beside(&entry->gpu, places, places_of(k, s, set, places), s->most,
				     &patterns, k->err);
	for (size_t i = 0; st == SW_OK && i < patterns.n; i++) {
		(void)memcpy(cut.count, patterns.pattern[i].count, sizeof(cut.count));
		forget_useless(k, &cut);
		st = add_cut(k, s, set, &cut);
	}
	free(patterns.pattern);
	return st;
}

static bool has_too_many(const struct keeping *k, size_t demand)
{
	const struct sw__keep *keep = k->keep;

	return keep->cover.exactly[demand] &&
	       keep->board->engines_of[keep->cover.workload[demand]] > keep->cover.exactly[demand];
}

static void look_at_gpu(const struct keeping *k, size_t g, struct gpu_sets *s)
{
	const struct sw__table_board *board = k->keep->board;
	const struct sw__table_board_gpu *gpu = &board->gpus[g];

	*s = (struct gpu_sets){.gpu = g};
	s->most = sw__most_engines(&board->problem->fleet[gpu->fleet], gpu->n_models, gpu->cores);
	for (size_t e = gpu->first; e < gpu->first + gpu->n && s->n < ENGINES_MAX; e++) {
		if (!sw__table_board_may_stay(board, e))
			continue;
		if (has_too_many(k, demand_of(k, e)))
			s->loose |= (sw__staying_set)1 << s->n;
		s->engine[s->n++] = e;
	}
	s->all_fit = go_together(k, s, ((sw__staying_set)1 << s->n) - 1);
}

static enum sw_status add_gpu(const struct keeping *k, size_t g)
{
	const struct sw__table_board_gpu *gpu = &k->keep->board->gpus[g];
	struct gpu_sets s;
	sw__staying_set all;
	enum sw_status st = SW_OK;

	if (gpu->fleet == SW__NONE || gpu->n_models > SW_TENANTS_MAX ||
	    (!is_mig(k, gpu) && gpu->n_models))
		return SW_OK;
	look_at_gpu(k, g, &s);
	all = ((sw__staying_set)1 << s.n) - 1;
	k->keep->stays_open[sw__keep_group(k->keep, g)] = k->all_stay && s.n > 0;
	if (s.n > FREE_ENGINES_MAX) {
		st = s.all_fit ? add_set(k, &s, all) : SW_OK;
		for (size_t i = 0; i < s.n && st == SW_OK; i++)
			if (go_together(k, &s, all & ~((sw__staying_set)1 << i)))
				st = add_set(k, &s, all & ~((sw__staying_set)1 << i));
		return st == SW_OK ? add_set(k, &s, 0) : st;
	}
	for (sw__staying_set set = all + 1; set-- > 0 && st == SW_OK;)
		if (is_tried(k, &s, set) && go_together(k, &s, set))
			st = add_set(k, &s, set);
	return st;
}

/* How many sets of engines there are that could go on. */
static double count_sets(const struct sw__table_board *board)
{
	double sets = 0;

	for (size_t g = 0; g < board->n_gpus; g++)
		sets += exp2((double)board->gpus[g].n);
	return sets;
}

/* New GPUs as from nothing, at the price of the horizon and of being opened. */
static enum sw_status add_new(const struct keeping *k)
{
	const struct sw__covering *from = &k->keep->cover.covering;
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < from->n_cuts && st == SW_OK; i++) {
		struct sw__cut cut = from->cuts[i];
		const struct sw_fleet_entry *entry =
			&k->keep->board->problem->fleet[k->keep->cover.groups[cut.group].fleet];

		cut.price = entry->price_per_hour * k->options->horizon_hours +
			    sw__price_of_opening(k->options, entry);
		st = add_cut(k, NULL, 0, &cut);
	}
	return st;
}

/* As many GPUs as the fleet has beside the language models', new and running ones together. */
static void fill_pools(const struct keeping *k, const struct sw_plan *plan)
{
	const struct sw_problem *problem = k->keep->board->problem;
	struct sw__keep *keep = k->keep;

	for (size_t f = 0; f < problem->n_fleet; f++) {
		keep->pool[f] = f;
		keep->pool_count[f] = problem->fleet[f].count;
		keep->group_count[f] = INFINITY;
	}
	for (size_t g = 0; g < plan->n_gpus; g++)
		keep->pool_count[plan->gpus[g].fleet]--;
	keep->pool_count[problem->n_fleet] = INFINITY; /* those that are in use anyway */
	for (size_t g = 0; g < keep->board->n_gpus; g++) {
		const struct sw__table_board_gpu *gpu = &keep->board->gpus[g];
		bool used = gpu->in_plan != SW__NONE || gpu->fleet == SW__NONE;

		keep->pool[sw__keep_group(keep, g)] = used ? problem->n_fleet : gpu->fleet;
		keep->group_count[sw__keep_group(keep, g)] = 1;
	}
}

/* Where the fleet has fewer GPUs than run, any of them may be closed. */
static void close_where_too_many(const struct keeping *k)
{
	struct sw__keep *keep = k->keep;
	size_t n_groups = sw__keep_group(keep, keep->board->n_gpus);

	for (size_t f = 0; f < keep->board->problem->n_fleet; f++) {
		double open = 0;

		for (size_t g = 0; g < n_groups; g++)
			open += keep->stays_open[g] && keep->pool[g] == f;
		for (size_t g = 0; g < n_groups && open > keep->pool_count[f]; g++)
			if (keep->pool[g] == f)
				keep->stays_open[g] = false;
	}
}

static void fill_prices(const struct keeping *k)
{
	struct sw__keep *keep = k->keep;

	for (size_t i = 0; i < keep->cover.covering.n_kinds; i++) {
		const struct sw__slice_kind *kind = &keep->cover.kinds[i];
		const struct sw_fleet_entry *entry = &keep->board->problem->fleet[kind->fleet];

		keep->start_price[i] = sw__price_of_start(k->options, entry, kind->share);
		keep->again_price[i] = sw__price_of_restart(k->options, entry, kind->share);
	}
}

/* Who runs on a GPU may be started anew there. */
static void list_again(const struct keeping *k)
{
	struct sw__keep *keep = k->keep;
	const struct sw__table_board *board = keep->board;

	for (size_t e = 0; e < board->n_engines; e++) {
		const struct sw__table_board_engine *is = &board->engines[e];
		size_t group = sw__keep_group(keep, is->gpu), i = 0;

		if (is->workload == SW__NONE || board->gpus[is->gpu].fleet == SW__NONE)
			continue;
		while (i < keep->covering.n_again &&
		       (keep->again[i].group != group || keep->again[i].demand != demand_of(k, e)))
			i++;
		if (i == keep->covering.n_again)
			keep->again[keep->covering.n_again++] =
				(struct sw__again){.group = group,
						   .demand = demand_of(k, e),
						   .price = keep->again_price};
		keep->again[i].n++;
	}
}

static enum sw_status allocate(const struct keeping *k)
{
	struct sw__keep *keep = k->keep;
	const struct sw_problem *problem = keep->board->problem;
	size_t groups = sw__keep_group(keep, keep->board->n_gpus);

	keep->demand_of = calloc(problem->n_workloads + 1, sizeof(*keep->demand_of));
	keep->group_count = calloc(groups + 1, sizeof(*keep->group_count));
	keep->pool = calloc(groups + 1, sizeof(*keep->pool));
	keep->pool_count = calloc(problem->n_fleet + 1, sizeof(*keep->pool_count));
	keep->stays_open = calloc(groups + 1, sizeof(*keep->stays_open));
	keep->start_price = calloc(keep->cover.covering.n_kinds + 1, sizeof(double));
	keep->again_price = calloc(keep->cover.covering.n_kinds + 1, sizeof(double));
	keep->again = calloc(keep->board->n_engines + 1, sizeof(*keep->again));
	if (!keep->demand_of || !keep->group_count || !keep->pool || !keep->pool_count ||
	    !keep->stays_open || !keep->start_price || !keep->again_price || !keep->again)
		return out_of_memory(k);
	for (size_t w = 0; w < problem->n_workloads; w++)
		keep->demand_of[w] = SW__NONE;
	for (size_t d = 0; d < keep->cover.covering.n_demands; d++)
		keep->demand_of[keep->cover.workload[d]] = d;
	return SW_OK;
}

void sw__keep_end(struct sw__keep *keep)
{
	struct sw__covering *to = &keep->covering;
	size_t n_cuts = to->n_cuts, n_again = to->n_again;

	*to = keep->cover.covering;
	to->n_cuts = n_cuts;
	to->cuts = keep->cuts;
	to->n_groups = sw__keep_group(keep, keep->board->n_gpus);
	to->group_count = keep->group_count;
	to->start_price = keep->start_price;
	to->n_pools = keep->board->problem->n_fleet + 1;
	to->pool = keep->pool;
	to->pool_count = keep->pool_count;
	to->stays_open = keep->stays_open;
	to->n_again = n_again;
	to->again = keep->again;
}

static enum sw_status begin(const struct keeping *k, const struct sw_plan *plan)
{
	enum sw_status st =
		sw__table_cover_of(k->keep->board->problem, NULL, &k->keep->cover, k->err);

	if (st == SW_OK)
		st = allocate(k);
	if (st != SW_OK)
		return st;
	fill_pools(k, plan);
	fill_prices(k);
	list_again(k);
	return add_new(k);
}

enum sw_status sw__keep_begin(const struct sw__table_board *board, const struct sw_plan *plan,
			      const struct sw_replan_options *options, struct sw__keep *out,
			      struct sw_error *err)
{
	struct keeping k = {.keep = out, .options = options, .err = err};
	enum sw_status st;

	*out = (struct sw__keep){.board = board};
	st = begin(&k, plan);
	if (st != SW_OK)
		sw__keep_close(out);
	return st;
}

enum sw_status sw__keep_add(struct sw__keep *keep, const struct sw_replan_options *options,
			    size_t gpu, sw__staying_set stays, const unsigned char *count,
			    struct sw_error *err)
{
	struct keeping k = {.keep = keep, .options = options, .err = err};
	struct gpu_sets s;
	struct sw__cut cut;
	sw__staying_set set = 0;

	look_at_gpu(&k, gpu, &s);
	for (size_t i = 0; i < s.n; i++)
		if (stays >> (s.engine[i] - keep->board->gpus[gpu].first) & 1)
			set |= (sw__staying_set)1 << i;
	cut = cut_like(&k, gpu);
	(void)memcpy(cut.count, count, sizeof(cut.count));
	return add_cut(&k, &s, set, &cut);
}

enum sw_status sw__keep_open(const struct sw__table_board *board, const struct sw_plan *plan,
			     const struct sw_replan_options *options, bool all_stay,
			     struct sw__keep *out, struct sw_error *err)
{
	struct keeping k = {.keep = out, .options = options, .all_stay = all_stay, .err = err};
	enum sw_status st;

	*out = (struct sw__keep){.board = board};
	k.every_set = all_stay || count_sets(board) <= FREE_SETS_MAX;
	st = begin(&k, plan);
	for (size_t g = 0; g < board->n_gpus && st == SW_OK; g++)
		st = add_gpu(&k, g);
	if (st != SW_OK) {
		sw__keep_close(out);
		return st;
	}
	close_where_too_many(&k);
	sw__keep_end(out);
	return SW_OK;
}

void sw__keep_close(struct sw__keep *keep)
{
	for (size_t i = 0; i < keep->covering.n_cuts; i++)
		free((void *)keep->cuts[i].stay);
	free(keep->cuts);
	free(keep->stays);
	free(keep->demand_of);
	free(keep->group_count);
	free(keep->pool);
	free(keep->pool_count);
	free(keep->stays_open);
	free(keep->start_price);
	free(keep->again_price);
	free(keep->again);
	sw__table_cover_free(&keep->cover);
	*keep = (struct sw__keep){0};
}
