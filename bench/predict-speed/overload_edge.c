// SPDX-License-Identifier: Apache-2.0
#include "predict-speed/overload_edge.h"

#include <math.h>

#include "predictor-vs-sim/random_mix.h"

enum { ENGINES_MAX = 4, HALVINGS = 24, BANDS = 5 };

static const double FACTOR_MOST = 64;
/* Of the rates at the edge, how far from it. */
static const double bands[BANDS] = {1e-4, 3e-4, 1e-3, 3e-3, 1e-2};

struct asked {
	enum sw_mechanism mechanism;
	size_t n;
	double rate[SW_TENANTS_MAX]; /* NAN in a closed loop */
	sw_prepared *prepared[SW_TENANTS_MAX];
};

static void set_rates(struct asked *a, double factor)
{
	for (size_t i = 0; i < a->n; i++) {
		if (!isnan(a->rate[i]))
			sw_prepared_set_rate(a->prepared[i], factor * a->rate[i]);
	}
}

/* Bit i: engine i is overloaded. */
static unsigned overloads(const struct sw_prediction *predictions, size_t n)
{
	unsigned set = 0;

	for (size_t i = 0; i < n; i++)
		set |= predictions[i].binds == SW_BINDS_OVERLOAD ? 1U << i : 0;
	return set;
}

static unsigned exactly(struct asked *a, double factor)
{
	struct sw_prediction out[SW_TENANTS_MAX];

	set_rates(a, factor);
	sw_predict(a->mechanism, (const sw_prepared *const *)a->prepared, a->n, out);
	return overloads(out, a->n);
}

static enum sw_status from_tables(struct asked *a, double factor, unsigned *set,
				  struct sw_error *err)
{
	sw_tabled *tabled[SW_TENANTS_MAX] = {NULL};
	struct sw_prediction out[SW_TENANTS_MAX];
	enum sw_status st = SW_OK;

	set_rates(a, factor);
	for (size_t i = 0; i < a->n && st == SW_OK; i++)
		st = sw_tabled_make(a->mechanism, a->prepared[i], &tabled[i], err);
	if (st == SW_OK) {
		sw_predict_tabled(a->mechanism, (const sw_tabled *const *)tabled, a->n, out);
		*set = overloads(out, a->n);
	}
	for (size_t i = 0; i < a->n; i++)
		sw_tabled_free(tabled[i]);
	return st;
}

/* The factor on all rates beyond which somebody is overloaded; NAN: at none that is tried. */
static double edge(struct asked *a)
{
	double served = 1, over = FACTOR_MOST;

	if (exactly(a, served) != 0 || exactly(a, over) == 0)
		return NAN;
	for (int i = 0; i < HALVINGS; i++) {
		double middle = sqrt(served * over);

		*(exactly(a, middle) == 0 ? &served : &over) = middle;
	}
	return over;
}

/* Asks below and above the edge of one mix, and counts where the two differ. */
static enum sw_status ask(struct asked *a, unsigned *differ, unsigned *n, struct sw_error *err)
{
	double at = edge(a);
	enum sw_status st = SW_OK;

	for (int i = 0; !isnan(at) && i < 2 * BANDS && st == SW_OK; i++) {
		double factor = at * (1 + (i % 2 ? 1 : -1) * bands[i / 2]);
		unsigned set = 0;

		st = from_tables(a, factor, &set, err);
		differ[i / 2] += set != exactly(a, factor);
	}
	*n += !isnan(at);
	return st;
}

static enum sw_status ask_mix(const struct sw_mix *mix, unsigned *differ, unsigned *n,
			      struct sw_error *err)
{
	struct asked a = {.mechanism = mix->mechanism, .n = mix->n};
	sw_calibration *calibration = NULL;
	enum sw_status st = sw_calibration_open(&mix->gpu, NULL, &calibration, err);

	for (size_t i = 0; i < mix->n && st == SW_OK; i++) {
		a.rate[i] = mix->tenants[i].load.rate;
		st = sw_prepare(calibration, &mix->gpu, &mix->tenants[i], &a.prepared[i], err);
	}
	if (st == SW_OK)
		st = ask(&a, differ, n, err);
	for (size_t i = 0; i < mix->n; i++)
		sw_prepared_free(a.prepared[i]);
	sw_calibration_free(calibration);
	return st;
}

static enum sw_status ask_mechanism(const sw_catalog *catalog, enum sw_mechanism mechanism,
				    unsigned mixes, struct figures *figures, struct sw_error *err)
{
	unsigned differ[BANDS] = {0}, n = 0;
	enum sw_status st = SW_OK;

	for (unsigned index = 0; n < mixes && index < 4 * mixes && st == SW_OK; index++) {
		struct random_mix mix;

		if (index % ENGINES_MAX != 0 && random_mix_draw(catalog, mechanism, index, &mix))
			st = ask_mix(&mix.made.mix, differ, &n, err);
	}
	for (int b = 0; b < BANDS && n > 0; b++) {
		char row[64];

		(void)snprintf(row, sizeof(row), "%s %g away", sw_mechanism_name(mechanism),
			       bands[b]);
		figures_at_most(figures, row, "differ", differ[b] / (2.0 * n), NAN);
	}
	return st;
}

enum sw_status overload_edge_section(const sw_catalog *catalog, unsigned mixes,
				     struct figures *figures, struct sw_error *err)
{
	static const enum sw_mechanism mechanisms[] = {SW_MPS, SW_TIMESLICE, SW_HAMI};
	enum sw_status st = SW_OK;

	figures_section(
		figures, "edge",
		"Rates of a mix together so far (relative) from where sw_predict() first has "
		"an engine overloaded, below and above:\n"
		"part of the mixes in which tables say another thing of any of the engines.");
	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]) && st == SW_OK; i++)
		st = ask_mechanism(catalog, mechanisms[i], mixes, figures, err);
	return st;
}
