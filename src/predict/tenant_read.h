/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tenant_read.h
 * The parts that mix files and workloads files have in common: model, gpu, engine, load, slo (docs/formats/mix.md).
 *
 * Every reader refuses with file, line, key, what was found and what was expected. What the file names (a model, a GPU, a
 * trace) and does not exist is SW_BAD_INPUT, not SW_IO.
 */
#ifndef SLICEWISE_PREDICT_TENANT_READ_H
#define SLICEWISE_PREDICT_TENANT_READ_H

#include "formats/document.h"
#include "slicewise/catalog.h"

/* What is believed; beyond it a number is a slip. */
#define SW__BURSTINESS_MAX 100 /* the burstiest public trace (Azure 2023 code) has 13 */
#define SW__HIT_RATIO_MAX  0.999 /* at 1 no prompt would be left to compute */
#define SW__START_MAX_S    1e6
#define SW__IN_FLIGHT_MAX  65536 /* requests that a gateway lets in; no engine runs more sequences */

/** The file being read, and the traces its loads name, each read once. */
struct sw__source {
	const sw_catalog *catalog;
	const char *path; /* relative names in the file are relative to it */
	bool measured; /* a run of a data set: what it says was so, and GPUs and models may be described in full */
	size_t n_traces;
	struct sw_trace **
		traces; /* the reader's owner takes them over, or frees them by sw__source_free() */
};

void sw__source_free(struct sw__source *source);

/** Free what sw__source.traces held once it was taken over. */
void sw__traces_free(struct sw_trace **traces, size_t n);

/* The tables of `engine` and `slo`, for who writes what they read. */
enum { SW__ENGINE_FIELDS = 13, SW__SLO_FIELDS = SW_METRIC_COUNT * SW_STATISTIC_COUNT };
extern const struct sw_field sw__engine_fields[SW__ENGINE_FIELDS];
extern const struct sw_field sw__slo_fields[SW__SLO_FIELDS];

/** Nothing given; kv_cache_tokens and cores are NAN. */
struct sw_engine sw__engine_nothing_given(void);

/** No limits. */
struct sw_slo sw__slo_none(void);

/* Readers for tables of fields (SW_FIELD_CALL); `context` is the sw__source, `into` the structure named. */
enum sw_status sw__read_gpu(const struct sw_node *node, void *gpu, void *source,
			    struct sw_error *err);
enum sw_status sw__read_model(const struct sw_node *node, void *model, void *source,
			      struct sw_error *err);
enum sw_status sw__read_engine(const struct sw_node *node, void *engine, void *source,
			       struct sw_error *err);
enum sw_status sw__read_load(const struct sw_node *node, void *load, void *source,
			     struct sw_error *err);
enum sw_status sw__read_slo(const struct sw_node *node, void *slo, void *source,
			    struct sw_error *err);

/** A number of tokens or {mean: , p95: }, into a struct sw_length. */
enum sw_status sw__read_length(const struct sw_node *node, void *length, void *source,
			       struct sw_error *err);

/** A trace as the load, at load->rate (NAN: played once, as it is). The source keeps it. SW_IO, SW_BAD_INPUT, SW_NO_MEMORY. */
enum sw_status sw__load_trace(struct sw__source *source, const char *path, struct sw_load *load,
			      struct sw_error *err);

/** A plan file's engine: every setting is given, and which of them the user or the plan decided: the others are defaults. */
struct sw__planned_engine {
	struct sw_engine engine;
	unsigned decided; /* sw_engine_key bits */
};

/*
 * The same of a plan file, which writes out what a mix file leaves to others: every setting of an engine, with `given` and
 * `chosen` beside them (into a sw__planned_engine); beside a trace what was read from it, and `trace_once`.
 */
enum sw_status sw__read_planned_engine(const struct sw_node *node, void *engine, void *source,
				       struct sw_error *err);
enum sw_status sw__read_planned_load(const struct sw_node *node, void *load, void *source,
				     struct sw_error *err);

/**
 * The path that a gpu or model key names, as the process sees it; *out stays NULL where it is an id of the catalogue. The
 * caller's, free().
 */
enum sw_status sw__read_path(const struct sw_node *node, const struct sw__source *source,
			     char **out, struct sw_error *err);

/** What a gpu key names under a mechanism: a GPU, or under cpu-quota a host by any plain name. */
enum sw_status sw__read_place(const struct sw_node *node, enum sw_mechanism mechanism,
			      struct sw_gpu *out, struct sw__source *source, struct sw_error *err);

/** The mechanisms that a fleet can use, NULL-terminated: SW_FIELD_CHOICE fits enum sw_mechanism. */
extern const char *const sw__usable_mechanisms[];

/** Refuse a load whose mean request does not fit max_model_len of `engine`; `node` is the load. */
enum sw_status sw__check_lengths(const struct sw_node *node, const struct sw_load *load,
				 unsigned max_model_len, struct sw_error *err);

/** Put place and key of `node` in front of another call's message, keeping its status (SW_IO becomes SW_BAD_INPUT). */
enum sw_status sw__relay(const struct sw_node *node, enum sw_status status,
			 const struct sw_error *inner, struct sw_error *err);

/** Refuse a name that an earlier element of the same list has; `names` walks `n` names, `stride` bytes apart. */
enum sw_status sw__check_unique(const struct sw_node *list, const char *names, size_t stride,
				size_t n, struct sw_error *err);

#endif
