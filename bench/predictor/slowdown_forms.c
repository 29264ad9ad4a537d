// SPDX-License-Identifier: Apache-2.0
/*
 * What others say of neighbours: a latency alone times a slowdown. Latency alone and utilisations are those of alone_figures.c, from the
 * fit of the same fold, so that only the slowdowns compete. Coefficients are of one GPU and mechanism and of one latency each, by least
 * squares of the relative error. An engine alone has a slowdown of 1, under CONSTANT the mean that was measured.
 */
#include <math.h>
#include <stdlib.h>

#include "common/least_squares.h"
#include "predictor/trial.h"

enum { COLUMNS_MAX = 6, ROWS_MAX = 4096, POWERS = 21 };

/* No form may promise an engine to be made much faster by its neighbours. */
static const double LEAST_SLOWDOWN = 0.8;

/* Room for a system: a row for each engine that is learned from. */
struct rows {
	size_t n;
	double x[ROWS_MAX * COLUMNS_MAX], given[ROWS_MAX], y[ROWS_MAX];
};

static double measured_slowdown(const struct trial *trial, size_t i, size_t e, int target)
{
	return measured_mean(&trial->set->at[i], trial->repeats[i], e, target) /
	       trial->alone[i][e].ms[target];
}

struct sums {
	double busy, dram, compute;
};

static struct sums neighbours_of(const struct trial *trial, size_t i, size_t e)
{
	struct sums s = {0};

	for (size_t k = 0; k < trial->set->at[i].mix->n; k++) {
		const struct alone_figures *a = &trial->alone[i][k];

		if (k == e)
			continue;
		s.busy += a->busy;
		s.dram += a->dram;
		s.compute += a->compute;
	}
	return s;
}

/* gpu-lets: c1 l2_1 + c2 l2_2 + c3 dram_1 + c4 dram_2 + c5 for two. Ours may have more neighbours: their figures are summed. The
 * utilisation of L2 is the part of the time in which kernels of the engine run, for all they read goes through it. */
static size_t gpu_lets_row(const struct trial *trial, size_t i, size_t e, double power, double *x,
			   double *given)
{
	const struct alone_figures *own = &trial->alone[i][e];
	struct sums others = neighbours_of(trial, i, e);

	(void)power;
	x[0] = own->busy;
	x[1] = others.busy;
	x[2] = own->dram;
	x[3] = others.dram;
	x[4] = 1;
	*given = 0;
	return 5;
}

/* iGniter's power beyond the limit, 1: idle, running and what compute and DRAM add, after nvidia-smi of an A100 under load. */
static double excess_power(const struct trial *trial, size_t i)
{
	double p = 0.2;

	for (size_t k = 0; k < trial->set->at[i].mix->n; k++) {
		const struct alone_figures *a = &trial->alone[i][k];

		p += 0.2 * a->busy + 0.7 * a->compute + 0.3 * a->dram;
	}
	return fmax(0, p - 1);
}

/* iGniter: t = ((k_sch + a N + b) n_k + k_act (1 + c sum of cache)) F / f. Alone, k_sch n_k + k_act is the latency; n_k over it are the
 * launches per ms, N the engines; cache use goes with DRAM traffic; F / f = 1 + d times the excess of power; k_act is taken for all of the
 * latency. Linear but for d, `power`, which is tried. */
static size_t igniter_row(const struct trial *trial, size_t i, size_t e, double power, double *x,
			  double *given)
{
	const struct alone_figures *own = &trial->alone[i][e];
	double slower = 1 + power * excess_power(trial, i);

	x[0] = slower * own->launches_per_ms * (double)trial->set->at[i].mix->n;
	x[1] = slower * own->launches_per_ms;
	x[2] = slower * neighbours_of(trial, i, e).dram;
	*given = slower;
	return 3;
}

/* A form: its columns, and what each row has besides. `powers`: how many values its power is tried at. */
struct form {
	enum contender contender;
	size_t (*row)(const struct trial *trial, size_t i, size_t e, double power, double *x,
		      double *given);
	int powers;
};

static const struct form forms[] = {{GPU_LETS, gpu_lets_row, 1}, {IGNITER, igniter_row, POWERS}};
enum { FORMS = sizeof(forms) / sizeof(forms[0]) };

