// SPDX-License-Identifier: Apache-2.0
/* Greedy choice of experiments by the determinant of the information. */
#include "profile/information.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* A coefficient is a factor's logarithm; calibrations carried over miss by about this. */
const double sw__prior_deviation = 0.3;
/* Repeats of one experiment, and what no coefficient explains. */
const double sw__latency_deviation = 0.1;

/*
 * The inverse of the information, p by p. For one row x of scatter s: det(M + x x' / s^2) = det(M) (1 + x' C x / s^2), and
 * C loses (C x)(C x)' / (s^2 + x' C x) (Sherman and Morrison). An experiment is its rows one after the other.
 */
struct posterior {
	size_t n;
	double covariance[SW__COEFFICIENTS_MAX][SW__COEFFICIENTS_MAX];
};

static void begin(struct posterior *p, size_t n)
{
	memset(p, 0, sizeof(*p));
	p->n = n;
	for (size_t i = 0; i < n; i++)
		p->covariance[i][i] = sw__prior_deviation * sw__prior_deviation;
}

/* Learn from one row; what the log determinant gains. */
static double learn(struct posterior *p, const double *row)
{
	double noise = sw__latency_deviation * sw__latency_deviation, spread = 0;
	double cx[SW__COEFFICIENTS_MAX];

	for (size_t i = 0; i < p->n; i++) {
		cx[i] = 0;
		for (size_t j = 0; j < p->n; j++)
			cx[i] += p->covariance[i][j] * row[j];
		spread += row[i] * cx[i];
	}
	for (size_t i = 0; i < p->n; i++) {
		for (size_t j = 0; j < p->n; j++)
			p->covariance[i][j] -= cx[i] * cx[j] / (noise + spread);
	}
	return log1p(spread / noise);
}

static double learn_all(struct posterior *p, const double *rows, size_t n)
{
	double gain = 0;

	for (size_t i = 0; i < n; i++)
		gain += learn(p, rows + i * p->n);
	return gain;
}

/* The rows of every experiment, one after the other. */
struct rows {
	double *row;
	size_t *first; /* of each experiment, and the end */
};

static void free_rows(struct rows *rows)
{
	free(rows->row);
	free(rows->first);
}

static enum sw_status gather(const struct sw__sensitivity *s, const struct sw_experiment *e,
			     size_t n, struct rows *out, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	*out = (struct rows){.first = calloc(n + 1, sizeof(*out->first))};
	for (size_t i = 0; out->first && i < n; i++)
		out->first[i + 1] = out->first[i] + SW_METRIC_COUNT * e[i].mix->n;
	if (out->first)
		out->row = calloc(out->first[n] * s->n + 1, sizeof(*out->row));
	if (!out->row)
		return sw_fail(err, SW_NO_MEMORY, "the information of %zu experiments", n);
	for (size_t i = 0; st == SW_OK && i < n; i++)
		st = s->rows(s->self, e[i].mix, out->row + out->first[i] * s->n, err);
	return st;
}

static double gain_of(const struct posterior *p, const struct rows *rows, size_t i)
{
	struct posterior after = *p;

	return learn_all(&after, rows->row + rows->first[i] * p->n,
			 rows->first[i + 1] - rows->first[i]);
}

enum sw_status sw__choose(const struct sw__sensitivity *s, const struct sw_experiment *experiments,
			  size_t n, size_t wanted, size_t *order, double *gain,
			  struct sw_error *err)
{
	struct posterior p;
	struct rows rows;
	bool *taken = calloc(n + 1, sizeof(*taken));
	/* Upper bounds: what an experiment adds never grows as others are chosen, so few have to be looked at again. */
	double *bound = calloc(n + 1, sizeof(*bound));
	enum sw_status st = gather(s, experiments, n, &rows, err);

	if (st == SW_OK && (!taken || !bound))
		st = sw_fail(err, SW_NO_MEMORY, "%zu experiments", n);
	begin(&p, s->n);
	for (size_t i = 0; st == SW_OK && i < n; i++)
		bound[i] = INFINITY;
	for (size_t k = 0; st == SW_OK && k < wanted; k++) {
		size_t best = n;

		for (size_t i = 0; i < n; i++) {
			if (taken[i] || (best < n && bound[i] <= bound[best]))
				continue;
			bound[i] = gain_of(&p, &rows, i);
			if (best == n || bound[i] > bound[best])
				best = i;
		}
		order[k] = best;
		gain[k] = bound[best];
		taken[best] = true;
		(void)learn_all(&p, rows.row + rows.first[best] * p.n,
				rows.first[best + 1] - rows.first[best]);
	}
	free_rows(&rows);
	free(taken);
	free(bound);
	return st;
}
