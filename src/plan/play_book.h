/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file play_book.h
 * Mixes that were played for a plan: the same engines on the same kind of GPU are played once.
 */
#ifndef SLICEWISE_PLAN_PLAY_BOOK_H
#define SLICEWISE_PLAN_PLAY_BOOK_H

#include "slicewise/fit.h"
#include "slicewise/plan.h"

struct sw__play_page;

/** Zeroes: nothing was played. */
struct sw__play_book {
	size_t n;
	struct sw__play_page *pages;
};

void sw__play_book_clear(struct sw__play_book *book);

/** Tenants on a GPU of a fleet entry. */
struct sw__play_job {
	size_t fleet, n;
	struct sw_tenant tenants[SW_TENANTS_MAX];
};

/** What all plays of a problem have in common. */
struct sw__playing {
	const struct sw_problem *problem;
	double most_of_capacity,
		most_of_held_capacity; /* the latter of engines that a launch limiter holds */
};

/** Play those of `n` jobs that nobody has asked for before, all processors together, for sw__play_book_get(). SW_BAD_INPUT, SW_NO_MEMORY. */
enum sw_status sw__play_book_fetch(struct sw__play_book *book, const struct sw__playing *playing,
				   const struct sw__play_job *jobs, size_t n, struct sw_error *err);

/**
 * sw_predict_mix() of settled tenants on a GPU of fleet entry job->fleet, into `out` (job->n of them). An open loop beyond
 * `most_of_capacity` (`most_of_held_capacity`) of what its engine sustains beside the others has no bounds. Slowdowns are the closed form's. Loads are taken to nine
 * digits, so that who works them out another way gets the same play. SW_BAD_INPUT, SW_NO_MEMORY.
 */
enum sw_status sw__play_book_get(struct sw__play_book *book, const struct sw__playing *playing,
				 const struct sw__play_job *job, struct sw_prediction *out,
				 struct sw_error *err);

#endif
