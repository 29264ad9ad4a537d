// SPDX-License-Identifier: Apache-2.0
#include "fit/fit_scan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "fit/fit_few.h"
#include "math/ordered.h"

/* Of a group, so many mixes of several engines are looked at, or one in so many, those that move most; and so many of one engine alone,
 * which say what models need. */
enum { TELLING = 16, TELLING_PART = 3, ALONE = 12 };
/* An octave, as a logarithm: how far apart values are tried. */
static const double OCTAVE = 0.6931471805599453;
enum { OCTAVES_MOST = 4 };
/* Then beside the best, in octaves. */
static const double FINE[] = {0, -0.25, -0.12, 0.12, 0.25};
/* From there on it may be better still: so much further. */
static const double EDGE = 0.2, FURTHER = 0.6;
/* Half of what lies between these. */
static const double DOUBT = 0.06;
/* What is left, over the best. */
static const double HOPELESS = 2;
/* No mean is known better than that. */
static const double LITTLE = 0.05;
/* Of the time of a case. */
static const double PART = 0.4, LOOK_PART = 0.25;

struct telling {
	size_t at;
	double moves;
};

static int entry_of(const struct sw__vector_group *g)
{
	return g->at[SW__SHARED_slice_ms];
}

static int most_first(const void *a, const void *b)
{
	const struct telling *x = a, *y = b;

	if (x->moves != y->moves)
		return x->moves < y->moves ? 1 : -1;
	return (x->at > y->at) - (x->at < y->at);
}

/* What a case's means move by. */
static double moves(const struct sw__case *c, const struct sw__case *moved)
{
	double sum = 0;

	for (size_t i = 0; i < c->mix->n; i++)
		for (int m = 0; m < SW_METRIC_COUNT; m++) {
			double by = moved->engine[i].played.at[m][SW_MEAN] -
				    c->engine[i].played.at[m][SW_MEAN];

			sum += isnan(by) ? 0 : fabs(by) / (LITTLE + c->engine[i].chance[m]);
		}
	return sum / (double)c->mix->n;
}

/* How much each of a group's mixes of several engines moves where turns are half as long: most first. */
static enum sw_status look(const struct sw__cases *cases, size_t group,
			   const struct sw__descent *how, struct telling *telling, size_t *n,
			   struct sw_error *err)
{
	struct sw__predicting quick = how->predicting;
	struct sw__cases few;
	enum sw_status st = sw__few_make(cases, &few, err);

	*n = 0;
	quick.part = LOOK_PART;
	for (size_t i = 0; i < cases->n && st == SW_OK; i++) {
		if (cases->at[i].group != group || cases->at[i].mix->n == 1)
			continue;
		telling[(*n)++].at = i;
		st = sw__few_add(&cases->at[i], &few, err);
	}
	if (st == SW_OK) {
		few.vector.value[entry_of(&cases->vector.group[group])] -= OCTAVE;
		st = sw__cases_predict_now(&few, &quick, err);
	}
	for (size_t k = 0; k < *n && st == SW_OK; k++)
		telling[k].moves = moves(&cases->at[telling[k].at], &few.at[k]);
	if (*n > 0)
		qsort(telling, *n, sizeof(*telling), most_first);
	sw__few_clear(&few);
	return st;
}

static enum sw_status add_alone(const struct sw__cases *cases, size_t group, struct sw__cases *few,
				struct sw_error *err)
{
	size_t all = 0, at = 0;
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < cases->n; i++)
		all += cases->at[i].group == group && cases->at[i].mix->n == 1;
	for (size_t i = 0; i < cases->n && st == SW_OK; i++)
		if (cases->at[i].group == group && cases->at[i].mix->n == 1 &&
		    at++ % (1 + all / ALONE) == 0)
			st = sw__few_add(&cases->at[i], few, err);
	return st;
}

/* Some of a group's cases of one engine alone, and those others that tell most. */
static enum sw_status choose(const struct sw__cases *cases, size_t group,
			     const struct sw__descent *how, struct sw__cases *few,
			     struct sw_error *err)
{
	struct telling *telling = calloc(cases->n + 1, sizeof(*telling));
	size_t n = 0;
	enum sw_status st = telling ? add_alone(cases, group, few, err)
				    : sw_fail(err, SW_NO_MEMORY, "%zu mixes", cases->n);

	if (st == SW_OK)
		st = look(cases, group, how, telling, &n, err);
	for (size_t i = 0; i < n && st == SW_OK && (i < TELLING || i < n / TELLING_PART); i++)
		st = sw__few_add(&cases->at[telling[i].at], few, err);
	free(telling);
	return st;
}

/* What is known of a value: what all others are with it, and what is left then. */
struct trial {
	double at, left;
	double *values; /* of all coefficients */
};

/* A group that is searched: values an octave apart, of which the middle one is the best. */
struct scan {
	struct sw__cases *cases; /* those that tell */
	const struct sw__descent *how;
	size_t group;
	int entry;
	struct trial low, mid, high;
	bool at_mid; /* the cases' slopes are those of the middle */
};

/* Whatever is far worse after a first step, down slopes of another value, is not followed. */
static enum sw_status try_value(struct scan *s, double at, struct trial *out, struct sw_error *err)
{
	struct sw__vector *v = &s->cases->vector;
	struct sw__descent quick = *s->how;
	enum sw_status st;

