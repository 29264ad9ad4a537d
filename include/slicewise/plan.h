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

/** How something that is no language model ran on a slice of a GPU, as the user measured it. */
struct sw_table_row {
	unsigned batch; /* requests answered at once */
	unsigned processes; /* that share the slice */
	double share; /* of the GPU's compute */
	double latency_ms; /* of one batch */
	double throughput; /* requests per second of all processes together */
	double memory_gib; /* of all processes; NAN: not known */
};

/** Measurements of one workload: docs/formats/table.md. */
struct sw_table {
	char *path;
	size_t n;
	struct sw_table_row *rows; /* in file order */
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
	struct sw_model model; /* of a measured table only the id: what its file is called */
	struct sw_table *table; /* measured in place of a model; NULL: a language model */
	double latency_ms; /* of a table: the limit of every request; NAN: none */
	struct sw_engine engine; /* as given; plan chooses what is left out */
	struct sw_load load; /* of all replicas together */
	struct sw_slo slo;
	unsigned replicas; /* 0: the planner's choice */
	bool spread; /* replicas on different GPUs */
	enum sw_isolation isolation;
	size_t n_gpus; /* allowed GPU ids, "l4", or single ones, "l4/0"; 0: any */
	char (*gpus)[SW_NAME_MAX];
	size_t n_not_with; /* workloads that are never on one GPU with it, by name; each has it in its own list */
	char (*not_with)[SW_NAME_MAX];
	struct sw_survive survive; /* 0: nothing */
	double room; /* growth of the load, as a part of it, that must still hold the limits */
	double window_s; /* the limits hold in every window as long, busy ones too; 0: over all time */
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
	size_t explain_engines; /* plans of at most so many engines have reasons; 0: SW_EXPLAIN_ENGINES */
	size_t play_engines; /* limits of plans of at most so many engines are held by the bounds of plays; 0: of none */
};

/** How long a window is where nobody says otherwise: a limit is held where it is in every five minutes. */
#define SW_WINDOW_S 300.0

/** A play of a GPU takes a second, and a plan some three of each of its GPUs: enough for most who wait. */
enum { SW_PLAY_ENGINES = 12 };

/** Reasons cost about as much as the search; with more engines than this that is too long for those who did not ask. */
enum { SW_EXPLAIN_ENGINES = 64 };

/** Read a workloads file (docs/formats/workloads.md); errors as sw_mix_load(). Release with sw_problem_free(). */
SW_API enum sw_status sw_problem_load(const sw_catalog *catalog, const char *path,
				      struct sw_problem **out, struct sw_error *err);

/** Release it; NULL is fine. */
SW_API void sw_problem_free(struct sw_problem *problem);

