// SPDX-License-Identifier: Apache-2.0
#include "predict-speed/agreement.h"

#include <math.h>
#include <stdlib.h>

#include "math/ordered.h"
#include "predictor-vs-sim/random_mix.h"

enum {
	ENGINES_MAX = 4,
	NUMBERS = SW_METRIC_COUNT * (2 * SW_STATISTIC_COUNT + 1), /* of latency, an engine */
	MEDIAN = 500,
	P95 = 950,
	P99 = 990
};

/* What the tables are to stay within away from saturation, relative. */
static const double median_most = 0.005, p95_most = 0.03;
/* Of what an engine sustains beside its neighbours; beyond it everything small is multiplied. */
static const double away = 0.8;

/* Relative differences, and how often the two say another thing altogether. */
struct differences {
	double *value;
	size_t n, room;
	unsigned engines, overloads, overload_differs, binds_differs, bounds, bound_differs;
};

static const double *latency_numbers(const struct sw_prediction *p, double *out)
{
	size_t n = 0;

	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		const struct sw_latency *l = &p->latency[m];

		for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
			out[n++] = l->at[s];
			out[n++] = l->hi[s];
		}
		out[n++] = l->lo;
	}
	return out;
}

static void add_engine(const struct sw_prediction *table, const struct sw_prediction *exact,
		       struct differences *d)
{
	bool over = exact->binds == SW_BINDS_OVERLOAD;
	double a[NUMBERS], b[NUMBERS];

	d->engines++;
	d->overloads += over;
	d->binds_differs += table->binds != exact->binds;
	if (over != (table->binds == SW_BINDS_OVERLOAD)) {
		d->overload_differs++;
		return;
	}
	(void)latency_numbers(table, a);
	(void)latency_numbers(exact, b);
	for (int i = 0; i < NUMBERS; i++) {
		if (isfinite(a[i]) && isfinite(b[i]) && d->n < d->room)
			d->value[d->n++] = fabs(a[i] / b[i] - 1);
		d->bounds += !isnan(b[i]);
		d->bound_differs += isfinite(a[i]) != isfinite(b[i]);
	}
}

/* Both predictions of a mix. */
static enum sw_status predict_both(const struct sw_mix *mix, struct sw_prediction *table,
				   struct sw_prediction *exact, struct sw_error *err)
{
	sw_prepared *prepared[SW_TENANTS_MAX] = {NULL};
	sw_tabled *tabled[SW_TENANTS_MAX] = {NULL};
	sw_calibration *calibration = NULL;
	enum sw_status st = sw_calibration_open(&mix->gpu, NULL, &calibration, err);

	for (size_t i = 0; i < mix->n && st == SW_OK; i++) {
		st = sw_prepare(calibration, &mix->gpu, &mix->tenants[i], &prepared[i], err);
		if (st == SW_OK)
			st = sw_tabled_make(mix->mechanism, prepared[i], &tabled[i], err);
	}
	if (st == SW_OK) {
		sw_predict(mix->mechanism, (const sw_prepared *const *)prepared, mix->n, exact);
		sw_predict_tabled(mix->mechanism, (const sw_tabled *const *)tabled, mix->n, table);
	}
	for (size_t i = 0; i < mix->n; i++) {
		sw_tabled_free(tabled[i]);
		sw_prepared_free(prepared[i]);
	}
	sw_calibration_free(calibration);
	return st;
}

static void say(const char *mechanism, const char *which, struct differences *d, bool limits,
		struct figures *figures)
{
	static const struct {
		const char *name;
		int thousandth;
		const double *most;
	} rows[] = {{"median", MEDIAN, &median_most}, {"p95", P95, &p95_most}, {"p99", P99, NULL}};
	char row[64];

	qsort(d->value, d->n, sizeof(*d->value), sw__ascending);
	figures_say(figures,
		    "%s, %s: %u engines, %u overloaded; differs: overload %u, binds %u, "
		    "infinite bounds %u of %u numbers",
		    mechanism, which, d->engines, d->overloads, d->overload_differs,
		    d->binds_differs, d->bound_differs, d->bounds);
	(void)snprintf(row, sizeof(row), "%s %s", mechanism, which);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && d->n > 0; i++)
		figures_at_most(figures, row, rows[i].name,
				sw__sorted_quantile(d->value, d->n, rows[i].thousandth / 1000.0),
				limits && rows[i].most ? *rows[i].most : NAN);
}

static enum sw_status compare(const sw_catalog *catalog, enum sw_mechanism mechanism,
			      unsigned mixes, struct differences *calm, struct differences *busy,
			      struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (unsigned index = 0, n = 0; n < mixes && st == SW_OK; index++) {
		struct sw_prediction table[SW_TENANTS_MAX], exact[SW_TENANTS_MAX];
		struct random_mix mix;

		/* Nobody touches an engine alone. */
		if (index % ENGINES_MAX == 0 || !random_mix_draw(catalog, mechanism, index, &mix))
			continue;
		n++;
		st = predict_both(&mix.made.mix, table, exact, err);
		for (size_t i = 0; i < mix.made.mix.n && st == SW_OK; i++)
			add_engine(&table[i], &exact[i], mix.load <= away ? calm : busy);
	}
	return st;
}

static enum sw_status compare_mechanism(const sw_catalog *catalog, enum sw_mechanism mechanism,
					unsigned mixes, struct figures *figures,
					struct sw_error *err)
{
	size_t room = (size_t)mixes * ENGINES_MAX * NUMBERS;
	struct differences calm = {.value = calloc(room, sizeof(double)), .room = room};
	struct differences busy = {.value = calloc(room, sizeof(double)), .room = room};
	enum sw_status st = SW_NO_MEMORY;

	if (calm.value && busy.value)
		st = compare(catalog, mechanism, mixes, &calm, &busy, err);
	if (st == SW_OK) {
		say(sw_mechanism_name(mechanism), "calm", &calm, true, figures);
		say(sw_mechanism_name(mechanism), "busy", &busy, false, figures);
	}
	free(calm.value);
	free(busy.value);
	return st;
}

enum sw_status agreement_section(const sw_catalog *catalog, unsigned mixes, struct figures *figures,
				 struct sw_error *err)
{
	static const enum sw_mechanism mechanisms[] = {SW_MPS, SW_TIMESLICE, SW_HAMI};
	enum sw_status st = SW_OK;

	figures_section(
		figures, "agreement",
		"Latencies and their bounds from tables against sw_predict(): relative "
		"differences. Random mixes of 2 to 4 engines;\n"
		"calm: up to 0.8 of what is sustained; busy: up to 0.9, and one in two 1.2 of it.");
	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]) && st == SW_OK; i++)
		st = compare_mechanism(catalog, mechanisms[i], mixes, figures, err);
	return st;
}
