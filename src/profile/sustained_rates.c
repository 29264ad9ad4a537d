// SPDX-License-Identifier: Apache-2.0
#include "profile/sustained_rates.h"

#include <stdio.h>
#include <stdlib.h>

#include "predict/predict_mix.h"

/* Nearer to what it sustains, an engine has latencies that a run of minutes cannot tell, and that say nothing of its steps. */
static const double MOST_SUSTAINED = 0.8;
/* What is too fast is made slower by this, so often at most. */
static const double SLOWER = 0.9;
enum { SLOWER_TIMES = 48 };
/* Of a rate that is not known yet: its prediction is only asked for the rate that is sustained. */
static const double ANY_RATE = 1e-3;

/* Rates are given to six digits, as files have them. */
static double rounded(double rate)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%.6g", rate);
	return strtod(text, NULL);
}

static void predict_rates(const struct sw_mix *mix, sw_prepared *const *prepared, size_t n,
			  struct sw_prediction *out)
{
	sw_predict(mix->mechanism, (const sw_prepared *const *)prepared, n, out);
	sw_predict_max_rates(mix->mechanism, (const sw_prepared *const *)prepared, n, out);
}

static void set_rate(struct sw_mix *mix, sw_prepared *const *prepared, size_t i, double rate)
{
	mix->tenants[i].load.rate = rounded(rate);
	sw_prepared_set_rate(prepared[i], mix->tenants[i].load.rate);
}

static bool too_fast(const struct sw_mix *mix, const struct sw_prediction *predictions)
{
	for (size_t i = 0; i < mix->n; i++) {
		if (!(mix->tenants[i].load.rate <= MOST_SUSTAINED * predictions[i].max_rate_per_s))
			return true;
	}
	return false;
}

static void set_rates(const double *parts, sw_prepared *const *prepared, struct sw_mix *mix)
{
	struct sw_prediction predictions[SW_TENANTS_MAX];

	for (size_t i = 0; i < mix->n; i++) {
		predict_rates(mix, &prepared[i], 1, predictions);
		set_rate(mix, prepared, i, parts[i] * predictions[0].max_rate_per_s);
	}
	if (mix->n == 1)
		return;
	for (int times = 0; times < SLOWER_TIMES; times++) {
		predict_rates(mix, prepared, mix->n, predictions);
		if (!too_fast(mix, predictions))
			return;
		for (size_t i = 0; i < mix->n; i++)
			set_rate(mix, prepared, i, mix->tenants[i].load.rate * SLOWER);
	}
}

enum sw_status sw__sustained_rates(const sw_calibration *calibration, const sw_fit *fit,
				   const double *parts, struct sw_mix *mix, struct sw_error *err)
{
	sw_prepared *prepared[SW_TENANTS_MAX] = {NULL};
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && i < mix->n; i++) {
		mix->tenants[i].load.rate = ANY_RATE;
		st = sw_prepare(calibration, &mix->gpu, &mix->tenants[i], &prepared[i], err);
		if (st == SW_OK)
			sw__prepared_take_fit(prepared[i], fit, mix->gpu.id, &mix->tenants[i]);
	}
	if (st == SW_OK)
		set_rates(parts, prepared, mix);
	for (size_t i = 0; i < mix->n; i++)
		sw_prepared_free(prepared[i]);
	return st;
}
