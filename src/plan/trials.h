/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file trials.h
 * Batch limits tried for one size: settled, prepared and predicted alone, each at most once per level.
 */
#ifndef SLICEWISE_PLAN_TRIALS_H
#define SLICEWISE_PLAN_TRIALS_H

#include "plan/sizing.h"

enum { SW__TRIALS_MAX = 48 };

/** One choice of batch limits. */
struct sw__trial {
	unsigned seqs, tokens;
	bool possible; /* settled: there is memory for it */
	struct sw_tenant tenant;
	sw_prepared *prepared[SW__LEVELS_MAX];
	float ratio[SW__LEVELS_MAX]; /* nearest limit's bound over its limit; 0: not asked yet */
	struct sw_prediction prediction; /* of the last level asked */
	size_t last; /* that level */
};

struct sw__trials {
	struct sw__sizing *sizing;
	struct sw__size *size;
	const struct sw__levels *levels;
	size_t top; /* the largest level; 0 where the share has no effect */
	size_t n;
	struct sw__trial *trial;
	double nearest; /* smallest miss at the top level so far */
	unsigned noted; /* max_num_seqs of the trial whose refusal is noted */
	struct sw_error *err;
	enum sw_status st; /* SW_NO_MEMORY ends everything */
};

enum sw_status sw__trials_open(struct sw__sizing *sizing, struct sw__size *size,
			       struct sw__trials *out, struct sw_error *err);
void sw__trials_close(struct sw__trials *trials);

/** The trial of these batch limits; NULL where they do not go together, there is no memory for them, or too many. */
struct sw__trial *sw__trial_of(struct sw__trials *trials, unsigned seqs, unsigned tokens);

/** Whether the limits hold at a level with nobody else on the GPU. */
bool sw__trial_meets(struct sw__trials *trials, struct sw__trial *trial, size_t level);

/**
 * The lowest level in [from, to] at which the limits hold, given that they do at `to`: a larger slice never breaks a limit.
 */
size_t sw__trial_lowest(struct sw__trials *trials, struct sw__trial *trial, size_t from, size_t to);

/**
 * The part of the GPU's time that the load takes at a level at the least: what a request takes of it when the batch is as
 * full as it gets. What the engine's CPU does between steps is left out, because meanwhile others have their turns. NAN where
 * that cannot be told.
 */
double sw__trial_least_work(struct sw__trials *trials, struct sw__trial *trial, size_t level);

/**
 * The lowest level of all up to `top` at which the limits hold, into *level; false where they do not even at `top`. `start` is
 * where the search begins: a good guess saves looks.
 */
bool sw__trial_smallest(struct sw__trials *trials, struct sw__trial *trial, size_t start,
			size_t top, size_t *level);

/** Its prediction at a level. */
const struct sw_prediction *sw__trial_predicted(struct sw__trials *trials, struct sw__trial *trial,
						size_t level);

#endif
