// SPDX-License-Identifier: Apache-2.0
/* A limit, all limits or the load of a workload, turned as far as it takes. */
#include "plan/dial.h"
#include "plan/relaxing.h"

/* Alone nearly everything may be asked, for a plan each attempt is dear. */
static const struct sw__dial_search search_alone = {2, 4096, 1.0005};
static const struct sw__dial_search search_planned = {1.5, 64, 1.01};

struct turning {
	struct sw__relaxing *r;
	const struct sw__dial *dial;
};

static enum sw_status holds_alone(void *context, double value, bool *out, struct sw_error *err)
{
	const struct turning *t = context;
	struct sw__relaxing *r = t->r;
	sw__dial_set(t->dial, r->asked, value, sw__relaxing_copy(&r->alone, r));
	return sw__relaxed_holds_alone(&r->alone, 0, out, &r->alone_fleet, &r->alone_engines, err);
}

static enum sw_status holds_planned(void *context, double value, bool *out, struct sw_error *err)
{
	const struct turning *t = context;
	struct sw__relaxing *r = t->r;

	enum sw_status st;

	sw__dial_set(t->dial, r->asked, value, sw__relaxing_copy(&r->others, r));
	st = sw__relaxing_plan(r, out, err);
	if (st == SW_OK && *out) {
		r->per_hour = r->others.per_hour;
		r->replicas = r->others.replicas[sw__relaxed_index(&r->others, r->workload)];
	}
	return st;
}

static enum sw_status holds_free(void *context, double value, bool *out, struct sw_error *err)
{
	const struct turning *t = context;
	struct sw__relaxing *r = t->r;

	sw__dial_set(t->dial, r->asked, value, sw__relaxing_copy(&r->alone, r));
	return sw__relaxing_fits_free(r, out, err);
}

/* How far a dial was turned, and what says that it is enough. */
struct turned {
	double factor;
	enum sw_basis basis;
};

/* A plan of all decides between where it holds alone and where it holds on free GPUs; both may be the same. */
static enum sw_status turn_in_plan(struct sw__relaxing *r, struct turning *t, double alone,
				   struct turned *to, struct sw_error *err)
{
	struct sw__dial_question question = {t, holds_planned};
	struct sw__dial_search search = search_planned;
	double found = alone;
	bool holds = false;
	enum sw_status st = SW_OK;

	search.most = fmin(search.most * alone, to->factor);
	if (alone > 1)
		st = holds_planned(t, sw__dial_value(t->dial, r->asked, alone), &holds, err);
	if (st != SW_OK || holds) {
		*to = (struct turned){alone, SW_BASIS_PLANNED};
		return st;
	}
	/* What the most does not help, nothing between will. */
	st = holds_planned(t, sw__dial_value(t->dial, r->asked, search.most), &holds, err);
	if (st == SW_OK && holds)
		st = sw__dial_turn(t->dial, r->asked, &search, alone, &question, &found, err);
	if (st == SW_OK && holds && isfinite(found))
		*to = (struct turned){found, SW_BASIS_PLANNED};
	return st;
}

#define NAME_OF(constant, id) id,
static const char *const metrics[] = {SW_METRIC_LIST(NAME_OF)};
static const char *const statistics[] = {SW_STATISTIC_LIST(NAME_OF)};

static void say_dial(const struct sw__dial *dial, const struct sw_workload *asked,
		     const struct sw_relaxation *found, struct sw_text *text)
{
	if (dial->kind == SW_RELAX_LIMIT)
		sw_text_addf(text, "%s_%s_ms %.4g instead of %.4g", metrics[dial->metric],
			     statistics[dial->statistic], found->to, found->from);
	else if (dial->kind == SW_RELAX_LIMITS)
		sw_text_addf(text, "all its limits %.4g times as long", found->to);
	else
		sw_text_addf(text, "%.6g instead of %.6g requests %s", found->to, found->from,
			     sw_known(asked->load.rate) ? "per second" : "in flight");
}

static enum sw_status keep_turned(struct sw__relaxing *r, const struct sw__dial *dial,
				  const struct turned *to, struct sw_error *err)
{
	bool planned = to->basis == SW_BASIS_PLANNED;
	struct sw_relaxation found = {
		.kind = dial->kind,
		.workload = r->workload,
		.fleet = planned ? SW_NONE : r->alone_fleet,
		.metric = dial->metric,
		.statistic = dial->statistic,
		.from = sw__dial_from(dial, r->asked),
		.to = sw__dial_value(dial, r->asked, to->factor),
		.basis = to->basis,
		.replicas = planned ? r->replicas : r->alone_engines,
		.cost_per_hour = planned ? r->per_hour : (double)NAN,
	};
	struct sw_text words = {0};

	found.relative = sw__relaxing_change(found.from, found.to);
	say_dial(dial, r->asked, &found, &words);
	sw__relaxing_say(r->problem, &found, &words);
	return sw__relaxing_add(r, &found, &words, err);
}

