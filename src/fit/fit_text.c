// SPDX-License-Identifier: Apache-2.0
/* fit.json as text. Format: docs/formats/fit.md. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "fit/fit_vector.h"
#include "sharing/mechanism.h"
#include "slicewise/fit.h"
#include "step/host_step.h"

/* Digits that a coefficient keeps: the same on every machine, and more than any of them is worth. */
enum { DIGITS = 7 };

static json_t *number(double x)
{
	return json_real(x);
}

static json_t *coefficients(const struct sw__fit_coefficient *list, const struct sw__known *at,
			    size_t n)
{
	json_t *object = json_object();

	for (size_t i = 0; i < n; i++) {
		json_t *one = json_object();

		json_object_set_new(one, "value", number(at[i].value));
		json_object_set_new(one, "doubt", number(at[i].doubt));
		json_object_set_new(object, list[i].name, one);
	}
	return object;
}

static json_t *bounds(const struct sw__bound bound[SW_METRIC_COUNT][SW_STATISTIC_COUNT])
{
	static const char *const names[SW_METRIC_COUNT][SW_STATISTIC_COUNT] = {
		{"ttft_mean", "ttft_p50", "ttft_p95", "ttft_p99"},
		{"tpot_mean", "tpot_p50", "tpot_p95", "tpot_p99"}};
	json_t *object = json_object();

	for (int m = 0; m < SW_METRIC_COUNT; m++)
		for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
			json_t *one = json_object();

			json_object_set_new(one, "upper", number(bound[m][s].upper));
			json_object_set_new(one, "lower", number(bound[m][s].lower));
			json_object_set_new(object, names[m][s], one);
		}
	return object;
}

static json_t *range(const struct sw__seen *seen)
{
	json_t *object = json_object();

	for (int i = 0; i < SW__RANGE_COUNT; i++) {
		json_t *one = json_object();

		json_object_set_new(one, "low", number(seen[i].low));
		json_object_set_new(one, "high", number(seen[i].high));
		json_object_set_new(object, sw__range_names[i], one);
	}
	return object;
}

static json_t *group(const struct sw__fit_group *g)
{
	json_t *object = json_object();

	json_object_set_new(object, "gpu", *g->gpu ? json_string(g->gpu) : json_null());
	json_object_set_new(object, "mechanism", json_string(sw__mechanism(g->mechanism)->id));
	json_object_set_new(object, "runs", json_integer(g->runs));
	json_object_set_new(object, "mixes", json_integer(g->mixes));
	json_object_set_new(object, "coefficients",
			    coefficients(sw__shared_coefficients, g->shared, SW__SHARED_COUNT));
	json_object_set_new(object, "bounds", bounds(g->bound[SW__BOUND_FREE]));
	json_object_set_new(object, "quick_bounds", bounds(g->quick_bound[SW__BOUND_FREE]));
	if (sw__mechanism(g->mechanism)->share_is_duty) {
		json_object_set_new(object, "held_bounds", bounds(g->bound[SW__BOUND_HELD]));
		json_object_set_new(object, "held_quick_bounds",
				    bounds(g->quick_bound[SW__BOUND_HELD]));
	}
	json_object_set_new(object, "bound_rows", json_integer(g->bound_rows));
	json_object_set_new(object, "range", range(g->range));
	return object;
}

static json_t *model(const struct sw__fit_model *m)
{
	json_t *object = json_object();

	json_object_set_new(object, "gpu", json_string(m->gpu));
	json_object_set_new(object, "model", *m->model ? json_string(m->model) : json_null());
	json_object_set_new(object, "runs", json_integer(m->runs));
	json_object_set_new(object, "coefficients",
			    coefficients(sw__model_coefficients, m->at, SW__MODEL_COUNT));
	return object;
}

enum sw_status sw_fit_text(const sw_fit *fit, char **out, struct sw_error *err)
{
	json_t *root = json_object(), *groups = json_array(), *models = json_array();

	json_object_set_new(root, "format", json_string("slicewise-fit-1"));
	json_object_set_new(root, "origin", json_string(fit->origin));
	json_object_set_new(root, "runs", json_integer(fit->runs));
	json_object_set_new(root, "mixes", json_integer(fit->mixes));
	for (size_t i = 0; i < fit->n_groups; i++)
		json_array_append_new(groups, group(&fit->groups[i]));
	for (size_t i = 0; i < fit->n_models; i++)
		json_array_append_new(models, model(&fit->models[i]));
	json_object_set_new(root, "groups", groups);
	json_object_set_new(root, "models", models);
	*out = root ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(DIGITS)) : NULL;
	json_decref(root);
	return *out ? SW_OK : sw_fail(err, SW_NO_MEMORY, "a fit's text");
}

enum sw_status sw_fit_save(const sw_fit *fit, const char *path, struct sw_error *err)
{
	char *text;
	enum sw_status st = sw_fit_text(fit, &text, err);

	if (st == SW_OK)
		st = sw_file_write(path, text, strlen(text), err);
	free(text);
	return st;
}

static void put_line(const struct sw__fit_coefficient *c, const struct sw__known *known,
		     double spread, struct sw_fit_line *out)
{
	static const double NORMAL_975 = 1.959963984540054;

	out->name = c->name;
	out->unit = c->unit;
	out->meaning = c->meaning;
	out->value = known->value;
	out->unmeasured = c->value;
	out->low = known->value * exp(-NORMAL_975 * known->doubt);
	out->high = known->value * exp(NORMAL_975 * known->doubt);
	out->learned = spread > 0 ? fmax(0, 1 - known->doubt / spread) : 0;
}

/* What was known of a model's coefficient before any run: of a host next to nothing. */
static double spread_before(const sw_fit *fit, const struct sw__fit_model *m, int coefficient)
{
	return sw__fit_group(fit, m->gpu, SW_CPU_QUOTA)
		       ? sw__host_doubt
		       : sw__model_coefficients[coefficient].spread;
}

bool sw_fit_line_at(const sw_fit *fit, size_t i, struct sw_fit_line *out)
{
	size_t shared = fit->n_groups * SW__SHARED_COUNT;

	*out = (struct sw_fit_line){0};
	if (i < shared) {
		const struct sw__fit_group *g = &fit->groups[i / SW__SHARED_COUNT];
		const struct sw__fit_coefficient *c =
			&sw__shared_coefficients[i % SW__SHARED_COUNT];

		out->gpu = *g->gpu ? g->gpu : "any";
		out->subject = sw__mechanism(g->mechanism)->id;
		out->runs = g->runs;
		out->fitted = sw__is_fitted(g->mechanism, (int)(i % SW__SHARED_COUNT));
		put_line(c, &g->shared[i % SW__SHARED_COUNT], c->spread, out);
		return true;
	}
	i -= shared;
	if (i < fit->n_models * SW__MODEL_COUNT) {
		const struct sw__fit_model *m = &fit->models[i / SW__MODEL_COUNT];
		const struct sw__fit_coefficient *c = &sw__model_coefficients[i % SW__MODEL_COUNT];

		out->gpu = m->gpu;
		out->subject = *m->model ? m->model : "other models";
		out->runs = m->runs;
		out->fitted = true;
		put_line(c, &m->at[i % SW__MODEL_COUNT],
			 spread_before(fit, m, (int)(i % SW__MODEL_COUNT)), out);
		return true;
	}
	return false;
}
