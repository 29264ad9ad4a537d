// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drive/drive_outcome.h"
#include "drive/drive_parts.h"
#include "drive/tally.h"

static const double ns_per_ms = 1e6, ns_per_s = 1e9;

static struct sw__flight *take_idle(sw_drive *drive)
{
	struct sw__flight *flight = drive->idle;

	if (!flight)
		return calloc(1, sizeof(*flight));
	drive->idle = flight->next;
	return flight;
}

static void put_idle(sw_drive *drive, struct sw__flight *flight)
{
	flight->next = drive->idle;
	drive->idle = flight;
}

void sw__flight_free(struct sw__flight *flight)
{
	if (!flight)
		return;
	sw__answer_free(&flight->answer);
	sw_text_free(&flight->body);
	free(flight);
}

enum sw_status sw__flight_prepare(sw_drive *drive, struct sw_error *err)
{
	struct sw_drive_result *result = drive->result;
	struct sw__flight *flight;

	if (drive->settings.requests && result->n >= drive->settings.requests)
		drive->exhausted = true;
	if (drive->exhausted)
		return SW_OK;
	flight = take_idle(drive);
	if (!flight)
		return sw_fail(err, SW_NO_MEMORY, "request %zu", result->n);
	flight->drive = drive;
	drive->prepared = flight;
	if (!sw__arrivals_next(drive->traffic.arrivals, 0, &flight->arrival)) {
		drive->exhausted = true;
		return SW_OK;
	}
	sw__prompt_body(&drive->style, result->n, &flight->arrival, &flight->body);
	if (!sw_text_ok(&flight->body))
		return sw_fail(err, SW_NO_MEMORY, "request %zu", result->n);
	return SW_OK;
}

static struct sw_drive_request *request_of(const struct sw__flight *flight)
{
	return &flight->drive->result->requests[flight->request];
}

static enum sw_status add_request(sw_drive *drive, struct sw__flight *flight, struct sw_error *err)
{
	struct sw_drive_result *result = drive->result;
	struct sw_drive_request *more = result->requests;

	if (result->n == drive->capacity) {
		drive->capacity = drive->capacity ? 2 * drive->capacity : 1024;
		more = reallocarray(more, drive->capacity, sizeof(*more));
		if (!more)
			return sw_fail(err, SW_NO_MEMORY, "%zu requests", result->n);
		result->requests = more;
	}
	flight->request = result->n++;
	more[flight->request] = (struct sw_drive_request){
		.arrival_s = (double)(flight->due_ns - drive->start_ns) / ns_per_s,
		.prompt_tokens = flight->arrival.prompt_tokens,
		.output_tokens = NAN,
		.prompt_tokens_asked = flight->arrival.prompt_tokens,
		.output_tokens_asked = flight->arrival.output_tokens,
		.cached_tokens = NAN,
		.ttft_ms = NAN,
		.tpot_ms = NAN,
		.e2e_ms = NAN,
		.send_lag_ms = NAN,
		.server_prompt_ms = NAN,
		.server_output_ms = NAN,
		.counted = flight->due_ns >= drive->counted_from_ns,
	};
	return SW_OK;
}

static void keep_message(struct sw_drive_result *result, enum sw_drive_outcome outcome,
			 const char *message)
{
	char *kept = result->messages[outcome];

	if (outcome != SW_DRIVE_OK && outcome != SW_DRIVE_STOPPED && !*kept)
		(void)sw_copy_name(kept, SW_DRIVE_MESSAGE_MAX, message);
}

/* What came within the window makes the rates, also of requests that were due before it. */
static void add_to_window(sw_drive *drive, const struct sw__answer *answer,
			  const struct sw_drive_request *request, uint64_t end_ns)
{
	if (answer->pieces)
		drive->output_tokens_in_window += request->output_tokens *
						  (double)answer->pieces_in_window /
						  (double)answer->pieces;
	if (answer->first_ns >= answer->window_from_ns && answer->first_ns < answer->window_to_ns)
		drive->prompt_tokens_in_window += request->prompt_tokens;
	if (request->outcome == SW_DRIVE_OK && end_ns >= answer->window_from_ns &&
	    end_ns < answer->window_to_ns)
		drive->requests_in_window++;
}

