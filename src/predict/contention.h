/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file contention.h
 * What engines on one GPU do to each other: a first interference term. README.md, "Neighbours", has the method.
 *
 * Under mps kernels overlap and compete for DRAM bandwidth; under timeslice and hami they take turns; under mig and
 * exclusive nothing is shared. crowd.h has what engines do to each other, here is what each of them is there for. A later
 * fit on measured mixes replaces the two constants.
 */
#ifndef SLICEWISE_PREDICT_CONTENTION_H
#define SLICEWISE_PREDICT_CONTENTION_H

#include "predict/crowd.h"
#include "predict/prepared.h"

/* Steps of more tokens than this carry prompts: their doubt is that of prefill. */
enum { SW__SMALL_STEP_TOKENS = 256 };

/** The step curve as neighbours leave it. */
struct sw__step_curve sw__stretched(const struct sw_prepared *tenant,
				    const struct sw__stretch *stretch);

/** Mean-field state of an engine whose steps are `curve`; the search starts at `start` running sequences (1 will do). */
struct sw__mean_state sw__mean_state(const struct sw_prepared *tenant,
				     const struct sw__step_curve *curve, double start);

/** What a neighbour meets of an engine whatever is made of its step times; of a mean state, what it meets at a moment. */
struct sw__presence sw__presence(const struct sw_prepared *tenant);
struct sw__activity sw__activity(const struct sw__mean_state *state);

/** sw_predict(), of tenant `i` alone. */
void sw__predict_one(enum sw_mechanism mechanism, const struct sw_prepared *const *tenants,
		     size_t n, size_t i, struct sw_prediction *out);

/**
 * What neighbours feel of a tenant on average, as it is alone: where kernels overlap the part of DRAM's bandwidth that it asks for (1:
 * all that engines together reach), where turns are taken the part of the time in which it wants one; else 0.
 */
double sw__pressure(enum sw_mechanism mechanism, const struct sw_prepared *tenant);

/** The same of an engine whose neighbours press by `others` at the least: what they slow down is there longer. */
double sw__pressure_beside(enum sw_mechanism mechanism, const struct sw_prepared *tenant,
			   double others);

/**
 * The prediction of a tenant beside neighbours whose pressures add up to `pressure`, if they do as little to it as any such neighbours
 * can: each of them vanishingly small (Jensen's inequality), and none of them held up by anybody.
 */
void sw__predict_pressed(enum sw_mechanism mechanism, const struct sw_prepared *tenant,
			 double pressure, struct sw_prediction *out);

/** Solve for all stretches together; n at most SW_TENANTS_MAX. `states` (may be NULL) receives the mean states. */
void sw__contend(enum sw_mechanism mechanism, const struct sw_prepared *const *tenants, size_t n,
		 struct sw__stretch *stretches, struct sw__mean_state *states);

/** What is said of an engine (predict.c) that its neighbours stretch so, its mean state then being `state`. */
void sw__predict_stretched(enum sw_mechanism mechanism, const struct sw_prepared *tenant,
			   const struct sw__stretch *stretch, const struct sw__mean_state *state,
			   struct sw_prediction *out);

#endif
