// SPDX-License-Identifier: Apache-2.0
#include "fit/fit_bounds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "math/ordered.h"
#include "predict/predict_mix.h"

/* Of the bounds, one-sided. */
static const double LEVEL = 0.95;
/* Fewer scores than this say nothing of their own about a bound. */
enum { SCORES_LEAST = 10 };
/* With fewer of its own a kind of engines has the bounds of all: of 19 the largest is the 95 % bound, of 39 one may lie above it. */
enum { KIND_LEAST = 39 };

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double sw__conformal(double *scores, size_t n, double level)
{
	size_t rank = (size_t)ceil((double)(n + 1) * level);

	if (n == 0)
		return NAN;
	qsort(scores, n, sizeof(*scores), by_value);
	if (rank <= n)
		return scores[rank - 1];
	return scores[n - 1] + (scores[n - 1] - scores[n / 2]);
}

/* What was held out, of one latency of one group: as it lay from what was predicted. */
struct held {
	size_t n;
	double *score, *error, *width,
		*room; /* error: log(measured / predicted); width: of the difficulty; room to sort in */
	enum sw__bound_kind *kind;
};

static void held_free(struct held *h)
{
	free(h->score);
	free(h->error);
	free(h->width);
	free(h->room);
	free(h->kind);
}

static enum sw_status held_make(size_t most, struct held *h, struct sw_error *err)
{
	*h = (struct held){0,
			   calloc(most, sizeof(double)),
			   calloc(most, sizeof(double)),
			   calloc(most, sizeof(double)),
			   calloc(most, sizeof(double)),
			   calloc(most, sizeof(*h->kind))};
	if (h->score && h->error && h->width && h->room && h->kind)
		return SW_OK;
	held_free(h);
	return sw_fail(err, SW_NO_MEMORY, "a fit's bounds");
}

static void hold(struct held *h, enum sw__bound_kind kind, double error, double difficulty)
{
	if (!isfinite(error))
		return;
	h->error[h->n] = error;
	h->width[h->n] = difficulty;
	h->kind[h->n] = kind;
	h->score[h->n++] = error / difficulty;
}

/* What is held against the measured. */
enum held_kind { PLAYED, QUICK, UNFITTED };

static void hold_engine(const struct sw__case *c, size_t t, double change, enum held_kind kind,
			int m, int s, struct held *h)
{
	const struct sw__case_engine *e = &c->engine[t];
	enum sw__bound_kind whose = sw__bound_kind(&c->mix->tenants[t]);

	const struct sw__logs *const predicted[] = {
		[PLAYED] = &e->played, [QUICK] = &e->quick, [UNFITTED] = &e->unfitted};
	double difficulty = (kind == QUICK ? e->quick_difficulty : e->difficulty)[m][s];
	double moved = kind == UNFITTED ? 0 : change;

	for (size_t r = 0; r < c->repeats; r++)
		hold(h, whose, e->measured[r].at[m][s] - predicted[kind]->at[m][s] - moved,
		     difficulty);
}

/* Every run of every mix of the group, one by one: what the next run will be one of. */
static void gather(const struct sw__cases *cases, const double *without, size_t group, int m, int s,
		   enum held_kind kind, struct held *h)
{
	h->n = 0;
	for (size_t i = 0; i < cases->n; i++) {
		const struct sw__case *c = &cases->at[i];

		if (c->group != group)
			continue;
		for (size_t t = 0; t < c->mix->n; t++)
			hold_engine(c, t,
				    without[(i * SW_TENANTS_MAX + t) * SW_METRIC_COUNT + (size_t)m],
				    kind, m, s, h);
	}
}

static size_t of_kind(const struct held *h, int kind)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++)
		n += (int)h->kind[i] == kind;
	return n;
}

static double bound_of(struct held *h, int kind, double sign)
{
	bool all = of_kind(h, kind) < KIND_LEAST;
	size_t n = 0;

	if (h->n < SCORES_LEAST)
		return sw__unmeasured_bound;
	for (size_t i = 0; i < h->n; i++)
		if (all || (int)h->kind[i] == kind)
			h->room[n++] = sign * h->score[i];
	return sw__larger(0, sw__conformal(h->room, n, LEVEL));
}

static struct sw__bound both_of(struct held *h, int kind)
{
	return (struct sw__bound){bound_of(h, kind, 1), bound_of(h, kind, -1)};
}

static double at_quantile(struct held *h, double q)
{
	qsort(h->room, h->n, sizeof(*h->room), by_value);
	return h->room[(size_t)(q * (double)(h->n - 1) + 0.5)];
}

