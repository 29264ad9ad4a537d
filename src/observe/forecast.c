// SPDX-License-Identifier: Apache-2.0
#include "observe/forecast.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A trend is believed as far as a memory of it: what grows now does not grow for ever. */
static const double DAMPED = 1;
/* A pattern of the day is one when every bin was seen and two days have gone by; days count for a half of the one after. */
static const double DAYS_SEEN = 2, DAY_FADES = 0.5;
/* A trend must stand out of what chance makes of it: four variances halve it. */
static const double CHANCE = 4;
/* Below this nothing is a rate, and ratios mean nothing. */
static const double TINY = 1e-9;

struct sw__forecast_settings sw__forecast_defaults(void)
{
	return (struct sw__forecast_settings){
		.horizon_s = 600, .memory_s = 600, .day_s = 86400, .coverage = 0.95};
}

void sw__forecast_init(struct sw__forecast *f, const struct sw__forecast_settings *settings)
{
	memset(f, 0, sizeof(*f));
	f->settings = *settings;
	f->at_s = f->first_s = f->newest = NAN;
}

static size_t bin_at(const struct sw__forecast *f, double at_s)
{
	double part = fmod(at_s, f->settings.day_s) / f->settings.day_s;

	return (size_t)(fmax(0, part) * SW__DAY_BINS) % SW__DAY_BINS;
}

static bool is_daily(const struct sw__forecast *f)
{
	if (!(f->at_s - f->first_s >= DAYS_SEEN * f->settings.day_s))
		return false;
	for (size_t i = 0; i < SW__DAY_BINS; i++)
		if (!(f->bin_weight[i] > 0))
			return false;
	return true;
}

static double bin_mean(const struct sw__forecast *f, size_t bin)
{
	return f->bin_sum[bin] / f->bin_weight[bin];
}

/* What the time of day multiplies a load with; between the middles of bins along a line. */
static double pattern_at(const struct sw__forecast *f, double at_s)
{
	double mean = 0, part, place, here;
	size_t low;

	if (!is_daily(f))
		return 1;
	for (size_t i = 0; i < SW__DAY_BINS; i++)
		mean += bin_mean(f, i) / SW__DAY_BINS;
	part = fmod(at_s, f->settings.day_s) / f->settings.day_s;
	place = part * SW__DAY_BINS - 0.5 + SW__DAY_BINS;
	low = (size_t)place;
	place -= (double)low;
	here = (1 - place) * bin_mean(f, low % SW__DAY_BINS) +
	       place * bin_mean(f, (low + 1) % SW__DAY_BINS);
	return mean > TINY ? fmax(TINY, here / mean) : 1;
}

/* Seen from a later moment all earlier ones are further back, and count for less. */
static void move_to(struct sw__forecast *f, double at_s)
{
	double by = at_s - f->at_s, fade = exp(-by / f->settings.memory_s);

	if (isnan(f->at_s))
		by = fade = 0;
	f->t2 = fade * (f->t2 - 2 * by * f->t1 + by * by * f->weight);
	f->ty = fade * (f->ty - by * f->y1);
	f->t1 = fade * (f->t1 - by * f->weight);
	f->weight *= fade;
	f->weights_squared *= fade * fade;
	f->y1 *= fade;
	f->y2 *= fade;
	f->at_s = at_s;
}

/* Weighted least squares of a line through what was seen; the trend is drawn to zero by what chance alone would make of it. */
static void line_of(const struct sw__forecast *f, double *level, double *trend)
{
	double mean_t = f->t1 / f->weight, mean_y = f->y1 / f->weight;
	double tt = f->t2 / f->weight - mean_t * mean_t;
	double ty = f->ty / f->weight - mean_t * mean_y;
	double yy = fmax(0, f->y2 / f->weight - mean_y * mean_y);
	double slope = tt > 0 ? ty / tt : 0, values = f->weight * f->weight / f->weights_squared;
	double chance = tt > 0 ? CHANCE * fmax(0, yy - slope * ty) / (values * tt) : 0;

	*trend = slope != 0 ? slope * slope * slope / (slope * slope + chance) : 0;
	*level = mean_y - *trend * mean_t;
}

