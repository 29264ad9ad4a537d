// SPDX-License-Identifier: Apache-2.0
#include "fit/fit_vector.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "sharing/mechanism.h"
#include "step/host_step.h"

/* By how much models of one GPU differ among themselves from the calibration; what they have in common is the calibration's doubt. */
static const double BETWEEN_MODELS[SW__MODEL_COUNT] = {
	[SW__MODEL_prefill] = 0.04, [SW__MODEL_decode] = 0.03, [SW__MODEL_host] = 0.1};
/* The same on a host, whose calibration is nominal: caches hold one model's weights and not another's. */
static const double BETWEEN_ON_HOST = 0.4;
/* The doubt of a host's steps while its coefficients are searched: what runs say of it is no less sure because nothing was known
 * before them. What a sum of three parts may miss of a step, and more. */
static const double SEARCHED_DOUBT = 0.3;

static double between(const struct sw__vector_gpu *g, int coefficient)
{
	return g->host ? BETWEEN_ON_HOST : BETWEEN_MODELS[coefficient];
}

void sw__vector_clear(struct sw__vector *v)
{
	free(v->gpu);
	free(v->model);
	free(v->group);
	free(v->value);
	free(v->prior);
	free(v->scanned);
	*v = (struct sw__vector){0};
}

/* One more zeroed element at the end of a list; NULL: out of memory, and the list is as before. */
static void *one_more(void **list, size_t *n, size_t size)
{
	char *grown = realloc(*list, (*n + 1) * size);

	if (!grown)
		return NULL;
	*list = grown;
	memset(grown + *n * size, 0, size);
	return grown + (*n)++ * size;
}

static void put_name(char *to, const char *name)
{
	(void)snprintf(to, SW_NAME_MAX, "%s", name);
}

enum sw_status sw__vector_gpu_of(struct sw__vector *v, const char *gpu, double prefill_doubt,
				 double decode_doubt, size_t *out, struct sw_error *err)
{
	void *list = v->gpu;
	struct sw__vector_gpu *g;

	for (*out = 0; *out < v->n_gpus; (*out)++)
		if (strcmp(v->gpu[*out].gpu, gpu) == 0)
			return SW_OK;
	g = one_more(&list, &v->n_gpus, sizeof(*g));
	if (!g)
		return sw_fail(err, SW_NO_MEMORY, "a fit");
	v->gpu = list;
	put_name(g->gpu, gpu);
	g->prefill_doubt = prefill_doubt;
	g->decode_doubt = decode_doubt;
	return SW_OK;
}

enum sw_status sw__vector_model_of(struct sw__vector *v, size_t gpu, const char *model, size_t *out,
				   struct sw_error *err)
{
	void *list = v->model;
	struct sw__vector_model *m;

	for (*out = 0; *out < v->n_models; (*out)++)
		if (v->model[*out].gpu == gpu && strcmp(v->model[*out].model, model) == 0)
			return SW_OK;
	m = one_more(&list, &v->n_models, sizeof(*m));
	if (!m)
		return sw_fail(err, SW_NO_MEMORY, "a fit");
	v->model = list;
	m->gpu = gpu;
	put_name(m->model, model);
	return SW_OK;
}

enum sw_status sw__vector_group_of(struct sw__vector *v, size_t gpu, enum sw_mechanism mechanism,
				   size_t *out, struct sw_error *err)
{
	void *list = v->group;
	struct sw__vector_group *g;

	for (*out = 0; *out < v->n_groups; (*out)++)
		if (v->group[*out].gpu == gpu && v->group[*out].mechanism == mechanism)
			return SW_OK;
	g = one_more(&list, &v->n_groups, sizeof(*g));
	if (!g)
		return sw_fail(err, SW_NO_MEMORY, "a fit");
	v->group = list;
	g->gpu = gpu;
	g->mechanism = mechanism;
	return SW_OK;
}

/* Where a burst begins to take two turns for one, and a limiter sees a tick more. */
bool sw__is_scanned(int coefficient)
{
	return coefficient == SW__SHARED_slice_ms || coefficient == SW__SHARED_look_back_ms;
}

/* What a mechanism's runs can say. The number of bursts is a whole one and stays as it is without measurement. */
bool sw__is_fitted(enum sw_mechanism mechanism, int coefficient)
{
	const struct sw__mechanism *m = sw__mechanism(mechanism);

	switch (coefficient) {
	case SW__SHARED_frontend_ms:
		return true;
	case SW__SHARED_dram_together:
	case SW__SHARED_sm_overlap:
	case SW__SHARED_launch_wait_us:
		return m->shares_dram && !m->takes_turns;
	case SW__SHARED_slice_ms:
	case SW__SHARED_switch_ms:
		return m->takes_turns;
	case SW__SHARED_limiter_grain:
	case SW__SHARED_look_back_ms:
		return m->share_is_duty;
	case SW__SHARED_cold_caches:
	case SW__SHARED_reread:
		return m->share_is_quota;
	default:
		return false;
	}
}

static double spread_of(const struct sw__vector_gpu *g, int coefficient)
{
	switch (coefficient) {
	case SW__MODEL_prefill:
		return g->prefill_doubt;
	case SW__MODEL_decode:
		return g->decode_doubt;
	default:
		return g->host ? sw__host_doubt : sw__model_coefficients[coefficient].spread;
	}
}