/* `upper`: the bound of each kind. */
static struct sw_fit_error errors_of(struct held *h, const double *upper)
{
	struct sw_fit_error e = {NAN, NAN, NAN, NAN, NAN, NAN};
	double sum = 0, bias = 0, above = 0;

	if (h->n == 0)
		return e;
	for (size_t i = 0; i < h->n; i++) {
		double error = exp(-h->error[i]) - 1;

		h->room[i] = fabs(error);
		sum += fabs(error);
		bias += error;
		above += h->score[i] > upper[h->kind[i]];
	}
	e = (struct sw_fit_error){.mape = sum / (double)h->n,
				  .median = at_quantile(h, 0.5),
				  .p95 = at_quantile(h, 0.95),
				  .bias = bias / (double)h->n,
				  .above = above / (double)h->n};
	for (size_t i = 0; i < h->n; i++)
		h->room[i] = exp(h->width[i] * upper[h->kind[i]]) - 1;
	e.width = at_quantile(h, 0.5);
	return e;
}

static void see(struct sw__seen *range, double x)
{
	if (!isfinite(x))
		return;
	range->low = sw__smaller(range->low, x);
	range->high = sw__larger(range->high, x);
}

static void set_range(const struct sw__cases *cases, size_t group, struct sw__fit_group *out)
{
	for (int k = 0; k < SW__RANGE_COUNT; k++)
		out->range[k] = (struct sw__seen){INFINITY, 0};
	for (size_t i = 0; i < cases->n; i++) {
		const struct sw__case *c = &cases->at[i];

		for (size_t t = 0; c->group == group && t < c->mix->n; t++) {
			const struct sw_tenant *tenant = &c->mix->tenants[t];

			see(&out->range[SW__RANGE_engines], (double)c->mix->n);
			see(&out->range[SW__RANGE_share], tenant->slice.share);
			see(&out->range[SW__RANGE_running], c->engine[t].running);
			see(&out->range[SW__RANGE_prompt_tokens], tenant->load.prompt_tokens.mean);
			see(&out->range[SW__RANGE_output_tokens], tenant->load.output_tokens.mean);
		}
	}
	for (int k = 0; k < SW__RANGE_COUNT; k++)
		out->range[k].low = sw__smaller(out->range[k].low, out->range[k].high);
}

void sw__fit_ranges(const struct sw__cases *cases, struct sw_fit *fit)
{
	for (size_t g = 0; g < cases->vector.n_groups; g++)
		set_range(cases, g, &fit->groups[g]);
}

static void bound_group(const struct sw__cases *cases, const double *without, size_t group,
			struct held *h, struct sw__fit_group *out, struct sw_fit_found *found)
{
	for (int m = 0; m < SW_METRIC_COUNT; m++)
		for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
			double upper[SW__BOUND_KINDS];

			gather(cases, without, group, m, s, QUICK, h);
			for (int k = 0; k < SW__BOUND_KINDS; k++)
				out->quick_bound[k][m][s] = both_of(h, k);
			gather(cases, without, group, m, s, PLAYED, h);
			for (int k = 0; k < SW__BOUND_KINDS; k++) {
				out->bound[k][m][s] = both_of(h, k);
				upper[k] = out->bound[k][m][s].upper;
			}
			if (m == SW_TTFT && s == SW_MEAN)
				out->bound_rows = (unsigned)h->n;
			if (!found)
				continue;
			found->held_out[m][s] = errors_of(h, upper);
			found->engines = found->engines > h->n ? found->engines : h->n;
			if (s != SW_MEAN)
				continue;
			gather(cases, without, group, m, s, UNFITTED, h);
			found->unfitted[m] = errors_of(h, upper);
		}
	set_range(cases, group, out);
}

enum sw_status sw__fit_bounds(const struct sw__cases *cases, const double *without,
			      struct sw_fit *fit, struct sw_fit_report *report,
			      struct sw_error *err)
{
	struct held h;
	size_t most = 1;
	enum sw_status st;

	for (size_t i = 0; i < cases->n; i++)
		most += cases->at[i].mix->n * cases->at[i].repeats;
	st = held_make(most, &h, err);
	if (st != SW_OK)
		return st;
	for (size_t g = 0; g < cases->vector.n_groups; g++)
		bound_group(cases, without, g, &h, &fit->groups[g],
			    report ? &report->found[g] : NULL);
	held_free(&h);
	return SW_OK;
}
