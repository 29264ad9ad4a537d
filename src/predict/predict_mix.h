/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file predict_mix.h
 * The parts of sw_predict_mix() that a fit uses one by one.
 */
#ifndef SLICEWISE_PREDICT_PREDICT_MIX_H
#define SLICEWISE_PREDICT_PREDICT_MIX_H

#include "predict/fit_known.h"
#include "predict/played.h"
#include "predict/prepared.h"

/** Bounds where nothing was held out, in units of a prediction's difficulty. */
extern const double sw__unmeasured_bound;

/** A mix made ready: the closed form of each engine, with what a fit knows of its model. */
struct sw__ready_mix {
	const struct sw_mix *mix; /* borrowed, as is the calibration */
	const sw_calibration *calibration;
	sw_calibration *opened; /* where none was given */
	sw_prepared *prepared[SW_TENANTS_MAX]; /* as fitted */
	struct sw__shared_values shared,
		shared_doubt; /* and the standard deviations of their logarithms */
	struct sw__model_values models[SW_TENANTS_MAX];
	struct sw_prediction quick[SW_TENANTS_MAX]; /* sw_predict() of them */
	struct sw__known_steps *known[SW_TENANTS_MAX]; /* what steps took in plays of it before */
	bool borrows_known;
};

/**
 * SW_OK: release it with sw__ready_clear(), also after a failure. `fit` may be NULL: nothing is measured; `calibration` too: the
 * shipped one of the GPU.
 */
enum sw_status sw__ready_make(const struct sw_mix *mix, const struct sw_fit *fit,
			      const sw_calibration *calibration, struct sw__ready_mix *out,
			      struct sw_error *err);
void sw__ready_clear(struct sw__ready_mix *ready);

/** The same, for who makes one mix ready again and again: `known` (mix->n of them) keeps what steps take from one time to the next. */
enum sw_status sw__ready_make_again(const struct sw_mix *mix, const struct sw_fit *fit,
				    struct sw__known_steps *known, struct sw__ready_mix *out,
				    struct sw_error *err);

/** Play it, so long. */
enum sw_status sw__ready_play(const struct sw__ready_mix *ready,
			      const struct sw__play_length *length, struct sw__played *out,
			      struct sw_error *err);

/** The same with everything that is in doubt slower by one standard deviation: steps, the host, what neighbours cost. */
enum sw_status sw__ready_play_slower(const struct sw__ready_mix *ready,
				     const struct sw__play_length *length, struct sw__played *out,
				     struct sw_error *err);

/**
 * Play it as predictions are played: once, beside a slower twin with the same requests, for the steepness (sw__steepness()) of each
 * tenant's latencies; then longer, until chance says little.
 */
enum sw_status sw__ready_play_surely(const struct sw__ready_mix *ready, struct sw__played *out,
				     double steepness[][SW_METRIC_COUNT][SW_STATISTIC_COUNT],
				     struct sw_error *err);

/** By how much more a latency is, as a logarithm, where all in doubt is slower; 0: nobody knows; INFINITY where that is overload. */
double sw__steepness(const struct sw__played *now, const struct sw__played *slower,
		     enum sw_metric metric, enum sw_statistic statistic);

/**
 * How hard a latency is to predict: the standard deviation of its logarithm that follows from the doubt of the steps, which a queue
 * near saturation makes much more of (its steepness); from the chance that the play showed (NAN: none); and a least that everything has.
 */
double sw__difficulty(double steepness, double chance, enum sw_metric metric);

/** The same of a prediction by the closed form. */
double sw__quick_difficulty(const struct sw_prediction *quick, enum sw_metric metric,
			    enum sw_statistic statistic);

/** What a fit (borrowed, NULL: nothing) knows of a prepared engine's model, and of its GPU under its mechanism: times and bounds. */
void sw__prepared_take_fit(sw_prepared *prepared, const struct sw_fit *fit, const char *gpu,
			   const struct sw_tenant *tenant);

/** The bounds of a fit on a prediction by the closed form, in place of those it came with; `kind`: enum sw__bound_kind. */
void sw__bound_quick(const struct sw__fit_group *group, int kind, struct sw_prediction *prediction);

/** sw_predict_mix() with a calibration that is not the shipped one of the GPU (NULL: that) and without slowdowns, which are NAN. */
enum sw_status sw__predict_calibrated(const struct sw_mix *mix, const struct sw_fit *fit,
				      const sw_calibration *calibration, struct sw_prediction *out,
				      struct sw_error *err);

/** A prepared engine whose steps take what these values say; `doubts` are those of their logarithms. */
void sw__prepared_fit(sw_prepared *prepared, const struct sw__model_values *values,
		      const struct sw__model_values *doubts);

#endif
