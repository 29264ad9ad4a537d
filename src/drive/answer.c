// SPDX-License-Identifier: Apache-2.0
#include "drive/answer.h"

#include <jansson.h>
#include <math.h>
#include <string.h>
#include <strings.h>

/*
 * What an answer may be: events are 200 to 1000 bytes a token with every known server (log probabilities are not asked
 * for); the rest leaves room for preambles and comments that keep a connection alive.
 */
enum { EVENT_BYTES_MAX = 1 << 20, BYTES_PER_TOKEN_MAX = 4096, OTHER_BYTES_MAX = 1 << 20 };

/* One event a token is what servers send. A flood of more must not take the time that other streams need. */
enum { EVENTS_PER_TOKEN_MAX = 16, OTHER_EVENTS_MAX = 256 };

/* Of an answer that is an error, what is worth reading on for. */
enum { REFUSAL_BYTES_MAX = 1 << 16 };

static const double ns_per_ms = 1e6;

void sw__answer_begin(struct sw__answer *answer, unsigned output_tokens_asked)
{
	struct sw__sse sse = answer->sse;

	sw__sse_reset(&sse);
	sse.size_max = EVENT_BYTES_MAX;
	*answer = (struct sw__answer){
		.bytes_max = OTHER_BYTES_MAX + (uint64_t)output_tokens_asked * BYTES_PER_TOKEN_MAX,
		.events_max =
			OTHER_EVENTS_MAX + (uint64_t)output_tokens_asked * EVENTS_PER_TOKEN_MAX,
		.window_to_ns = UINT64_MAX,
		.prompt_tokens = NAN,
		.output_tokens = NAN,
		.cached_tokens = NAN,
		.server_prompt_ms = NAN,
		.server_output_ms = NAN,
		.sse = sse,
	};
}

void sw__answer_free(struct sw__answer *answer)
{
	sw__sse_free(&answer->sse);
}

/* Append to the message what fits, on one line. */
static void note(struct sw__answer *answer, const char *bytes, size_t n)
{
	size_t used = strlen(answer->message), i;

	for (i = 0; i < n && used + i + 1 < sizeof(answer->message); i++) {
		unsigned char c = (unsigned char)bytes[i];

		answer->message[used + i] = (char)(c < ' ' || c == 0x7f ? ' ' : c);
	}
	answer->message[used + i] = '\0';
}

static bool fail(struct sw__answer *answer, enum sw__answer_fault fault, const char *why,
		 const char *bytes, size_t n)
{
	answer->fault = fault;
	answer->message[0] = '\0';
	note(answer, why, strlen(why));
	note(answer, bytes, n);
	return false;
}

static void take_piece(struct sw__answer *answer, const char *content, uint64_t at_ns)
{
	if (!answer->first_ns)
		answer->first_ns = at_ns;
	else if (answer->gaps)
		sw__histogram_add(answer->gaps, (double)(at_ns - answer->last_ns) / ns_per_ms);
	answer->last_ns = at_ns;
	answer->pieces++;
	if (at_ns >= answer->window_from_ns && at_ns < answer->window_to_ns)
		answer->pieces_in_window++;
	if (answer->listener)
		answer->listener->piece(answer->listener->self, answer->request, content, at_ns);
}

/* The string that has the content; NULL: none that is not empty. */
static const json_t *content_of(const json_t *choice)
{
	static const char *const keys[] = {"content", "reasoning_content", "reasoning"};
	const json_t *delta = json_object_get(choice, "delta");
	const json_t *content = json_object_get(choice, "text");

	for (size_t i = 0; !json_string_length(content) && i < sizeof(keys) / sizeof(keys[0]); i++)
		content = json_object_get(delta, keys[i]);
	return json_string_length(content) ? content : NULL;
}

static void take_choice(struct sw__answer *answer, const json_t *choice, uint64_t at_ns)
{
	const json_t *content = content_of(choice);

	if (content)
		take_piece(answer, json_string_value(content), at_ns);
	if (json_is_string(json_object_get(choice, "finish_reason")))
		answer->finished = true;
}