static double power_at(int k)
{
	return 0.25 * k;
}

static size_t gather(const struct trial *trial, const struct form *form, int target, double power,
		     struct rows *rows)
{
	size_t columns = 0;

	rows->n = 0;
	for (size_t i = 0; i < trial->set->n; i++)
		for (size_t e = 0; trial->repeats[i] > 0 && e < trial->set->at[i].mix->n; e++) {
			double y = measured_slowdown(trial, i, e, target);

			if (trial->set->at[i].mix->n < 2 || !isfinite(y) || rows->n == ROWS_MAX)
				continue;
			columns = form->row(trial, i, e, power, &rows->x[rows->n * columns],
					    &rows->given[rows->n]);
			rows->y[rows->n++] = y;
		}
	return columns;
}

/* What a form has learned of one latency. */
struct learned {
	double power, c[COLUMNS_MAX];
	bool known; /* otherwise nothing slows anything */
};

static struct learned learn(const struct trial *trial, const struct form *form, int target,
			    struct rows *rows)
{
	struct learned best = {0};
	double least = INFINITY;

	for (int k = 0; k < form->powers; k++) {
		struct learned l = {.power = power_at(k)};
		size_t columns = gather(trial, form, target, l.power, rows);
		double rest = INFINITY;

		l.known = columns > 0 && least_squares(rows->x, rows->given, rows->y, rows->n,
						       columns, l.c, &rest);
		if (l.known && rest < least) {
			least = rest;
			best = l;
		}
	}
	return best;
}

static double slowdown(const struct trial *trial, const struct form *form,
		       const struct learned *learned, size_t i, size_t e)
{
	double x[COLUMNS_MAX], sum;
	size_t columns;

	if (trial->set->at[i].mix->n < 2 || !learned->known)
		return 1;
	columns = form->row(trial, i, e, learned->power, x, &sum);
	for (size_t j = 0; j < columns; j++)
		sum += x[j] * learned->c[j];
	return fmax(LEAST_SLOWDOWN, sum);
}

static void apply(struct trial *trial, const struct form *form, int target, struct rows *rows)
{
	struct learned learned = learn(trial, form, target, rows);

	for (size_t i = 0; i < trial->set->n; i++)
		for (size_t e = 0; trial->held[i] && e < trial->set->at[i].mix->n; e++)
			trial->said[form->contender][i][e].at[target] =
				trial->alone[i][e].ms[target] *
				slowdown(trial, form, &learned, i, e);
}

/* Of mixes of a size; of all there are where none of that size was learned from. NAN: of none. */
static double mean_slowdown(const struct trial *trial, size_t size, int target)
{
	double sum = 0, n = 0, all = 0, n_all = 0;

	for (size_t i = 0; i < trial->set->n; i++)
		for (size_t e = 0; trial->repeats[i] > 0 && e < trial->set->at[i].mix->n; e++) {
			double y = measured_slowdown(trial, i, e, target);

			if (!isfinite(y))
				continue;
			all += y;
			n_all++;
			sum += trial->set->at[i].mix->n == size ? y : 0;
			n += trial->set->at[i].mix->n == size;
		}
	return n > 0 ? sum / n : all / n_all;
}

static void apply_constant(struct trial *trial, int target)
{
	double mean[BENCH_ENGINES_MAX + 1];

	for (size_t size = 1; size <= BENCH_ENGINES_MAX; size++)
		mean[size] = mean_slowdown(trial, size, target);
	for (size_t i = 0; i < trial->set->n; i++)
		for (size_t e = 0; trial->held[i] && e < trial->set->at[i].mix->n; e++)
			trial->said[CONSTANT][i][e].at[target] =
				trial->alone[i][e].ms[target] * mean[trial->set->at[i].mix->n];
}

void trial_forms(struct trial *trial)
{
	struct rows *rows = malloc(sizeof(*rows));

	for (int target = 0; rows && target < BENCH_TARGETS; target++) {
		apply_constant(trial, target);
		for (int f = 0; f < FORMS; f++)
			apply(trial, &forms[f], target, rows);
	}
	free(rows);
}
