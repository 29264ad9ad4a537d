// SPDX-License-Identifier: Apache-2.0
#include "gemm_fit.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "evolution.h"
#include "habits_fit.h"

/* A fitted field, where its search starts, and the range that physics or the datasheet leaves it. Searched by ratio. */
struct parameter {
	size_t offset;
	double start;
	double low;
	double high;
};

#define FIELD(field) offsetof(struct sw__gemm_cal, field)

static const struct parameter parameters[] = {
	{FIELD(launch_us), 1.9, 0.3, 4},
	{FIELD(tensor_efficiency), 0.95, 0.5,
	 1.2}, /* above 1: clocks above those of the datasheet's peak */
	{FIELD(tile_half), 1, 0.1, 80},
	{FIELD(k_cycles), 6.5, 0.3, 30},
	{FIELD(lone_cta), 0.4, 0.01, 3},
	{FIELD(pipeline_k), 70, 8, 500},
	{FIELD(tile_cycles), 150, 8, 8000},
	{FIELD(epilogue_cycles), 600, 8, 8000},
	{FIELD(wave_rigidity), 0.6, 0.005, 1},
	{FIELD(l2_efficiency), 0.35, 0.05, 2},
	{FIELD(l2_reach), 0.85, 0.2, 1.2},
	{FIELD(dram_efficiency), 0.85, 0.5, 1},
	{FIELD(write_cost), 0.5, 0.05, 3},
	{FIELD(write_exposed), 0.3, 0.01, 1.5},
	{FIELD(split_k), 1000, 64, 8000},
	{FIELD(split_aspect), 1.5, 0.05, 8},
	{FIELD(split_area), 20000, 1000, 1e8},
	{FIELD(split_rows), 4000, 200, 100000},
	{FIELD(split_spread), 0.3, 0.01, 3},
	{FIELD(split_fill), 2, 0.3, 4},
	{FIELD(split_us), 1.3, 0.1, 8},
	{FIELD(split_part_cycles), 60, 1, 500},
	{FIELD(split_traffic), 0.8, 0.02, 10},
	{FIELD(throttle), 0.1, 0.001, 1.5},
	{FIELD(throttle_us), 100, 20, 5000},
};
enum { n_parameters = sizeof(parameters) / sizeof(parameters[0]) };

/* Acts on products of one row alone, so that it is searched on all of them, after the others. */
static const struct parameter vector_latency = {FIELD(vector_latency), 0.1, 0.01, 3};
static const int vector_steps = 60;

/* cuBLAS from some release on leaves small products whole; the bound is a power of 2 to the row. */
static const double split_volumes[] = {0, 0x1p21};
static const double bandwidth_knee =
	0; /* all of the bandwidth from any share: nothing is known from these rows */

static const size_t sample_rows = 2000;
static const double error_knee = 0.05; /* relative error below which a row pulls less: noise */

/* A wide search on part of the sample finds the valley; restarts on all of it leave those that steps closed. */
static const struct search {
	double sigma;
	size_t population;
	size_t evaluations;
} exploring = {0.25, 40, 24000}, refining[] = {{0.1, 30, 14000}, {0.05, 20, 14000}},
  beside_habits = {0.05, 20, 10000};
static const size_t explored_rows = 800;

struct fit {
	const struct sw__gemm_row *rows;
	size_t n;
	const struct sw__device *dev;
	struct sw__gemm_cal cal;
};

static double *field_of(struct sw__gemm_cal *cal, const struct parameter *parameter)
{
	return (double *)(void *)((char *)cal + parameter->offset);
}

static void set_cal(struct sw__gemm_cal *cal, const double *x)
{
	for (size_t i = 0; i < n_parameters; i++) {
		const struct parameter *p = &parameters[i];

		*field_of(cal, p) = p->low * pow(p->high / p->low, x[i]);
	}
}

