// SPDX-License-Identifier: Apache-2.0
#include "compare/contender.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/text.h"

/* Costs are equal that differ by rounding alone. */
static const double ROUNDING = 1e-9;
/* Nobody reads why a plan is as it is: plans of so few engines only have reasons. */
enum { NO_REASONS = 1 };
static const double MS_PER_S = 1e3, MS_PER_NS = 1e-6;

static double now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return MS_PER_S * (double)now.tv_sec + MS_PER_NS * (double)now.tv_nsec;
}

bool sw__has_bounds(const char *strategy)
{
	return strcmp(strategy, "slicewise") == 0 || strcmp(strategy, "exact") == 0;
}

/* Ours, and what is ours but for a part of it. The margins of all others are chosen in such windows, which is as good. */
static bool plans_for_windows(const char *strategy)
{
	static const char *const names[] = {"slicewise", "exact", "constant-slowdown", "no-bounds",
					    "ffd-predicted"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t length = strlen(names[i]);

		if (strncmp(strategy, names[i], length) == 0 &&
		    (strategy[length] == '\0' || strategy[length] == ':'))
			return true;
	}
	return false;
}

/* It never looks at limits: its margin is how full a GPU may be. */
static const char packed[] = "packed";

/* The problem as a strategy sees it, its limits multiplied; it borrows everything else. free(workloads). */
static enum sw_status as_seen(const struct sw_problem *problem, const char *strategy, double margin,
			      struct sw_problem *out, struct sw_error *err)
{
	size_t size = problem->n_workloads * sizeof(*out->workloads);

	*out = *problem;
	out->workloads = malloc(size + 1);
	if (!out->workloads)
		return sw_fail(err, SW_NO_MEMORY, "%zu workloads", problem->n_workloads);
	out->explain_engines = NO_REASONS;
	(void)memcpy(out->workloads, problem->workloads, size);
	for (size_t w = 0; w < problem->n_workloads; w++) {
		if (!plans_for_windows(strategy))
			out->workloads[w].window_s = 0;
		out->workloads[w].latency_ms *= margin;
		for (int m = 0; m < SW_METRIC_COUNT; m++)
			for (int s = 0; s < SW_STATISTIC_COUNT; s++)
				out->workloads[w].slo.bound_ms[m][s] *= margin;
	}
	return SW_OK;
}

static void judge(const struct sw_problem *problem, const struct sw_error *failure,
		  struct sw__candidate *c)
{
	size_t lacking;

	if (!c->plan) {
		(void)sw_copy_name(c->why, sizeof(c->why), failure->message);
		return;
	}
	lacking = sw__plan_lacking(problem, c->plan);
	c->complete = lacking == problem->n_workloads;
	if (!c->complete) {
		(void)snprintf(c->why, sizeof(c->why), "%s: %s", problem->workloads[lacking].name,
			       c->plan->workloads[lacking].why);
		return;
	}
	sw__plan_usage(problem, c->plan, &c->usage);
	/* What was proved of tighter limits is not true of these. */
	if (c->margin == 1) {
		c->bound_gpus = c->plan->bound_gpus;
		c->bound_cost_per_hour = c->plan->bound_cost_per_hour;
	}
}

enum sw_status sw__candidate_plan(const sw_catalog *catalog, const struct sw_problem *problem,
				  const char *strategy, struct sw__candidate *candidate,
				  struct sw_error *err)
{
	bool by_fill = strcmp(strategy, packed) == 0;
	char name[SW_NAME_MAX];
	struct sw_problem scaled;
	struct sw_error failure = {SW_OK, ""};
	enum sw_status st =
		as_seen(problem, strategy, by_fill ? 1 : candidate->margin, &scaled, err);
	double began_ms = now_ms();

