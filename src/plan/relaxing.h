/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file relaxing.h
 * The state of the search for relaxations, and what its parts share.
 */
#ifndef SLICEWISE_PLAN_RELAXING_H
#define SLICEWISE_PLAN_RELAXING_H

#include "base/text.h"
#include "plan/relaxed.h"

struct sw__relaxing {
	const struct sw_problem *problem;
	const struct sw__oracle *oracle;
	struct sw_plan *plan;
	size_t capacity;
	size_t unmet; /* how many workloads are looked at */
	/* Of the workload at hand: */
	size_t workload;
	const struct sw_workload *asked;
	struct sw__relaxed alone; /* it and no other */
	struct sw__relaxed others; /* it and those whose limits hold */
	size_t alone_fleet; /* where it last held alone, or on free GPUs */
	unsigned alone_engines; /* with so many engines */
	size_t others_engines; /* of workloads whose limits hold */
	size_t engines; /* that one plan of `others` places: those, and as many of the workload as it needs at the least */
	size_t left; /* engines that may still be planned */
	double per_hour; /* of the last plan that held with a dial turned, and the engines of the workload in it */
	unsigned replicas;
};

/** Add one to the plan's; `words` is released. SW_NO_MEMORY. */
enum sw_status sw__relaxing_add(struct sw__relaxing *r, const struct sw_relaxation *found,
				struct sw_text *words, struct sw_error *err);

/** The workload at hand in a part, to be changed. */
struct sw_workload *sw__relaxing_copy(struct sw__relaxed *part, const struct sw__relaxing *r);

/** A plan of r->others as they are now, while there is anything left to spend; else it is not known to hold. */
enum sw_status sw__relaxing_plan(struct sw__relaxing *r, bool *holds, struct sw_error *err);

/** GPUs of a kind that no workload whose limits hold is on. */
double sw__relaxing_free_gpus(const struct sw__relaxing *r, size_t fleet);

/** Whether the workload, as it is now in r->alone, fits the GPUs that others leave, of one kind. */
enum sw_status sw__relaxing_fits_free(struct sw__relaxing *r, bool *fits, struct sw_error *err);

/** What a plan with it costs, or what else says that it is enough. */
void sw__relaxing_say(const struct sw_problem *problem, const struct sw_relaxation *found,
		      struct sw_text *text);

/** The size of a change. */
double sw__relaxing_change(double from, double to);

/** Limits and load, each turned until the workload holds; `holds_as_asked`: alone it does as it is. SW_NO_MEMORY. */
enum sw_status sw__relax_turns(struct sw__relaxing *r, bool holds_as_asked, struct sw_error *err);

/** More GPUs of each kind that the fleet has a number of, for the workload at hand. SW_NO_MEMORY. */
enum sw_status sw__relax_gpus(struct sw__relaxing *r, struct sw_error *err);

/** The GPUs that the fleet lacks for all workloads that any of its GPUs can serve; `kept` says of none that it is left out. SW_NO_MEMORY. */
enum sw_status sw__relax_fleet(struct sw__relaxing *r, const bool *kept, struct sw_error *err);

#endif
