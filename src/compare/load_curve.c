// SPDX-License-Identifier: Apache-2.0
/* Comparisons at several loads, and where savings end. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "compare/capacity.h"
#include "math/ordered.h"

static const double LOAD_MOST = 10;
/* A saving below this is none. */
static const double HARDLY = 0.01;
enum { LOADS_MAX = 1000 };

static enum sw_status check(const double *loads, size_t n, struct sw_error *err)
{
	if (n < 1 || n > LOADS_MAX)
		return sw_fail(err, SW_BAD_INPUT, "loads: found %zu, expected 1 to %d", n,
			       LOADS_MAX);
	for (size_t i = 0; i < n; i++)
		if (!(loads[i] > 0 && loads[i] <= LOAD_MOST))
			return sw_fail(err, SW_BAD_INPUT,
				       "loads: found %g, expected above 0 and at most %g", loads[i],
				       LOAD_MOST);
	return SW_OK;
}

/* Of one of several comparisons the part of the whole. */
struct part {
	const struct sw_compare_settings *settings;
	size_t index, n;
};

static void tell(void *context, double fraction)
{
	const struct part *part = context;

	part->settings->progress(part->settings->context,
				 ((double)part->index + fraction) / (double)part->n);
}

static enum sw_status compare_at(const sw_catalog *catalog, const struct sw_problem *problem,
				 const struct part *part, const struct sw_load_curve *curve,
				 struct sw_load_curve_point *point, struct sw_error *err)
{
	struct sw_compare_settings settings = *part->settings;
	struct sw_problem scaled = *problem;
	size_t size = problem->n_workloads * sizeof(*scaled.workloads);
	enum sw_status st;

	scaled.workloads = malloc(size + 1);
	if (!scaled.workloads)
		return sw_fail(err, SW_NO_MEMORY, "%zu workloads", problem->n_workloads);
	(void)memcpy(scaled.workloads, problem->workloads, size);
	for (size_t w = 0; w < problem->n_workloads; w++)
		scaled.workloads[w].load = sw__load_of_amount(
			&problem->workloads[w].load, point->load * curve->capacities[w].amount);
	settings.events_max /= (double)part->n;
	settings.progress = part->settings->progress ? tell : NULL;
	settings.context = (void *)part;
	st = sw_compare(catalog, &scaled, &settings, &point->comparison, err);
	free(scaled.workloads);
	return st;
}

static enum sw_status know_capacities(const sw_catalog *catalog, const struct sw_problem *problem,
				      unsigned threads, struct sw_load_curve *curve,
				      struct sw_error *err)
{
	enum sw_status st = sw__capacities(catalog, problem, threads, curve->capacities, err);

	for (size_t w = 0; w < problem->n_workloads && st == SW_OK; w++)
		if (!(curve->capacities[w].amount > 0))
			st = sw_fail(err, SW_INFEASIBLE,
				     "%s: no GPU of the fleet holds its limits alone, however "
				     "little comes",
				     problem->workloads[w].name);
	return st;
}

static struct sw_load_curve *curve_new(const struct sw_problem *problem, const double *loads,
				       size_t n)
{
	struct sw_load_curve *curve = calloc(1, sizeof(*curve));
	double *sorted = malloc(n * sizeof(*sorted));

	if (curve) {
		curve->capacities = calloc(problem->n_workloads + 1, sizeof(*curve->capacities));
		curve->points = calloc(n, sizeof(*curve->points));
	}
	if (!curve || !sorted || !curve->capacities || !curve->points) {
		sw_load_curve_free(curve);
		free(sorted);
		return NULL;
	}
	(void)memcpy(sorted, loads, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), sw__ascending);
	for (size_t i = 0; i < n; i++)
		curve->points[i].load = sorted[i];
	curve->n = n;
	curve->n_workloads = problem->n_workloads;
	free(sorted);
	return curve;
}

enum sw_status sw_load_curve(const sw_catalog *catalog, const struct sw_problem *problem,
			     const struct sw_compare_settings *settings, const double *loads,
			     size_t n, struct sw_load_curve **out, struct sw_error *err)
{
	enum sw_status st = check(loads, n, err);
	struct sw_load_curve *curve = NULL;

	*out = NULL;
	if (st == SW_OK) {
		curve = curve_new(problem, loads, n);
		st = curve ? SW_OK : sw_fail(err, SW_NO_MEMORY, "%zu loads", n);
	}
	if (st == SW_OK)
		st = know_capacities(catalog, problem, settings->threads, curve, err);
	for (size_t i = 0; i < n && st == SW_OK; i++) {
		const struct part part = {settings, i, n};

		st = compare_at(catalog, problem, &part, curve, &curve->points[i], err);
	}
	if (st == SW_OK)
		*out = curve;
	else
		sw_load_curve_free(curve);
	return st;
}

void sw_load_curve_free(struct sw_load_curve *curve)
{
	if (!curve)
		return;
	for (size_t i = 0; curve->points && i < curve->n; i++)
		sw_comparison_free(curve->points[i].comparison);
	free(curve->capacities);
	free(curve->points);
	free(curve);
}

static double saving_at(const struct sw_load_curve_point *point, const char *strategy)
{
	const struct sw_compared *ours = sw_comparison_find(point->comparison, "slicewise");
	const struct sw_compared *theirs = sw_comparison_find(point->comparison, strategy);

	return ours && theirs ? sw_compared_saving(ours->cost_per_hour, theirs->cost_per_hour)
			      : (double)NAN;
}

double sw_load_curve_break_even(const struct sw_load_curve *curve, const char *strategy)
{
	double before = NAN, after = NAN;
	size_t i = curve->n;

	/* From the highest load down to the first at which something is saved. */
	while (i > 0) {
		before = saving_at(&curve->points[i - 1], strategy);
		if (isnan(before) || before >= HARDLY)
			break;
		after = before;
		i--;
	}
	if (i == 0)
		return 0;
	if (isnan(before) || i == curve->n)
		return NAN;
	return curve->points[i - 1].load +
	       (before - HARDLY) / (before - after) *
		       (curve->points[i].load - curve->points[i - 1].load);
}
