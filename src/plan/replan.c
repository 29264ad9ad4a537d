// SPDX-License-Identifier: Apache-2.0
#include "slicewise/replan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "plan/planner.h"
#include "plan/replan_changes.h"
#include "plan/replan_improve.h"
#include "plan/replan_names.h"
#include "plan/replan_notes.h"
#include "plan/replan_plays.h"
#include "plan/replan_repair.h"
#include "plan/slot_memo.h"
#include "plan/table_replan.h"

/* Everything that lives while a plan is made anew. */
struct replanning {
	const struct sw_replan_options *options;
	struct sw__sizing sizing;
	struct sw__planning planning;
	struct sw__running running;
	struct sw__kept kept;
	struct sw__held held;
	struct sw__memo memo;
	struct sw__slots slots; /* the best so far */
	struct sw_error *err;
};

static enum sw_status open_slots(struct replanning *r, struct sw__slots *out)
{
	return sw__slots_open(&r->kept, &r->held, &r->memo, r->options, out, r->err);
}

static enum sw_status open_all(struct replanning *r, const struct sw_plan_mixes *running)
{
	enum sw_status st;

	sw__groups_open(&r->sizing, SW__NEIGHBOURS_COUNT, &r->planning.groups);
	sw__held_open(&r->planning.groups, &r->held);
	r->planning.sizing = &r->sizing;
	st = sw__runs_open(&r->sizing, running, &r->running, r->err);
	if (st == SW_OK)
		st = sw__kept_open(&r->sizing, &r->running, &r->kept, r->err);
	return st == SW_OK ? open_slots(r, &r->slots) : st;
}

static void close_all(struct replanning *r)
{
	sw__slots_close(&r->slots);
	sw__memo_close(&r->memo);
	sw__held_close(&r->held);
	if (r->kept.of)
		sw__kept_close(&r->kept);
	sw__runs_close(&r->running);
	sw__planning_close(&r->planning);
	sw__sizing_close(&r->sizing);
}

/* The plan from nothing, where getting there pays within the horizon. */
static enum sw_status compare_with_new(struct replanning *r)
{
	struct sw__state state = {0};
	struct sw__slots other = {0};
	bool fits = false;
	enum sw_status st = sw__state_new(r->sizing.problem, &state, r->err);

	if (st == SW_OK)
		st = sw__strategy_slicewise(&r->planning, &state, r->err);
	if (st == SW_OK)
		st = open_slots(r, &other);
	if (st == SW_OK)
		st = sw__slots_from_state(&other, &state, &fits, r->err);
	if (st == SW_OK && fits)
		st = sw__replan_improve(&other, r->err);
	if (st == SW_OK && fits) {
		struct sw__worth was = sw__slots_worth(&r->slots), now = sw__slots_worth(&other);

		if (sw__pays(r->options, &was, &now, was.per_hour))
			st = sw__slots_copy(&r->slots, &other, r->err);
	}
	sw__slots_close(&other);
	sw__state_free(&state);
	return st;
}

static enum sw_status search(struct replanning *r)
{
	enum sw_status st = sw__repair(&r->slots, r->err);

	if (st == SW_OK)
		st = sw__replan_improve(&r->slots, r->err);
	if (st == SW_OK)
		st = compare_with_new(r);
	return st == SW_OK ? sw__leave_running(&r->slots, r->err) : st;
}

static enum sw_status list_changes(struct replanning *r, struct sw_plan *plan)
{
	struct sw__diagnosis *diagnosis = calloc(r->running.n_engines + 1, sizeof(*diagnosis));
	enum sw_status st =
		diagnosis ? sw__diagnose(&r->kept, diagnosis, r->err)
			  : sw_fail(r->err, SW_NO_MEMORY, "%zu engines", r->running.n_engines);

	if (st == SW_OK)
		st = sw__list_changes(&r->running, diagnosis, r->options, plan, r->err);
	free(diagnosis);
	return st;
}

static enum sw_status write_plan(struct replanning *r, struct sw_plan **out)
{
	struct sw__state state = {0};
	struct sw__listing listing = {0};
	enum sw_status st = sw__state_new(r->sizing.problem, &state, r->err);

	if (st == SW_OK)
		st = sw__name_slots(&r->slots, &state, &listing, r->err);
	if (st == SW_OK)
		st = sw__plan_of_state(&r->planning, &state, true, &listing, out, r->err);
	if (st == SW_OK) {
		sw__keep_idle_shares(&r->running, *out);
		st = list_changes(r, *out);
	}
	sw__listing_free(&listing);
	sw__state_free(&state);
	return st;
}

static enum sw_status replan_models(const struct sw_problem *problem,
				    const struct sw__oracle *oracle,
				    const struct sw_plan_mixes *running,
				    const struct sw_replan_options *options, struct sw_plan **out,
				    struct sw_error *err)
{
	struct replanning *r = calloc(1, sizeof(*r));
	enum sw_status st;

	if (!r)
		return sw_fail(err, SW_NO_MEMORY, "out of memory");
	r->options = options;
	r->err = err;
	st = sw__sizing_open(problem, oracle, &r->sizing, err);
	if (st == SW_OK) {
		st = open_all(r, running);
		if (st == SW_OK)
			st = search(r);
		if (st == SW_OK)
			st = write_plan(r, out);
		close_all(r);
	}
	free(r);
	return st;
}

enum sw_status sw__replan(const struct sw_problem *problem, const struct sw__oracle *oracle,
			  const struct sw_plan_mixes *running,
			  const struct sw_replan_options *options, struct sw_plan **out,
			  struct sw_error *err)
{
	bool tables = sw__replan_has_tables(problem, running);
	enum sw_status st;

	*out = NULL;
	st = tables ? sw__replan_with_tables(problem, oracle, running, options, out, err)
		    : replan_models(problem, oracle, running, options, out, err);
	return sw__plan_finish(problem, oracle, !tables, st, out, err);
}

static enum sw_status check_options(const struct sw_replan_options *o, struct sw_error *err)
{
	const double all[] = {o->horizon_hours, o->restart_s,    o->start_s,
			      o->open_s,        o->least_saving, o->noise};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (!sw_known(all[i]) || all[i] < 0)
			return sw_fail(
				err, SW_USAGE,
				"prices of changes: found %g, expected a number of at least 0",
				all[i]);
	}
	return SW_OK;
}

enum sw_status sw_replan(const sw_catalog *catalog, struct sw_problem *problem,
			 const struct sw_plan_mixes *running,
			 const struct sw_replan_options *options, struct sw_plan **out,
			 struct sw_error *err)
{
	struct sw_replan_options chosen = options ? *options : sw_replan_defaults();
	struct sw__oracle oracle = {0};
	size_t quieted;
	enum sw_status st = check_options(&chosen, err), noted;

	(void)catalog;
	*out = NULL;
	if (st != SW_OK)
		return st;
	sw__quiet_loads(problem, running, chosen.noise, &quieted);
	st = sw__oracle_open(problem, &oracle, err);
	if (st != SW_OK)
		return st;
	sw__remember_plays(problem, &oracle, running);
	st = sw__replan(problem, &oracle, running, &chosen, out, err);
	if (*out)
		sw__pass_on_plays(&oracle, *out);
	sw__oracle_close(&oracle);
	if (!*out)
		return st;
	noted = sw__add_notes(problem, running, quieted, chosen.noise, *out, NULL);
	if (noted == SW_OK)
		return st;
	sw_plan_free(*out);
	*out = NULL;
	return sw_fail(err, noted, "the running plan cannot be predicted");
}