	candidate->excess = candidate->bound_gpus = candidate->bound_cost_per_hour = NAN;
	if (st != SW_OK)
		return st;
	(void)sw_copy_name(name, sizeof(name), strategy);
	if (by_fill)
		(void)snprintf(name, sizeof(name), "%s:%g", packed, candidate->margin);
	st = sw_plan_solve(catalog, &scaled, name, &candidate->plan, &failure);
	candidate->planning_ms = now_ms() - began_ms;
	free(scaled.workloads);
	if (st == SW_NO_MEMORY)
		return sw_fail(err, st, "%s", failure.message);
	judge(problem, &failure, candidate);
	return SW_OK;
}

/* Below 0: a is less. */
static int compare_numbers(double a, double b)
{
	double scale = fmax(fabs(a), fabs(b));

	if (fabs(a - b) <= ROUNDING * scale)
		return 0;
	return a < b ? -1 : 1;
}

/* Price, GPUs, share that binds; of equal ones the looser limits. */
static int by_cost(const void *a, const void *b)
{
	const struct sw__candidate *x = a, *y = b;
	int order = 0;

	if (x->complete != y->complete)
		return x->complete ? -1 : 1;
	if (x->complete)
		order = compare_numbers(x->usage.cost_per_hour, y->usage.cost_per_hour);
	if (x->complete && !order)
		order = compare_numbers(x->usage.gpus, y->usage.gpus);
	if (x->complete && !order)
		order = compare_numbers(x->usage.share, y->usage.share);
	return order ? order : compare_numbers(y->margin, x->margin);
}

static enum sw_status enter(struct sw__candidate *c, const struct sw_problem *problem,
			    struct sw__book *book, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	c->mixes = calloc(c->plan->n_gpus + 1, sizeof(*c->mixes));
	if (!c->mixes)
		return sw_fail(err, SW_NO_MEMORY, "%zu GPUs", c->plan->n_gpus);
	for (size_t i = 0; i < c->plan->n_gpus && st == SW_OK; i++) {
		struct sw__planned_gpu gpu;

		st = sw__planned_gpu(problem, c->plan, i, &gpu, err);
		if (st == SW_OK)
			st = sw__book_add(book, &gpu, &c->mixes[i], err);
	}
	return st;
}

enum sw_status sw__contender_enter(struct sw__contender *contender,
				   const struct sw_problem *problem, struct sw__book *book,
				   struct sw_error *err)
{
	enum sw_status st = SW_OK;

	qsort(contender->candidates, contender->n, sizeof(*contender->candidates), by_cost);
	for (size_t i = 0; i < contender->n && st == SW_OK; i++)
		if (contender->candidates[i].complete)
			st = enter(&contender->candidates[i], problem, book, err);
	return st;
}

struct sw__candidate *sw__contender_asks(const struct sw__contender *contender)
{
	struct sw__candidate *c = &contender->candidates[contender->next];

	return !contender->taken && contender->next < contender->n && c->complete ? c : NULL;
}

/* Of those that were simulated the one with the least excess, the cheapest of equal ones. */
static const struct sw__candidate *least_late(const struct sw__contender *contender)
{
	const struct sw__candidate *best = NULL;

	for (size_t i = 0; i < contender->next; i++) {
		const struct sw__candidate *c = &contender->candidates[i];

		if (!best || c->excess < best->excess)
			best = c;
	}
	return best;
}

void sw__contender_hears(struct sw__contender *contender, double excess)
{
	struct sw__candidate *c = &contender->candidates[contender->next++];

	c->simulated = true;
	c->excess = excess;
	/* Without limits nothing is late. */
	if (!(excess > SW_COMPARE_NO_EXCESS))
		contender->taken = c;
	else if (!sw__contender_asks(contender))
		contender->taken = least_late(contender);
}

void sw__contender_clear(struct sw__contender *contender)
{
	for (size_t i = 0; i < contender->n; i++) {
		sw_plan_free(contender->candidates[i].plan);
		free(contender->candidates[i].mixes);
	}
	free(contender->candidates);
	*contender = (struct sw__contender){0};
}
