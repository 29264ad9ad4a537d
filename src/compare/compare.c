// SPDX-License-Identifier: Apache-2.0
/* Strategies side by side: plan, choose margins, play, score. README.md. */
#include "slicewise/compare.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "compare/contest.h"
#include "compare/score.h"
#include "formats/trace.h"

static const char ours[] = "slicewise", oracle[] = "oracle", too_slow[] = "exact";

/* Finer steps hardly change which plan is the cheapest without late requests. */
static const double usual_margins[] = {1, 0.9, 0.8, 0.65, 0.5, 0.35, 0.25, 0.15};
static const double no_margin[] = {1};
/* With a factor of its own inside, half of the limits: its best may be looser. */
static const double igniters_margins[] = {2, 1.6, 1.3, 1, 0.8, 0.65, 0.5, 0.35};
/* Of the time in which a GPU is busy; above 1 engines are given more of it than there is, which works while they batch. */
static const double packed_parts[] = {3, 2, 1.5, 1, 0.9, 0.8, 0.65, 0.5};

#define LIST(margins) margins, sizeof(margins) / sizeof((margins)[0])

/* Who has other margins than the usual ones. */
static const struct own_margins {
	const char *strategy;
	const double *margins;
	size_t n;
} own_margins[] = {
	{"igniter", LIST(igniters_margins)}, {"packed", LIST(packed_parts)},
	{"slicewise", LIST(no_margin)},      {"exact", LIST(no_margin)},
	{NULL, LIST(usual_margins)},
};

/* Beyond these a number is a slip. */
static const double MARGIN_MOST = 4, BURSTINESS_MOST = 100, DURATION_MOST_S = 1e6;
enum { SEEDS_MAX = 1000, WORLDS_MAX = 10000, MARGINS_MAX = 64, STRATEGIES_MAX = 64 };

struct sw_compare_settings sw_compare_defaults(void)
{
	return (struct sw_compare_settings){
		.worlds = 8,
		.seed = 1,
		.duration_s = NAN,
		.events_max = 3.5e8,
		.burstiness = NAN,
	};
}

/* Some take a number behind a colon. */
static bool is_strategy(const char *name)
{
	const char *const *names = sw_strategies();
	size_t size = strcspn(name, ":");

	for (size_t i = 0; names[i]; i++)
		if (strncmp(names[i], name, size) == 0 && !names[i][size])
			return true;
	return strcmp(name, oracle) == 0;
}

static enum sw_status refuse_strategy(const char *name, struct sw_error *err)
{
	const char *const *names = sw_strategies();
	struct sw_text known = {0};
	enum sw_status st;

	for (size_t i = 0; names[i]; i++)
		sw_text_addf(&known, "%s, ", names[i]);
	st = sw_fail(err, SW_BAD_INPUT, "strategies: found %s, expected some of %s%s", name,
		     sw_text_string(&known), oracle);
	sw_text_free(&known);
	return st;
}

static enum sw_status check_strategies(const struct sw_compare_settings *s, struct sw_error *err)
{
	if (s->n_strategies > STRATEGIES_MAX)
		return sw_fail(err, SW_BAD_INPUT, "found %zu strategies, expected at most %d",
			       s->n_strategies, STRATEGIES_MAX);
	for (size_t i = 0; i < s->n_strategies; i++) {
		if (!is_strategy(s->strategies[i]))
			return refuse_strategy(s->strategies[i], err);
		for (size_t k = 0; k < i; k++)
			if (strcmp(s->strategies[k], s->strategies[i]) == 0)
				return sw_fail(err, SW_BAD_INPUT,
					       "strategies: found %s twice, expected once",
					       s->strategies[i]);
	}
	return SW_OK;
}

static enum sw_status check_margins(const struct sw_compare_settings *s, struct sw_error *err)
{
	if (s->n_margins > MARGINS_MAX)
		return sw_fail(err, SW_BAD_INPUT, "found %zu margins, expected at most %d",
			       s->n_margins, MARGINS_MAX);
	for (size_t i = 0; i < s->n_margins; i++)
		if (!(s->margins[i] > 0 && s->margins[i] <= MARGIN_MOST))
			return sw_fail(err, SW_BAD_INPUT,
				       "margins: found %g, expected above 0 and at most %g",
				       s->margins[i], MARGIN_MOST);
	return SW_OK;
}

static enum sw_status check(const struct sw_compare_settings *s, struct sw_error *err)
{
	enum sw_status st = check_strategies(s, err);

	if (st == SW_OK)
		st = check_margins(s, err);
	if (st != SW_OK)
		return st;
	if (s->seeds > SEEDS_MAX)
		return sw_fail(err, SW_BAD_INPUT, "seeds: found %u, expected at most %d", s->seeds,
			       SEEDS_MAX);
	if (s->worlds < 1 || s->worlds > WORLDS_MAX)
		return sw_fail(err, SW_BAD_INPUT, "worlds: found %u, expected 1 to %d", s->worlds,
			       WORLDS_MAX);
	if (!isnan(s->duration_s) && !(s->duration_s > 0 && s->duration_s <= DURATION_MOST_S))
		return sw_fail(err, SW_BAD_INPUT,
			       "duration: found %g s, expected above 0 and at most %g",
			       s->duration_s, DURATION_MOST_S);
	if (!isnan(s->burstiness) && !(s->burstiness >= 0 && s->burstiness <= BURSTINESS_MOST))
		return sw_fail(err, SW_BAD_INPUT, "burstiness: found %g, expected 0 to %g",
			       s->burstiness, BURSTINESS_MOST);
	if (s->trace && !isnan(s->burstiness))
		return sw_fail(err, SW_BAD_INPUT,
			       "found both a trace and a burstiness, expected one of them");
	return SW_OK;
}

