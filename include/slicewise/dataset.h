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
#include "slicewise/simulate.h"

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

/** A program that took part. */
struct sw_software {
	char name[SW_NAME_MAX];
	char version[SW_NAME_MAX];
};

/** The machine of a run; "" and 0: not known. */
struct sw_machine {
	char driver[SW_NAME_MAX]; /* of the GPU */
	char cpu[SW_NAME_MAX];
	unsigned cores;
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
	struct sw_machine machine;
	size_t n_software;
	struct sw_software *software; /* the run's */
};

/** Runs in the order of experiment, repeat. All theirs. */
struct sw_runs {
	size_t n;
	struct sw_run *run;
};

/** One number of a series beside a run: a GPU's clock, an engine's queue. */
struct sw_run_sample {
	double time_s; /* since the run began to be measured */
	const char *source; /* "nvml", "metrics", "hami", "dcgm" */
	const char *entity; /* what it is of: a tenant's name, a GPU's; "": the whole */
	const char *metric; /* with its unit: "sm_clock_mhz" */
	double value; /* NAN: not known, and not kept */
};

/** Release what it holds and make it empty; NULL and empty are fine. */
SW_API void sw_runs_clear(struct sw_runs *runs);

/** Move all of `more` behind those of `runs`; `more` is empty then. SW_NO_MEMORY: both are as before. */
SW_API enum sw_status sw_runs_join(struct sw_runs *runs, struct sw_runs *more,
				   struct sw_error *err);

/** What a simulation showed of an engine, as if it had been measured. */
SW_API struct sw_measured sw_measured_of(const struct sw_simulated_tenant *tenant);

/** "simulator", "import": the word that files use. Static. */
SW_API const char *sw_source_id(enum sw_source source);

/** What rows may leave to their reader: pairs do not say their GPU, model and lengths. All borrowed; zeroes: nothing. */
struct sw_rows_given {
	const char *gpu, *model; /* ids or paths */
	double prompt_tokens, output_tokens; /* 0: not given */
};

/**
 * Read rows of mixes or of pairs (CSV or .gz, docs/formats/rows.md) as runs, by experiment and repeat. Engines that had a GPU each are
 * runs of their own. SW_OK: *out is the caller's, release it with sw_runs_clear(). SW_BAD_INPUT names file, line and column; SW_IO: it
 * cannot be read. The second takes what pairs do not say; SW_USAGE names what is missing.
 */
SW_API enum sw_status sw_runs_read(const sw_catalog *catalog, const char *path, struct sw_runs *out,
				   struct sw_error *err);
SW_API enum sw_status sw_runs_read_given(const sw_catalog *catalog, const char *path,
					 const struct sw_rows_given *given, struct sw_runs *out,
					 struct sw_error *err);

/**
 * Write runs as rows of mixes, one per engine, with every column that sw_runs_read() knows: read again they are the same runs.
 * `catalog` says which GPUs and models need no description. SW_IO: `out` cannot be written.
 */
SW_API enum sw_status sw_runs_write(const sw_catalog *catalog, const struct sw_runs *runs,
				    FILE *out, struct sw_error *err);

/**
 * The same for programs that analyse: one row per engine, every setting with the value it had, every column of one type (text in
 * quotes; nothing between two commas where it is not known). sw_runs_write_schema() writes what the columns are:
 * column,type,unit,meaning.
 */
SW_API enum sw_status sw_runs_write_flat(const struct sw_runs *runs, FILE *out,
					 struct sw_error *err);
SW_API enum sw_status sw_runs_write_schema(FILE *out, struct sw_error *err);

/** A data set: an SQLite file, open. Used by one thread at a time. */
typedef struct sw_dataset sw_dataset;

enum sw_dataset_access {
	SW_DATASET_READ,
	SW_DATASET_WRITE /* made where there is none, brought up to date where it is older */
};

/**
 * Open the data set at `path`. What is refused stays as it is, to the byte.
 *
 * SW_OK: *out is the caller's, release it with sw_dataset_close(). SW_BAD_INPUT: it is no data set of ours, one of a newer version,
 * cut short or damaged, or an older one that is opened to READ.
 * SW_IO: it is not there, cannot be read, or is in use.
 */
