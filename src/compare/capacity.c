// SPDX-License-Identifier: Apache-2.0
#include "compare/capacity.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/threads.h"

/* Doublings from the load as it is, up or down, after which there is no end. */
enum { DOUBLINGS = 24 };
static const double PRECISION = 1e-3;

struct sw_load sw__load_of_amount(const struct sw_load *load, double amount)
{
	struct sw_load out = *load;

	if (!sw_known(load->rate)) {
		out.concurrency = fmax(1, round(amount));
		return out;
	}
	out.rate = amount;
	if (load->trace) {
		out.trace_stretch = load->trace_stretch * load->rate / amount;
		out.trace_once = false;
	}
	return out;
}

/* One workload, one engine, one GPU. */
struct trial {
	const sw_catalog *catalog;
	struct sw_problem problem;
	struct sw_fleet_entry entry;
	struct sw_workload workload;
	const struct sw_load *load;
};

static enum sw_status holds(struct trial *t, double amount, bool *out, struct sw_error *err)
{
	struct sw_plan *plan = NULL;
	struct sw_error failure = {SW_OK, ""};
	enum sw_status st;

	t->workload.load = sw__load_of_amount(t->load, amount);
	st = sw_plan_solve(t->catalog, &t->problem, "exclusive", &plan, &failure);
	*out = st == SW_OK;
	sw_plan_free(plan);
	return st == SW_NO_MEMORY ? sw_fail(err, st, "%s", failure.message) : SW_OK;
}

static bool is_close(const struct trial *t, double low, double high)
{
	return sw_known(t->load->rate) ? high <= low * (1 + PRECISION) : high <= low + 1;
}

static double between(const struct trial *t, double low, double high)
{
	return sw_known(t->load->rate) ? sqrt(low * high) : floor((low + high) / 2);
}

/* A range whose low end holds and whose high end does not. *low 0: there is none. */
static enum sw_status bracket(struct trial *t, double start, double *low, double *high,
			      struct sw_error *err)
{
	bool held;
	double factor, amount = start;
	enum sw_status st = holds(t, amount, &held, err);

	factor = held ? 2 : 0.5;
	*low = held ? start : 0;
	*high = held ? (double)INFINITY : start;
	for (int i = 0; i < DOUBLINGS && st == SW_OK && held == (factor > 1); i++) {
		if (!sw_known(t->load->rate) && amount * factor < 1)
			break;
		amount = sw_known(t->load->rate) ? amount * factor : round(amount * factor);
		st = holds(t, amount, &held, err);
		*low = held ? amount : *low;
		*high = held ? *high : amount;
	}
	return st;
}

enum sw_status sw__capacity_on(const sw_catalog *catalog, const struct sw_problem *problem,
			       size_t workload, size_t fleet, double *amount, struct sw_error *err)
{
	struct trial t = {.catalog = catalog,
			  .problem = *problem,
			  .entry = problem->fleet[fleet],
			  .workload = problem->workloads[workload],
			  .load = &problem->workloads[workload].load};
	double low, high = INFINITY;
	bool held;
	enum sw_status st;

	t.entry.count = 1;
	t.workload.replicas = 1;
	t.workload.window_s = 0; /* what it sustains on average */
	t.problem.n_fleet = t.problem.n_workloads = 1;
	t.problem.fleet = &t.entry;
	t.problem.workloads = &t.workload;
	st = bracket(&t, sw_known(t.load->rate) ? t.load->rate : t.load->concurrency, &low, &high,
		     err);
	while (st == SW_OK && low > 0 && isfinite(high) && !is_close(&t, low, high)) {
		double middle = between(&t, low, high);

		st = holds(&t, middle, &held, err);
		low = held ? middle : low;
		high = held ? high : middle;
	}
	*amount = low;
	return st;
}

struct asked {
	const sw_catalog *catalog;
	const struct sw_problem *problem;
	double *amounts; /* workloads times kinds */
	enum sw_status *statuses;
};

static void ask_one(void *context, size_t i)
{
	struct asked *a = context;
	size_t kinds = a->problem->n_fleet;

	a->statuses[i] =
		sw__capacity_on(a->catalog, a->problem, i / kinds, i % kinds, &a->amounts[i], NULL);
}

static void choose(const struct sw_problem *problem, const double *amounts,
		   struct sw_compared_capacity *out)
{
	double best = 0;

	*out = (struct sw_compared_capacity){0};
	for (size_t f = 0; f < problem->n_fleet; f++) {
		double per_price = amounts[f] / problem->fleet[f].price_per_hour;

		if (per_price > best) {
			best = per_price;
			*out = (struct sw_compared_capacity){f, amounts[f]};
		}
	}
}

enum sw_status sw__capacities(const sw_catalog *catalog, const struct sw_problem *problem,
			      unsigned threads, struct sw_compared_capacity *out,
			      struct sw_error *err)
{
	size_t n = problem->n_workloads * problem->n_fleet;
	struct asked a = {catalog, problem, calloc(n + 1, sizeof(double)),
			  calloc(n + 1, sizeof(enum sw_status))};
	const struct sw__pieces pieces = {n, &a, ask_one, NULL};
	enum sw_status st = SW_NO_MEMORY;

	if (a.amounts && a.statuses) {
		sw__pieces_do(&pieces, threads);
		st = SW_OK;
	}
	for (size_t i = 0; i < n && st == SW_OK; i++)
		st = a.statuses[i];
	for (size_t w = 0; w < problem->n_workloads && st == SW_OK; w++)
		choose(problem, &a.amounts[w * problem->n_fleet], &out[w]);
	free(a.amounts);
	free(a.statuses);
	return st == SW_OK ? SW_OK : sw_fail(err, st, "%zu workloads", problem->n_workloads);
}
