// SPDX-License-Identifier: Apache-2.0
#include "plan/together.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/find_levels.h"
#include "plan/least_levels.h"
#include "plan/rules.h"
#include "predict/contention.h"

_Static_assert((int)SW__TOGETHER_MAX == (int)SW_TENANTS_MAX,
	       "the planner asks for what can be predicted");

enum { FIRST_CAPACITY = 256, PERCENT = 100 };
static const double percent_rounding = 1e-6;

void sw__groups_open(struct sw__sizing *sizing, enum sw__neighbours neighbours,
		     struct sw__groups *out)
{
	*out = (struct sw__groups){.sizing = sizing, .neighbours = neighbours};
}

static void free_together(struct sw__together *together)
{
	free((void *)together->engines);
	free(together->level);
	free(together);
}

void sw__groups_close(struct sw__groups *groups)
{
	for (size_t i = 0; i < groups->capacity; i++) {
		if (groups->slot[i])
			free_together(groups->slot[i]);
	}
	free((void *)groups->slot);
	groups->slot = NULL;
	groups->capacity = groups->n = 0;
}

/* FNV-1a over what makes the set. */
static unsigned long hash_of(size_t fleet, struct sw__size *const *engines, size_t n)
{
	unsigned long hash = 14695981039346656037UL ^ fleet;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (engines[i]->id + 1UL)) * 1099511628211UL;
	return hash ^ (hash >> 29);
}

static bool same_set(const struct sw__together *t, size_t fleet, struct sw__size *const *engines,
		     size_t n)
{
	return t->fleet == fleet && t->n == n &&
	       memcmp((const void *)t->engines, (const void *)engines, n * sizeof(engines[0])) == 0;
}

/* Where the set is or would be. */
static struct sw__together **find_slot(const struct sw__groups *groups, unsigned long hash,
				       size_t fleet, struct sw__size *const *engines, size_t n)
{
	size_t i = hash & (groups->capacity - 1);

	while (groups->slot[i] &&
	       !(groups->slot[i]->hash == hash && same_set(groups->slot[i], fleet, engines, n)))
		i = (i + 1) & (groups->capacity - 1);
	return &groups->slot[i];
}

static enum sw_status grow(struct sw__groups *groups, struct sw_error *err)
{
	struct sw__groups larger = *groups;

	if (groups->capacity && groups->n * 2 < groups->capacity)
		return SW_OK;
	larger.capacity = groups->capacity ? groups->capacity * 2 : FIRST_CAPACITY;
	larger.slot = calloc(larger.capacity, sizeof(struct sw__together *));
	if (!larger.slot)
		return sw_fail(err, SW_NO_MEMORY, "%zu sets of engines", groups->n);
	for (size_t i = 0; i < groups->capacity; i++) {
		struct sw__together *t = groups->slot[i];

		if (t)
			*find_slot(&larger, t->hash, t->fleet, t->engines, t->n) = t;
	}
	free((void *)groups->slot);
	groups->slot = larger.slot;
	groups->capacity = larger.capacity;
	return SW_OK;
}

enum sw_status sw__together_predict(struct sw__sizing *sizing, size_t fleet,
				    struct sw__size *const *engines, const unsigned char *level,
				    size_t n, struct sw_prediction *out, struct sw_error *err)
{
	const sw_prepared *prepared[SW__TOGETHER_MAX];
	enum sw_status st = sw__prepare_together(sizing, engines, level, n, prepared, err);

	if (st != SW_OK)
		return st;
	sizing->predicted += n;
	sizing->oracle->predict(sizing->problem->fleet[fleet].mechanism, prepared, n, out);
	return SW_OK;
}

enum sw_status sw__together_predict_all(struct sw__sizing *sizing, const struct sw__together *t,
					struct sw_prediction *out, struct sw_error *err)
{
	const sw_prepared *prepared[SW__TOGETHER_MAX];
	enum sw_mechanism mechanism = sizing->problem->fleet[t->fleet].mechanism;
	enum sw_status st = sw__prepare_together(sizing, t->engines, t->level, t->n, prepared, err);

