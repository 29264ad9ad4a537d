/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sizing.h
 * One engine of a workload on one kind of GPU: its batch limits, its memory, and the smallest slice that holds its limits
 * with nobody beside it.
 *
 * A size belongs to (workload, kind of GPU, number of replicas that divide the load) and is computed once. Prepared
 * engines per slice level are kept with it, since preparing costs far more than predicting.
 *
 * Where the user leaves CUDA graphs open and a launch limiter does not see them (hami), an engine has two sizes: with them it
 * is faster and takes turns, without them it is slower and its share binds. Neither is better for all mixes, so the second is
 * linked to the first (`other`), and whoever places engines looks at both.
 */
#ifndef SLICEWISE_PLAN_SIZING_H
#define SLICEWISE_PLAN_SIZING_H

#include "plan/levels.h"
#include "plan/oracle.h"

/** Of an engine at a level: the least stretch by neighbours with which it was seen to miss a limit, and by how much. */
struct sw__tolerance {
	double missed_at, ratio; /* ratio 0: not seen */
};

struct sw__size {
	size_t workload, fleet;
	unsigned replicas; /* parts of the load */
	unsigned times; /* of which it takes so many: 1, or more where the router has weights */
	unsigned id; /* unique; in the order of creation, which is the same for the same problem */
	bool possible; /* else only `miss` and `why_not` are there */
	bool share_matters; /* else every level is as fast as the whole GPU */
	struct sw_tenant tenant; /* settled; the slice's share is that of level `alone` */
	size_t alone; /* smallest level at which the limits hold with nobody else on the GPU */
	/* Lower bounds over all settings the planner would choose from, for bound.c. */
	double least_share;
	double least_memory_gib;
	double least_work; /* part of the GPU's time, where turns are taken; 0: not known */
	bool hopeless; /* not possible, even with nearly nothing to do */
	bool passed_over; /* not possible; whether more engines would do was not looked at */
	struct sw_prediction miss; /* not possible: the prediction that came nearest */
	char why_not[320];
	sw_prepared *prepared[SW__LEVELS_MAX];
	struct sw__tolerance *tolerance; /* per level; NULL: nothing seen */
	struct sw__size *next; /* another number of replicas */
	struct sw__size *
		other; /* with CUDA graphs where this is without, and the other way round; NULL: not worth a look */
};

/** The last engine with nearly nothing to do that was settled: idle.c. */
struct sw__settled {
	bool known, graphs; /* as it came: with CUDA graphs */
	size_t workload, fleet;
	struct sw_tenant tenant;
};

struct sw__trial;

struct sw__sizing {
	const struct sw_problem *problem;
	const struct sw__oracle *oracle;
	struct sw__levels *levels; /* per fleet entry */
	struct sw__size **first; /* per workload and fleet entry */
	struct sw__size **fewest; /* the same: what sw__size_fewest() found */
	/* Per pair of kinds: the sum of log(share on the second / share on the first) of engines that were sized on both, and how many. */
	struct sw__kind_ratio {
		double sum, n;
	} * ratio;
	struct sw__settled idle;
	struct sw__trial *trials; /* room for those of one size after another: trials.h */
	unsigned n; /* sizes so far */
	bool economical; /* there are so many workloads that not everything is looked at */
	bool prove; /* even so a bound may take longer than all the rest of a plan */
	size_t prepared, predicted; /* how often, for those who watch the planner's time */
};

/** *out is the caller's, release it with sw__sizing_close(); problem and oracle must outlive it. SW_NO_MEMORY. */
enum sw_status sw__sizing_open(const struct sw_problem *problem, const struct sw__oracle *oracle,
			       struct sw__sizing *out, struct sw_error *err);
void sw__sizing_close(struct sw__sizing *sizing);

/**
 * The size of one of `replicas` engines of a workload on a kind of GPU; borrowed. Where there are two it is the one with CUDA
 * graphs; where only one of them is possible, that. SW_NO_MEMORY only.
 */
enum sw_status sw__size_get(struct sw__sizing *sizing, size_t workload, size_t fleet,
			    unsigned replicas, struct sw__size **out, struct sw_error *err);

/** The same of an engine with `times` of `replicas` parts of the load. */
enum sw_status sw__size_weighted(struct sw__sizing *sizing, size_t workload, size_t fleet,
				 unsigned times, unsigned replicas, struct sw__size **out,
				 struct sw_error *err);

/** The size of an engine like `size` on another kind of GPU: the same part of the load, with CUDA graphs or without alike. */
enum sw_status sw__size_like(struct sw__sizing *sizing, const struct sw__size *size, size_t fleet,
			     struct sw__size **out, struct sw_error *err);

/** The size with the fewest replicas that is possible; one that is not where none is, or where that was passed over. */
enum sw_status sw__size_fewest(struct sw__sizing *sizing, size_t workload, size_t fleet,
			       struct sw__size **out, struct sw_error *err);

/** The most engines that its load is divided among: as many as requests in flight, and no more than anybody starts. */
unsigned sw__replicas_most(const struct sw_workload *workload);

/** The engine prepared at a level; borrowed. */
enum sw_status sw__size_prepared(struct sw__sizing *sizing, struct sw__size *size, size_t level,
				 const sw_prepared **out, struct sw_error *err);

/** The part of the GPU's compute at a level; 1 where the share does not matter: all of it, by turns. */
double sw__size_share(const struct sw__sizing *sizing, const struct sw__size *size, size_t level);

/** Its memory at a level: its own choice, or what comes with the level. */
double sw__size_memory_gib(const struct sw__sizing *sizing, const struct sw__size *size,
			   size_t level);

/** The tenant as it is started at a level. */
struct sw_tenant sw__size_tenant(const struct sw__sizing *sizing, const struct sw__size *size,
				 size_t level);

/** One of `replicas` engines of a workload before anything is chosen: its slice is the whole GPU. */
struct sw_tenant sw__tenant_of(const struct sw_problem *problem, size_t workload, size_t fleet,
			       unsigned replicas);

/** Whether an engine is with CUDA graphs or without is the planner's choice, and makes a difference to what its share does. */
bool sw__graphs_are_open(const struct sw_problem *problem, size_t workload, size_t fleet);

/** The size as it is with CUDA graphs, or without; where there is no other, the size itself. */
struct sw__size *sw__size_with(struct sw__size *size, bool cuda_graphs);

#endif