	quick.slopes_part = 0;
	quick.rounds = 1;
	memcpy(v->value, s->mid.values, v->n * sizeof(*v->value));
	v->value[s->entry] = out->at = at;
	st = sw__fit_descend(s->cases, &quick, &out->left, err);
	if (st == SW_OK && out->left < HOPELESS * s->mid.left) {
		st = sw__fit_descend(s->cases, s->how, &out->left, err);
		s->at_mid = false;
	}
	memcpy(out->values, v->value, v->n * sizeof(*v->value));
	return st;
}

static void turn(struct trial *first, struct trial *second, struct trial *third)
{
	struct trial spare = *first;

	*first = *second;
	*second = *third;
	*third = spare;
}

/* From the value at hand, with the slopes that led there, as far as it becomes better one way. */
static enum sw_status bracket(struct scan *s, struct sw_error *err)
{
	struct sw__vector *v = &s->cases->vector;
	struct sw__descent here = *s->how;
	enum sw_status st;

	here.slopes_part = 0;
	st = sw__fit_descend(s->cases, &here, &s->mid.left, err);
	s->mid.at = v->value[s->entry];
	memcpy(s->mid.values, v->value, v->n * sizeof(*v->value));
	s->at_mid = true;
	if (st == SW_OK)
		st = try_value(s, s->mid.at - OCTAVE, &s->low, err);
	if (st == SW_OK)
		st = try_value(s, s->mid.at + OCTAVE, &s->high, err);
	for (int k = 1; st == SW_OK && k < OCTAVES_MOST; k++) {
		if (sw__few_is_less(s->low.left, s->mid.left)) {
			turn(&s->high, &s->mid, &s->low);
			st = try_value(s, s->mid.at - OCTAVE, &s->low, err);
		} else if (sw__few_is_less(s->high.left, s->mid.left)) {
			turn(&s->low, &s->mid, &s->high);
			st = try_value(s, s->mid.at + OCTAVE, &s->high, err);
		} else {
			break;
		}
	}
	return st;
}

static enum sw_status left_at(struct scan *s, double at, struct sw__few_best *best,
			      struct sw_error *err)
{
	const struct sw__few_entry entry = {s->group, s->entry};

	return sw__few_left_at(s->cases, &entry, s->how, at, best, err);
}

static enum sw_status refine(struct scan *s, struct sw_error *err)
{
	struct sw__vector *v = &s->cases->vector;
	struct sw__descent there = *s->how;
	struct sw__few_best best = {s->mid.at, INFINITY};
	enum sw_status st = SW_OK;

	memcpy(v->value, s->mid.values, v->n * sizeof(*v->value));
	there.rounds = 0;
	if (!s->at_mid)
		st = sw__fit_descend(s->cases, &there, NULL, err);
	for (size_t k = 0; k < sizeof(FINE) / sizeof(FINE[0]) && st == SW_OK; k++)
		st = left_at(s, s->mid.at + FINE[k] * OCTAVE, &best, err);
	if (st == SW_OK && fabs(best.at - s->mid.at) > EDGE * OCTAVE)
		st = left_at(s, best.at + FURTHER * (best.at - s->mid.at), &best, err);
	v->value[s->entry] = best.at;
	return st;
}

static enum sw_status scan_make(size_t n, struct scan *s, struct sw_error *err)
{
	s->low.values = calloc(n + 1, sizeof(double));
	s->mid.values = calloc(n + 1, sizeof(double));
	s->high.values = calloc(n + 1, sizeof(double));
	if (s->low.values && s->mid.values && s->high.values)
		return SW_OK;
	return sw_fail(err, SW_NO_MEMORY, "%zu coefficients", n);
}

static void scan_clear(struct scan *s)
{
	free(s->low.values);
	free(s->mid.values);
	free(s->high.values);
}

static enum sw_status scan_group(struct sw__cases *cases, size_t group,
				 const struct sw__descent *how, bool *moved, struct sw_error *err)
{
	struct sw__vector *v = &cases->vector;
	struct sw__cases few;
	struct scan s = {
		.cases = &few, .how = how, .group = group, .entry = entry_of(&v->group[group])};
	enum sw_status st = sw__few_make(cases, &few, err);

	v->scanned[s.entry] = DOUBT;
	if (st == SW_OK)
		st = choose(cases, group, how, &few, err);
	if (st == SW_OK)
		st = scan_make(v->n, &s, err);
	if (st == SW_OK)
		st = bracket(&s, err);
	if (st == SW_OK)
		st = refine(&s, err);
	if (st == SW_OK && fabs(few.vector.value[s.entry] - v->value[s.entry]) > DOUBT) {
		memcpy(v->value, few.vector.value, v->n * sizeof(*v->value));
		*moved = true;
	}
	sw__few_clear(&few);
	scan_clear(&s);
	return st;
}

enum sw_status sw__fit_scan(struct sw__cases *cases, const struct sw__descent *how, bool *moved,
			    struct sw_error *err)
{
	struct sw__descent shorter = *how;
	enum sw_status st = SW_OK;

	*moved = false;
	shorter.predicting.part = PART;
	shorter.slopes_part = PART / 2;
	for (size_t i = 0; i < cases->vector.n_groups && st == SW_OK; i++)
		if (entry_of(&cases->vector.group[i]) >= 0)
			st = scan_group(cases, i, &shorter, moved, err);
	return st;
}
