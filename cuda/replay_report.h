/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replay_report.h
 * The records of an engine as JSON lines, written as they come, and their percentiles as one row of mixes.
 */
#ifndef SLICEWISE_CUDA_REPLAY_REPORT_H
#define SLICEWISE_CUDA_REPLAY_REPORT_H

#include <stdio.h>

#include "engine.h"

/**
 * {"type":"request","tenant","id","arrival_s","first_token_s","last_token_s","prompt_tokens","output_tokens",
 *  "cached_tokens","preemptions"}
 * {"type":"step","tenant","start_s","phase","decodes","decode_context","prompts","prompt_tokens","preempted","device_ms",
 *  "wall_ms"}     phase: decode, prefill, mixed
 * A line at a time: what an interrupted run leaves is whole lines. SW_IO where it cannot be written.
 */
enum sw_status replay_write_request(FILE *out, const char *tenant,
				    const struct engine_request_record *record,
				    struct sw_error *err);
enum sw_status replay_write_step(FILE *out, const char *tenant,
				 const struct engine_step_record *record, struct sw_error *err);

/** What the GPU did while something ran; NAN: not known. */
struct replay_gpu {
	double from_s, to_s; /* of CLOCK_MONOTONIC */
	double sm_clock_mhz, power_w; /* means */
	double throttled_fraction; /* of the moments looked at: clocks held back by power or heat */
	unsigned long long clock_reasons; /* all that were seen; slicewise/observe.h */
};

/**
 * {"type":"gpu","tenant","from_s","to_s","sm_clock_mhz","power_w","throttled_fraction","clock_reasons"}: a line at the end. from_s and
 * to_s are those of CLOCK_MONOTONIC, as in --samples; reasons are words, null where they are not known.
 */
enum sw_status replay_write_gpu(FILE *out, const char *tenant, const struct replay_gpu *gpu,
				struct sw_error *err);

/** Latencies of the requests that arrived from `from_s` on: warm-up is cut. */
typedef struct replay_tally replay_tally;

struct replay_statistics {
	uint64_t requests;
	double ttft_ms[4], tpot_ms[4]; /* mean, p50, p95, p99; NAN without any */
	double output_tok_s; /* of the time from from_s to the last token counted */
};

enum sw_status replay_tally_new(double from_s, replay_tally **out, struct sw_error *err);
void replay_tally_free(replay_tally *tally);
enum sw_status replay_tally_add(replay_tally *tally, const struct engine_request_record *record,
				struct sw_error *err);
void replay_tally_statistics(replay_tally *tally, struct replay_statistics *out);

#endif
