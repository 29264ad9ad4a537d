/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file engine.h
 * One engine that serves a load on a device: arrivals, scheduler, steps, and a record of everything.
 *
 * The clock and what becomes of the records are the caller's: tables of operations, so that tests run on a clock of their own. An
 * engine belongs to one thread; several may run in one process, each with its own device.
 */
#ifndef SLICEWISE_CUDA_ENGINE_H
#define SLICEWISE_CUDA_ENGINE_H

#include "serving/scheduler.h"
#include "transformer.h"

struct engine_setting {
	struct sw_model model;
	struct sw__serving serving; /* block_tokens 16 */
	struct sw_load load; /* its trace is borrowed */
	uint64_t seed; /* of weights, prompts and arrivals */
	double duration_s; /* from the start; requests not ended by then are not recorded */
	bool cuda_graphs; /* steps of decodes alone run from graphs */
};

struct engine_clock {
	void *context;
	double (*now_s)(void *context); /* from the start of the run */
	void (*wait_until_s)(void *context, double at_s);
};

struct engine_request_record {
	uint64_t id;
	double arrival_s, first_s, last_s; /* first and last token */
	uint32_t prompt_tokens, output_tokens, cached_tokens, preemptions;
};

struct engine_step_record {
	double start_s;
	uint32_t decodes, prompts; /* sequences */
	uint32_t decode_context,
		prompt_tokens; /* tokens: of context of the decodes, of the chunks */
	uint32_t preempted;
	bool graph_sized; /* decodes alone, as a graph serves them */
	double device_ms,
		wall_ms; /* from the first copy to the last sample; from the decision to the next */
};

struct engine_sink {
	void *context;
	enum sw_status (*request)(void *context, const struct engine_request_record *record,
				  struct sw_error *err);
	enum sw_status (*step)(void *context, const struct engine_step_record *record,
			       struct sw_error *err);
};

struct engine_summary {
	uint64_t requests, unfinished, steps, output_tokens, preemptions;
	double duration_s;
};

typedef struct engine engine;

/** Weights, cache and graphs are made here, before the clock starts. SW_OK: *out is the caller's, release it with engine_free(). */
enum sw_status engine_new(struct device *device, const struct engine_setting *setting, engine **out,
			  struct sw_error *err);
void engine_free(engine *e);

/** Serve the load for duration_s, or until a trace has been played and answered. */
enum sw_status engine_run(engine *e, const struct engine_clock *clock,
			  const struct engine_sink *sink, struct engine_summary *summary,
			  struct sw_error *err);

#endif
