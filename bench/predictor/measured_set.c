// SPDX-License-Identifier: Apache-2.0
#include "predictor/measured_set.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

enum { MODELS_MAX = 64, MIXES_MAX = 4096 };

const char *const target_names[BENCH_TARGETS] = {"TTFT mean", "TPOT mean", "TTFT p95", "TPOT p95"};
const char *const target_ids[BENCH_TARGETS] = {"ttft_mean", "tpot_mean", "ttft_p95", "tpot_p95"};

static const struct {
	enum sw_metric metric;
	enum sw_statistic statistic;
} targets[BENCH_TARGETS] = {
	{SW_TTFT, SW_MEAN}, {SW_TPOT, SW_MEAN}, {SW_TTFT, SW_P95}, {SW_TPOT, SW_P95}};

enum sw_metric target_metric(int target)
{
	return targets[target].metric;
}

enum sw_statistic target_statistic(int target)
{
	return targets[target].statistic;
}

double target_measured(const struct sw_measured *measured, int target)
{
	return measured->ms[target_metric(target)][target_statistic(target)];
}

double target_predicted(const struct sw_prediction *prediction, int target)
{
	return prediction->latency[target_metric(target)].at[target_statistic(target)];
}

double target_bound(const struct sw_prediction *prediction, int target)
{
	return prediction->latency[target_metric(target)].hi[target_statistic(target)];
}

double measured_mean(const struct measured_mix *mix, size_t repeats, size_t engine, int target)
{
	double sum = 0;

	for (size_t r = 0; r < repeats; r++)
		sum += target_measured(&mix->run[r].measured[engine], target);
	return sum / (double)repeats;
}

/* Runs that failed are not asked for, so those of an experiment stand in one row. */
static void add_mix(const struct sw_run *run, size_t repeats, struct measured_set *set)
{
	struct measured_mix *m = &set->at[set->n];

	if (run->mix->n > BENCH_ENGINES_MAX)
		return;
	set->n++;
	set->mechanism = run->mix->mechanism;
	*m = (struct measured_mix){.mix = run->mix,
				   .run = run,
				   .repeats = repeats < BENCH_REPEATS_MAX ? repeats
									  : BENCH_REPEATS_MAX};
	for (size_t i = 0; i < m->mix->n; i++)
		for (int t = 0; t < BENCH_TARGETS; t++)
			m->mean[i][t] = measured_mean(m, m->repeats, i, t);
}

static void gather(struct measured_set *set)
{
	size_t n;

	for (size_t i = 0; i < set->runs.n; i += n) {
		const struct sw_run *run = &set->runs.run[i];

		for (n = 1; i + n < set->runs.n && strcmp(run[n].experiment, run->experiment) == 0;)
			n++;
		add_mix(run, n, set);
	}
}

static void count_models(struct measured_set *set)
{
	const char *seen[MODELS_MAX] = {""};
	size_t n = 0;

	for (size_t i = 0; i < set->runs.n; i++)
		for (size_t k = 0; k < set->runs.run[i].mix->n; k++) {
			const char *id = set->runs.run[i].mix->tenants[k].model.id;
			size_t at = 0;

			while (at < n && strcmp(seen[at], id) != 0)
				at++;
			if (at == n && n < MODELS_MAX)
				seen[n++] = id;
		}
	set->n_models = n;
}

/* Each size of mix is shuffled and dealt on its own, so that every fold has as many of each. */
static void deal_folds(struct measured_set *set)
{
	struct sw__random random = sw__random_make(1, 0);

	for (size_t size = 1; size <= BENCH_ENGINES_MAX; size++) {
		size_t of[MIXES_MAX] = {0}, n = 0;

		for (size_t i = 0; i < set->n && n < MIXES_MAX; i++)
			if (set->at[i].mix && set->at[i].mix->n == size)
				of[n++] = i;
		for (size_t i = n; i > 1; i--) {
			size_t k = (size_t)sw__random_below(&random, i), was = of[k];

			of[k] = of[i - 1];
			of[i - 1] = was;
		}
		for (size_t i = 0; i < n; i++)
			set->at[of[i]].fold = (unsigned)(i % BENCH_FOLDS);
	}
}

static enum sw_status read_runs(const sw_catalog *catalog, const char *path, struct sw_runs *out,
				struct sw_error *err)
{
	struct sw_run_filter filter = {.without_failed = true};
	sw_dataset *dataset;
	enum sw_status st = sw_dataset_open(path, SW_DATASET_READ, &dataset, err);

	if (st != SW_OK)
		return st;
	st = sw_dataset_runs(dataset, catalog, &filter, out, err);
	sw_dataset_close(dataset);
	return st;
}

bool measured_set_read(const sw_catalog *catalog, const char *path, const char *name,
		       struct measured_set *out)
{
	struct sw_error err = {0};

	*out = (struct measured_set){.name = name};
	if (read_runs(catalog, path, &out->runs, &err) != SW_OK) {
		(void)fprintf(stderr, "%s\n", err.message);
		return false;
	}
	out->at = calloc(out->runs.n + 1, sizeof(*out->at));
	if (!out->at)
		return false;
	gather(out);
	count_models(out);
	deal_folds(out);
	return out->n > 0;
}

void measured_set_clear(struct measured_set *set)
{
	sw_runs_clear(&set->runs);
	free(set->at);
	*set = (struct measured_set){0};
}

/* A deviation of so few values is too small in the mean, by this factor. */
static double too_small(size_t values)
{
	static const double factor[BENCH_REPEATS_MAX + 1] = {1, 1, 0.7979, 0.8862, 0.9213};

	return factor[values];
}

double measured_chance(const struct measured_set *set, int target)
{
	double sum = 0, n = 0;

	for (size_t i = 0; i < set->n; i++) {
		const struct measured_mix *m = &set->at[i];
		double repeats = (double)m->repeats;

		for (size_t k = 0; k < m->mix->n && m->repeats > 1; k++) {
			double squares = 0;

			if (!isfinite(m->mean[k][target]))
				continue;
			for (size_t r = 0; r < m->repeats; r++) {
				double x = target_measured(&m->run[r].measured[k], target);

				squares += pow(x / m->mean[k][target] - 1, 2);
			}
			/* The mean absolute value of a normal variable of this deviation. */
			sum += sqrt(2 / acos(-1) * squares / (repeats - 1) / repeats) /
			       too_small(m->repeats);
			n++;
		}
	}
	return n > 0 ? sum / n : NAN;
}
