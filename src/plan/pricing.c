// SPDX-License-Identifier: Apache-2.0
#include "plan/pricing.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/parts.h"

static const double ROUNDING = 1e-9;
/* Weight moved between resources, by ever smaller steps, to make the bound of an empty GPU small. */
static const double steps[] = {0.5, 0.2, 0.07};
enum { FIRST_SETS = 64, NOTHING_FAILED = SW__TOGETHER_MAX + 1 };

/* An item at the prices, in a bin. */
struct offer {
	const struct sw__priced_item *item;
	double worth, footprint; /* the weighted sum of its parts */
	struct sw__priced_parts part;
};

struct search {
	struct sw__groups *groups;
	const struct sw__pricing *asked;
	struct offer *offer; /* the densest first */
	size_t n;
	struct sw__priced_parts weight;
	const struct offer *chosen[SW__TOGETHER_MAX];
	size_t depth, most_tenants;
	double worth, footprint;
	struct sw__priced_parts taken;
	size_t failed; /* so many of the chosen do not hold together; NOTHING_FAILED */
	size_t fleet;
	struct sw__priced *out;
	struct sw_error *err;
};

/* An engine with CUDA graphs does with no more of the GPU's time than without; of one that is always without it is not known. */
static double least_turns(const struct sw__size *size)
{
	if (!size->share_matters)
		return size->least_work;
	return size->other ? size->other->least_work : 0;
}

enum sw_status sw__priced_item(struct sw__sizing *sizing, struct sw__size *size,
			       struct sw__priced_item *out, struct sw_error *err)
{
	struct sw__parts of_all[SW__PRESSURES];
	enum sw_status st = sw__pressed_parts(sizing, size, SW__PRESSURES, of_all, err);
	double n = size->replicas;

	*out = (struct sw__priced_item){.size = size, .copies = size->replicas};
	if (sw__apart(&sizing->problem->workloads[size->workload]))
		out->copies = 1;
	for (size_t bin = 0; bin < SW__PRESSURES && st == SW_OK; bin++) {
		double *part = out->part[bin].of;

		part[SW__PART_SHARE] = size->share_matters ? of_all[bin].of[0] / n : 0;
		part[SW__PART_TURNS] = least_turns(size);
		part[SW__PART_MEMORY] = of_all[bin].of[1] / n;
		part[SW__PART_PLACE] = of_all[bin].of[2] / n;
		part[SW__PART_PRESSURE] = of_all[bin].of[3] / n;
	}
	return st;
}

static double footprint_of(const struct sw__priced_parts *weight,
			   const struct sw__priced_parts *part)
{
	double sum = 0;

	for (int r = 0; r < SW__PRICED_PARTS; r++)
		sum += weight->of[r] * part->of[r];
	return fmax(ROUNDING, sum);
}

static int densest_first(const void *a, const void *b)
{
	const struct offer *x = a, *y = b;
	double dx = x->worth * y->footprint, dy = y->worth * x->footprint;

	if (dx != dy)
		return dx < dy ? 1 : -1;
	return x->item->size->id < y->item->size->id ? -1 : x->item->size->id > y->item->size->id;
}

static void weigh(struct search *s, const struct sw__priced_parts *weight)
{
	for (size_t i = 0; i < s->n; i++)
		s->offer[i].footprint = footprint_of(weight, &s->offer[i].part);
	if (s->n > 0)
		qsort(s->offer, s->n, sizeof(*s->offer), densest_first);
}

/* What offers from `from` on are worth in a room: the densest, the last of them in part (Dantzig's bound of a knapsack). */
static double most_more(const struct search *s, size_t from, unsigned copies, double room)
{
	double worth = 0;

	for (size_t i = from; i < s->n && room > 0; i++) {
		const struct offer *o = &s->offer[i];
		double takes = copies * o->footprint;

		if (takes > room)
			return worth + o->worth * room / o->footprint;
		worth += copies * o->worth;
		room -= takes;
		copies = i + 1 < s->n ? s->offer[i + 1].item->copies : 0;
	}
	return worth;
}

static double bound_of_empty(struct search *s, const struct sw__priced_parts *weight)
{
	weigh(s, weight);
	return s->n > 0 ? most_more(s, 0, s->offer[0].item->copies, 1 + ROUNDING) : 0;
}

static bool move_weight(struct search *s, int from, int to, double step, double *best)
{
	struct sw__priced_parts moved = s->weight;
	double by = fmin(step, moved.of[from]), bound;

	if (from == to || by <= 0)
		return false;
	moved.of[from] -= by;
	moved.of[to] += by;
	bound = bound_of_empty(s, &moved);
	if (bound >= *best * (1 - ROUNDING))
		return false;
	*best = bound;
	s->weight = moved;
	return true;
}