	if (st != SW_OK)
		return st;
	sizing->oracle->predict(mechanism, prepared, t->n, out);
	sizing->oracle->max_rates(mechanism, prepared, t->n, out);
	return SW_OK;
}

double sw__together_share(const struct sw__sizing *sizing, const struct sw__together *t, size_t i)
{
	double left = 1, by_turns = 0;

	if (t->engines[i]->share_matters)
		return sw__size_share(sizing, t->engines[i], t->level[i]);
	for (size_t k = 0; k < t->n; k++) {
		if (t->engines[k]->share_matters)
			left -= sw__size_share(sizing, t->engines[k], t->level[k]);
		else
			by_turns++;
	}
	return fmax(1, floor(PERCENT * left / by_turns + percent_rounding)) / PERCENT;
}

static void sum_up(const struct sw__sizing *sizing, struct sw__together *t)
{
	t->share = t->memory_gib = t->bound = 0;
	for (size_t i = 0; i < t->n; i++) {
		double share = sw__together_share(sizing, t, i);

		t->share += share;
		t->bound += t->engines[i]->share_matters ? share : 0;
		t->memory_gib += sw__size_memory_gib(sizing, t->engines[i], t->level[i]);
	}
}

/* All of the GPU divided by `parts`, rounded down to a slice there is; of MIG profiles one that can be cut so often. */
static size_t even_level(const struct sw__levels *levels, unsigned parts, double gpu_gib)
{
	size_t level = sw__level_within(levels, 1.0 / parts);

	while (level > 0 && levels->level[level].memory_gib * parts > gpu_gib)
		level--;
	return level;
}

static void even_levels(const struct sw__groups *groups, struct sw__together *t)
{
	const struct sw__levels *levels = &groups->sizing->levels[t->fleet];
	double gpu_gib = sw_gpu_visible_gib(&groups->sizing->problem->fleet[t->fleet].gpu);
	unsigned parts = groups->parts[t->fleet];
	size_t level = even_level(levels, parts, gpu_gib);

	t->fits = t->n <= parts;
	for (size_t i = 0; i < t->n; i++) {
		const struct sw__size *size = t->engines[i];

		t->level[i] = size->share_matters ? (unsigned char)level : 0;
		if (t->level[i] < size->alone ||
		    sw__size_memory_gib(groups->sizing, size, t->level[i]) * parts > gpu_gib)
			t->fits = false;
	}
}

static unsigned char top_level(const struct sw__groups *groups, const struct sw__size *size)
{
	return size->share_matters ? (unsigned char)(groups->sizing->levels[size->fleet].n - 1) : 0;
}

/* From levels below which nobody holds: the least that hold, found without leaps. */
static enum sw_status raise_from_least(const struct sw__groups *groups, struct sw__together *t,
				       const unsigned char *least, struct sw_error *err)
{
	(void)memcpy(t->level, least, t->n);
	return sw__least_levels(groups->sizing, t->fleet, t->engines, t->level, t->n, &t->fits,
				err);
}

static enum sw_status choose_levels(const struct sw__groups *groups, struct sw__together *t,
				    const unsigned char *least, struct sw_error *err)
{
	switch (groups->neighbours) {
	case SW__NEIGHBOURS_EVEN:
		even_levels(groups, t);
		return SW_OK;
	case SW__NEIGHBOURS_NONE:
		for (size_t i = 0; i < t->n; i++)
			t->level[i] = top_level(groups, t->engines[i]);
		t->fits = t->n == 1;
		return SW_OK;
	case SW__NEIGHBOURS_IGNORE:
		for (size_t i = 0; i < t->n; i++)
			t->level[i] = (unsigned char)t->engines[i]->alone;
		t->fits = true;
		return SW_OK;
	case SW__NEIGHBOURS_COUNT:
		break;
	}
	return least ? raise_from_least(groups, t, least, err)
		     : sw__find_levels(groups->sizing, t, err);
}

