// SPDX-License-Identifier: Apache-2.0
#include "shipped-fit/judged.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "predict/fit_known.h"
#include "predict/predict_mix.h"
#include "slicewise/catalog.h"

static const enum sw_mechanism mechanisms[] = {SW_EXCLUSIVE, SW_MPS, SW_TIMESLICE, SW_HAMI, SW_MIG};
enum { MECHANISMS = sizeof(mechanisms) / sizeof(mechanisms[0]) };

static const char *const latencies[SW_METRIC_COUNT][SW_STATISTIC_COUNT] = {
	{"TTFT mean", "TTFT p50", "TTFT p95", "TTFT p99"},
	{"TPOT mean", "TPOT p50", "TPOT p95", "TPOT p99"},
};

static size_t engines_of(const struct sw_runs *runs)
{
	size_t n = 0;

	for (size_t i = 0; i < runs->n; i++)
		n += runs->run[i].mix->n;
	return n;
}

/* Runs are predicted by two at a time, each into rows of its own. */
struct court {
	const struct sw_runs *runs;
	const sw_fit *fit;
	struct judged *rows;
	size_t *first; /* row of each run */
	atomic_size_t next;
	atomic_int status;
};

/* No engine of the run was offered more than it sustains there. */
static bool is_sustained(const struct sw_run *run)
{
	for (size_t t = 0; t < run->mix->n; t++)
		if (isnan(run->measured[t].ms[SW_TTFT][SW_MEAN]))
			return false;
	return true;
}

static void judge_run(struct court *c, size_t i)
{
	const struct sw_run *run = &c->runs->run[i];
	struct sw_prediction predictions[SW_TENANTS_MAX], quick[SW_TENANTS_MAX];
	enum sw_status st = sw__predict_calibrated(run->mix, c->fit, NULL, predictions, NULL);

	if (st == SW_OK)
		st = sw_predict_quick(run->mix, c->fit, quick, NULL);

	if (st != SW_OK)
		atomic_store(&c->status, (int)st);
	for (size_t t = 0; t < run->mix->n && st == SW_OK; t++)
		c->rows[c->first[i] + t] = (struct judged){
			.mechanism = run->mix->mechanism,
			.mix = i,
			.n = run->mix->n,
			.sustained = is_sustained(run),
			.measured = run->measured[t],
			.predicted = predictions[t],
			.quick = quick[t],
			.held = sw__bound_kind(&run->mix->tenants[t]) == SW__BOUND_HELD,
		};
}

static void *sit(void *context)
{
	struct court *c = context;
	size_t i;

	while ((i = atomic_fetch_add(&c->next, 1)) < c->runs->n)
		judge_run(c, i);
	return NULL;
}

enum sw_status judge(const struct sw_runs *runs, const sw_fit *fit, struct judged **rows, size_t *n,
		     struct sw_error *err)
{
	struct court c = {.runs = runs, .fit = fit};
	pthread_t second;

	*n = engines_of(runs);
	c.rows = *rows = calloc(*n + 1, sizeof(**rows));
	c.first = calloc(runs->n + 1, sizeof(*c.first));
	if (!c.rows || !c.first)
		abort();
	for (size_t i = 0; i < runs->n; i++)
		c.first[i + 1] = c.first[i] + runs->run[i].mix->n;
	if (pthread_create(&second, NULL, sit, &c) != 0)
		abort();
	(void)sit(&c);
	(void)pthread_join(second, NULL);
	free(c.first);
	if (atomic_load(&c.status) != SW_OK)
		(void)snprintf(err->message, sizeof(err->message), "a run cannot be predicted");
	return (enum sw_status)atomic_load(&c.status);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Errors of one latency under one mechanism; the number of them. */
static size_t collect(const struct judged *rows, size_t n, enum sw_mechanism mechanism, int m,
		      int s, double *out)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		double error = rows[i].predicted.latency[m].at[s] / rows[i].measured.ms[m][s] - 1;

		if (rows[i].mechanism == mechanism && rows[i].sustained && isfinite(error))
			out[found++] = error;
	}
	return found;
}

/* What means of engines that share a GPU are meant to reach, of all and of all but a twentieth. */
static const double MAPE_LIMIT = 0.06, P95_LIMIT = 0.15;

static const char *verdict(bool limited, double mape, double p95)
{
	if (!limited)
		return "";
	return mape <= MAPE_LIMIT && p95 <= P95_LIMIT ? "   held" : "   MISSED";
}

static void print_error(const char *mechanism, const char *latency, double *errors, size_t n,
			bool limited, FILE *out)
{
	double sum = 0, bias = 0, p95;

	for (size_t i = 0; i < n; i++) {
		bias += errors[i];
		errors[i] = fabs(errors[i]);
		sum += errors[i];
	}
	qsort(errors, n, sizeof(*errors), by_value);
	p95 = errors[(size_t)(0.95 * (double)(n - 1))];
	(void)fprintf(out, "  %-10s %-10s %6zu   %5.1f  %5.1f  %5.1f  %+5.1f%s\n", mechanism,
		      latency, n, 100 * sum / (double)n, 100 * errors[n / 2], 100 * p95,
		      100 * bias / (double)n, verdict(limited, sum / (double)n, p95));
}

