// SPDX-License-Identifier: Apache-2.0
/* What latencies depend on, by differences of predictions: the default of a design, before any fit has its own. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "predict/prepared.h"
#include "profile/information.h"

/* Each coefficient is the logarithm of a factor on a part of a step; one more for each model, on all of it. */
enum feature { PREFILL, LINEAR, KV_READING, HOST, SHARE, FEATURES };

/* A step of the difference: above rounding, below where percentages matter. */
static const double STEP = 0.02;

/* No coefficient: the prediction as it is. */
static const size_t NOTHING = SIZE_MAX;

/* Steps of more tokens than these are prompts'. */
static const double DECODE_TOKENS = 64;

struct model_sensitivity {
	const struct sw__workbench *bench;
};

static void scale_linear(struct sw__step_curve *c, bool prompts, double factor)
{
	for (size_t i = 0; i < c->n_knots; i++) {
		if ((c->tokens[i] > DECODE_TOKENS) == prompts)
			c->linear_ms[i] *= factor;
	}
	for (size_t i = 1; i < c->n_knots; i++)
		c->linear_ms[i] = fmax(c->linear_ms[i], c->linear_ms[i - 1]);
}

static void scale_feature(struct sw_prepared *p, enum feature feature, double factor)
{
	struct sw__step_curve *c = &p->steps.curve;

	switch (feature) {
	case PREFILL:
		scale_linear(c, true, factor);
		c->prefill_ms_per_token *= factor;
		c->prefill_ms_per_pair *= factor;
		break;
	case LINEAR:
		scale_linear(c, false, factor);
		break;
	case KV_READING:
		c->decode_ms_per_seq *= factor;
		c->decode_ms_per_kv_token *= factor;
		break;
	case HOST:
		c->host_ms *= factor;
		break;
	default:
		break;
	}
}

/* An engine whose time is longer in one respect. */
static void disturb(struct sw_prepared *p, const sw_campaign *campaign, const char *name,
		    size_t coefficient)
{
	double factor = exp(STEP);
	bool all = coefficient >= FEATURES && coefficient != NOTHING &&
		   strcmp(campaign->models[coefficient - FEATURES].name, name) == 0;

	for (int f = PREFILL; f < SHARE; f++) {
		if (all || (size_t)f == coefficient)
			scale_feature(p, (enum feature)f, factor);
	}
	/* The same rate again: what neighbours see of it follows its new steps. */
	sw_prepared_set_rate(p, p->traffic.rate_per_s);
}

static void logs(const struct sw_prediction *predictions, size_t n, double *out)
{
	for (size_t i = 0; i < n; i++) {
		for (int m = 0; m < SW_METRIC_COUNT; m++)
			out[i * SW_METRIC_COUNT + (size_t)m] =
				log(predictions[i].latency[m].at[SW_MEAN]);
	}
}

static void free_prepared(struct sw_prepared **prepared, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sw_prepared_free(prepared[i]);
}

/* Every engine of the mix; of its share, `share_factor` of it. */
static enum sw_status prepare(const struct sw__workbench *bench, const struct sw_mix *mix,
			      double share_factor, struct sw_prepared **out, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && i < mix->n; i++) {
		struct sw_tenant t = mix->tenants[i];

		t.slice.share *= share_factor;
		st = sw_prepare(bench->calibration, &mix->gpu, &t, &out[i], err);
	}
	return st;
}

static enum sw_status predict(const struct sw__workbench *bench, const struct sw_mix *mix,
			      size_t coefficient, double *out, struct sw_error *err)
{
	struct sw_prepared *prepared[SW_TENANTS_MAX] = {0};
	struct sw_prediction predictions[SW_TENANTS_MAX];
	double share = coefficient == SHARE ? exp(-STEP) : 1;
	enum sw_status st = prepare(bench, mix, share, prepared, err);

	for (size_t i = 0; st == SW_OK && i < mix->n; i++)
		disturb(prepared[i], bench->campaign, mix->tenants[i].name, coefficient);
	if (st == SW_OK) {
		sw_predict(mix->mechanism, (const sw_prepared *const *)prepared, mix->n,
			   predictions);
		logs(predictions, mix->n, out);
	}
	free_prepared(prepared, mix->n);
	return st;
}

static enum sw_status rows(void *self, const struct sw_mix *mix, double *out, struct sw_error *err)
{
	const struct model_sensitivity *s = self;
	size_t n = FEATURES + s->bench->campaign->n_models, n_rows = mix->n * SW_METRIC_COUNT;
	double at[SW_TENANTS_MAX * SW_METRIC_COUNT], moved[SW_TENANTS_MAX * SW_METRIC_COUNT];
	enum sw_status st = predict(s->bench, mix, NOTHING, at, err);

	for (size_t c = 0; st == SW_OK && c < n; c++) {
		st = predict(s->bench, mix, c, moved, err);
		for (size_t r = 0; st == SW_OK && r < n_rows; r++) {
			double slope = (moved[r] - at[r]) / STEP;

			out[r * n + c] = isfinite(slope) ? slope : 0;
		}
	}
	return st;
}

enum sw_status sw__sensitivity_open(const struct sw__workbench *bench, struct sw__sensitivity *out,
				    struct sw_error *err)
{
	struct model_sensitivity *s;

	*out = (struct sw__sensitivity){.n = FEATURES + bench->campaign->n_models, .rows = rows};
	if (!bench->calibration)
		return sw_fail(err, SW_BAD_INPUT,
			       "%s: budget: nothing predicts %s, so nothing says which experiments "
			       "teach most",
			       bench->campaign->path,
			       sw_mechanism_name(bench->campaign->mechanism));
	s = calloc(1, sizeof(*s));
	if (!s)
		return sw_fail(err, SW_NO_MEMORY, "sensitivities");
	s->bench = bench;
	out->self = s;
	return SW_OK;
}

void sw__sensitivity_close(struct sw__sensitivity *sensitivity)
{
	free(sensitivity->self);
	sensitivity->self = NULL;
}