static double expected_at(const struct sw__forecast *f, double at_s)
{
	double level, trend, memory = f->settings.memory_s * DAMPED;
	double ahead = at_s - f->at_s;

	if (!(f->weight > 0))
		return NAN;
	line_of(f, &level, &trend);
	return fmax(0, level + trend * memory * (1 - exp(-ahead / memory))) * pattern_at(f, at_s);
}

static void check_due(struct sw__forecast *f, double from_s, double to_s, double value)
{
	while (f->n_due > 0 && f->due[f->due_first].at_s <= to_s) {
		const struct sw__forecast_due *d = &f->due[f->due_first];

		/* A moment within a gap of observation was seen by nobody. */
		if (d->at_s > from_s && d->value > TINY)
			f->ratio[f->n_ratios++ % SW__FORECAST_ERRORS] = value / d->value;
		f->due_first = (f->due_first + 1) % SW__FORECAST_WAITING;
		f->n_due--;
	}
}

static void remember(struct sw__forecast *f)
{
	double at = f->at_s + f->settings.horizon_s;

	if (f->n_due == SW__FORECAST_WAITING)
		return;
	f->due[(f->due_first + f->n_due++) % SW__FORECAST_WAITING] =
		(struct sw__forecast_due){at, expected_at(f, at)};
}

static void add_to_day(struct sw__forecast *f, double at_s, double span_s, double value)
{
	size_t bin = bin_at(f, at_s);
	/* Whatever came within this half hour counts alike, and that of the day before half of it. */
	double fade = pow(DAY_FADES, span_s * SW__DAY_BINS / f->settings.day_s);

	f->bin_sum[bin] = fade * f->bin_sum[bin] + span_s * value;
	f->bin_weight[bin] = fade * f->bin_weight[bin] + span_s;
}

void sw__forecast_add(struct sw__forecast *f, double at_s, double span_s, double value)
{
	double plain, middle = at_s - span_s / 2;

	if (!isfinite(value) || value < 0 || !(span_s > 0) || !isfinite(at_s) || at_s <= f->at_s)
		return;
	check_due(f, at_s - span_s, at_s, value);
	if (isnan(f->first_s))
		f->first_s = at_s;
	plain = value / pattern_at(f, middle);
	move_to(f, at_s);
	f->weight += span_s;
	f->weights_squared += span_s * span_s;
	f->y1 += span_s * plain;
	f->y2 += span_s * plain * plain;
	f->t1 += span_s * (middle - at_s);
	f->t2 += span_s * (middle - at_s) * (middle - at_s);
	f->ty += span_s * plain * (middle - at_s);
	f->newest = value;
	add_to_day(f, middle, span_s, value);
	remember(f);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The next of exchangeable ratios lies below the ceil(c (n + 1))-th of n with probability c at the least. */
static double ratio_bound(const struct sw__forecast *f)
{
	double sorted[SW__FORECAST_ERRORS];
	size_t n = f->n_ratios < SW__FORECAST_ERRORS ? f->n_ratios : SW__FORECAST_ERRORS;
	double rank = ceil(f->settings.coverage * ((double)n + 1));

	if (n == 0 || rank > (double)n)
		return NAN;
	memcpy(sorted, f->ratio, n * sizeof(sorted[0]));
	qsort(sorted, n, sizeof(sorted[0]), ascending);
	return sorted[(size_t)rank - 1];
}

struct sw__forecast_value sw__forecast_ahead(const struct sw__forecast *f)
{
	struct sw__forecast_value out = {.expected =
						 expected_at(f, f->at_s + f->settings.horizon_s),
					 .checked = f->n_ratios,
					 .daily = is_daily(f)};

	out.upper = out.expected * ratio_bound(f);
	return out;
}