static void get_cal(struct sw__gemm_cal *cal, double *x)
{
	for (size_t i = 0; i < n_parameters; i++) {
		const struct parameter *p = &parameters[i];
		double value = *field_of(cal, p);

		x[i] = fmin(fmax(log(value / p->low) / log(p->high / p->low), 0), 1);
	}
}

static double row_loss(const struct fit *fit, const struct sw__gemm_row *row)
{
	double e = sw__gemm(&fit->cal, fit->dev, &row->shape).us / row->us - 1;

	return sqrt(e * e + error_knee * error_knee) - error_knee;
}

static double loss(const double *x, void *data)
{
	struct fit *fit = data;
	double sum = 0;

	set_cal(&fit->cal, x);
	for (size_t i = 0; i < fit->n; i++)
		sum += row_loss(fit, &fit->rows[i]);
	return sum / (double)fit->n;
}

static void search_vector_latency(struct fit *fit)
{
	double *value = field_of(&fit->cal, &vector_latency), best = *value, least = INFINITY;

	for (int step = 0; step <= vector_steps; step++) {
		double sum = 0;

		*value = vector_latency.low *
			 pow(vector_latency.high / vector_latency.low, step / (double)vector_steps);
		for (size_t i = 0; i < fit->n; i++)
			sum += fit->rows[i].shape.m < 2 ? row_loss(fit, &fit->rows[i]) : 0;
		if (sum < least) {
			least = sum;
			best = *value;
		}
	}
	*value = best;
}

static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u; /* splitmix64's finaliser */
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

static uint64_t shape_hash(const struct sw__gemm_shape *shape)
{
	return mix((uint64_t)shape->m + mix((uint64_t)shape->n + mix((uint64_t)shape->k)));
}

size_t sw__gemm_fold(const struct sw__gemm_shape *shape, size_t folds)
{
	return (size_t)(shape_hash(shape) % folds);
}

size_t sw__gemm_pair_fold(const struct sw__gemm_shape *shape, size_t folds)
{
	return (size_t)(mix((uint64_t)shape->n + mix((uint64_t)shape->k)) % folds);
}

static int by_hash(const void *a, const void *b)
{
	uint64_t x = mix(shape_hash(&((const struct sw__gemm_row *)a)->shape));
	uint64_t y = mix(shape_hash(&((const struct sw__gemm_row *)b)->shape));

	return (x > y) - (x < y);
}

static enum sw_status check(const struct sw__gemm_row *rows, size_t n, struct sw_error *err)
{
	if (n < n_parameters)
		return sw_fail(err, SW_BAD_INPUT, "%zu rows for %d parameters", n, n_parameters);
	for (size_t i = 0; i < n; i++)
		if (!(rows[i].us > 0 && isfinite(rows[i].us)))
			return sw_fail(err, SW_BAD_INPUT, "row %zu takes %g us", i, rows[i].us);
	return SW_OK;
}

static enum sw_status evolve(struct fit *fit, const struct search *settings, double *x,
			     double *value, struct sw_error *err)
{
	struct sw__evolution search = {.n = n_parameters,
				       .value = loss,
				       .data = fit,
				       .sigma = settings->sigma,
				       .population = settings->population,
				       .evaluations = settings->evaluations};

	return sw__evolve(&search, x, value, err);
}

/* Every split_volume from the same start; the best one's point in x. */
static enum sw_status explore(struct fit *fit, double *x, struct sw_error *err)
{
	double from[n_parameters], at[n_parameters], best = INFINITY, volume = 0;

	memcpy(from, x, sizeof(from));
	for (size_t i = 0; i < sizeof(split_volumes) / sizeof(split_volumes[0]); i++) {
		double value;
		enum sw_status st;

		fit->cal.split_volume = split_volumes[i];
		memcpy(at, from, sizeof(at));
		st = evolve(fit, &exploring, at, &value, err);
		if (st != SW_OK)
			return st;
		if (value < best) {
			best = value;
			volume = split_volumes[i];
			memcpy(x, at, sizeof(at));
		}
	}
	fit->cal.split_volume = volume;
	return SW_OK;
}

