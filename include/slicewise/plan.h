/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file plan.h
 * The cheapest slices, placement, batch limits and replicas that keep every limit: src/plan/README.md.
 */
#ifndef SLICEWISE_PLAN_H
#define SLICEWISE_PLAN_H

#include "slicewise/predict.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One kind of GPU that may be used. */
struct sw_fleet_entry {
	struct sw_gpu gpu;
	enum sw_mechanism mechanism;
	double count; /* INFINITY: unlimited */
	double price_per_hour; /* 1 unless given */
	double gpus_per_node, cores_per_node; /* NAN: not said */
	unsigned max_tenants; /* per GPU */
	char *gpu_file; /* where the GPU was read from; NULL: the catalogue */
};

enum sw_isolation { SW_ISOLATION_SHARED, SW_ISOLATION_PROCESS, SW_ISOLATION_HARDWARE };

/** How a workload's requests come to its replicas: to each the same, or to each a part of its own. */
enum sw_router { SW_ROUTER_EQUAL, SW_ROUTER_WEIGHTED };

/** What may be lost at once while the limits still hold with all of the load. */
struct sw_survive {
	unsigned gpus, nodes;
};

struct sw_workload {
	char name[SW_NAME_MAX];
	struct sw_model model;
	struct sw_engine engine; /* as given; plan chooses what is left out */
	struct sw_load load; /* of all replicas together */
	struct sw_slo slo;
	unsigned replicas; /* 0: the planner's choice */
	bool spread; /* replicas on different GPUs */
	enum sw_isolation isolation;
	size_t n_gpus; /* allowed GPU ids, "l4", or single ones, "l4/0"; 0: any */
	char (*gpus)[SW_NAME_MAX];
	size_t n_not_with; /* workloads that are never on one GPU with it, as indices; each has it in its own list */
	size_t *not_with;
	struct sw_survive survive; /* 0: nothing */
	double room; /* growth of the load, as a part of it, that must still hold the limits */
	enum sw_router router;
	char *model_file; /* where the model was read from; NULL: the catalogue */
};

struct sw_problem {
	size_t n_fleet;
	struct sw_fleet_entry *fleet;
	size_t n_workloads;
	struct sw_workload *workloads;
	size_t n_traces;
	struct sw_trace **traces;
	const sw_fit *fit; /* borrowed: what predictions and their bounds stand on; NULL: guesses */
};

/** Read a workloads file (docs/formats/workloads.md); errors as sw_mix_load(). Release with sw_problem_free(). */
SW_API enum sw_status sw_problem_load(const sw_catalog *catalog, const char *path,
				      struct sw_problem **out, struct sw_error *err);

/** Release it; NULL is fine. */
SW_API void sw_problem_free(struct sw_problem *problem);

/** One engine of a plan. */
struct sw_placement {
	size_t workload; /* index in the problem */
	unsigned replica; /* from 0 */
	double share, memory_gib;
	struct sw_engine engine; /* every setting decided */
	double rate_or_concurrency; /* this replica's part of the load */
	double sized_for; /* the load with which its limits are held: that part, and what losses and growth may add */
	struct sw_prediction predicted;
	char binds
		[160]; /* in words: the limit or resource that keeps the slice from being smaller */
};

/** One GPU of a plan. */
struct sw_plan_gpu {
	size_t fleet; /* index in the problem */
	char id[SW_NAME_MAX]; /* "a100-sxm4-80gb/0" */
	long node; /* of the nodes of its fleet entry, from 0; -1: nodes are not known */
	size_t n;
	struct sw_placement *tenants;
};

struct sw_plan_workload {
	unsigned replicas;
	bool met;
	char why[512]; /* met: why this placement; not met: the binding limit and by how much it fails */
};

struct sw_plan {
	size_t n_gpus;
	struct sw_plan_gpu *gpus;
	size_t n_workloads;
	struct sw_plan_workload *workloads;
	double total_share, cost_per_hour;
	double bound_gpus, bound_cost_per_hour; /* proven lower bounds */
	bool bound_is_of_sizes; /* the cost's only of plans with engines as they are sized, at most two more than needed */
	double gap; /* (cost - bound) / bound */
	double exclusive_gpus,
		exclusive_cost_per_hour; /* one GPU per engine, for comparison; NAN where impossible */
};