SW_API enum sw_status sw_dataset_open(const char *path, enum sw_dataset_access access,
				      sw_dataset **out, struct sw_error *err);

/** Release it; NULL is fine. The file alone is the data set then. */
SW_API void sw_dataset_close(sw_dataset *dataset);

/** Runs that belong to no campaign. */
enum { SW_NO_CAMPAIGN = 0 };

/**
 * The campaign of this `text` (a campaign file, imported rows), made under `name` where the data set has none of the same text.
 * *id names it in the other calls.
 */
SW_API enum sw_status sw_dataset_campaign(sw_dataset *dataset, const char *name, const char *text,
					  int64_t *id, struct sw_error *err);

/** What a data set has of one experiment and repeat. */
enum sw_held { SW_HELD_NOT, SW_HELD_FAILED, SW_HELD_WELL };

/** Whether a campaign's experiment was run: what resuming asks. */
SW_API enum sw_status sw_dataset_has(sw_dataset *dataset, int64_t campaign, const char *experiment,
				     unsigned repeat, enum sw_held *held, struct sw_error *err);

/**
 * Add a run with `n` samples, all or nothing, on disk once it returns. One that failed gives way to a new one of the same campaign,
 * experiment and repeat. SW_BAD_INPUT: there is one that did not fail, or the run cannot be (no engine, repeat 0); SW_IO: it
 * cannot be written.
 */
SW_API enum sw_status sw_dataset_add_run(sw_dataset *dataset, int64_t campaign,
					 const struct sw_run *run,
					 const struct sw_run_sample *samples, size_t n,
					 struct sw_error *err);

/** Which runs. Zeroes: all. */
struct sw_run_filter {
	const char *experiment, *gpu, *mechanism, *source; /* ids; NULL: any */
	int64_t campaign; /* SW_NO_CAMPAIGN: any */
	bool without_failed;
};

/**
 * The runs that `filter` (NULL: all) lets through, by experiment and repeat, with their mixes: *out is the caller's, release it with
 * sw_runs_clear(). SW_BAD_INPUT: the file holds what no data set does.
 */
SW_API enum sw_status sw_dataset_runs(sw_dataset *dataset, const sw_catalog *catalog,
				      const struct sw_run_filter *filter, struct sw_runs *out,
				      struct sw_error *err);

/** What an import did. */
struct sw_imported {
	size_t runs; /* that the file has */
	size_t added; /* the others were there: the same file was imported before */
};

/**
 * Add the runs of rows of mixes or pairs (sw_runs_read_given()), with the file's text as their campaign. Nothing is added of a file
 * that is refused. Statuses as sw_runs_read_given() and sw_dataset_add_run().
 */
SW_API enum sw_status sw_dataset_import(sw_dataset *dataset, const sw_catalog *catalog,
					const char *path, const struct sw_rows_given *given,
					struct sw_imported *out, struct sw_error *err);

/** A question that a data set answers with a table. */
struct sw_query {
	const char *name; /* "latency-by-share" */
	const char *what; /* a phrase */
};

/** The i-th of them, from 0; NULL beyond the last. Static. */
SW_API const struct sw_query *sw_dataset_query_at(size_t i);

enum sw_answer_type { SW_ANSWER_TEXT, SW_ANSWER_WHOLE, SW_ANSWER_REAL };

struct sw_answer_column {
	char *name;
	enum sw_answer_type type;
};

/** One cell: text NULL, or number NAN, where it is not known. */
struct sw_answer_cell {
	char *text; /* SW_ANSWER_TEXT */
	double number; /* the others */
};

/** Cells row by row. */
struct sw_answer {
	size_t n_columns, n_rows;
	struct sw_answer_column *columns;
	struct sw_answer_cell *cells;
};

/**
 * Ask the question called `name` of the runs that `filter` (NULL: all) lets through. SW_OK: *out is the caller's, release it with
 * sw_answer_clear(). SW_USAGE: no such question; the message lists them.
 */
SW_API enum sw_status sw_dataset_query(sw_dataset *dataset, const char *name,
				       const struct sw_run_filter *filter, struct sw_answer *out,
				       struct sw_error *err);

/** Release what it holds and make it empty; NULL is fine. */
SW_API void sw_answer_clear(struct sw_answer *answer);

#ifdef __cplusplus
}
#endif

#endif
