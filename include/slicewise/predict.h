/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file predict.h
 * Latencies of several engines that share one GPU, under load: src/predict/README.md.
 *
 * Simple use: sw_mix_load(), sw_predict_mix(), sw_mix_free(). A planner that asks for thousands of mixes prepares each
 * engine once (sw_prepare()) and predicts from the prepared ones.
 */
#ifndef SLICEWISE_PREDICT_H
#define SLICEWISE_PREDICT_H

#include "slicewise/catalog.h"
#include "slicewise/step.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Engines on one GPU at most; sharing layers stop earlier (HAMi at 10, MIG at 7). */
enum { SW_TENANTS_MAX = 16 };

/** Several engines on one GPU, as in a mix file. */
struct sw_mix {
	struct sw_gpu gpu;
	enum sw_mechanism mechanism;
	size_t n;
	struct sw_tenant *tenants; /* in file order */
	size_t n_traces;
	struct sw_trace **traces;
	char *warning; /* what is legal and worth a word (shares above 1 under mps), or NULL */
};

/**
 * Read a mix file (docs/formats/mix.md). Everything it names is checked: models, GPU, traces, that memory suffices.
 * SW_OK: *out is the caller's, release it with sw_mix_free(). SW_BAD_INPUT names file, line and key; SW_INFEASIBLE: a
 * model does not fit the memory of its slice; SW_IO: the mix file cannot be read.
 */
SW_API enum sw_status sw_mix_load(const sw_catalog *catalog, const char *path, struct sw_mix **out,
				  struct sw_error *err);

/** Release it with its tenants and traces; NULL is fine. */
SW_API void sw_mix_free(struct sw_mix *mix);

/**
 * The mix as JSON in the format of mix files, on one line: what sw_mix_load() makes the same mix of. Settings that were not
 * given are left out. A GPU or model that is not the one of this id in `catalog` (NULL: any) is described in full, which only
 * data sets read again (docs/formats/dataset.md); traces are named by absolute path. SW_OK: *out is the caller's, free().
 */
SW_API enum sw_status sw_mix_to_json(const sw_catalog *catalog, const struct sw_mix *mix,
				     char **out, struct sw_error *err);

/** What limits an engine. X(name, id in output). */
#define SW_BINDS_LIST(X)                                                    \
	X(SW_BINDS_NOTHING, "nothing") /* far from every limit */           \
	X(SW_BINDS_DRAM, "dram") /* reading weights and KV */               \
	X(SW_BINDS_COMPUTE, "compute") /* tensor cores on its SMs */        \
	X(SW_BINDS_HOST, "host") /* the engine's CPU part */                \
	X(SW_BINDS_QUEUE, "queue") /* waiting for prefill */                \
	X(SW_BINDS_SEQS, "max_num_seqs") /* the batch limit */              \
	X(SW_BINDS_KV, "kv") /* KV cache */                                 \
	X(SW_BINDS_TURNS, "turns") /* neighbours' turns */                  \
	X(SW_BINDS_NEIGHBOURS, "neighbours") /* neighbours' DRAM traffic */ \
	X(SW_BINDS_OVERLOAD, "overload") /* offered more than sustained */

enum sw_binds {
#define SW_BINDS_ENUM(name, id) name,
	SW_BINDS_LIST(SW_BINDS_ENUM)
#undef SW_BINDS_ENUM
		SW_BINDS_COUNT
};

/** "queue", "overload": the word that files and outputs use. Static. */
SW_API const char *sw_binds_id(enum sw_binds binds);

/** One latency, ms. The bounds are one-sided 95 % bounds; NAN throughout under overload. */
struct sw_latency {
	double at[SW_STATISTIC_COUNT]; /* mean, p50, p95, p99 */
	double lo; /* of the mean */
	double hi[SW_STATISTIC_COUNT]; /* upper bounds; hi[SW_MEAN] is the "hi" of the mean */
};

struct sw_prediction {
	struct sw_latency latency[SW_METRIC_COUNT];
	double requests_per_s;
	double output_tokens_per_s;
	double slowdown; /* mean TPOT (TTFT of one-token outputs) in the mix over that alone on the slice; >= 1 */
	double max_rate_per_s; /* sustained beside these neighbours, for this load's lengths; NAN in closed loop; not
				* filled by sw_predict() */
	double running; /* mean number of sequences in the batch */
	double busy; /* fraction of time the engine has a step in flight */
	double gpu_busy; /* fraction of time the GPU works on it: what its CPU does between is left out */
	double kv_cache_tokens;
	enum sw_binds binds;
	bool extrapolated; /* calibration carried over, or a mechanism without measurements behind it */
};

/** What measured mixes say of GPUs, mechanisms and models: coefficients and bounds (docs/formats/fit.md). */
typedef struct sw_fit sw_fit;

