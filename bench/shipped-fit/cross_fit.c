// SPDX-License-Identifier: Apache-2.0
#include "shipped-fit/cross_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fit/fit_bounds.h"

static const double LEVEL = 0.95;
enum { FOLDS = 3, NO_FOLD = -1, KIND_LEAST = 39 };

void cross_fit_unit(sw_fit *fit)
{
	for (size_t g = 0; g < fit->n_groups; g++) {
		for (int k = 0; k < SW__RANGE_COUNT; k++)
			fit->groups[g].range[k] = (struct sw__seen){0, INFINITY};
		for (int k = 0; k < SW__BOUND_KINDS; k++)
			for (int m = 0; m < SW_METRIC_COUNT; m++)
				for (int s = 0; s < SW_STATISTIC_COUNT; s++)
					fit->groups[g].bound[k][m][s] =
						fit->groups[g].quick_bound[k][m][s] =
							(struct sw__bound){1, 1};
	}
}

void cross_fit_ranges(const struct judged *rows, struct sw__cases *cases, sw_fit *fit)
{
	for (size_t i = 0; i < cases->n; i++)
		for (size_t t = 0; t < cases->at[i].mix->n; t++)
			cases->at[i].engine[t].running = (rows++)->predicted.running;
	sw__fit_ranges(cases, fit);
}

/* Which scores: of one latency, by plays or the closed form, of a mechanism's engines of a kind. */
struct lot {
	enum sw_mechanism mechanism;
	int kind; /* NO_FOLD: any */
	bool quick;
	int m, s;
};

/* What lies between measured and predicted, in difficulties; NAN: nothing is known. Where no bound can be given none is broken. */
static double score_of(const struct judged *row, const struct lot *lot)
{
	const struct sw_latency *l = &(lot->quick ? row->quick : row->predicted).latency[lot->m];
	double difficulty = log(l->hi[lot->s] / l->at[lot->s]);

	return isinf(difficulty)
		       ? 0
		       : log(row->measured.ms[lot->m][lot->s] / l->at[lot->s]) / difficulty;
}

static size_t collect(const struct judged *rows, size_t n, const struct lot *lot, int without,
		      double *out)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		double score = score_of(&rows[i], lot);

		if (rows[i].mechanism != lot->mechanism ||
		    (lot->kind != NO_FOLD && rows[i].held != (lot->kind == SW__BOUND_HELD)) ||
		    (without != NO_FOLD && (int)(rows[i].mix % FOLDS) == without))
			continue;
		if (!isnan(score))
			out[found++] = score;
	}
	return found;
}

static struct sw__bound bound_of(const struct judged *rows, size_t n, struct lot lot, int without,
				 double *room)
{
	struct sw__bound bound;
	size_t found = collect(rows, n, &lot, without, room);

	if (found < KIND_LEAST) {
		lot.kind = NO_FOLD;
		found = collect(rows, n, &lot, without, room);
	}
	bound.upper = fmax(0, sw__conformal(room, found, LEVEL));
	for (size_t i = 0; i < found; i++)
		room[i] = -room[i];
	bound.lower = fmax(0, sw__conformal(room, found, LEVEL));
	return bound;
}

static unsigned count(const struct judged *rows, size_t n, struct lot lot, int without,
		      double *room)
{
	lot.kind = NO_FOLD;
	return (unsigned)collect(rows, n, &lot, without, room);
}

static void set_group(const struct judged *rows, size_t n, int without, double *room,
		      struct sw__fit_group *g)
{
	for (int k = 0; k < SW__BOUND_KINDS; k++)
		for (int m = 0; m < SW_METRIC_COUNT; m++)
			for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
				struct lot lot = {g->mechanism, k, false, m, s};

				g->bound[k][m][s] = bound_of(rows, n, lot, without, room);
				if (k == SW__BOUND_FREE && m == SW_TTFT && s == SW_MEAN)
					g->bound_rows = count(rows, n, lot, without, room);
				lot.quick = true;
				g->quick_bound[k][m][s] = bound_of(rows, n, lot, without, room);
			}
}

static double *room_for(size_t n)
{
	double *room = calloc(n + 1, sizeof(*room));

	if (!room)
		abort();
	return room;
}

void cross_fit_bounds(const struct judged *rows, size_t n, sw_fit *fit)
{
	double *room = room_for(n);

	for (size_t g = 0; g < fit->n_groups; g++)
		set_group(rows, n, NO_FOLD, room, &fit->groups[g]);
	free(room);
}

static void rebound(const struct sw__bound bound[SW_STATISTIC_COUNT], struct sw_latency *l)
{
	for (int s = 0; s < SW_STATISTIC_COUNT; s++)
		l->hi[s] = l->at[s] * exp(log(l->hi[s] / l->at[s]) * bound[s].upper);
	for (int s = SW_P95; s <= SW_P99; s++)
		l->hi[s] = fmax(l->hi[s], l->hi[s - 1]);
}

static void rebound_row(const struct sw__fit_group *g, struct judged *row)
{
	int kind = row->held ? SW__BOUND_HELD : SW__BOUND_FREE;

	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		rebound(g->bound[kind][m], &row->predicted.latency[m]);
		rebound(g->quick_bound[kind][m], &row->quick.latency[m]);
	}
}

struct judged *cross_fit_judge(const struct judged *rows, size_t n, const sw_fit *fit)
{
	struct judged *out = calloc(n + 1, sizeof(*out));
	double *room = room_for(n);

	if (!out)
		abort();
	memcpy(out, rows, n * sizeof(*out));
	for (size_t g = 0; g < fit->n_groups; g++)
		for (int fold = 0; fold < FOLDS; fold++) {
			struct sw__fit_group others = fit->groups[g];

			set_group(rows, n, fold, room, &others);
			for (size_t i = 0; i < n; i++)
				if (rows[i].mechanism == others.mechanism &&
				    (int)(rows[i].mix % FOLDS) == fold)
					rebound_row(&others, &out[i]);
		}
	free(room);
	return out;
}