static bool is_limited(enum sw_mechanism mechanism)
{
	return mechanism == SW_MPS || mechanism == SW_TIMESLICE || mechanism == SW_HAMI;
}

void judged_errors(const struct judged *rows, size_t n, FILE *out)
{
	double *errors = calloc(n + 1, sizeof(*errors));

	(void)fputs("  mechanism  latency    engines   MAPE median    p95   bias, per cent; meant "
		    "to be at "
		    "most 6, p95 15\n",
		    out);
	for (int k = 0; errors && k < MECHANISMS; k++)
		for (int m = 0; m < SW_METRIC_COUNT; m++)
			for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
				size_t found = collect(rows, n, mechanisms[k], m, s, errors);

				if (found)
					print_error(sw_mechanism_name(mechanisms[k]),
						    latencies[m][s], errors, found,
						    s == SW_MEAN && is_limited(mechanisms[k]), out);
			}
	free(errors);
}

size_t judged_overloaded(const struct judged *rows, size_t n)
{
	size_t mixes = 0;

	for (size_t i = 0; i < n; i++)
		mixes += !rows[i].sustained && (i == 0 || rows[i].mix != rows[i - 1].mix);
	return mixes;
}

size_t judged_falsely(const struct judged *rows, size_t n)
{
	size_t engines = 0;

	for (size_t i = 0; i < n; i++)
		engines +=
			rows[i].sustained && isnan(rows[i].predicted.latency[SW_TTFT].at[SW_MEAN]);
	return engines;
}

/* The significance at which a bound is said not to hold. */
static const double REFUSED = 0.01;

/* How likely so many or so few as `held` of `n` are, if each holds with 0.95. */
static double two_sided(size_t held, size_t n)
{
	double below = gsl_cdf_binomial_P((unsigned)held, 0.95, (unsigned)n);
	double above = held ? gsl_cdf_binomial_Q((unsigned)held - 1, 0.95, (unsigned)n) : 1;
	double p = 2 * fmin(below, above);

	return p < 1 ? p : 1;
}

/* Engines of one mix are not independent: one of each counts, another one in each mix. */
static bool is_counted(const struct judged *rows, size_t i)
{
	size_t first = i;

	while (first > 0 && rows[first - 1].mix == rows[i].mix)
		first--;
	return i - first == rows[i].mix % rows[i].n;
}

/* Of which rows: `mechanism` of any below 0. */
struct lot {
	const char *name;
	int mechanism;
	bool held;
};

static const struct lot lots[] = {
	{"exclusive", SW_EXCLUSIVE, false},
	{"mps", SW_MPS, false},
	{"timeslice", SW_TIMESLICE, false},
	{"hami", SW_HAMI, false},
	{"hami held", SW_HAMI, true},
	{"mig", SW_MIG, false},
	{"all", -1, false},
};

static bool is_of(const struct judged *row, const struct lot *lot)
{
	return lot->mechanism < 0 ||
	       ((int)row->mechanism == lot->mechanism && row->held == lot->held);
}

static void print_coverage(const struct judged *rows, size_t n, bool quick, const struct lot *lot,
			   int m, int s, double *widths, FILE *out)
{
	size_t all = 0, held = 0, infinite = 0;

	for (size_t i = 0; i < n; i++) {
		const struct sw_latency *l =
			&(quick ? rows[i].quick : rows[i].predicted).latency[m];
		double measured = rows[i].measured.ms[m][s];

		if (!is_of(&rows[i], lot) || !is_counted(rows, i) || isnan(measured) ||
		    isnan(l->at[s]))
			continue;
		infinite += isinf(l->hi[s]) != 0;
		held += measured <= l->hi[s];
		widths[all++] = l->hi[s] / l->at[s] - 1;
	}
	if (all == 0)
		return;
	qsort(widths, all, sizeof(*widths), by_value);
	(void)fprintf(out, "  %-10s %-10s %6zu   %5.1f  %7.3f   %5.0f  %5.1f%s\n", lot->name,
		      latencies[m][s], all, 100 * (double)held / (double)all, two_sided(held, all),
		      100 * widths[all / 2], 100 * (double)infinite / (double)all,
		      two_sided(held, all) < REFUSED ? "   REFUSED" : "");
}

void judged_coverage(const struct judged *rows, size_t n, bool quick, FILE *out)
{
	double *widths = calloc(n + 1, sizeof(*widths));

	(void)fputs("  mechanism  latency      mixes  held %  p-value  width %  infinite %\n", out);
	for (size_t k = 0; widths && k < sizeof(lots) / sizeof(lots[0]); k++)
		for (int m = 0; m < SW_METRIC_COUNT; m++)
			for (int s = 0; s < SW_STATISTIC_COUNT; s++)
				print_coverage(rows, n, quick, &lots[k], m, s, widths, out);
	free(widths);
}
