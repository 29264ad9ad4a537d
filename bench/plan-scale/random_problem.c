// SPDX-License-Identifier: Apache-2.0
#include "plan-scale/random_problem.h"

#include <math.h>
#include <stdio.h>

#include "common/chance.h"
#include "common/made_mix.h"

/* Loads and limits are parts and multiples of what an engine does alone on one of these. */
static const char reference_gpu[] = "a100-sxm4-80gb";
static const char fleet[] = "fleet:\n"
			    "  - {gpu: a100-sxm4-80gb, mechanism: mps, price_per_hour: 1.39}\n"
			    "  - {gpu: rtx-6000-ada, mechanism: mps, price_per_hour: 0.77}\n"
			    "  - {gpu: l40s, mechanism: mps, price_per_hour: 0.86}\n"
			    "  - {gpu: quadro-rtx-6000, mechanism: mps, price_per_hour: 0.50}\n"
			    "workloads:\n";

static const double PARAMETERS_MAX = 15e9;
/* Of what the reference sustains, mostly little: most models of a company idle. */
static const double LEAST_LOAD = 0.01, MOST_LOAD = 0.4;
static const double LEAST_TTFT_MS = 150;
enum { TRIES = 50 };

struct drawn {
	const char *model;
	struct sw_load load;
	double ttft_p95_ms, tpot_p95_ms;
};

static struct sw_length any_length(struct sw__random *r, double low, double high)
{
	double mean = floor(chance_log_between(r, low, high));

	return (struct sw_length){mean, floor(mean * chance_between(r, 1.5, 3.5))};
}

static bool predict_alone(const sw_catalog *catalog, const struct drawn *d,
			  struct sw_prediction *out)
{
	static struct made_mix mix;
	struct sw_engine engine = made_engine();

	engine.max_model_len = 8192;
	engine.given = SW_KEY_MAX_MODEL_LEN;
	return made_mix_start(catalog, reference_gpu, SW_EXCLUSIVE, &mix) &&
	       made_mix_add(catalog, &mix, d->model, &engine, 1, NAN, &d->load, NULL) == SW_OK &&
	       sw_predict_quick(&mix.mix, NULL, out, NULL) == SW_OK;
}

/* False: not on the reference, or longer than the model can. */
static bool draw(const sw_catalog *catalog, struct sw__random *r, struct drawn *out)
{
	struct sw_prediction alone;

	out->model = chance_model(catalog, r, PARAMETERS_MAX);
	out->load = made_arrivals(0.01, any_length(r, 80, 1500), any_length(r, 20, 400));
	if (!predict_alone(catalog, out, &alone))
		return false;
	out->load.rate = alone.max_rate_per_s * chance_log_between(r, LEAST_LOAD, MOST_LOAD);
	if (!predict_alone(catalog, out, &alone))
		return false;
	out->ttft_p95_ms =
		fmax(LEAST_TTFT_MS, alone.latency[SW_TTFT].hi[SW_P95]) * chance_between(r, 1.5, 8);
	out->tpot_p95_ms = alone.latency[SW_TPOT].hi[SW_P95] * chance_between(r, 1.3, 5);
	return isfinite(out->ttft_p95_ms) && isfinite(out->tpot_p95_ms);
}

static bool draw_often(const sw_catalog *catalog, struct sw__random *r, struct drawn *out)
{
	for (int tries = 0; tries < TRIES; tries++)
		if (draw(catalog, r, out))
			return true;
	return false;
}

static void write_one(const struct drawn *d, size_t i, FILE *out)
{
	const struct sw_load *l = &d->load;

	(void)fprintf(
		out,
		"  - {name: w%05zu, model: %s, load: {rate: %.4g, prompt_tokens: {mean: %.0f, p95: "
		"%.0f}, output_tokens: {mean: %.0f, p95: %.0f}}, slo: {ttft_p95_ms: %.0f, "
		"tpot_p95_ms: %.1f}}\n",
		i, d->model, l->rate, l->prompt_tokens.mean, l->prompt_tokens.p95,
		l->output_tokens.mean, l->output_tokens.p95, d->ttft_p95_ms, d->tpot_p95_ms);
}

bool random_problem_write(const sw_catalog *catalog, size_t n, uint64_t seed, const char *path)
{
	struct sw__random r = sw__random_make(seed, n);
	FILE *out = fopen(path, "w");
	bool ok = true;

	if (!out)
		return false;
	(void)fputs(fleet, out);
	for (size_t i = 0; ok && i < n; i++) {
		struct drawn d;

		ok = draw_often(catalog, &r, &d);
		if (ok)
			write_one(&d, i, out);
	}
	return fclose(out) == 0 && ok;
}
