// SPDX-License-Identifier: Apache-2.0
#include "plan/join.h"

#include <string.h>

#include "plan/rules.h"

bool sw__no_share_left(const struct sw__sizing *sizing, const struct sw__together *there,
		       const struct sw__size *size)
{
	return size->share_matters &&
	       there->bound + sw__size_share(sizing, size, size->alone) > 1 + SW__SUM_ROUNDING;
}

/* Who takes turns takes all that others leave, in whole percent or not. */
static double taken(const struct sw__together *t)
{
	return t->share > t->bound + SW__SUM_ROUNDING ? 1 : t->share;
}

/* Of two sets of the same engines, either perhaps none, the one that takes less. */
static const struct sw__together *leaner(const struct sw__together *a, const struct sw__together *b)
{
	if (!b || !b->fits)
		return a;
	if (!a)
		return b;
	if (fabs(taken(a) - taken(b)) > SW__SUM_ROUNDING)
		return taken(b) < taken(a) ? b : a;
	return b->memory_gib < a->memory_gib - SW__SUM_ROUNDING ? b : a;
}

/* All who can be as the new one is: with CUDA graphs, or without. */
static enum sw_status add_alike(struct sw__groups *groups, const struct sw__together *there,
				struct sw__size *size, const struct sw__together **out,
				struct sw_error *err)
{
	struct sw__size *engines[SW__TOGETHER_MAX];
	bool same = true;

	*out = NULL;
	if (there->n >= SW__TOGETHER_MAX)
		return SW_OK;
	for (size_t i = 0; i < there->n; i++) {
		engines[i] = sw__size_with(there->engines[i], size->tenant.engine.cuda_graphs);
		same = same && engines[i] == there->engines[i];
	}
	engines[there->n] = size;
	return same ? SW_OK
		    : sw__together_get(groups, there->fleet, engines, there->n + 1, out, err);
}

static enum sw_status join_as(struct sw__groups *groups, const struct sw__together *there,
			      struct sw__size *size, const struct sw__together **best,
			      struct sw_error *err)
{
	const struct sw__together *found = NULL;
	enum sw_status st = SW_OK;

	if (!there || !sw__no_share_left(groups->sizing, there, size))
		st = sw__together_add(groups, there, size, &found, err);
	if (st == SW_OK)
		*best = leaner(*best, found);
	if (st != SW_OK || !there)
		return st;
	st = add_alike(groups, there, size, &found, err);
	if (st == SW_OK)
		*best = leaner(*best, found);
	return st;
}

/* One of those who are there the other way. */
static enum sw_status add_switched(struct sw__groups *groups, const struct sw__together *there,
				   struct sw__size *size, const struct sw__together **best,
				   struct sw_error *err)
{
	struct sw__size *engines[SW__TOGETHER_MAX];
	enum sw_status st = SW_OK;

	if (there->n >= SW__TOGETHER_MAX)
		return SW_OK;
	(void)memcpy((void *)engines, (const void *)there->engines, there->n * sizeof(engines[0]));
	engines[there->n] = size;
	for (size_t i = 0; i < there->n && st == SW_OK; i++) {
		const struct sw__together *found = NULL;

		if (!there->engines[i]->other)
			continue;
		engines[i] = there->engines[i]->other;
		st = sw__together_get(groups, there->fleet, engines, there->n + 1, &found, err);
		*best = leaner(*best, found);
		engines[i] = there->engines[i];
	}
	return st;
}

enum sw_status sw__join(struct sw__groups *groups, const struct sw__together *there,
			struct sw__size *size, const struct sw__together **out,
			struct sw_error *err)
{
	enum sw_status st = SW_OK;

	*out = NULL;
	if (!size->possible)
		return SW_OK;
	st = join_as(groups, there, size, out, err);
	if (st == SW_OK && size->other)
		st = join_as(groups, there, size->other, out, err);
	if (*out || !there)
		return st;
	if (st == SW_OK)
		st = add_switched(groups, there, size, out, err);
	return st == SW_OK && size->other ? add_switched(groups, there, size->other, out, err) : st;
}
