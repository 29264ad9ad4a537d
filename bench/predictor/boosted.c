// SPDX-License-Identifier: Apache-2.0
/*
 * XGBoost on what our predictor is told: shapes of the model, share, load, engine's settings, and the sums of those of the neighbours.
 * Trees for the logarithm of each latency; BOOSTED_OURS has our unfitted prediction among the features and learns what that is off by.
 * How many trees: what serves best mixes of the training set that an inner fold leaves out.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "predictor/trial.h"

#ifdef HAVE_XGBOOST
#include <xgboost/c_api.h>

enum { FEATURES = 28, EACH = 10, ROUNDS = 300, LOOK_EVERY = 20, INNER = 4 };

bool boosting_is_here(void)
{
	return true;
}

/* Rows in the order of mixes and engines. */
struct table {
	size_t n;
	float *x; /* n * FEATURES */
	float *y;
	size_t *mix, *engine;
};

static void table_free(struct table *t)
{
	free(t->x);
	free(t->y);
	free(t->mix);
	free(t->engine);
}

static bool table_make(size_t most, struct table *t)
{
	*t = (struct table){0, calloc(most * FEATURES, sizeof(float)), calloc(most, sizeof(float)),
			    calloc(most, sizeof(size_t)), calloc(most, sizeof(size_t))};
	return t->x && t->y && t->mix && t->engine;
}

/* What is summed over neighbours too. */
static void put_tenant(const struct sw_tenant *t, double *x)
{
	bool open = isfinite(t->load.rate);

	x[0] = sw_weight_gib(&t->model, &t->engine);
	x[1] = t->model.layers;
	x[2] = t->model.hidden;
	x[3] = sw_kv_bytes_per_token(&t->model, &t->engine);
	x[4] = t->slice.share;
	x[5] = open ? t->load.rate : 0;
	x[6] = open ? 0 : t->load.concurrency;
	x[7] = !t->engine.cuda_graphs;
	x[8] = x[0] * (x[5] + x[6]);
	x[9] = t->load.prompt_tokens.mean;
}

static double aim_of(double ms, const struct estimate *unfitted, bool ours, int target)
{
	return log(ms) - (ours ? log(unfitted->at[target]) : 0);
}

static void put_features(const struct trial *trial, size_t i, size_t e, bool ours, float *out)
{
	const struct sw_mix *mix = trial->set->at[i].mix;
	const struct estimate *unfitted = &trial->unfitted[i][e];
	double x[FEATURES] = {0};
	size_t at = 2 * EACH;

	put_tenant(&mix->tenants[e], x);
	for (size_t k = 0; k < mix->n; k++) {
		double other[EACH];

		put_tenant(&mix->tenants[k], other);
		for (int j = 0; j < EACH && k != e; j++)
			x[EACH + j] += other[j];
	}
	x[at++] = (double)mix->n;
	x[at++] = mix->tenants[e].model.intermediate;
	x[at++] = mix->tenants[e].model.vocab;
	x[at++] = mix->tenants[e].engine.max_num_seqs;
	for (int t = 0; t < BENCH_TARGETS && ours; t++)
		x[at++] = log(unfitted->at[t]);
	for (int j = 0; j < FEATURES; j++)
		out[j] = isfinite(x[j]) ? (float)x[j] : NAN;
}

/* Mixes that are learned from (and, where `inner` is not negative, of that inner fold or not of it), or those that are held. */
static bool is_wanted(const struct trial *trial, size_t i, bool learn, int inner, bool in_inner)
{
	if (!learn)
		return trial->held[i];
	return trial->repeats[i] > 0 && (inner < 0 || ((int)(i % INNER) == inner) == in_inner);
}

static void fill(const struct trial *trial, bool ours, int target, bool learn, int inner,
		 bool in_inner, struct table *out)
{
	out->n = 0;
	for (size_t i = 0; i < trial->set->n; i++)
		for (size_t e = 0;
		     is_wanted(trial, i, learn, inner, in_inner) && e < trial->set->at[i].mix->n;
		     e++) {
			double y = 0;

			if (learn)
				y = aim_of(measured_mean(&trial->set->at[i], trial->repeats[i], e,
							 target),
					   &trial->unfitted[i][e], ours, target);
			if (!isfinite(y))
				continue;
			put_features(trial, i, e, ours, &out->x[out->n * FEATURES]);
			out->y[out->n] = (float)y;
			out->mix[out->n] = i;
			out->engine[out->n++] = e;
		}
}

static bool matrix_of(const struct table *t, DMatrixHandle *out)
{
	*out = NULL;
	return t->n > 0 && XGDMatrixCreateFromMat(t->x, t->n, FEATURES, NAN, out) == 0 &&
	       XGDMatrixSetFloatInfo(*out, "label", t->y, t->n) == 0;
}

