/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crowd.h
 * The stretches that engines on one GPU settle at, whoever says how much of the time each is there: the step model
 * (contention.h) or a table of what it said (tabled.h).
 */
#ifndef SLICEWISE_PREDICT_CROWD_H
#define SLICEWISE_PREDICT_CROWD_H

#include "slicewise/predict.h"

/** What neighbours make of one engine's GPU time; 1 and 1 alone. */
struct sw__stretch {
	double dram; /* of the part that waits for DRAM */
	double whole; /* of all GPU time: turns */
	double crowding; /* of the part that waits for tensor cores, how much more: shares that sum to more than the GPU */
};

/** What a neighbour meets of an engine whatever is made of its step times. */
struct sw__presence {
	double share;
	double duty; /* part of the time that a launch limiter lets it work, as it counts on: 1 without one */
	double there_most; /* ... as its neighbours must reckon with */
	double reads; /* of a step without prompts, the part in which it reads */
	double decode_demand; /* of DRAM meanwhile; 1: all that engines together reach */
	double prefill_demand; /* ... by steps of prompts alone */
	double alone; /* what one engine reaches, of what several do */
};

/** Fractions of time with work for the GPU, and with prompts. */
struct sw__activity {
	double gpu, prefill;
};

/** Engines together. `now` is where they stand: alone, at first. */
struct sw__crowd {
	size_t n; /* at most SW_TENANTS_MAX */
	const struct sw__presence *presence[SW_TENANTS_MAX];
	struct sw__activity now[SW_TENANTS_MAX];
	/* Where engine `i` stands once it is stretched. */
	struct sw__activity (*stand_anew)(void *context, size_t i,
					  const struct sw__stretch *stretch);
	void *context;
};

/**
 * The least that neighbours do whose mean demands (of DRAM, where kernels overlap), or parts of the time (where turns are taken), add up
 * to `pressure`: of a convex function of their sum the mean is at least that of the mean.
 */
struct sw__stretch sw__least_stretch(enum sw_mechanism mechanism,
				     const struct sw__presence *presence, double pressure);

/** Solve for all stretches together. */
void sw__crowd_settle(enum sw_mechanism mechanism, struct sw__crowd *crowd,
		      struct sw__stretch *stretches);

#endif