static void take_number(const json_t *object, const char *key, double *out)
{
	const json_t *value = json_object_get(object, key);

	if (json_is_number(value) && json_number_value(value) >= 0)
		*out = json_number_value(value);
}

static void take_counts(struct sw__answer *answer, const json_t *event)
{
	const json_t *usage = json_object_get(event, "usage");
	const json_t *timings = json_object_get(event, "timings");

	take_number(usage, "prompt_tokens", &answer->prompt_tokens);
	take_number(usage, "completion_tokens", &answer->output_tokens);
	take_number(timings, "cache_n", &answer->cached_tokens);
	take_number(json_object_get(usage, "prompt_tokens_details"), "cached_tokens",
		    &answer->cached_tokens);
	take_number(timings, "prompt_ms", &answer->server_prompt_ms);
	take_number(timings, "predicted_ms", &answer->server_output_ms);
}

/* {"error": "..."} or {"error": {"message": "..."}}; NULL: no error. */
static const char *error_of(const json_t *event)
{
	const json_t *error = json_object_get(event, "error");
	const char *message = json_string_value(json_object_get(error, "message"));

	if (!error || json_is_null(error))
		return NULL;
	if (json_is_string(error))
		message = json_string_value(error);
	return message ? message : "an error without a message";
}

/* An event on its way to take_event(). */
struct arrival {
	struct sw__answer *answer;
	uint64_t at_ns;
};

static bool take_json(struct sw__answer *answer, const json_t *event, uint64_t at_ns)
{
	const char *error = error_of(event);

	if (error)
		return fail(answer, SW__ANSWER_ERROR, "", error, strlen(error));
	take_choice(answer, json_array_get(json_object_get(event, "choices"), 0), at_ns);
	take_counts(answer, event);
	return true;
}

static bool take_event(void *self, const struct sw__sse_event *event)
{
	struct arrival *arrival = self;
	struct sw__answer *answer = arrival->answer;
	json_t *json;
	bool more;

	if (++answer->events > answer->events_max)
		return fail(answer, SW__ANSWER_TOO_LONG, "a stream without an end", "", 0);
	if (strcmp(event->data, "[DONE]") == 0) {
		answer->done = true;
		return true;
	}
	json = json_loadb(event->data, event->size, JSON_ALLOW_NUL, NULL);
	more = json_is_object(json)
		       ? take_json(answer, json, arrival->at_ns)
		       : fail(answer, SW__ANSWER_NOT_JSON,
			      "an event is not a JSON object: ", event->data, event->size);
	json_decref(json);
	return more;
}

static bool is_events(const char *content_type)
{
	static const char wanted[] = "text/event-stream";

	return strncasecmp(content_type, wanted, sizeof(wanted) - 1) == 0;
}

static bool take_events(struct sw__answer *answer, const char *bytes, size_t n, uint64_t at_ns)
{
	struct arrival arrival = {answer, at_ns};

	switch (sw__sse_feed(&answer->sse, bytes, n, take_event, &arrival)) {
	case SW__SSE_OK:
		break;
	case SW__SSE_TOO_LONG:
		return fail(answer, SW__ANSWER_TOO_LONG, "an event without an end", "", 0);
	case SW__SSE_NO_MEMORY:
		return fail(answer, SW__ANSWER_NO_MEMORY, "out of memory", "", 0);
	case SW__SSE_ENOUGH:
		return false;
	}
	if (answer->bytes > answer->bytes_max)
		return fail(answer, SW__ANSWER_TOO_LONG, "a stream without an end", "", 0);
	return true;
}

bool sw__answer_take(struct sw__answer *answer, const struct sw__http_head *head, const char *bytes,
		     size_t n, uint64_t at_ns)
{
	answer->bytes += n;
	if (head->status / 100 != 2) {
		note(answer, bytes, n);
		return answer->bytes <= REFUSAL_BYTES_MAX;
	}
	if (!is_events(head->content_type))
		return fail(answer, SW__ANSWER_NOT_EVENTS, "not a stream of events but ",
			    *head->content_type ? head->content_type : "untyped",
			    *head->content_type ? strlen(head->content_type) : strlen("untyped"));
	return take_events(answer, bytes, n, at_ns);
}
