/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file summary.h
 * What repetitions of a mix say together: README.md, "Repetitions".
 */
#ifndef SLICEWISE_SIM_SUMMARY_H
#define SLICEWISE_SIM_SUMMARY_H

#include "sim/repetition.h"

/** One engine over all repetitions. */
struct sw__run_tenant {
	struct sw__samples pooled[SW_METRIC_COUNT]; /* of every request counted */
	struct sw__samples each[SW_METRIC_COUNT][SW_STATISTIC_COUNT]; /* of every repetition */
	struct sw__samples growth; /* of the backlog over the arrivals, likewise */
	struct sw__repetition_tenant sum; /* numbers added up; its samples are not used */
	double growth_requests; /* summed */
};

struct sw__run {
	size_t n_tenants;
	unsigned n; /* repetitions */
	struct sw__run_tenant tenant[SW_TENANTS_MAX];
};

void sw__run_start(struct sw__run *run, size_t n_tenants);
void sw__run_clear(struct sw__run *run);

/** SW_NO_MEMORY. */
enum sw_status sw__run_add(struct sw__run *run, const struct sw__repetition *repetition,
			   struct sw_error *err);

/**
 * Largest relative half-width of the 95 % intervals of all means, overloaded engines left out; INFINITY where one is not known:
 * below two repetitions, or without requests.
 */
double sw__run_half_width(const struct sw__run *run);

/** Mean TPOT, or TTFT where no request has more than one token, ms. */
double sw__run_pace(const struct sw__run *run, size_t tenant);

/** Offered more than it sustains: its backlog grows, and not by chance. */
bool sw__run_overloaded(const struct sw__run *run, size_t tenant);

/** Everything of *out but slowdowns and binds, which are NAN and overload or nothing; requests and moments of `first`. */
enum sw_status sw__run_summarize(struct sw__run *run, const struct sw__repetition_ask *ask,
				 const struct sw__repetition *first, bool timeline,
				 struct sw_simulated *out, struct sw_error *err);

/** What binds each engine, once slowdowns are known. */
void sw__run_bind(const struct sw__run *run, const struct sw_mix *mix, struct sw_simulated *out);

#endif
