// SPDX-License-Identifier: Apache-2.0
/*
 * Pairs of CNNs on a V100 under MPS: forms of a slowdown from what was measured of each net alone, fitted to all pairs of models but one
 * and held against that one. A CNN is no engine of ours: what is judged is the form that engines have.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/least_squares.h"
#include "predictor/predictor_sections.h"
#include "sim-accuracy/cnn_table.h"

static const double PERCENT = 100;
/* The best constant over all rows, as published with them: it knows what is held out. */
static const double BEST_CONSTANT = 1.111;
enum { COLUMNS_MAX = 6 };

static double slowdown_of(const struct cnn_together *row)
{
	return row->latency_ms / row->own->latency_ms;
}

static size_t constant_row(const struct cnn_together *row, double *x, double *given)
{
	(void)row;
	x[0] = 1;
	*given = 0;
	return 1;
}

static size_t gpu_lets_row(const struct cnn_together *row, double *x, double *given)
{
	x[0] = row->own->l2;
	x[1] = row->neighbour->l2;
	x[2] = row->own->dram;
	x[3] = row->neighbour->dram;
	x[4] = 1;
	*given = 0;
	return 5;
}

/* iGniter's launches and cache; two are always two, and no power was measured. */
static size_t igniter_row(const struct cnn_together *row, double *x, double *given)
{
	x[0] = cnn_kernels(row->own->model) / row->own->latency_ms;
	x[1] = row->neighbour->l2;
	*given = 1;
	return 2;
}

/* Ours: everybody is slower by a part, and every launch waits. */
static size_t launch_row(const struct cnn_together *row, double *x, double *given)
{
	x[0] = cnn_kernels(row->own->model) / row->own->latency_ms;
	x[1] = 1;
	*given = 0;
	return 2;
}

static const struct {
	const char *name;
	size_t (*row)(const struct cnn_together *row, double *x, double *given);
	bool ours;
} forms[] = {
	{"constant", constant_row, false},
	{"gpu-lets", gpu_lets_row, false},
	{"iGniter", igniter_row, false},
	{"launches and a part", launch_row, true},
};
enum { FORMS = sizeof(forms) / sizeof(forms[0]) };

/* All rows but those of `pair`. */
static bool learn(const struct cnn_table *t, size_t pair, int form, double *c)
{
	double *x = calloc(t->n_together * COLUMNS_MAX, sizeof(*x));
	double *given = calloc(t->n_together, sizeof(*given));
	double *y = calloc(t->n_together, sizeof(*y));
	size_t n = 0, columns = 0;
	bool ok = x && given && y;

	for (size_t i = 0; ok && i < t->n_together; i++) {
		if (t->together[i].pair == pair)
			continue;
		columns = forms[form].row(&t->together[i], &x[n * columns], &given[n]);
		y[n++] = slowdown_of(&t->together[i]);
	}
	ok = ok && least_squares(x, given, y, n, columns, c, NULL);
	free(x);
	free(given);
	free(y);
	return ok;
}

static double predicted(const struct cnn_together *row, int form, const double *c)
{
	double x[COLUMNS_MAX], sum;
	size_t columns = forms[form].row(row, x, &sum);

	for (size_t j = 0; j < columns; j++)
		sum += x[j] * c[j];
	return sum;
}

/* Mean absolute error, each pair of models from the others. */
static double held_out_error(const struct cnn_table *t, int form)
{
	double sum = 0;

	for (size_t pair = 0; pair < t->n_pairs; pair++) {
		double c[COLUMNS_MAX] = {0};

		if (!learn(t, pair, form, c))
			return NAN;
		for (size_t i = 0; i < t->n_together; i++)
			if (t->together[i].pair == pair)
				sum += fabs(predicted(&t->together[i], form, c) /
						    slowdown_of(&t->together[i]) -
					    1);
	}
	return sum / (double)t->n_together;
}

static double constant_error(const struct cnn_table *t)
{
	double sum = 0;

	for (size_t i = 0; i < t->n_together; i++)
		sum += fabs(BEST_CONSTANT / slowdown_of(&t->together[i]) - 1);
	return sum / (double)t->n_together;
}

void section_cnn_forms(struct figures *figures)
{
	struct cnn_table table;

	figures_section(
		figures, "cnn_forms",
		"Measured: pairs of CNNs on a V100 under MPS (iGniter), each pair of models "
		"predicted from the others by what was\nmeasured of the nets alone. The limit "
		"of ours is the error of the constant 1.111, which knows all rows.");
	if (cnn_table_read(&table)) {
		for (int f = 0; f < FORMS; f++)
			figures_at_most(figures, forms[f].name, "mape_pct",
					PERCENT * held_out_error(&table, f),
					forms[f].ours ? PERCENT * constant_error(&table) : NAN);
		figures_at_most(figures, "best constant", "mape_pct",
				PERCENT * constant_error(&table), NAN);
	} else {
		figures_say(figures, "  skipped: the measurements are not here");
	}
	cnn_table_free(&table);
}
