/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file completion.h
 * A request for a completion as OpenAI's interface has it, read and checked.
 */
#ifndef SLICEWISE_EMULATE_COMPLETION_H
#define SLICEWISE_EMULATE_COMPLETION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "slicewise/types.h"

struct sw__completion {
	bool chat;
	char model[SW_NAME_MAX]; /* "": not said */
	uint32_t prompt_tokens;
	uint32_t max_tokens; /* 0: not said */
	uint32_t min_tokens;
	bool ignore_eos;
	bool stream;
	bool include_usage, continuous_usage; /* of stream_options */
};

/** Why a request is refused. */
struct sw__refusal {
	unsigned status; /* of HTTP */
	const char *param; /* the key that is at fault, or NULL */
	char message[512];
};

/** Read the body of /v1/completions or, where `chat`, of /v1/chat/completions. False: *why is filled. Unknown keys are passed over. */
bool sw__completion_read(const char *body, size_t size, bool chat, struct sw__completion *out,
			 struct sw__refusal *why);

/**
 * How many tokens the answer gets: `natural`, where the model would stop by itself, between min_tokens and what max_tokens and
 * max_model_len leave; with ignore_eos all that they leave. *stops: it ends by itself ("stop"), not at a limit ("length").
 * 0: refused, *why is filled.
 */
uint32_t sw__completion_length(const struct sw__completion *completion, uint32_t max_model_len,
			       uint32_t natural, bool *stops, struct sw__refusal *why);

#endif