static bool wanted(const struct sw_compare_settings *s, const char *name)
{
	if (s->n_strategies == 0)
		return strcmp(name, too_slow) != 0;
	for (size_t i = 0; i < s->n_strategies; i++)
		if (strcmp(s->strategies[i], name) == 0)
			return true;
	return false;
}

/* The last one is for all others. */
static const struct own_margins *margins_of(const char *strategy)
{
	const struct own_margins *own = own_margins;

	while (own->strategy && strcmp(own->strategy, strategy) != 0)
		own++;
	return own;
}

static enum sw_status add_contender(struct sw__contest *contest, const char *name,
				    struct sw_error *err)
{
	const struct sw_compare_settings *s = contest->settings;
	struct sw__contender *contender = &contest->contenders[contest->n++];
	const struct own_margins *own = margins_of(name);
	bool asked = s->n_margins && !sw__has_bounds(name);
	const double *margins = asked ? s->margins : own->margins;
	size_t n = asked ? s->n_margins : own->n;

	*contender = (struct sw__contender){.strategy = name};
	contender->candidates = calloc(n, sizeof(*contender->candidates));
	if (!contender->candidates)
		return sw_fail(err, SW_NO_MEMORY, "%zu margins", n);
	for (; contender->n < n; contender->n++)
		contender->candidates[contender->n].margin = margins[contender->n];
	return SW_OK;
}

/* Ours first, the others as they were asked for. The oracle has no plan and is none of them. */
static enum sw_status line_up(struct sw__contest *contest, struct sw_error *err)
{
	const struct sw_compare_settings *s = contest->settings;
	const char *const *names = s->n_strategies ? s->strategies : sw_strategies();
	enum sw_status st = SW_OK;
	size_t n = s->n_strategies;

	while (!s->n_strategies && names[n])
		n++;
	contest->contenders = calloc(n + 1, sizeof(*contest->contenders));
	if (!contest->contenders)
		return sw_fail(err, SW_NO_MEMORY, "%zu strategies", n);
	if (wanted(s, ours))
		st = add_contender(contest, ours, err);
	for (size_t i = 0; i < n && st == SW_OK; i++)
		if (strcmp(names[i], ours) != 0 && strcmp(names[i], oracle) != 0 &&
		    wanted(s, names[i]))
			st = add_contender(contest, names[i], err);
	return st;
}

static void set_nothing(struct sw_compared *row, const char *strategy)
{
	const struct sw_compared_figure none = {NAN, NAN, NAN};

	(void)sw_copy_name(row->strategy, sizeof(row->strategy), strategy);
	row->margin = row->gpus = row->nodes = row->share = NAN;
	row->cost_per_hour = row->planning_ms = NAN;
	for (int l = 0; l < SW_COMPARED_LOADS; l++)
		row->lateness[l] = (struct sw_compared_lateness){NAN, none, none, none, NAN};
}

static enum sw_status score_load(const struct sw__contest *contest, const struct sw__candidate *c,
				 unsigned load, struct sw_compared *row, struct sw_error *err)
{
	size_t n = contest->problem->n_workloads;
	struct sw_compared_workload *workloads = calloc(n + 1, sizeof(*workloads));

	row->workloads[load] = workloads;
	if (!workloads)
		return sw_fail(err, SW_NO_MEMORY, "%zu workloads", n);
	for (size_t w = 0; w < n; w++)
		workloads[w].replicas = c->plan->workloads[w].replicas;
	return sw__score(contest->problem, &contest->book, c, load, &row->lateness[load], workloads,
			 err);
}

static enum sw_status set_row(const struct sw__contest *contest,
			      const struct sw__contender *contender, struct sw_compared *row,
			      struct sw_error *err)
{
	const struct sw__candidate *c = contender->taken;
	enum sw_status st = SW_OK;

	if (!c) {
		(void)sw_copy_name(row->why, sizeof(row->why), contender->candidates[0].why);
		return SW_OK;
	}
	row->planned = true;
	row->margin = c->margin;
	row->gpus = c->usage.gpus;
	row->nodes = c->usage.nodes;
	row->share = c->usage.share;
	row->cost_per_hour = c->usage.cost_per_hour;
	row->planning_ms = c->planning_ms;
	for (unsigned load = 0; load < contest->book.loads && st == SW_OK; load++)
		st = score_load(contest, c, load, row, err);
	return st;
}