static bool booster_of(DMatrixHandle matrix, BoosterHandle *out)
{
	static const char *const settings[][2] = {{"objective", "reg:squarederror"},
						  {"eta", "0.1"},
						  {"max_depth", "4"},
						  {"min_child_weight", "2"},
						  {"nthread", "1"},
						  {"tree_method", "exact"},
						  {"subsample", "0.8"},
						  {"verbosity", "0"},
						  {"seed", "1"},
						  {"base_score", "0"}};

	*out = NULL;
	if (XGBoosterCreate(&matrix, 1, out) != 0)
		return false;
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (XGBoosterSetParam(*out, settings[i][0], settings[i][1]) != 0)
			return false;
	return true;
}

static bool predict(BoosterHandle booster, DMatrixHandle matrix, const float **out)
{
	static const char config[] = "{\"type\":0,\"training\":false,\"iteration_begin\":0,"
				     "\"iteration_end\":0,\"strict_shape\":false}";
	const bst_ulong *shape;
	bst_ulong dimensions;

	return XGBoosterPredictFromDMatrix(booster, matrix, config, &shape, &dimensions, out) == 0;
}

static double error_of(BoosterHandle booster, DMatrixHandle matrix, const struct table *t)
{
	const float *said;
	double sum = 0;

	if (!predict(booster, matrix, &said))
		return INFINITY;
	for (size_t i = 0; i < t->n; i++)
		sum += fabs(exp((double)said[i] - (double)t->y[i]) - 1);
	return sum / (double)t->n;
}

/* The number of trees that is best for what the inner fold leaves out. */
static int rounds_of(const struct table *train, const struct table *judge)
{
	DMatrixHandle learned = NULL, judged = NULL;
	BoosterHandle booster = NULL;
	double best = INFINITY;
	int rounds = LOOK_EVERY;

	if (matrix_of(train, &learned) && matrix_of(judge, &judged) &&
	    booster_of(learned, &booster))
		for (int i = 1; i <= ROUNDS && XGBoosterUpdateOneIter(booster, i, learned) == 0;
		     i++) {
			double error = i % LOOK_EVERY ? INFINITY : error_of(booster, judged, judge);

			if (error < best) {
				best = error;
				rounds = i;
			}
		}
	XGBoosterFree(booster);
	XGDMatrixFree(learned);
	XGDMatrixFree(judged);
	return rounds;
}

static void put_said(struct trial *trial, enum contender c, int target, const struct table *t,
		     const float *said)
{
	for (size_t r = 0; r < t->n; r++) {
		const struct estimate *unfitted = &trial->unfitted[t->mix[r]][t->engine[r]];
		double scale = c == BOOSTED_OURS ? unfitted->at[target] : 1;

		trial->said[c][t->mix[r]][t->engine[r]].at[target] = scale * exp((double)said[r]);
	}
}

static void learn_and_say(struct trial *trial, enum contender c, int target, int rounds,
			  const struct table *train, const struct table *held)
{
	DMatrixHandle learned = NULL, asked = NULL;
	BoosterHandle booster = NULL;
	const float *said;

	if (matrix_of(train, &learned) && matrix_of(held, &asked) &&
	    booster_of(learned, &booster)) {
		for (int i = 1; i <= rounds; i++)
			(void)XGBoosterUpdateOneIter(booster, i, learned);
		if (predict(booster, asked, &said))
			put_said(trial, c, target, held, said);
	}
	XGBoosterFree(booster);
	XGDMatrixFree(learned);
	XGDMatrixFree(asked);
}

static void boost(struct trial *trial, enum contender c, int target, struct table *train,
		  struct table *other)
{
	bool ours = c == BOOSTED_OURS;
	int rounds;

	fill(trial, ours, target, true, 0, false, train);
	fill(trial, ours, target, true, 0, true, other);
	rounds = rounds_of(train, other);
	fill(trial, ours, target, true, -1, false, train);
	fill(trial, ours, target, false, -1, false, other);
	learn_and_say(trial, c, target, rounds, train, other);
}

void trial_boosted(struct trial *trial)
{
	size_t most = trial->set->n * BENCH_ENGINES_MAX;
	struct table train, other;
	bool ok = table_make(most, &train);

	ok = table_make(most, &other) && ok;
	for (int target = 0; ok && target < BENCH_TARGETS; target++) {
		boost(trial, BOOSTED, target, &train, &other);
		boost(trial, BOOSTED_OURS, target, &train, &other);
	}
	table_free(&train);
	table_free(&other);
}

#else

bool boosting_is_here(void)
{
	return false;
}

void trial_boosted(struct trial *trial)
{
	(void)trial;
}

#endif