/* The weights under which an empty GPU can be worth least. */
static double choose_weight(struct search *s)
{
	double best;

	s->weight = (struct sw__priced_parts){{1}};
	best = bound_of_empty(s, &s->weight);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		for (int pair = 0; pair < SW__PRICED_PARTS * SW__PRICED_PARTS; pair++)
			while (move_weight(s, pair / SW__PRICED_PARTS, pair % SW__PRICED_PARTS,
					   steps[i], &best))
				;
	weigh(s, &s->weight);
	return best;
}

/* What a set must be worth more than to be of interest. */
static double threshold(const struct search *s)
{
	const struct sw__priced *out = s->out;

	return s->asked->most > 0 && out->n == s->asked->most ? out->worth[out->n - 1]
							      : s->asked->least;
}

static enum sw_status reserve(struct search *s)
{
	struct sw__priced *out = s->out;
	size_t room = out->room ? 2 * out->room : FIRST_SETS;
	const struct sw__together **sets;
	double *worth;

	if (out->n < out->room)
		return SW_OK;
	sets = realloc((void *)out->set, room * sizeof(sets[0]));
	if (sets)
		out->set = sets;
	worth = realloc(out->worth, room * sizeof(*worth));
	if (worth)
		out->worth = worth;
	if (!sets || !worth)
		return sw_fail(s->err, SW_NO_MEMORY, "%zu sets of engines", room);
	out->room = room;
	return SW_OK;
}

static enum sw_status keep(struct search *s, const struct sw__together *set, double worth)
{
	struct sw__priced *out = s->out;
	enum sw_status st = reserve(s);
	size_t at;

	if (st != SW_OK)
		return st;
	if (s->asked->most > 0 && out->n == s->asked->most)
		out->n--;
	at = out->n++;
	while (s->asked->most > 0 && at > 0 && out->worth[at - 1] < worth) {
		out->set[at] = out->set[at - 1];
		out->worth[at] = out->worth[at - 1];
		at--;
	}
	out->set[at] = set;
	out->worth[at] = worth;
	return SW_OK;
}

static bool fits_parts(const struct sw__priced_parts *sum)
{
	for (int r = 0; r < SW__PRICED_PARTS; r++)
		if (!(sum->of[r] <= 1 + ROUNDING))
			return false;
	return true;
}

/* The first bin in which the first `n` of the chosen go together as far as parts say; SW__PRESSURES: none. */
static size_t first_bin(const struct search *s, size_t n)
{
	for (size_t bin = 0; bin < SW__PRESSURES; bin++) {
		struct sw__priced_parts sum = {{0}};

		for (size_t i = 0; i < n; i++)
			for (int r = 0; r < SW__PRICED_PARTS; r++)
				sum.of[r] += s->chosen[i]->item->part[bin].of[r];
		if (fits_parts(&sum))
			return bin;
	}
	return SW__PRESSURES;
}

/* The level that it needs in a bin. */
static unsigned char least_level(const struct search *s, const struct sw__priced_item *item,
				 size_t bin)
{
	const struct sw__levels *levels = &s->groups->sizing->levels[s->fleet];

	return (unsigned char)(item->size->share_matters
				       ? sw__level_for(levels, item->part[bin].of[SW__PART_SHARE])
				       : item->size->alone);
}

/* Whether the first `n` of the chosen hold their limits together; *out is NULL where they do not. */
static enum sw_status hold_together(struct search *s, size_t n, const struct sw__together **out)
{
	unsigned char least[SW__TOGETHER_MAX];
	struct sw__size *engines[SW__TOGETHER_MAX];
	size_t before = s->groups->n, bin = first_bin(s, n);
	enum sw_status st;

	for (size_t i = 0; i < n; i++) {
		engines[i] = s->chosen[i]->item->size;
		least[i] = least_level(s, s->chosen[i]->item, bin);
	}
	st = sw__together_try(s->groups, s->fleet, engines, least, n, out, s->err);
	s->out->looks += s->groups->n - before;
	if (st == SW_OK && *out && !(*out)->fits)
		*out = NULL;
	return st;
}

/* Of engines that do not hold together the first so many that do not either: nothing with those is to be looked at. */
static enum sw_status find_failed(struct search *s)
{
	const struct sw__together *set = NULL;
	enum sw_status st = SW_OK;

	s->failed = s->depth;
	while (st == SW_OK && s->failed > 1) {
		st = hold_together(s, s->failed - 1, &set);
		if (set)
			break;
		s->failed--;
	}
	return st;
}

/* A set that would be worth having. */
static enum sw_status consider(struct search *s, size_t bin)
{
	const struct sw__together *set;
	enum sw_status st;

	if (s->worth <= threshold(s) || first_bin(s, s->depth) < bin)
		return SW_OK;
	if (s->out->looks >= s->asked->looks) {
		s->out->bound = fmax(s->out->bound, s->worth);
		s->out->complete = false;
		return SW_OK;
	}
	st = hold_together(s, s->depth, &set);
	if (st == SW_OK && set)
		return keep(s, set, s->worth);
	return st == SW_OK ? find_failed(s) : st;
}