static void finish(struct sw__flight *flight, enum sw_drive_outcome outcome, const char *message,
		   uint64_t end_ns)
{
	sw_drive *drive = flight->drive;
	struct sw_drive_request *request = request_of(flight);
	const struct sw_drive_settings *s = &drive->settings;

	request->outcome = outcome;
	sw__tally_answer(request, &flight->answer, flight->due_ns);
	request->is_late = sw__tally_is_late(request, s->ttft_limit_ms, s->tpot_limit_ms);
	add_to_window(drive, &flight->answer, request, end_ns);
	if (request->counted)
		keep_message(drive->result, outcome, message);
	if (end_ns > drive->last_end_ns)
		drive->last_end_ns = end_ns;
	if (sw__arrivals_closed(drive->traffic.arrivals))
		sw__clients_give(&drive->clients, end_ns, outcome != SW_DRIVE_OK);
	put_idle(drive, flight);
}

static bool take_body(void *owner, const struct sw__http_head *head, const char *bytes, size_t n,
		      uint64_t at_ns)
{
	struct sw__flight *flight = owner;

	return sw__answer_take(&flight->answer, head, bytes, n, at_ns);
}

static void take_end(void *owner, const struct sw__http_end *end)
{
	struct sw__flight *flight = owner;
	enum sw_drive_outcome outcome = sw__drive_outcome(end, &flight->answer);
	char message[SW_DRIVE_MESSAGE_MAX];

	request_of(flight)->http_status = end->status;
	if (end->status && end->status / 100 != 2)
		(void)snprintf(message, sizeof(message), "%d: %s", end->status,
			       flight->answer.message);
	else
		(void)sw_copy_name(message, sizeof(message),
				   *flight->answer.message ? flight->answer.message
				   : end->fate == SW__HTTP_ANSWERED
					   ? "the stream ended without [DONE]"
					   : end->message);
	finish(flight, outcome, message, end->at_ns);
}

static void begin_answer(struct sw__flight *flight)
{
	sw_drive *drive = flight->drive;
	struct sw__answer *answer = &flight->answer;

	sw__answer_begin(answer, flight->arrival.output_tokens);
	answer->request = flight->request;
	answer->window_from_ns = drive->counted_from_ns;
	answer->window_to_ns = drive->sending_ends_ns;
	answer->gaps = request_of(flight)->counted ? drive->gaps : NULL;
	answer->listener = drive->listener;
}

/* To the client, or to nobody where there are too many. */
static enum sw_status launch(sw_drive *drive, struct sw__flight *flight, struct sw_error *err)
{
	static const struct sw__http_handler handler = {take_body, take_end};
	uint64_t now_ns = sw__http_now_ns();
	struct sw__http_request request = {
		.url = sw_text_string(&drive->endpoint.completions),
		.body = flight->body.data,
		.body_size = flight->body.size,
		.headers = drive->endpoint.headers,
		.timeout_s =
			drive->settings.timeout_s - (double)(now_ns - flight->due_ns) / ns_per_s,
		.handler = &handler,
		.owner = flight,
	};
	enum sw_status st;

	if (sw__http_client_active(drive->client) >= drive->settings.in_flight_max) {
		finish(flight, SW_DRIVE_UNSENT, "as many in flight as may be", now_ns);
		return SW_OK;
	}
	st = sw__http_client_send(drive->client, &request, err);
	if (st != SW_OK)
		put_idle(drive, flight);
	else
		request_of(flight)->send_lag_ms =
			(double)(sw__http_now_ns() - flight->due_ns) / ns_per_ms;
	return st;
}

enum sw_status sw__flight_send(sw_drive *drive, uint64_t due_ns, struct sw_error *err)
{
	struct sw__flight *flight = drive->prepared;
	enum sw_status st;

	drive->prepared = NULL;
	flight->due_ns = due_ns;
	st = add_request(drive, flight, err);
	if (st != SW_OK) {
		put_idle(drive, flight);
		return st;
	}
	begin_answer(flight);
	return launch(drive, flight, err);
}
