/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file running.h
 * A running plan as seen from a new problem: which of its GPUs and engines are still wanted, and which may stay as they are.
 */
#ifndef SLICEWISE_PLAN_RUNNING_H
#define SLICEWISE_PLAN_RUNNING_H

#include "plan/sizing.h"
#include "slicewise/replan.h"

/** No GPU, no workload, no engine. */
#define SW__NONE ((size_t)-1)

struct sw__running_engine {
	const struct sw_tenant *tenant; /* borrowed from the file */
	size_t gpu; /* index among the running GPUs */
	size_t workload; /* in the problem; SW__NONE: not wanted any more */
	unsigned replica;
	size_t level; /* of its slice on its GPU; SW__NONE: the GPU gives out no such slice */
	bool may_stay; /* its settings are allowed as they are */
	char why_not[200]; /* not wanted or may not stay: why */
};

struct sw__running_gpu {
	const struct sw_planned_gpu *planned; /* borrowed from the file */
	size_t fleet; /* in the problem; SW__NONE: not there any more */
	size_t first, n; /* its engines */
	char why_not[160];
};

struct sw__running {
	const struct sw_problem *problem;
	size_t n_gpus, n_engines;
	struct sw__running_gpu *gpus; /* in file order */
	struct sw__running_engine *engines; /* by GPU, in file order */
	unsigned *replicas; /* of each workload of the problem: how many run */
};

/**
 * *out refers to `plan`, which must outlive it; release it with sw__runs_close(), also after a failure. SW_NO_MEMORY, or
 * SW_BAD_INPUT where `plan` is none.
 */
enum sw_status sw__runs_open(const struct sw__sizing *sizing, const struct sw_plan_mixes *plan,
			     struct sw__running *out, struct sw_error *err);
void sw__runs_close(struct sw__running *running);

/** Of the fleet's entries with the same GPU and mechanism the one with the same price, else the first; SW__NONE: there is none. */
size_t sw__running_fleet(const struct sw_problem *problem, const struct sw_planned_gpu *gpu);

/** The workload of that name; SW__NONE. */
size_t sw__workload_called(const struct sw_problem *problem, const char *name);

/** Whether two engines are started with the same settings; their slices apart. */
bool sw__same_settings(const struct sw_engine *a, const struct sw_engine *b);

/** Whether an engine with these settings is held to its share; a launch limiter does not see what CUDA graphs launch. */
bool sw__share_binds(enum sw_mechanism mechanism, const struct sw_engine *engine);

/** Whether two numbers are one, as far as files keep digits. NAN is NAN. */
bool sw__same_number(double a, double b);

#endif
