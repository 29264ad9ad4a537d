// SPDX-License-Identifier: Apache-2.0
#include "observe/drift.h"

#include <math.h>
#include <string.h>

/* Doubt, in logarithms, of a mean over this many requests where windows do not tell how much they differ: latencies have a coefficient of
 * variation of about one. */
static const double ONE_REQUEST = 1;
/* How far predictions are usually off, in logarithms: what is seen is drawn to it by its doubt. */
static const double USUAL = 0.1;

struct sw__drift_settings sw__drift_defaults(void)
{
	return (struct sw__drift_settings){.requests = 300, .least = 30, .most = 1.5, .alarm = 2};
}

void sw__drift_init(struct sw__drift *drift, const struct sw__drift_settings *settings)
{
	*drift = (struct sw__drift){.settings = *settings};
}

void sw__drift_reset(struct sw__drift *drift)
{
	memset(drift->of, 0, sizeof(drift->of));
}

void sw__drift_add(struct sw__drift *drift, enum sw_metric metric, double requests, double seen_ms,
		   double predicted_ms)
{
	struct sw__drift_mean *m = &drift->of[metric];
	double fade = exp(-requests / drift->settings.requests), log_ratio;

	if (!(requests > 0 && seen_ms > 0 && predicted_ms > 0) || !isfinite(seen_ms) ||
	    !isfinite(predicted_ms))
		return;
	log_ratio = log(seen_ms / predicted_ms);
	m->weight = fade * m->weight + requests;
	m->sum = fade * m->sum + requests * log_ratio;
	m->weights_squared = fade * fade * m->weights_squared + requests * requests;
	m->squares = fade * m->squares + requests * log_ratio * log_ratio;
}

/* Of the mean: what windows show, as if each were independent of the others, and no less than chance in so many requests. */
static double doubt_of(const struct sw__drift_mean *m)
{
	double mean = m->sum / m->weight;
	double between = fmax(0, m->squares / m->weight - mean * mean);
	double chance = ONE_REQUEST * ONE_REQUEST / m->weight;

	return sqrt(fmax(chance, between * m->weights_squared / (m->weight * m->weight)));
}

struct sw__drift_value sw__drift_of(const struct sw__drift *drift, enum sw_metric metric)
{
	const struct sw__drift_settings *s = &drift->settings;
	const struct sw__drift_mean *m = &drift->of[metric];
	struct sw__drift_value out = {.ratio = NAN, .correction = 1, .doubt = NAN};
	double mean, drawn;

	if (!(m->weight >= s->least))
		return out;
	mean = m->sum / m->weight;
	out.known = true;
	out.ratio = exp(mean);
	out.doubt = doubt_of(m);
	drawn = mean * USUAL * USUAL / (USUAL * USUAL + out.doubt * out.doubt);
	out.correction = exp(fmax(-log(s->most), fmin(log(s->most), drawn)));
	out.alarm = fabs(mean) - 2 * out.doubt > log(s->alarm);
	return out;
}
