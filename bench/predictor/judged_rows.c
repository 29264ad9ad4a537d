// SPDX-License-Identifier: Apache-2.0
#include "predictor/judged_rows.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

static const double MEANT_ABOVE = 0.05;

void judged_clear(struct judged_rows *rows)
{
	free(rows->at);
	*rows = (struct judged_rows){0};
}

static struct judged_row *one_more(struct judged_rows *rows)
{
	if (rows->n == rows->room) {
		size_t room = 2 * rows->room + 256;
		struct judged_row *grown = realloc(rows->at, room * sizeof(*grown));

		if (!grown)
			return NULL;
		rows->at = grown;
		rows->room = room;
	}
	return &rows->at[rows->n++];
}

bool judged_add(struct judged_rows *rows, const struct trial *trial, enum stage stage, int level)
{
	for (size_t i = 0; i < trial->set->n; i++)
		for (size_t e = 0; trial->held[i] && e < trial->set->at[i].mix->n; e++) {
			struct judged_row *row = one_more(rows);

			if (!row)
				return false;
			*row = (struct judged_row){.set = trial->set,
						   .mix = i,
						   .engine = e,
						   .stage = stage,
						   .level = level,
						   .runs_per_model = (double)trial->runs /
								     (double)trial->set->n_models};
			for (int c = 0; c < CONTENDERS; c++)
				row->said[c] = trial->said[c][i][e];
		}
	return true;
}

bool judged_passes(const struct judged_row *row, const struct judged_filter *f)
{
	return row->stage == f->stage && row->level == f->level &&
	       (!f->set || row->set == f->set) &&
	       (f->mechanism < 0 || (int)row->set->mechanism == f->mechanism) &&
	       (f->size == 0 || row->set->at[row->mix].mix->n == f->size);
}

bool judged_has(const struct judged_rows *rows, enum stage stage)
{
	for (size_t i = 0; i < rows->n; i++)
		if (rows->at[i].stage == stage)
			return true;
	return false;
}

double judged_measured(const struct judged_row *row, int target)
{
	return row->set->at[row->mix].mean[row->engine][target];
}

static double single(const struct judged_row *row, size_t repeat, int target)
{
	const struct measured_mix *m = &row->set->at[row->mix];

	return target_measured(&m->run[repeat].measured[row->engine], target);
}

/* Two columns of as many pairs as there may be. */
struct pairs {
	size_t n;
	double *predicted, *measured;
};

static bool pairs_make(size_t most, struct pairs *p)
{
	*p = (struct pairs){0, calloc(most + 1, sizeof(double)), calloc(most + 1, sizeof(double))};
	return p->predicted && p->measured;
}

static void pairs_add(struct pairs *p, double predicted, double measured)
{
	if (!(predicted > 0) || !(measured > 0) || !isfinite(predicted) || !isfinite(measured))
		return;
	p->predicted[p->n] = predicted;
	p->measured[p->n++] = measured;
}

static struct sw__error_summary pairs_end(struct pairs *p)
{
	struct sw__error_summary summary = {0};

	(void)sw__summarise_errors(p->predicted, p->measured, p->n, &summary, NULL);
	free(p->predicted);
	free(p->measured);
	return summary;
}

struct sw__error_summary judged_errors(const struct judged_rows *rows,
				       const struct judged_filter *filter, int contender,
				       int target)
{
	struct pairs p;

	if (pairs_make(rows->n, &p))
		for (size_t i = 0; i < rows->n; i++)
			if (judged_passes(&rows->at[i], filter))
				pairs_add(&p, rows->at[i].said[contender].at[target],
					  judged_measured(&rows->at[i], target));
	return pairs_end(&p);
}

struct sw__error_summary judged_single_errors(const struct judged_rows *rows,
					      const struct judged_filter *filter, int contender,
					      int target)
{
	struct pairs p;

	if (pairs_make(rows->n * BENCH_REPEATS_MAX, &p))
		for (size_t i = 0; i < rows->n; i++) {
			const struct judged_row *row = &rows->at[i];

			for (size_t r = 0;
			     judged_passes(row, filter) && r < row->set->at[row->mix].repeats; r++)
				pairs_add(&p, row->said[contender].at[target],
					  single(row, r, target));
		}
	return pairs_end(&p);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Twice the smaller tail. */
static double binomial_chance(double above, double runs)
{
	unsigned k = (unsigned)above, n = (unsigned)runs;
	double low = gsl_cdf_binomial_P(k, MEANT_ABOVE, n);
	double high = k == 0 ? 1 : gsl_cdf_binomial_Q(k - 1, MEANT_ABOVE, n);

	return fmin(1, 2 * fmin(low, high));
}

/* Engines of one mix are not independent: one of each counts, another one in each mix. */
static bool is_counted(const struct judged_row *row)
{
	return row->engine == row->mix % row->set->at[row->mix].mix->n;
}

/* The first run alone: a mix that was said too low is so in every repeat. */
static void cover(const struct judged_row *row, int target, struct judged_coverage *c)
{
	double bound = row->said[OURS].bound[target], measured = single(row, 0, target);

	if (!isfinite(measured) || isnan(bound))
		return;
	c->runs++;
	c->above += measured > bound;
}

struct judged_coverage judged_coverage(const struct judged_rows *rows,
				       const struct judged_filter *filter, int target)
{
	struct judged_coverage c = {0, 0, NAN, NAN};
	double *widths = calloc(rows->n + 1, sizeof(*widths));
	size_t n = 0;

	for (size_t i = 0; widths && i < rows->n; i++) {
		const struct estimate *e = &rows->at[i].said[OURS];

		if (!judged_passes(&rows->at[i], filter) || !is_counted(&rows->at[i]) ||
		    isnan(e->bound[target]))
			continue;
		cover(&rows->at[i], target, &c);
		widths[n++] = e->bound[target] / e->at[target] - 1;
	}
	if (n > 0) {
		qsort(widths, n, sizeof(*widths), by_value);
		c.width = widths[n / 2];
		c.chance = binomial_chance(c.above, c.runs);
	}
	free(widths);
	return c;
}
