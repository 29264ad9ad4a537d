/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file answer.h
 * One streamed answer while it comes: when its pieces of content were there, what the server says it counted.
 *
 * Both of OpenAI's forms are read: choices[0].text, and choices[0].delta.content (or reasoning_content, reasoning). A piece
 * is an event with content that is not empty; it may be more than one token. Memory does not grow with the answer.
 */
#ifndef SLICEWISE_DRIVE_ANSWER_H
#define SLICEWISE_DRIVE_ANSWER_H

#include <stdint.h>

#include "math/log_histogram.h"
#include "net/http_client.h"
#include "net/sse.h"

enum sw__answer_fault {
	SW__ANSWER_FINE,
	SW__ANSWER_NOT_EVENTS, /* another content type */
	SW__ANSWER_NOT_JSON,
	SW__ANSWER_ERROR, /* the server reports an error within the stream */
	SW__ANSWER_TOO_LONG,
	SW__ANSWER_NO_MEMORY
};

enum { SW__ANSWER_MESSAGE_MAX = 200 };

/** Told of every piece, for who wants to know more than the sums. */
struct sw__piece_listener {
	void *self;
	void (*piece)(void *self, uint64_t request, const char *content, uint64_t at_ns);
};

struct sw__answer {
	/* Set by sw__answer_begin(). */
	uint64_t request; /* its number, for the listener */
	uint64_t bytes_max, events_max;
	uint64_t window_from_ns, window_to_ns;
	struct sw__histogram *gaps; /* takes the gaps between pieces, ms; NULL: not wanted */
	const struct sw__piece_listener *listener; /* NULL: none */

	uint64_t first_ns, last_ns; /* when the first and the last piece came; 0: none yet */
	uint64_t pieces, pieces_in_window;
	uint64_t bytes, events;
	bool finished; /* a finish_reason came */
	bool done; /* [DONE] came */
	double prompt_tokens, output_tokens,
		cached_tokens; /* as the server counted; NAN: it did not */
	double server_prompt_ms, server_output_ms; /* llama.cpp's timings; NAN */
	enum sw__answer_fault fault;
	char message
		[SW__ANSWER_MESSAGE_MAX]; /* of the fault, or the body of an answer that is none */
	struct sw__sse sse;
};

/** A new answer in place of an old one, whose memory is used again. All zero is an old one too. */
void sw__answer_begin(struct sw__answer *answer, unsigned output_tokens_asked);

/** For struct sw__http_handler.body: `answer` takes bytes. False: enough. */
bool sw__answer_take(struct sw__answer *answer, const struct sw__http_head *head, const char *bytes,
		     size_t n, uint64_t at_ns);

void sw__answer_free(struct sw__answer *answer);

#endif