/* The best that any contender proved on the way. */
static void set_oracle(const struct sw__contest *contest, struct sw_compared *row)
{
	for (size_t i = 0; i < contest->n; i++) {
		const struct sw__contender *contender = &contest->contenders[i];

		for (size_t k = 0; k < contender->n; k++) {
			const struct sw__candidate *c = &contender->candidates[k];

			row->gpus = fmax(row->gpus, c->bound_gpus);
			row->cost_per_hour = fmax(row->cost_per_hour, c->bound_cost_per_hour);
		}
	}
	if (isnan(row->cost_per_hour))
		(void)sw_copy_name(row->why, sizeof(row->why), "nothing is proved without a plan");
}

static enum sw_status set_rows(const struct sw__contest *contest, struct sw_comparison *out,
			       struct sw_error *err)
{
	bool bound = wanted(contest->settings, oracle);
	enum sw_status st = SW_OK;

	out->rows = calloc(contest->n + 1, sizeof(*out->rows));
	if (!out->rows)
		return sw_fail(err, SW_NO_MEMORY, "%zu strategies", contest->n);
	out->n = contest->n + bound;
	for (size_t i = 0; i < contest->n && st == SW_OK; i++) {
		set_nothing(&out->rows[i], contest->contenders[i].strategy);
		st = set_row(contest, &contest->contenders[i], &out->rows[i], err);
	}
	if (bound) {
		set_nothing(&out->rows[contest->n], oracle);
		set_oracle(contest, &out->rows[contest->n]);
	}
	return st;
}

static enum sw_status sum_up(const struct sw__contest *contest, struct sw_comparison **out,
			     struct sw_error *err)
{
	struct sw_comparison *c = calloc(1, sizeof(*c));
	enum sw_status st;

	if (!c)
		return sw_fail(err, SW_NO_MEMORY, "out of memory");
	c->n_workloads = contest->problem->n_workloads;
	c->worlds = contest->settings->worlds;
	c->seeds = contest->seeds;
	c->has_other = contest->book.loads > 1;
	c->shortest_s = isfinite(contest->shortest_s) ? contest->shortest_s : (double)NAN;
	c->longest_s = contest->longest_s > 0 ? contest->longest_s : (double)NAN;
	c->events = contest->events;
	st = set_rows(contest, c, err);
	if (st == SW_OK)
		*out = c;
	else
		sw_comparison_free(c);
	return st;
}

static enum sw_status compare(struct sw__contest *contest, struct sw_comparison **out,
			      struct sw_error *err)
{
	enum sw_status st = line_up(contest, err);

	if (st == SW_OK)
		st = sw__contest_plan(contest, err);
	if (st == SW_OK)
		st = sw__contest_choose(contest, err);
	if (st == SW_OK)
		st = sw__contest_play(contest, err);
	return st == SW_OK ? sum_up(contest, out, err) : st;
}

enum sw_status sw_compare(const sw_catalog *catalog, const struct sw_problem *problem,
			  const struct sw_compare_settings *settings, struct sw_comparison **out,
			  struct sw_error *err)
{
	struct sw_trace *trace = NULL;
	struct sw__other_load other = {.burstiness = settings->burstiness};
	bool has_other = settings->trace || !isnan(settings->burstiness);
	struct sw__contest contest = {
		.catalog = catalog,
		.problem = problem,
		.settings = settings,
		.other = has_other ? &other : NULL,
		.book = {.loads = has_other ? SW_COMPARED_LOADS : 1, .worlds = settings->worlds},
	};
	enum sw_status st = check(settings, err);

	*out = NULL;
	if (st == SW_OK && settings->trace)
		st = sw__trace_load(settings->trace, &trace, err);
	other.trace = trace;
	if (st == SW_OK)
		st = compare(&contest, out, err);
	sw__contest_clear(&contest);
	sw__trace_free(trace);
	return st;
}

void sw_comparison_free(struct sw_comparison *comparison)
{
	if (!comparison)
		return;
	for (size_t i = 0; comparison->rows && i < comparison->n; i++)
		for (int l = 0; l < SW_COMPARED_LOADS; l++)
			free(comparison->rows[i].workloads[l]);
	free(comparison->rows);
	free(comparison);
}

const struct sw_compared *sw_comparison_find(const struct sw_comparison *comparison,
					     const char *strategy)
{
	for (size_t i = 0; i < comparison->n; i++)
		if (strcmp(comparison->rows[i].strategy, strategy) == 0)
			return &comparison->rows[i];
	return NULL;
}

/* Beyond what counts as none. */
static bool is_more(double theirs, double ours_)
{
	return theirs > fmax(ours_, SW_COMPARE_NO_EXCESS);
}

bool sw_compared_later(const struct sw_compared *row, const struct sw_compared *than)
{
	const struct sw_compared_lateness *a = &row->lateness[SW_COMPARED_AS_GIVEN];
	const struct sw_compared_lateness *b = &than->lateness[SW_COMPARED_AS_GIVEN];

	return is_more(a->excess.value, b->excess.value) ||
	       is_more(a->worst_decile.value, b->worst_decile.value);
}

double sw_compared_saving(double ours_, double theirs)
{
	return theirs > 0 ? 1 - ours_ / theirs : (double)NAN;
}