/** One engine of a plan. */
struct sw_placement {
	size_t workload; /* index in the problem */
	unsigned replica; /* from 0 */
	unsigned mig_start; /* mig: the memory slice at which its instance begins */
	double share, memory_gib;
	struct sw_engine engine; /* every setting decided */
	unsigned
		max_in_flight; /* requests that its gateway lets in at once, below max_num_seqs; 0: no limit */
	const struct sw_table_row
		*row; /* borrowed from the workload's table: how it runs; NULL: a language model */
	double rate_or_concurrency; /* this replica's part of the load */
	double sized_for; /* the load with which its limits are held: that part, and what losses and growth may add */
	struct sw_prediction predicted; /* of a plan that was played: by the play */
	double played_over_closed
		[SW_METRIC_COUNT]
		[SW_STATISTIC_COUNT]; /* its bounds over those of the closed form; NAN, 0: not played */
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

/** No element of a list: of all of it, or of none. */
#define SW_NONE ((size_t)-1)

/** What stands against another way. X(name, id in files, unit of its numbers). */
#define SW_OBSTACLE_LIST(X)                                                          \
	X(SW_OBSTACLE_NONE, "none", "") /* nothing: it would hold, and cost less */  \
	X(SW_OBSTACLE_LIMIT, "limit", "ms") /* the bound of a latency, its limit */  \
	X(SW_OBSTACLE_OVERLOAD, "overload", "") /* offered more than sustained */    \
	X(SW_OBSTACLE_MEMORY, "memory", "GiB") /* of all engines, of the GPU */      \
	X(SW_OBSTACLE_SHARE, "share", "") /* sum of the least shares, 1 */           \
	X(SW_OBSTACLE_TENANTS, "max_tenants", "engines")                             \
	X(SW_OBSTACLE_CORES, "cores", "host cores")                                  \
	X(SW_OBSTACLE_ISOLATION, "isolation", "")                                    \
	X(SW_OBSTACLE_SPREAD, "spread", "")                                          \
	X(SW_OBSTACLE_NOT_WITH, "not_with", "")                                      \
	X(SW_OBSTACLE_GPUS, "gpus", "") /* not among those the workload may use */   \
	X(SW_OBSTACLE_FLEET, "count", "GPUs") /* the fleet has no more */            \
	X(SW_OBSTACLE_PRICE, "price", "per hour") /* it would hold, and save none */ \
	X(SW_OBSTACLE_RULE, "rule", "") /* MIG's slices, or another rule */          \
	X(SW_OBSTACLE_ENGINE, "engine", "") /* it does not start there */

enum sw_obstacle_kind {
#define SW_OBSTACLE_ENUM(name, id, unit) name,
	SW_OBSTACLE_LIST(SW_OBSTACLE_ENUM)
#undef SW_OBSTACLE_ENUM
		SW_OBSTACLE_COUNT
};

struct sw_obstacle {
	enum sw_obstacle_kind kind;
	size_t workload; /* whose limit or wish; SW_NONE: nobody's */
	enum sw_metric metric; /* of a limit */
	enum sw_statistic statistic;
	double found, allowed; /* in the unit of its kind; NAN: no numbers */
	bool idle; /* found of an engine with nearly nothing to do: dividing its load would not help */
};

/** What could have been instead. X(name, id in files). */
#define SW_INSTEAD_LIST(X)                                                                \
	X(SW_INSTEAD_SMALLER, "smaller-slice") /* one engine, a level less */             \
	X(SW_INSTEAD_CHEAPER, "cheaper-gpu") /* all of a GPU, on a cheaper kind */        \
	X(SW_INSTEAD_MOVED, "other-gpu") /* one engine, beside those elsewhere */         \
	X(SW_INSTEAD_SHARED, "shared-gpu") /* an engine alone, not alone */               \
	X(SW_INSTEAD_UNLIMITED, "no-limit") /* one engine, without its gateway's limit */ \
	X(SW_INSTEAD_FEWER, "fewer-replicas")

enum sw_instead {
#define SW_INSTEAD_ENUM(name, id) name,
	SW_INSTEAD_LIST(SW_INSTEAD_ENUM)
#undef SW_INSTEAD_ENUM
		SW_INSTEAD_COUNT
};

/** Why a plan is not otherwise: the next cheaper way for a part of it, and what stands against that. */
struct sw_reason {
	enum sw_instead instead;
	size_t gpu, tenant; /* of the plan; SW_NONE: all tenants, all GPUs */
	size_t workload; /* SW_NONE: all on the GPU */
	char where[SW_NAME_MAX]; /* GPU of the plan or kind of GPU it would be on */
	double share; /* it would have; NAN: not that */
	unsigned replicas; /* it would have; 0: not that */
	struct sw_obstacle obstacle;
	char words[320];
};

/** What a user can give way in. X(name, id in files). */
#define SW_RELAXATION_LIST(X)                                              \
	X(SW_RELAX_LIMIT, "limit") /* one limit, ms */                     \
	X(SW_RELAX_LIMITS, "limits") /* all its limits, by a factor */     \
	X(SW_RELAX_LOAD, "load") /* requests per second, or in flight */   \
	X(SW_RELAX_GPUS, "gpus") /* GPUs of a kind in the fleet */         \
	X(SW_RELAX_REPLICAS, "replicas") /* a number that was asked for */ \
	X(SW_RELAX_WISH, "wish") /* spread, isolation, allowed GPUs, engine settings */

enum sw_relaxation_kind {
#define SW_RELAXATION_ENUM(name, id) name,
	SW_RELAXATION_LIST(SW_RELAXATION_ENUM)
#undef SW_RELAXATION_ENUM
		SW_RELAXATION_COUNT
};

/** What a relaxation stands on. X(name, id in files). */
#define SW_BASIS_LIST(X)                                                                  \
	X(SW_BASIS_PLANNED, "planned") /* a plan of it and all that hold was made */      \
	X(SW_BASIS_FREE, "free-gpus") /* it fits the GPUs that those leave, as planned */ \
	X(SW_BASIS_ALONE, "alone") /* it holds on GPUs beyond the fleet's: not enough by itself */

enum sw_basis {
#define SW_BASIS_ENUM(name, id) name,
	SW_BASIS_LIST(SW_BASIS_ENUM)
#undef SW_BASIS_ENUM
		SW_BASIS_COUNT
};

/**
 * One change that is enough for a workload whose limits do not hold: the others that do not hold left aside, those that do
 * still holding. SW_NONE as workload: enough for all that any GPU of the fleet can serve.
 */
struct sw_relaxation {
	enum sw_relaxation_kind kind;
	size_t workload;
	size_t fleet; /* whose count grows (gpus), or the kind it was found on; SW_NONE: a plan says */
	enum sw_metric metric; /* of a limit */
	enum sw_statistic statistic;
	double from, to; /* in the unit of the kind; NAN: no numbers */
	double relative; /* the larger of from and to over the smaller, less 1; of GPUs: more over all there are; NAN */
	enum sw_basis basis;
	unsigned replicas; /* engines it has then; 0: not known */
	double cost_per_hour; /* of the plan; NAN: none was made */
	char words[320];
};

/** What is done to a running plan, in the order in which changes are listed. X(name, id in files). */
#define SW_CHANGE_LIST(X)                                                                  \
	X(SW_CHANGE_OPEN, "open") /* a GPU that had no engine, or was not there */         \
	X(SW_CHANGE_LIMIT, "limit") /* its gateway lets in others: nothing is restarted */ \
	X(SW_CHANGE_SHARE, "share") /* another share: the engine is started anew */        \
	X(SW_CHANGE_BATCH, "batch-limit") /* another batch limit: the same */              \
	X(SW_CHANGE_MEMORY, "memory") /* another memory: the same */                       \
	X(SW_CHANGE_SETTINGS, "settings") /* another model or setting: the same */         \
	X(SW_CHANGE_MOVE, "move") /* to another GPU: a start there, then a stop here */    \
	X(SW_CHANGE_START, "start") /* an engine more */                                   \
	X(SW_CHANGE_STOP, "stop") /* an engine less */                                     \
	X(SW_CHANGE_CLOSE, "close") /* a GPU that has no engine any more */

enum sw_change_kind {
#define SW_CHANGE_ENUM(name, id) name,
	SW_CHANGE_LIST(SW_CHANGE_ENUM)
#undef SW_CHANGE_ENUM
		SW_CHANGE_COUNT
};

/** Where an engine is and how it is set; gpu[0] is '\0' where there is none. */
struct sw_engine_place {
	char gpu[SW_NAME_MAX]; /* "a100-sxm4-80gb/0" */
	double share, memory_gib; /* NAN: of a GPU, not of an engine */
	unsigned max_num_seqs, max_num_batched_tokens, max_model_len;
	unsigned max_in_flight; /* 0: no limit */
	unsigned batch, processes; /* of a measured table, in place of those; 0: a language model */
};

/** One change of a running plan. */
struct sw_change {
	enum sw_change_kind kind;
	char workload[SW_NAME_MAX]; /* "": a GPU is opened or closed */
	unsigned replica;
	struct sw_engine_place from, to;
	double price; /* once, in the currency of price_per_hour */
	char why[320];
};

/** What a plan is beside the running one it was made from. */
struct sw_replanned {
	double running_per_hour; /* of the running GPUs at the fleet's prices; of those it no longer has, at the file's */
	double changes_price; /* once */
	double horizon_hours; /* within which savings had to pay for changes */
	size_t n_changes;
	struct sw_change *changes; /* by kind, then workload, replica, GPU */
	size_t n_notes;
	char (*notes)[256]; /* what was found on the way and a person should know */
};

struct sw_plan {
	size_t n_gpus;
	struct sw_plan_gpu *gpus;
	size_t n_workloads;
	struct sw_plan_workload *workloads;
	bool played; /* limits are held by the bounds of plays, not by those of the closed form */
	double total_share, cost_per_hour;
	double bound_gpus, bound_cost_per_hour; /* proven lower bounds */
	bool bound_is_of_sizes; /* the cost's only of plans with engines as they are sized, at most two more than needed */
	double gap; /* (cost - bound) / bound */
	double exclusive_gpus,
		exclusive_cost_per_hour; /* one GPU per engine, for comparison; NAN where impossible */
	size_t n_reasons; /* by GPU, then tenant; none where there are many engines: sw_problem.explain_engines */
	struct sw_reason *reasons;
	size_t n_relaxations; /* by workload, the smallest change first */
	struct sw_relaxation *relaxations;
	struct sw_replanned *replanned; /* NULL: planned from nothing */
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

/** The words that files have for them. Static. */
SW_API const char *sw_obstacle_id(enum sw_obstacle_kind kind);
SW_API const char *sw_instead_id(enum sw_instead instead);
SW_API const char *sw_relaxation_id(enum sw_relaxation_kind kind);
SW_API const char *sw_basis_id(enum sw_basis basis);

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

/** An engine of a measured table, as a plan says it. */
struct sw_planned_row {
	char name[SW_NAME_MAX]; /* "workload/replica" */
	size_t workload; /* index in sw_plan_mixes */
	unsigned replica, batch, processes;
	unsigned mig_start; /* mig: the memory slice at which its instance begins */
	double share, memory_gib;
	double rate; /* its part of the load */
};

/** A GPU of a plan as the mix of the language models on it, and what else is on it. */
struct sw_planned_gpu {
	char id[SW_NAME_MAX]; /* "a100-sxm4-80gb/0" */
	double price_per_hour; /* NAN: not said */
	long node; /* of those that its entry of the fleet has, from 0; -1: the file does not say */
	struct sw_mix *mix; /* its tenants are called "workload/replica" */
	size_t *workload; /* of each tenant: the index in sw_plan_mixes */
	double (*p95_bound_ms)
		[SW_METRIC_COUNT]; /* of each tenant: what the file says was predicted; NAN: nothing. NULL: a mix */
	double (*played_over_closed)
		[SW_METRIC_COUNT]
		[SW_STATISTIC_COUNT]; /* of each tenant, as sw_placement has it; NAN: the file does not say. NULL: a mix */
	double *sized_for; /* of each tenant: the load that was predicted for, in the unit of its own. NULL: a mix */
	long *mig_start; /* mig: of each tenant, where its instance begins; -1: the file does not say. NULL: a mix */
	size_t n_rows;
	struct sw_planned_row
		*rows; /* engines of measured tables, which are no tenants of the mix */
};

/** A workload of a plan. */
struct sw_planned_workload {
	char name[SW_NAME_MAX];
	bool is_table; /* measured in place of a model: of the load only the rate, no limits */
	unsigned replicas;
	bool met;
	struct sw_load load; /* of all replicas together */
	struct sw_slo slo;
};

/** What a plan says of engines and loads. Its traces live as long as it does. */
struct sw_plan_mixes {
	bool is_plan; /* false: a mix file: one GPU without an id, no workloads */
	struct sw_fit_id fit; /* with which it was planned; empty where the file does not say */
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