static enum sw_status make(const struct sw__groups *groups, size_t fleet,
			   struct sw__size *const *engines, const unsigned char *least, size_t n,
			   struct sw__together **out, struct sw_error *err)
{
	struct sw__together *t = calloc(1, sizeof(*t));
	enum sw_status st;

	*out = NULL;
	if (t) {
		t->fleet = fleet;
		t->n = n;
		t->engines = calloc(n, sizeof(struct sw__size *));
		t->level = calloc(n, sizeof(*t->level));
	}
	if (!t || !t->engines || !t->level) {
		if (t)
			free_together(t);
		return sw_fail(err, SW_NO_MEMORY, "%zu engines on a GPU", n);
	}
	(void)memcpy((void *)t->engines, (const void *)engines, n * sizeof(engines[0]));
	st = choose_levels(groups, t, least, err);
	if (st != SW_OK) {
		free_together(t);
		return st;
	}
	sum_up(groups->sizing, t);
	*out = t;
	return SW_OK;
}

static bool before(const struct sw__size *a, const struct sw__size *b)
{
	return a->workload != b->workload ? a->workload < b->workload : a->id < b->id;
}

/* One order for a set, the one in which the plan lists it: predictions then agree to the last bit. */
static void sort_engines(struct sw__size **engines, unsigned char *least, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct sw__size *moved = engines[i];
		unsigned char with_it = least[i];
		size_t at = i;

		for (; at > 0 && before(moved, engines[at - 1]); at--) {
			engines[at] = engines[at - 1];
			least[at] = least[at - 1];
		}
		engines[at] = moved;
		least[at] = with_it;
	}
}

enum sw_status sw__together_get(struct sw__groups *groups, size_t fleet,
				struct sw__size *const *engines, size_t n,
				const struct sw__together **out, struct sw_error *err)
{
	return sw__together_try(groups, fleet, engines, NULL, n, out, err);
}

enum sw_status sw__together_try(struct sw__groups *groups, size_t fleet,
				struct sw__size *const *engines, const unsigned char *least,
				size_t n, const struct sw__together **out, struct sw_error *err)
{
	unsigned char levels[SW__TOGETHER_MAX] = {0};
	struct sw__size *sorted[SW__TOGETHER_MAX];
	struct sw__together **slot;
	unsigned long hash;
	enum sw_status st;

	*out = NULL;
	if (n > SW__TOGETHER_MAX || !sw__rules_allow(groups->sizing, fleet, engines, n))
		return SW_OK;
	st = grow(groups, err);
	if (st != SW_OK)
		return st;
	(void)memcpy((void *)sorted, (const void *)engines, n * sizeof(engines[0]));
	if (least)
		(void)memcpy(levels, least, n);
	sort_engines(sorted, levels, n);
	hash = hash_of(fleet, sorted, n);
	slot = find_slot(groups, hash, fleet, sorted, n);
	if (!*slot) {
		st = make(groups, fleet, sorted, least ? levels : NULL, n, slot, err);
		if (st != SW_OK)
			return st;
		(*slot)->hash = hash;
		groups->n++;
	}
	*out = *slot;
	return SW_OK;
}

enum sw_status sw__together_add(struct sw__groups *groups, const struct sw__together *with,
				struct sw__size *engine, const struct sw__together **out,
				struct sw_error *err)
{
	struct sw__size *engines[SW__TOGETHER_MAX];
	size_t n = with ? with->n : 0;

	*out = NULL;
	if (n >= SW__TOGETHER_MAX || !engine->possible)
		return SW_OK;
	if (with)
		(void)memcpy((void *)engines, (const void *)with->engines, n * sizeof(engines[0]));
	engines[n] = engine;
	return sw__together_get(groups, engine->fleet, engines, n + 1, out, err);
}