/**
 * Read a fit; `path` NULL: the one that is part of the library. SW_OK: *out is the caller's, release it with sw_fit_free(); it
 * may be used by several threads at once. SW_IO: it cannot be read; SW_BAD_INPUT: file, line, key, what was found and expected.
 */
SW_API enum sw_status sw_fit_open(const char *path, sw_fit **out, struct sw_error *err);

/** Release it; NULL is fine. */
SW_API void sw_fit_free(sw_fit *fit);

/** Which fit something was made with. */
struct sw_fit_id {
	char origin[256]; /* what was fitted, in words; "" without a fit */
	char hash
		[24]; /* 16 hexadecimal digits over all that predictions take from it; "" without a fit */
};

/** Its origin and its hash: two fits of the same hash predict the same. `fit` NULL: both empty. */
SW_API void sw_fit_identify(const sw_fit *fit, struct sw_fit_id *out);

/**
 * Predict every tenant of a mix; `out` has mix->n elements. `fit` NULL: as without any measurement. The mix is played step by step,
 * which takes 0.1 to 2 s; sw_predict() answers in microseconds and is further off. Pure: no clock, no files beyond the
 * embedded calibrations; the same mix and fit give the same bytes. SW_BAD_INPUT: see sw_step_time().
 */
SW_API enum sw_status sw_predict_mix(const struct sw_mix *mix, const sw_fit *fit,
				     struct sw_prediction *out, struct sw_error *err);

/** The same by the closed form alone: microseconds, for those who only ask about how much. */
SW_API enum sw_status sw_predict_quick(const struct sw_mix *mix, const sw_fit *fit,
				       struct sw_prediction *out, struct sw_error *err);

/** An engine on a slice of a GPU with its load: everything about it that does not depend on neighbours. */
typedef struct sw_prepared sw_prepared;

/** SW_OK: *out is the caller's, release it with sw_prepared_free(); the arguments are not kept. */
SW_API enum sw_status sw_prepare(const sw_calibration *calibration, const struct sw_gpu *gpu,
				 const struct sw_tenant *tenant, sw_prepared **out,
				 struct sw_error *err);

/** Release it; NULL is fine. */
SW_API void sw_prepared_free(sw_prepared *prepared);

/** The prepared engine's KV cache, tokens: what memory gives or the engine was told. */
SW_API double sw_prepared_kv_tokens(const sw_prepared *prepared);

/** Change the rate of a prepared engine (requests per second), keeping everything else. */
SW_API void sw_prepared_set_rate(sw_prepared *prepared, double rate);

/** Predict `n` prepared engines together on one GPU under `mechanism`. Cannot fail; allocates nothing;
 * n is at most SW_TENANTS_MAX. */
SW_API void sw_predict(enum sw_mechanism mechanism, const sw_prepared *const *tenants, size_t n,
		       struct sw_prediction *out);

/** Fill max_rate_per_s of predictions that sw_predict() made of the same engines: as much work again. */
SW_API void sw_predict_max_rates(enum sw_mechanism mechanism, const sw_prepared *const *tenants,
				 size_t n, struct sw_prediction *out);

/**
 * What sw_predict() says of an engine beside any neighbours, tabulated over how much these stretch its steps: for searches
 * that ask for very many mixes of the engines they have prepared. 2 to 3 ms to make (recorded traffic: 20), some 20 KB, then well
 * below a microsecond per engine and mix.
 */
typedef struct sw_tabled sw_tabled;

/**
 * Tabulate a prepared engine for mixes under `mechanism`, at the rate it has now. SW_OK: *out is the caller's, release it with
 * sw_tabled_free(); `prepared` is not kept. Otherwise *out is NULL: SW_NO_MEMORY.
 */
SW_API enum sw_status sw_tabled_make(enum sw_mechanism mechanism, const sw_prepared *prepared,
				     sw_tabled **out, struct sw_error *err);

/** Release it; NULL is fine. */
SW_API void sw_tabled_free(sw_tabled *tabled);

/**
 * sw_predict() of engines tabulated for this `mechanism`, in the same units and with the same NANs and infinities. Cannot fail;
 * allocates nothing; n is at most SW_TENANTS_MAX.
 *
 * Accuracy against sw_predict() (bench/results/predict-speed.txt): latencies and bounds within 0.3 % in 95 of 100
 * numbers up to 0.8 of what is sustained, within 1 % above. Who is overloaded may differ where the rates are within 1 % of that edge,
 * what binds in 2 of 100. Shares that sum to more than 1 under mps are not tabulated: sw_predict() answers, at its price.
 */
SW_API void sw_predict_tabled(enum sw_mechanism mechanism, const sw_tabled *const *tenants,
			      size_t n, struct sw_prediction *out);

/** Whether every limit of `slo` holds by the upper bounds (hi), not by the means. No limits: true unless overloaded. */
SW_API bool sw_prediction_meets(const struct sw_prediction *prediction, const struct sw_slo *slo);

#ifdef __cplusplus
}
#endif

#endif
