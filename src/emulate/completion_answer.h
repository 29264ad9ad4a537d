/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file completion_answer.h
 * Answers as OpenAI's interface and vLLM word them: whole ones, the events of a stream, errors.
 */
#ifndef SLICEWISE_EMULATE_COMPLETION_ANSWER_H
#define SLICEWISE_EMULATE_COMPLETION_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/** What stays the same over one answer. */
struct sw__completion_answer {
	bool chat, include_usage, continuous_usage;
	char id[40]; /* "cmpl-..." */
	const char *model_json; /* the model's name as a JSON string, quotes included */
	long long created; /* seconds since 1970 */
	uint64_t seed; /* of the words */
	uint32_t prompt_tokens;
};

/** "cmpl-" or "chatcmpl-" and sixteen digits. */
void sw__completion_name(struct sw__completion_answer *answer, uint64_t bits);

/** The event of token n; `finish` NULL: more come. A chat's first one has the event of the role in front of it. */
void sw__completion_event(struct sw_text *out, const struct sw__completion_answer *answer,
			  uint32_t n, const char *finish);

/** What closes a stream of n tokens: the usage where it was asked for, and the end mark. */
void sw__completion_close(struct sw_text *out, const struct sw__completion_answer *answer,
			  uint32_t n);

/** An answer of n tokens in one piece. */
void sw__completion_whole(struct sw_text *out, const struct sw__completion_answer *answer,
			  uint32_t n, const char *finish);

/** {"error": ...} for a status of HTTP; `param` may be NULL. */
void sw__completion_error(struct sw_text *out, unsigned status, const char *param,
			  const char *message);

/** `text` as a JSON string with its quotes. */
void sw__json_string(struct sw_text *out, const char *text);

#endif
