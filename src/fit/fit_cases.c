// SPDX-License-Identifier: Apache-2.0
#include "fit/fit_cases.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "catalog/described.h"
#include "predict/played_step.h"
#include "sharing/mechanism.h"
#include "slicewise/step.h"

void sw__case_clear_copy(struct sw__case *c)
{
	for (size_t i = 0; c->engine && i < c->mix->n; i++)
		for (int m = 0; m < SW_METRIC_COUNT; m++)
			free(c->engine[i].slope[m]);
	free(c->engine);
	if (c->mix)
		sw__known_steps_free(c->known, c->mix->n);
	c->engine = NULL;
	c->known = NULL;
}

static void clear_case(struct sw__case *c)
{
	for (size_t i = 0; c->engine && i < c->mix->n; i++)
		free(c->engine[i].measured);
	sw__case_clear_copy(c);
	free(c->entry);
}

enum sw_status sw__case_copy(const struct sw__case *c, struct sw__case *out, struct sw_error *err)
{
	size_t size = c->n_entries * sizeof(double);

	*out = *c;
	out->known = sw__known_steps_make(c->mix->n);
	out->engine = calloc(c->mix->n, sizeof(*out->engine));
	for (size_t i = 0; out->engine && i < c->mix->n; i++) {
		struct sw__case_engine *e = &out->engine[i];

		*e = c->engine[i];
		for (int m = 0; m < SW_METRIC_COUNT; m++) {
			e->slope[m] = malloc(size);
			if (e->slope[m])
				memcpy(e->slope[m], c->engine[i].slope[m], size);
		}
		if (!e->slope[SW_TTFT] || !e->slope[SW_TPOT])
			return sw_fail(err, SW_NO_MEMORY, "a fit's mixes");
	}
	return out->engine && out->known ? SW_OK : sw_fail(err, SW_NO_MEMORY, "a fit's mixes");
}

void sw__cases_clear(struct sw__cases *cases)
{
	for (size_t i = 0; i < cases->n; i++)
		clear_case(&cases->at[i]);
	free(cases->at);
	sw__vector_clear(&cases->vector);
	*cases = (struct sw__cases){0};
}

static bool same_tenant(const struct sw_tenant *a, const struct sw_tenant *b)
{
	const double x[] = {a->slice.share, a->load.prompt_tokens.mean, a->load.output_tokens.mean,
			    isnan(a->load.rate) ? a->load.concurrency : a->load.rate};
	const double y[] = {b->slice.share, b->load.prompt_tokens.mean, b->load.output_tokens.mean,
			    isnan(b->load.rate) ? b->load.concurrency : b->load.rate};

	return strcmp(a->model.id, b->model.id) == 0 &&
	       a->engine.cuda_graphs == b->engine.cuda_graphs && memcmp(x, y, sizeof(x)) == 0;
}

static bool same_mix(const struct sw_mix *a, const struct sw_mix *b)
{
	if (a->n != b->n || a->mechanism != b->mechanism || strcmp(a->gpu.id, b->gpu.id) != 0)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!same_tenant(&a->tenants[i], &b->tenants[i]))
			return false;
	return true;
}

/* The runs from `first` on that repeat its experiment; those that failed are passed over. */
static size_t repeats_of(const struct sw_runs *runs, size_t first, struct sw__cases *cases)
{
	size_t n = 1;

	while (first + n < runs->n &&
	       strcmp(runs->run[first].experiment, runs->run[first + n].experiment) == 0 &&
	       same_mix(runs->run[first].mix, runs->run[first + n].mix))
		n++;
	for (size_t i = 0; i < n; i++)
		cases->failed += runs->run[first + i].failed != NULL;
	return n;
}

static double logarithm(double ms)
{
	return ms > 0 ? log(ms) : NAN;
}

static void put_measured(const struct sw_measured *from, struct sw__logs *to)
{
	for (int m = 0; m < SW_METRIC_COUNT; m++)
		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			to->at[m][s] = logarithm(from->ms[m][s]);
}

static double mean_of(const struct sw__case_engine *e, size_t repeats, int metric, int statistic)
{
	double sum = 0, n = 0;

	for (size_t r = 0; r < repeats; r++) {
		double x = e->measured[r].at[metric][statistic];

		sum += isnan(x) ? 0 : x;
		n += !isnan(x);
	}
	return n > 0 ? sum / n : NAN;
}

/* Means where they were measured, medians where those are all that was published. */
static void sum_up(struct sw__case_engine *e, size_t repeats)
{
	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		e->statistic[m] = SW_MEAN;
		e->mean[m] = mean_of(e, repeats, m, SW_MEAN);
		if (!isnan(e->mean[m]))
			continue;
		e->statistic[m] = SW_P50;
		e->mean[m] = mean_of(e, repeats, m, SW_P50);
	}
}

static enum sw_status place(struct sw__cases *cases, struct sw__case *c, struct sw_error *err)
{
	const struct sw_calibration_info *info;
	sw_calibration *calibration;
	enum sw_status st = sw_calibration_open(&c->mix->gpu, NULL, &calibration, err);

