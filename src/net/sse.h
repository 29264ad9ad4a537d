/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sse.h
 * Server-sent events (HTML Living Standard, 9.2) read from bytes as they come, however they are split.
 *
 *     struct sw__sse sse = {.size_max = 1 << 20};
 *     sw__sse_feed(&sse, bytes, n, take, self);    once per arrival; `take` is called for every event that is complete
 *     sw__sse_free(&sse);
 *
 * Line ends are LF, CR or CRLF; a byte order mark in front is skipped; comments and unknown fields are ignored; an event
 * without data is none; one that the stream ends within is lost.
 */
#ifndef SLICEWISE_NET_SSE_H
#define SLICEWISE_NET_SSE_H

#include "base/text.h"

struct sw__sse_event {
	const char *type; /* "" unless the event names one */
	const char *data; /* NUL-terminated; lines are joined by "\n" */
	size_t size; /* of data */
};

/** One event, valid during the call. False: no more are wanted. */
typedef bool (*sw__sse_take)(void *self, const struct sw__sse_event *event);

enum sw__sse_status {
	SW__SSE_OK,
	SW__SSE_TOO_LONG, /* a line or an event is longer than size_max */
	SW__SSE_ENOUGH, /* `take` wants no more */
	SW__SSE_NO_MEMORY
};

/** A parser; all zero but for the limit is a new one. */
struct sw__sse {
	size_t size_max; /* bytes of a line, and of an event's data */
	size_t foreign_lines; /* lines that no server of events would send: without a field that is known */
	struct sw_text line, data, type;
	bool after_cr, began, has_data;
};

/** Take `n` more bytes. After anything but SW__SSE_OK the parser is of no more use. */
enum sw__sse_status sw__sse_feed(struct sw__sse *sse, const char *bytes, size_t n,
				 sw__sse_take take, void *self);

/** Begin anew, with the same limit and memory. */
void sw__sse_reset(struct sw__sse *sse);

/** Release the memory. */
void sw__sse_free(struct sw__sse *sse);

#endif
