/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dial.h
 * One thing of a workload that can be turned by a factor until it holds: a limit, all its limits, its load. And how far it has to be.
 */
#ifndef SLICEWISE_PLAN_DIAL_H
#define SLICEWISE_PLAN_DIAL_H

#include "slicewise/plan.h"

struct sw__dial {
	enum sw_relaxation_kind kind; /* SW_RELAX_LIMIT, SW_RELAX_LIMITS, SW_RELAX_LOAD */
	enum sw_metric metric; /* of a limit */
	enum sw_statistic statistic;
};

/** Where it stands in the workload as asked: ms, 1 of all limits, requests per second or in flight. */
double sw__dial_from(const struct sw__dial *dial, const struct sw_workload *asked);

/** Its value turned by `factor` >= 1, rounded to three digits, away from what was asked; a whole number of requests in flight. */
double sw__dial_value(const struct sw__dial *dial, const struct sw_workload *asked, double factor);

/** Set it in `workload`, a copy of `asked`. */
void sw__dial_set(const struct sw__dial *dial, const struct sw_workload *asked, double value,
		  struct sw_workload *workload);

/** Whether a workload holds with the dial at a value. */
struct sw__dial_question {
	void *context;
	enum sw_status (*holds)(void *context, double value, bool *out, struct sw_error *err);
};

/** How a dial is searched: by factors `growth`, `growth`², ... up to `most`, then between two of them down to `precision`. */
struct sw__dial_search {
	double growth, most, precision;
};

/**
 * The least factor in (from, search->most] at which it holds, given that it does not at `from` (and that it goes on holding above);
 * INFINITY where it does not at any that was asked. *factor is one that was asked and held, or INFINITY. Statuses are those of `holds`.
 */
enum sw_status sw__dial_turn(const struct sw__dial *dial, const struct sw_workload *asked,
			     const struct sw__dial_search *search, double from,
			     const struct sw__dial_question *question, double *factor,
			     struct sw_error *err);

#endif
