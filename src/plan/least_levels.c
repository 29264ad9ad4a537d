// SPDX-License-Identifier: Apache-2.0
#include "plan/least_levels.h"

#include "plan/rules.h"

struct raising {
	struct sw__sizing *sizing;
	size_t fleet, n;
	struct sw__size *const *engines;
	unsigned char *level;
	const sw_prepared *prepared[SW_TENANTS_MAX];
	struct sw_error *err;
};

static enum sw_status prepare(struct raising *r, size_t i)
{
	return sw__size_prepared(r->sizing, r->engines[i], r->level[i], &r->prepared[i], r->err);
}

static enum sw_status one_holds(struct raising *r, size_t i, bool *holds)
{
	const struct sw__oracle *oracle = r->sizing->oracle;
	enum sw_mechanism mechanism = r->sizing->problem->fleet[r->fleet].mechanism;
	struct sw_prediction all[SW_TENANTS_MAX];
	enum sw_status st = prepare(r, i);

	if (st != SW_OK)
		return st;
	r->sizing->predicted++;
	if (oracle->predict_one)
		oracle->predict_one(mechanism, r->prepared, r->n, i, &all[i]);
	else
		oracle->predict(mechanism, r->prepared, r->n, all);
	*holds = sw_prediction_meets(&all[i], &r->engines[i]->tenant.slo);
	return SW_OK;
}

static bool have_room(const struct raising *r)
{
	return sw__rules_allow_levels(r->sizing, r->fleet, r->engines, r->level, r->n);
}

/* One engine to the least level at which it holds beside the others at theirs; *room false: there is none, or no room for it. */
static enum sw_status raise_one(struct raising *r, size_t i, bool *raised, bool *room)
{
	const struct sw__size *size = r->engines[i];
	size_t top = size->share_matters ? r->sizing->levels[r->fleet].n - 1 : r->level[i];
	bool holds;
	enum sw_status st = one_holds(r, i, &holds);

	*raised = st == SW_OK && !holds;
	while (st == SW_OK && !holds && *room) {
		*room = r->level[i] < top;
		if (*room) {
			r->level[i]++;
			*room = have_room(r);
		}
		if (*room)
			st = one_holds(r, i, &holds);
	}
	return st;
}

enum sw_status sw__least_levels(struct sw__sizing *sizing, size_t fleet,
				struct sw__size *const *engines, unsigned char *level, size_t n,
				bool *holds, struct sw_error *err)
{
	struct raising r = {
		.sizing = sizing, .fleet = fleet, .n = n, .engines = engines, .err = err};
	size_t settled = 0;
	enum sw_status st = SW_OK;

	r.level = level;
	for (size_t i = 0; i < n && st == SW_OK; i++)
		st = prepare(&r, i);
	*holds = have_room(&r);
	for (size_t i = 0; settled < n && *holds && st == SW_OK; i = (i + 1) % n) {
		bool raised;

		st = raise_one(&r, i, &raised, holds);
		settled = raised ? 1 : settled + 1;
	}
	return st;
}