static enum sw_status refine(struct fit *fit, double *x, struct sw_error *err)
{
	for (size_t i = 0; i < sizeof(refining) / sizeof(refining[0]); i++) {
		double value;
		enum sw_status st = evolve(fit, &refining[i], x, &value, err);

		if (st != SW_OK)
			return st;
	}
	return SW_OK;
}

void sw__gemm_start(struct sw__gemm_cal *cal)
{
	*cal = (struct sw__gemm_cal){.bandwidth_knee = bandwidth_knee,
				     .vector_latency = vector_latency.start};
	for (size_t i = 0; i < n_parameters; i++)
		*field_of(cal, &parameters[i]) = parameters[i].start;
}

/* All rows for what few of the sample speak of: products of one row, and the habits. */
static enum sw_status finish(struct fit *fit, const double *x, size_t n, struct sw_error *err)
{
	set_cal(&fit->cal, x);
	fit->n = n;
	search_vector_latency(fit);
	return sw__fit_habits(fit->rows, n, fit->dev, &fit->cal, err);
}

/* The formula alone, its habits, the formula again beside them (it need no longer bend towards what they say), and its
 * habits then. */
static enum sw_status fit_sorted(struct fit *fit, size_t n, struct sw_error *err)
{
	double x[n_parameters], value;
	enum sw_status st;

	get_cal(&fit->cal, x);
	memset(fit->cal.habits, 0, sizeof(fit->cal.habits));
	fit->n = n < explored_rows ? n : explored_rows;
	st = explore(fit, x, err);
	fit->n = n < sample_rows ? n : sample_rows;
	if (st == SW_OK)
		st = refine(fit, x, err);
	if (st == SW_OK)
		st = finish(fit, x, n, err);
	fit->n = n < sample_rows ? n : sample_rows;
	if (st == SW_OK)
		st = evolve(fit, &beside_habits, x, &value, err);
	return st == SW_OK ? finish(fit, x, n, err) : st;
}

enum sw_status sw__fit_gemm(const struct sw__gemm_row *rows, size_t n, const struct sw__device *dev,
			    struct sw__gemm_cal *cal, struct sw__gemm_errors *errors,
			    struct sw_error *err)
{
	enum sw_status st = check(rows, n, err);
	struct sw__gemm_row *sample;
	struct fit fit = {.dev = dev, .cal = *cal};

	if (st != SW_OK)
		return st;
	sample = malloc(n * sizeof(*sample));
	if (!sample)
		return sw_fail(err, SW_NO_MEMORY, "%zu rows", n);
	memcpy(sample, rows, n * sizeof(*sample));
	qsort(sample, n, sizeof(*sample), by_hash);
	fit.rows = sample;
	st = fit_sorted(&fit, n, err);
	free(sample);
	if (st != SW_OK)
		return st;
	*cal = fit.cal;
	return errors ? sw__gemm_errors(rows, n, dev, cal, errors, err) : SW_OK;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

enum sw_status sw__gemm_errors(const struct sw__gemm_row *rows, size_t n,
			       const struct sw__device *dev, const struct sw__gemm_cal *cal,
			       struct sw__gemm_errors *errors, struct sw_error *err)
{
	double *sizes = malloc((n ? n : 1) * sizeof(*sizes)), sum = 0, bias = 0;

	if (!sizes)
		return sw_fail(err, SW_NO_MEMORY, "%zu rows", n);
	for (size_t i = 0; i < n; i++) {
		double e = sw__gemm(cal, dev, &rows[i].shape).us / rows[i].us - 1;

		sizes[i] = fabs(e);
		sum += fabs(e);
		bias += e;
	}
	qsort(sizes, n, sizeof(*sizes), by_size);
	*errors = (struct sw__gemm_errors){
		.rows = n,
		.mape = n ? sum / (double)n : NAN,
		.p95 = n ? sizes[(n * 95) / 100] : NAN,
		.bias = n ? bias / (double)n : NAN,
	};
	free(sizes);
	return SW_OK;
}