	if (st != SW_OK)
		return st;
	info = sw_calibration_describe(calibration);
	st = sw__vector_gpu_of(&cases->vector, c->mix->gpu.id, info->prefill_doubt,
			       info->decode_doubt, &c->gpu, err);
	if (st == SW_OK)
		cases->vector.gpu[c->gpu].host = sw__is_host(&c->mix->gpu);
	if (st == SW_OK)
		st = sw__vector_group_of(&cases->vector, c->gpu, c->mix->mechanism, &c->group, err);
	for (size_t i = 0; st == SW_OK && i < c->mix->n; i++)
		st = sw__vector_model_of(&cases->vector, c->gpu, c->mix->tenants[i].model.id,
					 &c->engine[i].model, err);
	sw_calibration_free(calibration);
	return st;
}

static enum sw_status fill(const struct sw_run *runs, size_t n, struct sw__case *c,
			   struct sw_error *err)
{
	c->mix = runs[0].mix;
	c->experiment = runs[0].experiment;
	c->engine = calloc(c->mix->n, sizeof(*c->engine));
	c->known = sw__known_steps_make(c->mix->n);
	for (size_t i = 0; c->known && c->engine && i < c->mix->n; i++) {
		struct sw__case_engine *e = &c->engine[i];

		e->measured = calloc(n, sizeof(*e->measured));
		if (!e->measured)
			break;
		c->repeats = 0;
		for (size_t r = 0; r < n; r++)
			if (!runs[r].failed)
				put_measured(&runs[r].measured[i], &e->measured[c->repeats++]);
		sum_up(e, c->repeats);
		if (i + 1 == c->mix->n)
			return SW_OK;
	}
	return sw_fail(err, SW_NO_MEMORY, "a fit's mixes");
}

static void count_runs(struct sw__cases *cases, const struct sw__case *c)
{
	struct sw__vector_group *g = &cases->vector.group[c->group];

	g->mixes++;
	g->runs += (unsigned)c->repeats;
	for (size_t i = 0; i < c->mix->n; i++) {
		bool again = false;

		for (size_t k = 0; k < i; k++)
			again = again || c->engine[k].model == c->engine[i].model;
		if (!again)
			cases->vector.model[c->engine[i].model].runs += (unsigned)c->repeats;
		cases->overloaded +=
			isnan(c->engine[i].mean[SW_TTFT]) && isnan(c->engine[i].mean[SW_TPOT]);
	}
}

static enum sw_status add(const struct sw_run *runs, size_t n, struct sw__cases *cases,
			  struct sw_error *err)
{
	struct sw__case *c = &cases->at[cases->n];
	enum sw_status st;

	if (sw__mechanism(runs[0].mix->mechanism)->unpredicted) {
		cases->unpredictable += n;
		return SW_OK;
	}
	cases->n++;
	st = fill(runs, n, c, err);
	if (st == SW_OK && c->repeats == 0) {
		clear_case(c);
		*c = (struct sw__case){0};
		cases->n--;
		return SW_OK;
	}
	if (st == SW_OK)
		st = place(cases, c, err);
	if (st == SW_OK)
		count_runs(cases, c);
	return st;
}

/* Entries of the vector that a case depends on: of its GPU, of its models, of its mechanism. */
static enum sw_status depend(const struct sw__vector *v, struct sw__case *c, struct sw_error *err)
{
	size_t most = SW__MODEL_COUNT * (1 + c->mix->n) + SW__SHARED_COUNT;

	c->entry = calloc(most, sizeof(*c->entry));
	if (!c->entry)
		return sw_fail(err, SW_NO_MEMORY, "a fit's mixes");
	for (int k = 0; k < SW__MODEL_COUNT; k++)
		c->entry[c->n_entries++] = v->gpu[c->gpu].at + k;
	for (size_t i = 0; i < c->mix->n; i++) {
		bool again = false;

		for (size_t j = 0; j < i; j++)
			again = again || c->engine[j].model == c->engine[i].model;
		for (int k = 0; !again && k < SW__MODEL_COUNT; k++)
			c->entry[c->n_entries++] = v->model[c->engine[i].model].at + k;
	}
	for (int k = 0; k < SW__SHARED_COUNT; k++)
		if (v->group[c->group].at[k] >= 0)
			c->entry[c->n_entries++] = (size_t)v->group[c->group].at[k];
	for (size_t i = 0; i < c->mix->n; i++)
		for (int m = 0; m < SW_METRIC_COUNT; m++) {
			c->engine[i].slope[m] = calloc(c->n_entries, sizeof(double));
			if (!c->engine[i].slope[m])
				return sw_fail(err, SW_NO_MEMORY, "a fit's slopes");
		}
	return SW_OK;
}

enum sw_status sw__cases_make(const struct sw_runs *runs, struct sw__cases *out,
			      struct sw_error *err)
{
	enum sw_status st = SW_OK;
	size_t n;

	*out = (struct sw__cases){.at = calloc(runs->n + 1, sizeof(*out->at))};
	if (!out->at)
		return sw_fail(err, SW_NO_MEMORY, "%zu runs", runs->n);
	for (size_t i = 0; i < runs->n && st == SW_OK; i += n) {
		n = repeats_of(runs, i, out);
		st = add(&runs->run[i], n, out, err);
	}
	if (st == SW_OK && out->n == 0)
		st = sw_fail(err, SW_BAD_INPUT,
			     "found no run to fit (%zu failed, %zu of mechanisms that are not "
			     "predicted)",
			     out->failed, out->unpredictable);
	if (st == SW_OK)
		st = sw__vector_number(&out->vector, err);
	for (size_t i = 0; i < out->n && st == SW_OK; i++)
		st = depend(&out->vector, &out->at[i], err);
	return st;
}
