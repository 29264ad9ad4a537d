/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file batch.h
 * From the scheduler's step to the transformer's: tokens, positions, places in the cache, and who has which row of the
 * block table.
 */
#ifndef SLICEWISE_CUDA_BATCH_H
#define SLICEWISE_CUDA_BATCH_H

#include "serving/scheduler.h"
#include "transformer.h"

/** A request while the engine has it. `sequence` comes first: the scheduler's pointer is the request's. */
struct replay_request {
	struct sw__sequence sequence;
	int32_t *
		token; /* prompt_tokens + output_tokens ids; the output's are filled in as they come */
	uint32_t row; /* of the block table, plus 1; 0: none */
	uint32_t blocks_sent; /* of its row */
	double arrival_s, first_s, last_s; /* NAN: not yet */
};

typedef struct batch batch;

enum sw_status batch_new(uint32_t max_sequences, batch **out, struct sw_error *err);
void batch_free(batch *b);

/** Fill the transformer's input with a step. Every sequence of the step is a struct replay_request. */
enum sw_status batch_fill(batch *b, const struct sw__step *step, transformer *t,
			  struct sw_error *err);

/** After the device's synchronize(), before sw__scheduler_done(): the sampled ids go to their requests. */
void batch_take_samples(batch *b, transformer *t);

/** The request whose token sample i of the last step is. */
struct replay_request *batch_sampled(const batch *b, uint32_t i);

/** Its row is free again. Also done by batch_fill() for those that were preempted or ended. */
void batch_leave(batch *b, struct replay_request *r);

#endif
