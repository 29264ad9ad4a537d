/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file compare.h
 * Strategies of planning side by side: each is planned, simulated and scored in the same way: src/compare/README.md.
 *
 *     struct sw_compare_settings settings = sw_compare_defaults();
 *     sw_compare(catalog, problem, &settings, &comparison, &err);
 *     sw_comparison_free(comparison);
 */
#ifndef SLICEWISE_COMPARE_H
#define SLICEWISE_COMPARE_H

#include <stdint.h>

#include "slicewise/plan.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Excess late up to this counts as none: five requests of ten thousand, what a table shows as 0.0 %. */
#define SW_COMPARE_NO_EXCESS 0.0005

/** What is compared, how often it is played, and what is told meanwhile. sw_compare_defaults() has the rules. */
struct sw_compare_settings {
	/* What sw_plan_solve() takes, and "oracle"; 0: all of sw_strategies() but exact, and the oracle. Borrowed, as all pointers
	 * here. */
	size_t n_strategies;
	const char *const *strategies;
	/* Factors in (0, 4] that limits are multiplied by before a strategy plans. slicewise and exact plan with 1 alone: their
	 * bounds are their margin. Of packed, which looks at no limits, they are parts of a GPU's time to be filled. 0: the usual
	 * ones of each strategy. */
	size_t n_margins;
	const double *margins;
	unsigned
		seeds; /* repetitions of every simulation; 0: 2, or 1 where the budget is too small for more */
	unsigned worlds; /* at least 1; the first is the simulator's constants as they are */
	uint64_t seed;
	double duration_s; /* of a repetition; NAN: whole windows of five minutes, as many as `events_max` lets */
	double events_max; /* the budget of all simulations together that NAN is to keep to, where one window does */
	/* A second kind of load, beside the one the workloads have: arrivals of a trace file at their rates (NULL: none), or gaps
	 * of this coefficient of variation (NAN: none). Not both. */
	const char *trace;
	double burstiness;
	unsigned threads; /* 0: as many as there are processors; the result does not depend on it */
	/* Told now and then, by the thread that called, how much is done, [0, 1]. NULL: nobody listens. */
	void (*progress)(void *context, double fraction);
	void *context;
};

SW_API struct sw_compare_settings sw_compare_defaults(void);

/** A figure of many worlds and its 95 % interval; NAN ends: too few worlds to say. */
struct sw_compared_figure {
	double value, low, high;
};

/** How late requests were under one kind of load. All fractions of requests; NAN: no workload has a limit. */
struct sw_compared_lateness {
	double nominal_excess; /* of the worst workload, in the first world */
	struct sw_compared_figure late; /* of the worst workload, in the median world */
	struct sw_compared_figure
		excess; /* beyond what limits allow, of the worst workload: median world */
	struct sw_compared_figure
		worst_decile; /* the same: mean of the worst tenth of the worlds */
	double worlds_held; /* part of the worlds without excess */
};

struct sw_compared_workload {
	unsigned replicas;
	double late, excess, worst_decile; /* as above, of this workload */
};

/** The kinds of load: as the workloads have it, and the other one where it was asked for. */
enum { SW_COMPARED_AS_GIVEN, SW_COMPARED_OTHER, SW_COMPARED_LOADS };

/** A strategy. Numbers are NAN where there is none: without a plan all of them, of the oracle the lateness. */
struct sw_compared {
	char strategy[SW_NAME_MAX];
	bool planned; /* every workload has its engines */
	char why[512]; /* not planned: what kept it; else "" */
	double margin; /* that was taken */
	double gpus;
	double nodes; /* NAN also where the fleet does not say how many GPUs a node has */
	double share; /* of GPUs, where it binds; a GPU on which it does not counts as used up */
	double cost_per_hour;
	double planning_ms; /* with that margin, by the monotonic clock: all else is the same every time */
	struct sw_compared_lateness lateness[SW_COMPARED_LOADS];
	/* n_workloads each, in the order of the problem; NULL without a plan. */
	struct sw_compared_workload *workloads[SW_COMPARED_LOADS];
};

struct sw_comparison {
	size_t n, n_workloads;
	struct sw_compared
		*rows; /* slicewise, then the others as asked for or by name, the oracle last */
	unsigned worlds, seeds;
	bool has_other; /* whether the second kind of load was played */
	double shortest_s, longest_s; /* of a repetition */
	double events; /* simulated */
};

/**
 * Plan with every strategy, take each one's best margin, simulate. The same input gives the same bytes but for planning_ms.
 *
 * SW_OK also where some strategies, or all, have no plan: their rows say why. *out is the caller's, release it with
 * sw_comparison_free(). SW_BAD_INPUT: settings; SW_IO, SW_BAD_INPUT: the trace; SW_NO_MEMORY.
 */
SW_API enum sw_status sw_compare(const sw_catalog *catalog, const struct sw_problem *problem,
				 const struct sw_compare_settings *settings,
				 struct sw_comparison **out, struct sw_error *err);

/** Release it; NULL is fine. */
SW_API void sw_comparison_free(struct sw_comparison *comparison);

/** The row of a strategy; NULL: there is none. */
SW_API const struct sw_compared *sw_comparison_find(const struct sw_comparison *comparison,
						    const char *strategy);

/**
 * Whether a strategy has more excess late than another, in the median world or in the worst tenth, under the load as it is: then
 * the two are not compared at equal lateness, and what the other costs more is the price of being in time.
 */
SW_API bool sw_compared_later(const struct sw_compared *row, const struct sw_compared *than);

/** By how much less `ours` is than `theirs`, as a fraction of theirs; NAN where either is not known. */
SW_API double sw_compared_saving(double ours, double theirs);

/* How savings depend on the load. */

/** What one engine with a GPU to itself sustains of a workload within its limits. */
struct sw_compared_capacity {
	size_t fleet; /* the kind of GPU on which a request costs least; index in the problem */
	double amount; /* requests per second, or in flight where the workload has a concurrency; 0: no kind holds its limits */
};

struct sw_load_curve_point {
	double load; /* part of its capacity that every workload has */
	struct sw_comparison *comparison;
};

struct sw_load_curve {
	size_t n_workloads;
	struct sw_compared_capacity *capacities; /* of each workload */
	size_t n;
	struct sw_load_curve_point *points; /* by increasing load */
};

/**
 * sw_compare() with every workload's load at each of `n` parts (above 0, at most 10) of its capacity. `settings` are those of each;
 * its budget is that of all. SW_INFEASIBLE: a workload whose limits no GPU of the fleet holds, however little comes. *out is the
 * caller's, release it with sw_load_curve_free(). Else as sw_compare().
 */
SW_API enum sw_status sw_load_curve(const sw_catalog *catalog, const struct sw_problem *problem,
				    const struct sw_compare_settings *settings, const double *loads,
				    size_t n, struct sw_load_curve **out, struct sw_error *err);

/** Release it; NULL is fine. */
SW_API void sw_load_curve_free(struct sw_load_curve *curve);

/**
 * The load from which on slicewise costs hardly less (1 %) than a strategy: between two loads by a straight line. 0: it never saved;
 * NAN: it still does at the highest load, or nothing is known.
 */
SW_API double sw_load_curve_break_even(const struct sw_load_curve *curve, const char *strategy);

#ifdef __cplusplus
}
#endif

#endif
