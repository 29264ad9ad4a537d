/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dataset.h
 * Experiments with co-located engines and what was measured in them: src/dataset/README.md, docs/formats/dataset.md.
 *
 * A run is one experiment, once: a mix with its loads, what each engine of it showed, where that comes from. A data set is an
 * SQLite file of runs. Rows of mixes (docs/formats/rows.md) are the same in CSV: sw_runs_read(), sw_runs_write().
 */
#ifndef SLICEWISE_DATASET_H
#define SLICEWISE_DATASET_H

#include <stdint.h>
#include <stdio.h>

#include "slicewise/predict.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Where a run's numbers come from. X(name, id in files). */
#define SW_SOURCE_LIST(X)                                                            \
	X(SW_SOURCE_SIMULATOR, "simulator")                                          \
	X(SW_SOURCE_ENDPOINTS, "endpoints") /* engines that were running */          \
	X(SW_SOURCE_PROCESSES, "processes") /* engines that profile launched */      \
	X(SW_SOURCE_REPLAY, "replay") /* slicewise-replay: synthetic weights, GPU */ \
	X(SW_SOURCE_IMPORT, "import") /* rows that a user brought */

enum sw_source {
#define SW_SOURCE_ENUM(name, id) name,
	SW_SOURCE_LIST(SW_SOURCE_ENUM)
#undef SW_SOURCE_ENUM
		SW_SOURCE_COUNT
};

/** What was measured of one engine in one run. NAN: not known. */
struct sw_measured {
	double ms[SW_METRIC_COUNT][SW_STATISTIC_COUNT]; /* over requests */
	double output_tok_s, requests_per_s;
	double requests, failed; /* answered and counted; of all that were sent */
	double running, kv_used; /* means over time: sequences, part of the KV cache */
	double preemptions; /* per request */
};

struct sw_run {
	char experiment[SW_NAME_MAX]; /* runs of one experiment differ in their repeat alone */
	unsigned repeat; /* from 1 */
	struct sw_mix *mix; /* the run's */
	struct sw_measured *measured; /* mix->n of them, in its order; the run's */
	char *failed; /* why it has no (or not all) numbers; NULL: it ended well */
	enum sw_source source;
	uint64_t seed;
	double duration_s; /* that was measured; NAN: not known */
	double started_s; /* since 1970; NAN: not known. A simulation has none. */
	char *origin; /* in words: file, campaign, versions; may be NULL */
};

/** Runs in the order of experiment, repeat. All theirs. */
struct sw_runs {
	size_t n;
	struct sw_run *run;
};

/** Release what it holds and make it empty; NULL and empty are fine. */
SW_API void sw_runs_clear(struct sw_runs *runs);

/** "simulator", "import": the word that files use. Static. */
SW_API const char *sw_source_id(enum sw_source source);

#ifdef __cplusplus
}
#endif

#endif