/** Names of planning strategies; NULL-terminated, sorted; "slicewise" is the default. */
SW_API const char *const *sw_strategies(void);

/**
 * Choose a GPU, a slice and a batch limit for every workload. `strategy` NULL: "slicewise".
 *
 * SW_OK: *out is the caller's, release it with sw_plan_free(), and sw_plan_verify() has accepted it. SW_INFEASIBLE: some
 * limit cannot be held; *out is the best partial plan (workloads with met = false) and err names the binding limit.
 * Otherwise *out is NULL. The same problem gives the same bytes.
 */
SW_API enum sw_status sw_plan_solve(const sw_catalog *catalog, const struct sw_problem *problem,
				    const char *strategy, struct sw_plan **out,
				    struct sw_error *err);

/** Release it; NULL is fine. */
SW_API void sw_plan_free(struct sw_plan *plan);

/**
 * Judge a plan in original units, sharing no code with the search: shares, memory, counts, tenants, rates and every
 * limit, predicted anew. SW_INTERNAL names the first constraint that does not hold.
 */
SW_API enum sw_status sw_plan_verify(const sw_catalog *catalog, const struct sw_problem *problem,
				     const struct sw_plan *plan, struct sw_error *err);

/**
 * The plan as JSON (docs/formats/plan.md), for --format json. Paths in it are relative to the working directory. *out is the
 * caller's, free().
 */
SW_API enum sw_status sw_plan_to_json(const struct sw_problem *problem, const struct sw_plan *plan,
				      char **out, struct sw_error *err);

/** The same into a file, whole or not at all, with paths relative to that file. SW_IO: as sw_file_replace(). */
SW_API enum sw_status sw_plan_save(const struct sw_problem *problem, const struct sw_plan *plan,
				   const char *path, struct sw_error *err);

/**
 * How one engine is started: its whole command line ("vllm serve ..."), every setting explicit, with the environment the
 * mechanism needs in front. Lines before it that begin with # say what no option can (Kubernetes resources, a MIG
 * instance, the order of starting). Ends with a newline. *out is the caller's, free(). SW_USAGE: the plan has no such
 * engine.
 */
SW_API enum sw_status sw_plan_command_line(const struct sw_problem *problem,
					   const struct sw_plan *plan, size_t gpu, size_t tenant,
					   char **out, struct sw_error *err);

/* Plans out of files. */

/** A GPU of a plan as the mix of the engines on it. */
struct sw_planned_gpu {
	char id[SW_NAME_MAX]; /* "a100-sxm4-80gb/0" */
	struct sw_mix *mix; /* its tenants are called "workload/replica" */
	size_t *workload; /* of each tenant: the index in sw_plan_mixes */
};

/** A workload of a plan. */
struct sw_planned_workload {
	char name[SW_NAME_MAX];
	unsigned replicas;
	bool met;
	struct sw_load load; /* of all replicas together */
	struct sw_slo slo;
};

/** What a plan says of engines and loads. Its traces live as long as it does. */
struct sw_plan_mixes {
	bool is_plan; /* false: a mix file: one GPU without an id, no workloads */
	size_t n_gpus;
	struct sw_planned_gpu *gpus; /* in file order */
	size_t n_workloads;
	struct sw_planned_workload *workloads;
	size_t n_traces;
	struct sw_trace **traces;
};

/**
 * Read a plan file (docs/formats/plan.md), or a mix file as a plan of one GPU: its content tells which it is. Everything is
 * checked as sw_mix_load() does it, with the same statuses: models, GPUs, traces, shares, memory. SW_OK: *out is the
 * caller's, release it with sw_plan_mixes_free().
 */
SW_API enum sw_status sw_plan_mixes_load(const sw_catalog *catalog, const char *path,
					 struct sw_plan_mixes **out, struct sw_error *err);

/** Release it; NULL is fine. */
SW_API void sw_plan_mixes_free(struct sw_plan_mixes *mixes);

#ifdef __cplusplus
}
#endif

#endif
