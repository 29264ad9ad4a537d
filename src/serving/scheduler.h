/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file scheduler.h
 * Continuous batching: which sequences get how many tokens in the next step of an engine. README.md has the two policies.
 *
 * The caller owns the sequences and the clock; the scheduler owns their order and the KV cache:
 *
 *     sw__scheduler_add()        a request has come
 *     sw__scheduler_next()       the step to run now; NULL: nothing to do
 *     sw__scheduler_done()       it has run: tokens are counted, sequences end
 *
 * A sequence belongs to the scheduler from add() until a done() reports it as ended, or sw__scheduler_free(). Deterministic:
 * the same calls give the same steps. Not thread-safe.
 */
#ifndef SLICEWISE_SERVING_SCHEDULER_H
#define SLICEWISE_SERVING_SCHEDULER_H

#include <stddef.h>

#include "serving/kv_pages.h"
#include "slicewise/types.h"

/** How an engine forms its steps. */
enum sw__serving_policy {
	SW__SERVE_MIXED, /* decodes first, then prompt chunks within the token budget (vLLM v1) */
	SW__SERVE_PREFILL_FIRST, /* steps of prompts while any wait and fit, steps of decodes otherwise (SGLang) */
};

struct sw__serving {
	enum sw__serving_policy policy;
	uint32_t max_num_seqs;
	uint32_t max_num_batched_tokens;
	uint32_t max_model_len; /* prompt and output together */
	uint64_t kv_blocks;
	uint32_t block_tokens;
	bool prefix_caching; /* preempted sequences find again what nobody has overwritten */
};

enum sw__sequence_state { SW__SEQ_WAITING, SW__SEQ_RUNNING, SW__SEQ_ENDED };

/** One request. The first group is the caller's to fill; the rest is the scheduler's, to be read. */
struct sw__sequence {
	uint64_t id; /* unique, not 0 */
	uint32_t prompt_tokens; /* >= 1 */
	uint32_t output_tokens; /* >= 1 */
	uint32_t cached_tokens; /* of the prompt, found in the prefix cache; below prompt_tokens */
	void *user; /* the caller's own */

	enum sw__sequence_state state;
	uint32_t computed; /* tokens whose KV is in the cache */
	uint32_t generated; /* output tokens made */
	uint32_t preemptions;
	struct sw__kv_table blocks;
	struct sw__sequence *next; /* in the waiting line */
};

/** A sequence's part of a step: `tokens` tokens after the first `start` ones; `samples` where that ends all it has. */
struct sw__step_part {
	struct sw__sequence *sequence;
	uint32_t start;
	uint32_t tokens;
	bool samples;
};

struct sw__step {
	size_t n; /* decodes (one token, of a sequence that has generated) come first under SW__SERVE_MIXED */
	struct sw__step_part *part;
	uint32_t tokens; /* sum over the parts */
	size_t n_preempted; /* sequences sent back to the line to make room for this step */
};

typedef struct sw__scheduler sw__scheduler;

/** SW_OK: *out is the caller's; release it with sw__scheduler_free(). SW_BAD_INPUT names the setting. */
enum sw_status sw__scheduler_new(const struct sw__serving *settings, sw__scheduler **out,
				 struct sw_error *err);
void sw__scheduler_free(sw__scheduler *scheduler);

/** SW_BAD_INPUT: it can never run here (too long for the model or for the whole KV cache, or a length of 0). */
enum sw_status sw__scheduler_add(sw__scheduler *scheduler, struct sw__sequence *sequence,
				 struct sw_error *err);

/** Whether it could ever run here: what sw__scheduler_add() refuses, without adding it. */
enum sw_status sw__scheduler_check(const sw__scheduler *scheduler,
				   const struct sw__sequence *sequence, struct sw_error *err);

/**
 * Nobody waits for this sequence any more: it ends now and has no blocks. False, and nothing has changed, while it is in a step that
 * has not run: try again after sw__scheduler_done().
 */
bool sw__scheduler_remove(sw__scheduler *scheduler, struct sw__sequence *sequence);

/** *out is the step to run, valid until the next sw__scheduler_next(); NULL where nothing waits or runs. SW_NO_MEMORY. */
enum sw_status sw__scheduler_next(sw__scheduler *scheduler, const struct sw__step **out,
				  struct sw_error *err);

/** The step of the last sw__scheduler_next() has run. Sequences that ended have state SW__SEQ_ENDED and no blocks. */
void sw__scheduler_done(sw__scheduler *scheduler);

size_t sw__scheduler_running(const sw__scheduler *scheduler);
size_t sw__scheduler_waiting(const sw__scheduler *scheduler);
const sw__kv_pages *sw__scheduler_pages(const sw__scheduler *scheduler);

#endif