/* Alone, then on free GPUs, then in a plan of all; INFINITY where nothing helps. */
static enum sw_status find_turn(struct sw__relaxing *r, struct turning *t, bool holds_as_asked,
				struct turned *to, struct sw_error *err)
{
	struct sw__dial_question alone = {t, holds_alone}, free_ones = {t, holds_free};
	double least = 1;
	bool fits = false;
	enum sw_status st = SW_OK;

	*to = (struct turned){INFINITY, SW_BASIS_ALONE};
	if (!holds_as_asked)
		st = sw__dial_turn(t->dial, r->asked, &search_alone, 1, &alone, &least, err);
	if (st != SW_OK || !isfinite(least))
		return st;
	if (least > 1)
		st = holds_free(t, sw__dial_value(t->dial, r->asked, least), &fits, err);
	to->factor = least;
	if (st == SW_OK && !fits)
		st = sw__dial_turn(t->dial, r->asked, &search_alone, least, &free_ones, &to->factor,
				   err);
	if (st == SW_OK && isfinite(to->factor))
		st = holds_free(t, sw__dial_value(t->dial, r->asked, to->factor), &fits, err);
	to->basis = SW_BASIS_FREE;
	if (st == SW_OK)
		st = turn_in_plan(r, t, least, to, err);
	if (st == SW_OK && isinf(to->factor)) {
		*to = (struct turned){least, SW_BASIS_ALONE};
		st = holds_alone(t, sw__dial_value(t->dial, r->asked, least), &fits, err);
	}
	return st;
}

/* One dial, turned until the workload holds; *helped: there is such a place. */
static enum sw_status turn(struct sw__relaxing *r, const struct sw__dial *dial, bool holds_as_asked,
			   bool *helped, struct sw_error *err)
{
	struct turning t = {r, dial};
	struct turned to;
	enum sw_status st = find_turn(r, &t, holds_as_asked, &to, err);

	*sw__relaxing_copy(&r->alone, r) = *sw__relaxing_copy(&r->others, r) = *r->asked;
	/* Alone it holds as it is: without a plan there is nothing to say. */
	*helped = st == SW_OK && isfinite(to.factor) && to.factor > 1;
	return *helped ? keep_turned(r, dial, &to, err) : st;
}

/*
 * The least change of a limit may need very many engines with hardly anything to do. Where it does, also how far the limit goes for one.
 */
static enum sw_status turn_for_one(struct sw__relaxing *r, const struct sw__dial *dial,
				   struct sw_error *err)
{
	const struct sw_relaxation *last = &r->plan->relaxations[r->plan->n_relaxations - 1];
	const struct sw_workload *asked = r->asked;
	struct sw_workload one = *asked;
	struct turning t = {r, dial};
	struct turned to = {INFINITY, SW_BASIS_ALONE};
	double before = last->to;
	enum sw_status st;

	if (asked->replicas || last->replicas < 2)
		return SW_OK;
	one.replicas = 1;
	r->asked = &one;
	*sw__relaxing_copy(&r->alone, r) = *sw__relaxing_copy(&r->others, r) = one;
	st = find_turn(r, &t, false, &to, err);
	if (st == SW_OK && isfinite(to.factor) && sw__dial_value(dial, &one, to.factor) != before)
		st = keep_turned(r, dial, &to, err);
	r->asked = asked;
	*sw__relaxing_copy(&r->alone, r) = *sw__relaxing_copy(&r->others, r) = *asked;
	return st;
}

static enum sw_status turn_limits(struct sw__relaxing *r, bool holds_as_asked, bool *helped,
				  struct sw_error *err)
{
	enum sw_status st = SW_OK;

	*helped = false;
	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		for (int s = 0; s < SW_STATISTIC_COUNT && st == SW_OK; s++) {
			struct sw__dial dial = {SW_RELAX_LIMIT, (enum sw_metric)m,
						(enum sw_statistic)s};
			bool one = false;

			if (sw_known(sw__dial_from(&dial, r->asked)))
				st = turn(r, &dial, holds_as_asked, &one, err);
			if (st == SW_OK && one)
				st = turn_for_one(r, &dial, err);
			*helped = *helped || one;
		}
	}
	return st;
}

enum sw_status sw__relax_turns(struct sw__relaxing *r, bool holds_as_asked, struct sw_error *err)
{
	static const struct sw__dial all_limits = {SW_RELAX_LIMITS, SW_TTFT, SW_MEAN};
	static const struct sw__dial load = {SW_RELAX_LOAD, SW_TTFT, SW_MEAN};
	bool helped, one;
	enum sw_status st = turn_limits(r, holds_as_asked, &helped, err);

	if (st == SW_OK && !helped)
		st = turn(r, &all_limits, holds_as_asked, &one, err);
	return st == SW_OK ? turn(r, &load, holds_as_asked, &one, err) : st;
}
