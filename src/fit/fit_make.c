// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "fit/fit_advice.h"
#include "fit/fit_bounds.h"
#include "fit/fit_solve.h"
#include "math/ordered.h"
#include "slicewise/fit.h"

/* Of each engine of a mix, played for the errors and the bounds. */
static const double JUDGED_REQUESTS = 400;

struct sw_fit_settings sw_fit_settings_default(void)
{
	return (struct sw_fit_settings){
		.rounds = 8, .folds = 10, .requests = 150, .threads = 2, .origin = NULL};
}

void sw_fit_report_clear(struct sw_fit_report *report)
{
	if (!report)
		return;
	for (size_t i = 0; i < report->n_advice; i++)
		free(report->advice[i].text);
	free(report->advice);
	free(report->found);
	*report = (struct sw_fit_report){0};
}

static enum sw_status start_report(const struct sw__cases *cases, struct sw_fit_report *report,
				   struct sw_error *err)
{
	const struct sw__vector *v = &cases->vector;

	*report = (struct sw_fit_report){
		.n_found = v->n_groups,
		.found = calloc(v->n_groups + 1, sizeof(*report->found)),
		.failed = cases->failed,
		.overloaded = cases->overloaded,
		.unpredictable = cases->unpredictable,
	};
	if (!report->found)
		return sw_fail(err, SW_NO_MEMORY, "a fit's report");
	for (size_t i = 0; i < v->n_groups; i++) {
		struct sw_fit_found *f = &report->found[i];

		memcpy(f->gpu, v->gpu[v->group[i].gpu].gpu, sizeof(f->gpu));
		f->mechanism = v->group[i].mechanism;
		f->runs = v->group[i].runs;
		f->mixes = v->group[i].mixes;
	}
	return SW_OK;
}

static void put_head(const struct sw__cases *cases, const char *origin, struct sw_fit *fit)
{
	(void)snprintf(fit->origin, sizeof(fit->origin), "%s", origin ? origin : "");
	fit->mixes = (unsigned)cases->n;
	for (size_t i = 0; i < cases->n; i++)
		fit->runs += (unsigned)cases->at[i].repeats;
}

/* Bounds are made with the doubts that predictions will have, of plays about as long; of bounds alone, which nobody waits for, of the
 * same plays. */
static enum sw_status judge(struct sw__cases *cases, const struct sw_fit_settings *settings,
			    const struct sw_fit *fit, double *without, struct sw_error *err)
{
	struct sw__predicting how = {.requests = settings->requests,
				     .threads = settings->threads,
				     .purpose = settings->rounds > 0 ? SW__FOR_STEEPNESS
								     : SW__AS_PREDICTED};
	enum sw_status st = sw__cases_predict(cases, fit, &how, err);

	if (st != SW_OK || settings->rounds == 0)
		return st;
	st = sw__fit_without(cases, settings->folds, without, err);
	how.purpose = SW__FOR_BOUNDS;
	how.requests = sw__larger(JUDGED_REQUESTS, settings->requests);
	return st == SW_OK ? sw__cases_predict(cases, fit, &how, err) : st;
}

static enum sw_status settle(struct sw__cases *cases, const struct sw_fit_settings *settings,
			     struct sw_fit *fit, struct sw_fit_report *report, struct sw_error *err)
{
	double *without = calloc(cases->n * SW_TENANTS_MAX * SW_METRIC_COUNT, sizeof(*without));
	enum sw_status st = without ? judge(cases, settings, fit, without, err)
				    : sw_fail(err, SW_NO_MEMORY, "a fit's bounds");

	if (st == SW_OK)
		st = sw__fit_bounds(cases, without, fit, report, err);
	free(without);
	return st;
}

static enum sw_status make(struct sw__cases *cases, const struct sw_fit_settings *settings,
			   struct sw_fit **out, struct sw_fit_report *report, struct sw_error *err)
{
	double *covariance = NULL;
	enum sw_status st = report ? start_report(cases, report, err) : SW_OK;

	if (st == SW_OK)
		st = sw__fit_solve(cases, settings, &covariance, err);
	if (st == SW_OK)
		st = sw__vector_fit(&cases->vector, settings->rounds > 0 ? covariance : NULL, out,
				    err);
	if (st == SW_OK)
		st = settle(cases, settings, *out, report, err);
	if (st == SW_OK && report)
		st = sw__fit_advise(cases, *out, report, err);
	if (st == SW_OK)
		put_head(cases, settings->origin, *out);
	free(covariance);
	return st;
}

enum sw_status sw_fit_make(const struct sw_runs *runs, const struct sw_fit_settings *settings,
			   sw_fit **out, struct sw_fit_report *report, struct sw_error *err)
{
	struct sw_fit_settings defaults = sw_fit_settings_default();
	struct sw__cases cases;
	enum sw_status st = sw__cases_make(runs, &cases, err);

	*out = NULL;
	if (report)
		*report = (struct sw_fit_report){0};
	if (st == SW_OK)
		st = make(&cases, settings ? settings : &defaults, out, report, err);
	sw__cases_clear(&cases);
	if (st != SW_OK) {
		sw_fit_free(*out);
		*out = NULL;
		sw_fit_report_clear(report);
	}
	return st;
}