/* Engines of its workload, with CUDA graphs or without, are all of one division; UINT_MAX: they would not be. */
static unsigned copies_chosen(const struct search *s, const struct sw__size *size)
{
	unsigned n = 0;

	for (size_t i = 0; i < s->depth; i++) {
		const struct sw__size *other = s->chosen[i]->item->size;

		if (other->workload != size->workload)
			continue;
		if (other->replicas != size->replicas)
			return UINT_MAX;
		n++;
	}
	return n;
}

static void choose(struct search *s, const struct offer *o)
{
	s->chosen[s->depth++] = o;
	s->worth += o->worth;
	s->footprint += o->footprint;
	for (int r = 0; r < SW__PRICED_PARTS; r++)
		s->taken.of[r] += o->part.of[r];
}

static bool has_room(const struct search *s, const struct offer *o)
{
	struct sw__priced_parts sum = s->taken;

	for (int r = 0; r < SW__PRICED_PARTS; r++)
		sum.of[r] += o->part.of[r];
	return fits_parts(&sum);
}

/* Of all sets that were asked for some are missing: the others are of no use. */
static bool are_not_all(const struct search *s)
{
	return s->asked->most == 0 && !s->out->complete;
}

/* All sets of the chosen and offers from `from` on: each comes once. */
static enum sw_status extend(struct search *s, size_t bin, size_t from)
{
	enum sw_status st = SW_OK;

	for (size_t i = from; i < s->n && s->depth < s->most_tenants && st == SW_OK; i++) {
		const struct offer *o = &s->offer[i];
		const struct sw__priced_parts taken = s->taken;
		double worth = s->worth, footprint = s->footprint, bound;
		unsigned there = copies_chosen(s, o->item->size);
		unsigned more = there < o->item->copies ? o->item->copies - there : 0;

		bound = worth + most_more(s, i, more, 1 + ROUNDING - footprint);
		if (bound <= threshold(s))
			break;
		if (more == 0 || !has_room(s, o))
			continue;
		if (s->out->nodes++ >= s->asked->nodes || are_not_all(s)) {
			s->out->bound = fmax(s->out->bound, bound);
			s->out->complete = false;
			break;
		}
		choose(s, o);
		st = consider(s, bin);
		if (st == SW_OK && s->failed > s->depth)
			st = extend(s, bin, i);
		s->depth--;
		s->taken = taken;
		s->worth = worth;
		s->footprint = footprint;
		if (s->failed <= s->depth)
			break;
		s->failed = NOTHING_FAILED;
	}
	return st;
}

static void make_offers(struct search *s, const struct sw__priced_kind *kind, size_t bin)
{
	s->n = 0;
	for (size_t i = 0; i < kind->n; i++) {
		const struct sw__priced_item *item = &kind->item[i];
		const struct sw__size *size = item->size;
		double worth = s->asked->prices[size->workload] / size->replicas;

		if (worth > ROUNDING && fits_parts(&item->part[bin]))
			s->offer[s->n++] = (struct offer){item, worth, 0, item->part[bin]};
	}
}

static enum sw_status search_bin(struct search *s, const struct sw__priced_kind *kind, size_t bin)
{
	make_offers(s, kind, bin);
	if (choose_weight(s) <= threshold(s))
		return SW_OK;
	s->failed = NOTHING_FAILED;
	s->depth = 0;
	s->worth = s->footprint = 0;
	s->taken = (struct sw__priced_parts){{0}};
	return extend(s, bin, 0);
}

enum sw_status sw__price(struct sw__groups *groups, const struct sw__priced_kind *kind,
			 const struct sw__pricing *asked, struct sw__priced *out,
			 struct sw_error *err)
{
	unsigned most = groups->sizing->problem->fleet[kind->fleet].max_tenants;
	struct search s = {.groups = groups,
			   .asked = asked,
			   .offer = calloc(kind->n + 1, sizeof(*s.offer)),
			   .most_tenants = most < SW__TOGETHER_MAX ? most : SW__TOGETHER_MAX,
			   .fleet = kind->fleet,
			   .out = out,
			   .err = err};
	enum sw_status st = SW_OK;

	*out = (struct sw__priced){.bound = asked->least, .complete = true};
	if (!s.offer)
		return sw_fail(err, SW_NO_MEMORY, "%zu engines", kind->n);
	for (size_t bin = 0; bin < SW__PRESSURES && st == SW_OK; bin++)
		st = search_bin(&s, kind, bin);
	for (size_t i = 0; i < out->n; i++)
		out->bound = fmax(out->bound, out->worth[i]);
	free(s.offer);
	return st;
}

void sw__priced_free(struct sw__priced *priced)
{
	free((void *)priced->set);
	free(priced->worth);
	*priced = (struct sw__priced){0};
}
