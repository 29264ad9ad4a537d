// SPDX-License-Identifier: Apache-2.0
#include "fit/fit_advice.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "sharing/mechanism.h"

/* A doubt that runs have not halved was hardly touched by them. */
static const double UNTOUCHED = 0.5;
/* Repeats of one mix that differ so much contradict each other: more than chance makes of a run. */
static const double CONTRADICTION = 0.3;
/* So far from everything else: a row to be looked at. */
static const double STRANGE = 6;
enum { ADVICE_MAX = 200, BOUND_ROWS = 40 };

static enum sw_status say(struct sw_fit_report *report, struct sw_error *err, const char *format,
			  ...) SW__PRINTF(3, 4);

static enum sw_status say(struct sw_fit_report *report, struct sw_error *err, const char *format,
			  ...)
{
	struct sw_fit_advice *grown;
	struct sw_text text = {0};
	va_list arguments;

	if (report->n_advice == ADVICE_MAX)
		return SW_OK;
	grown = realloc(report->advice, (report->n_advice + 1) * sizeof(*grown));
	if (!grown)
		return sw_fail(err, SW_NO_MEMORY, "a fit's report");
	report->advice = grown;
	va_start(arguments, format);
	sw_text_vaddf(&text, format, arguments);
	va_end(arguments);
	grown[report->n_advice].text = sw_text_ok(&text) ? strdup(sw_text_string(&text)) : NULL;
	sw_text_free(&text);
	if (!grown[report->n_advice].text)
		return sw_fail(err, SW_NO_MEMORY, "a fit's report");
	report->n_advice++;
	return SW_OK;
}

/* What would show a coefficient. */
static const char *what_shows(int coefficient)
{
	switch (coefficient) {
	case SW__SHARED_frontend_ms:
		return "a small engine alone with one request in flight";
	case SW__SHARED_dram_together:
		return "two engines that decode at the same time, with large models or many "
		       "requests in flight";
	case SW__SHARED_sm_overlap:
		return "two engines with long prompts at the same time";
	case SW__SHARED_launch_wait_us:
		return "two engines without CUDA graphs";
	case SW__SHARED_switch_ms:
		return "two engines that are busy all the time";
	case SW__SHARED_eager_bursts:
		return "an engine without CUDA graphs beside one that is busy all the time";
	case SW__SHARED_limiter_grain:
		return "an engine without CUDA graphs alone at a share of a third and under full "
		       "load";
	case SW__SHARED_look_back_ms:
		return "an engine without CUDA graphs alone at a share of a tenth with few "
		       "requests";
	case SW__SHARED_cold_caches:
		return "a small model at a third of a core, one request in flight";
	case SW__SHARED_reread:
		return "a model alone with one and with four requests in flight";
	default:
		return "more runs";
	}
}

static enum sw_status advise_shared(const struct sw__cases *cases, const struct sw_fit *fit,
				    struct sw_fit_report *report, struct sw_error *err)
{
	const struct sw__vector *v = &cases->vector;
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < v->n_groups && st == SW_OK; i++)
		for (int k = 0; k < SW__SHARED_COUNT && st == SW_OK; k++) {
			const struct sw__fit_coefficient *c = &sw__shared_coefficients[k];

			if (v->group[i].at[k] < 0 ||
			    fit->groups[i].shared[k].doubt < UNTOUCHED * c->spread)
				continue;
			st = say(report, err,
				 "%s, %s: the runs say little about %s (%s); run next: %s",
				 fit->groups[i].gpu, sw__mechanism(v->group[i].mechanism)->id,
				 c->name, c->meaning, what_shows(k));
		}
	return st;
}

static enum sw_status advise_models(const struct sw__cases *cases, const struct sw_fit *fit,
				    struct sw_fit_report *report, struct sw_error *err)
{
	const struct sw__vector *v = &cases->vector;
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < v->n_models && st == SW_OK; i++) {
		const struct sw__vector_gpu *g = &v->gpu[v->model[i].gpu];

		if (fit->models[i].at[SW__MODEL_prefill].doubt < UNTOUCHED * g->prefill_doubt &&
		    fit->models[i].at[SW__MODEL_decode].doubt < UNTOUCHED * g->decode_doubt)
			continue;
		st = say(report, err,
			 "%s on %s: %u %s, its steps are hardly better known than without; run "
			 "next: it "
			 "alone with 1 and with 16 requests in flight",
			 v->model[i].model, g->gpu, v->model[i].runs,
			 v->model[i].runs == 1 ? "run" : "runs");
	}
	return st;
}

static double spread_of(const struct sw__case_engine *e, size_t repeats, int m)
{
	double low = INFINITY, high = -INFINITY;

	for (size_t r = 0; r < repeats; r++) {
		double x = e->measured[r].at[m][e->statistic[m]];

		low = x < low ? x : low;
		high = x > high ? x : high;
	}
	return high - low;
}

static enum sw_status advise_case(const struct sw__case *c, struct sw_fit_report *report,
				  struct sw_error *err)
{
	static const char *const names[SW_METRIC_COUNT] = {"TTFT", "TPOT"};
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < c->mix->n; i++)
		for (int m = 0; m < SW_METRIC_COUNT && st == SW_OK; m++) {
			const struct sw__case_engine *e = &c->engine[i];
			double spread = spread_of(e, c->repeats, m);
			double off = e->mean[m] - e->played.at[m][e->statistic[m]];
			double width = e->difficulty[m][e->statistic[m]];

			if (spread > CONTRADICTION && spread > 4 * width)
				st = say(report, err,
					 "%s: repeats contradict each other in the %s of %s by a "
					 "factor "
					 "of %.2f; run it again",
					 c->experiment, names[m], c->mix->tenants[i].name,
					 exp(spread));
			else if (fabs(off) > STRANGE * hypot(width, 0.03))
				st = say(report, err,
					 "%s: the %s of %s is %.2f times what all other runs say; "
					 "counted less",
					 c->experiment, names[m], c->mix->tenants[i].name,
					 exp(off));
		}
	return st;
}

static enum sw_status advise_bounds(const struct sw_fit *fit, struct sw_fit_report *report,
				    struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < fit->n_groups && st == SW_OK; i++)
		if (fit->groups[i].bound_rows < BOUND_ROWS)
			st = say(report, err,
				 "%s, %s: bounds stand on %u engines that were held out, and a 95 "
				 "%% "
				 "bound wants %d; run more mixes",
				 fit->groups[i].gpu, sw__mechanism(fit->groups[i].mechanism)->id,
				 fit->groups[i].bound_rows, BOUND_ROWS);
	return st;
}

enum sw_status sw__fit_advise(const struct sw__cases *cases, const struct sw_fit *fit,
			      struct sw_fit_report *report, struct sw_error *err)
{
	enum sw_status st = advise_shared(cases, fit, report, err);

	if (st == SW_OK)
		st = advise_models(cases, fit, report, err);
	if (st == SW_OK)
		st = advise_bounds(fit, report, err);
	for (size_t i = 0; i < cases->n && st == SW_OK; i++)
		st = advise_case(&cases->at[i], report, err);
	return st;
}