static size_t count(struct sw__vector *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n_gpus; i++, n += SW__MODEL_COUNT)
		v->gpu[i].at = n;
	for (size_t i = 0; i < v->n_models; i++, n += SW__MODEL_COUNT)
		v->model[i].at = n;
	for (size_t i = 0; i < v->n_groups; i++)
		for (int k = 0; k < SW__SHARED_COUNT; k++)
			v->group[i].at[k] =
				sw__is_fitted(v->group[i].mechanism, k) ? (int)n++ : SW__NO_ENTRY;
	return n;
}

enum sw_status sw__vector_number(struct sw__vector *v, struct sw_error *err)
{
	v->n = count(v);
	v->value = calloc(v->n + 1, sizeof(*v->value));
	v->prior = calloc(v->n + 1, sizeof(*v->prior));
	v->scanned = calloc(v->n + 1, sizeof(*v->scanned));
	if (!v->value || !v->prior || !v->scanned)
		return sw_fail(err, SW_NO_MEMORY, "%zu coefficients", v->n);
	for (int k = 0; k < SW__MODEL_COUNT; k++) {
		for (size_t i = 0; i < v->n_gpus; i++)
			v->prior[v->gpu[i].at + k] = spread_of(&v->gpu[i], k);
		for (size_t i = 0; i < v->n_models; i++)
			v->prior[v->model[i].at + k] = between(&v->gpu[v->model[i].gpu], k);
	}
	for (size_t i = 0; i < v->n_groups; i++)
		for (int k = 0; k < SW__SHARED_COUNT; k++)
			if (v->group[i].at[k] >= 0)
				v->prior[v->group[i].at[k]] = sw__shared_coefficients[k].spread;
	return SW_OK;
}

static double covariance_of(const struct sw__vector *v, const double *covariance, size_t i,
			    size_t j)
{
	if (covariance)
		return covariance[i * v->n + j];
	return i == j ? v->prior[i] * v->prior[i] : 0;
}

static struct sw__known known_of(const struct sw__fit_coefficient *c, double logarithm,
				 double variance)
{
	return (struct sw__known){fmin(c->highest, fmax(c->lowest, c->value * exp(logarithm))),
				  sqrt(fmax(0, variance))};
}

static void put_group(const struct sw__vector *v, const double *covariance, size_t i,
		      struct sw__fit_group *out)
{
	const struct sw__vector_group *g = &v->group[i];

	put_name(out->gpu, v->gpu[g->gpu].gpu);
	out->mechanism = g->mechanism;
	out->runs = g->runs;
	out->mixes = g->mixes;
	for (int k = 0; k < SW__SHARED_COUNT; k++) {
		const struct sw__fit_coefficient *c = &sw__shared_coefficients[k];
		size_t at = g->at[k] >= 0 ? (size_t)g->at[k] : 0;

		out->shared[k] = g->at[k] >= 0 ? known_of(c, v->value[at],
							  covariance_of(v, covariance, at, at))
					       : (struct sw__known){c->value, c->spread};
	}
}

/* Of the sum of a GPU's entry and a model's. */
static double variance_of(const struct sw__vector *v, const double *covariance, size_t gpu,
			  size_t a, size_t b)
{
	if (!covariance && v->gpu[gpu].host)
		return SEARCHED_DOUBT * SEARCHED_DOUBT;
	return covariance_of(v, covariance, a, a) + covariance_of(v, covariance, b, b) +
	       2 * covariance_of(v, covariance, a, b);
}

static void put_model(const struct sw__vector *v, const double *covariance, size_t i,
		      struct sw__fit_model *out)
{
	const struct sw__vector_model *m = &v->model[i];

	put_name(out->gpu, v->gpu[m->gpu].gpu);
	put_name(out->model, m->model);
	out->runs = m->runs;
	for (int k = 0; k < SW__MODEL_COUNT; k++) {
		size_t a = v->gpu[m->gpu].at + k, b = m->at + k;

		out->at[k] = known_of(&sw__model_coefficients[k], v->value[a] + v->value[b],
				      variance_of(v, covariance, m->gpu, a, b));
	}
}

/* Models that were not measured have what is common to the others. */
static void put_others(const struct sw__vector *v, const double *covariance, size_t gpu,
		       struct sw__fit_model *out)
{
	put_name(out->gpu, v->gpu[gpu].gpu);
	for (int k = 0; k < SW__MODEL_COUNT; k++) {
		size_t a = v->gpu[gpu].at + k;

		out->at[k] = known_of(&sw__model_coefficients[k], v->value[a],
				      covariance_of(v, covariance, a, a) +
					      between(&v->gpu[gpu], k) * between(&v->gpu[gpu], k));
	}
}

enum sw_status sw__vector_fit(const struct sw__vector *v, const double *covariance,
			      struct sw_fit **out, struct sw_error *err)
{
	struct sw_fit *fit = calloc(1, sizeof(*fit));

	*out = NULL;
	if (fit) {
		fit->groups = calloc(v->n_groups + 1, sizeof(*fit->groups));
		fit->models = calloc(v->n_models + v->n_gpus + 1, sizeof(*fit->models));
	}
	if (!fit || !fit->groups || !fit->models) {
		sw_fit_free(fit);
		return sw_fail(err, SW_NO_MEMORY, "a fit");
	}
	for (size_t i = 0; i < v->n_groups; i++)
		put_group(v, covariance, i, &fit->groups[fit->n_groups++]);
	for (size_t i = 0; i < v->n_models; i++)
		put_model(v, covariance, i, &fit->models[fit->n_models++]);
	for (size_t i = 0; i < v->n_gpus; i++)
		put_others(v, covariance, i, &fit->models[fit->n_models++]);
	*out = fit;
	return SW_OK;
}
