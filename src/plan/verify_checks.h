/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file verify_checks.h
 * What the judge's parts have in common.
 */
#ifndef SLICEWISE_PLAN_VERIFY_CHECKS_H
#define SLICEWISE_PLAN_VERIFY_CHECKS_H

#include "base/error.h"
#include "plan/oracle.h"

/* Sums of decimal fractions, and predictions made in another order, agree to this. */
#define VERIFY_ROUNDING 1e-9

struct checking {
	const struct sw_problem *problem;
	const struct sw__oracle *oracle;
	const struct sw_plan *plan;
	struct sw_error *err;
};

#define REFUSE(c, ...) sw_fail((c)->err, SW_INTERNAL, "plan refused: " __VA_ARGS__)

static inline bool differ(double a, double b)
{
	if (isnan(a) || isnan(b))
		return isnan(a) != isnan(b);
	return fabs(a - b) > VERIFY_ROUNDING * fmax(1, fmax(fabs(a), fabs(b)));
}

/** Engines of every workload: how many, in which order, and that their parts are all of its load, whatever may be lost. */
enum sw_status sw__verify_parts(const struct checking *c);

/** What an engine that gets `mean` requests per second has to bear in a busy window; of requests in flight the same. */
double sw__verify_busy(const struct sw_workload *workload, double mean);

/** The mean of which sw__verify_busy() is `busy`. */
double sw__verify_mean(const struct sw_workload *workload, double busy);

/** GPUs of every node, and the host cores that their engines have. */
enum sw_status sw__verify_nodes(const struct checking *c);

#endif
