// SPDX-License-Identifier: Apache-2.0
#include "slicewise/drive.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "drive/drive_observer.h"
#include "drive/drive_parts.h"
#include "drive/tally.h"

static const double ns_per_s = 1e9;

/* A wait without a due moment still ends now and then: nothing depends on it. */
static const uint64_t wait_ns = 1000000000;

static const char *const metric_ids[] = {
#define METRIC_ID(name, id) id,
	SW_DRIVE_METRIC_LIST(METRIC_ID)
#undef METRIC_ID
};

const char *sw_drive_metric_id(enum sw_drive_metric metric)
{
	return metric_ids[metric];
}

struct sw_drive_settings sw_drive_defaults(void)
{
	return (struct sw_drive_settings)SW_DRIVE_DEFAULTS;
}

/* Prompts that no earlier run has sent: their content is the only thing that the seed does not decide. */
static uint64_t salt_of_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static enum sw_status set_up(sw_drive *drive, const struct sw_drive_settings *s,
			     struct sw_error *err)
{
	enum sw_status st = sw__traffic_init(&drive->traffic, s, err);

	if (st == SW_OK)
		st = sw__endpoint_init(&drive->endpoint, s->endpoint, s->chat, s->api_key, err);
	if (st == SW_OK)
		st = sw__http_client_new(&drive->client, err);
	if (st == SW_OK && s->model) {
		sw_text_puts(&drive->model, s->model);
		if (!sw_text_ok(&drive->model))
			st = sw_fail(err, SW_NO_MEMORY, "a model's name");
	}
	return st;
}

enum sw_status sw_drive_new(const struct sw_drive_settings *settings, sw_drive **out,
			    struct sw_error *err)
{
	sw_drive *drive = calloc(1, sizeof(*drive));
	enum sw_status st;

	*out = NULL;
	if (!drive)
		return sw_fail(err, SW_NO_MEMORY, "a drive");
	drive->settings = *settings;
	drive->settings.endpoint = drive->settings.model = drive->settings.api_key = NULL;
	drive->settings.trace = NULL;
	drive->style = (struct sw__prompt_style){
		.chat = settings->chat,
		.ignore_eos = settings->ignore_eos,
		.token_id_first = settings->token_id_first,
		.token_id_last = settings->token_id_last,
		.salt = salt_of_now(),
	};
	atomic_init(&drive->stopped, false);
	st = set_up(drive, settings, err);
	if (st == SW_OK)
		*out = drive;
	else
		sw_drive_free(drive);
	return st;
}

void sw_drive_free(sw_drive *drive)
{
	if (!drive)
		return;
	sw__http_client_free(drive->client);
	sw__flight_free(drive->prepared);
	while (drive->idle) {
		struct sw__flight *flight = drive->idle;

		drive->idle = flight->next;
		sw__flight_free(flight);
	}
	sw__clients_free(&drive->clients);
	sw__traffic_free(&drive->traffic);
	sw__endpoint_free(&drive->endpoint);
	sw_text_free(&drive->model);
	free(drive->style.model_json);
	free(drive->gaps);
	sw_drive_result_free(drive->result);
	free(drive);
}

void sw_drive_result_free(struct sw_drive_result *result)
{
	if (!result)
		return;
	free(result->requests);
	free(result);
}

void sw_drive_stop(sw_drive *drive)
{
	atomic_store(&drive->stopped, true);
	sw__http_client_wake(drive->client);
}

void sw__drive_listen(sw_drive *drive, const struct sw__piece_listener *listener)
{
	drive->listener = listener;
}

uint64_t sw__drive_start_ns(const sw_drive *drive)
{
	return drive->start_ns;
}

static char *json_text(const char *string)
{
	json_t *json = json_string(string);
	char *text = json ? json_dumps(json, JSON_ENCODE_ANY) : NULL;

	json_decref(json);
	return text;
}

/* Is anybody there, and what is the model called? */
static enum sw_status meet(sw_drive *drive, struct sw_error *err)
{
	enum sw_status st =
		sw__endpoint_probe(&drive->endpoint, drive->client, &drive->stopped, err);

	if (st == SW_OK && !drive->model.size)
		st = sw__endpoint_model(&drive->endpoint, drive->client, &drive->stopped,
					&drive->model, err);
	if (st != SW_OK)
		return st;
	drive->style.model_json = json_text(sw_text_string(&drive->model));
	if (!drive->style.model_json)
		return sw_fail(err, SW_BAD_INPUT, "model: expected a name in UTF-8");
	return SW_OK;
}

static enum sw_status make_result(sw_drive *drive, struct sw_error *err)
{
	const struct sw_drive_settings *s = &drive->settings;
	struct sw_drive_result *result = calloc(1, sizeof(*result));

	drive->result = result;
	drive->gaps = calloc(1, sizeof(*drive->gaps));
	if (!result || !drive->gaps)
		return sw_fail(err, SW_NO_MEMORY, "the results");
	(void)sw_copy_name(result->url, sizeof(result->url),
			   sw_text_string(&drive->endpoint.completions));
	(void)sw_copy_name(result->model, sizeof(result->model), sw_text_string(&drive->model));
	result->closed_loop = sw__arrivals_closed(drive->traffic.arrivals);
	result->has_limits = sw_known(s->ttft_limit_ms) || sw_known(s->tpot_limit_ms);
	return SW_OK;
}

static uint64_t after_start(const sw_drive *drive, double s)
{
	return drive->start_ns + (uint64_t)(s * ns_per_s);
}

static enum sw_status begin(sw_drive *drive, struct sw_error *err)
{
	const struct sw_drive_settings *s = &drive->settings;
	enum sw_status st = sw__flight_prepare(drive, err);

	drive->start_ns = sw__http_now_ns();
	drive->last_end_ns = drive->start_ns;
	drive->counted_from_ns = after_start(drive, s->warm_up_s);
	drive->sending_ends_ns = sw_known(s->duration_s)
					 ? after_start(drive, s->warm_up_s + s->duration_s)
					 : UINT64_MAX;
	if (st == SW_OK && drive->result->closed_loop &&
	    !sw__clients_init(&drive->clients, (size_t)s->load.concurrency, drive->start_ns))
		st = sw_fail(err, SW_NO_MEMORY, "%g clients", s->load.concurrency);
	return st;
}

/* UINT64_MAX: none is due before an answer ends, or none at all. */
static uint64_t next_due_ns(sw_drive *drive)
{
	uint64_t due_ns;

	if (drive->exhausted || !drive->prepared)
		return UINT64_MAX;
	due_ns = drive->result->closed_loop ? sw__clients_next_ns(&drive->clients)
					    : after_start(drive, drive->prepared->arrival.at_s);
	if (due_ns != UINT64_MAX && due_ns >= drive->sending_ends_ns) {
		drive->exhausted = drive->time_is_up = true;
		return UINT64_MAX;
	}
	return due_ns;
}

static enum sw_status send_next(sw_drive *drive, uint64_t due_ns, struct sw_error *err)
{
	enum sw_status st;

	if (drive->result->closed_loop)
		sw__clients_take(&drive->clients);
	st = sw__flight_send(drive, due_ns, err);
	return st == SW_OK ? sw__flight_prepare(drive, err) : st;
}

/* One request, then whatever can be read, in turn: a burst of requests does not keep answers waiting. */
static enum sw_status loop(sw_drive *drive, struct sw_error *err)
{
	while (!atomic_load(&drive->stopped)) {
		uint64_t due_ns = next_due_ns(drive), now_ns = sw__http_now_ns();
		enum sw_status st = SW_OK;

		if (due_ns == UINT64_MAX && !sw__http_client_active(drive->client))
			return SW_OK;
		if (due_ns <= now_ns)
			st = send_next(drive, due_ns, err);
		if (st != SW_OK)
			return st;
		if (due_ns == UINT64_MAX)
			due_ns = now_ns + wait_ns;
		sw__http_client_poll(drive->client, due_ns);
	}
	drive->result->stopped = true;
	return SW_OK;
}

/* The window of the rates: as long as requests were sent, where that is known beforehand; else up to the last answer. */
static double window_s(const sw_drive *drive)
{
	if (drive->time_is_up && !drive->result->stopped)
		return drive->settings.duration_s;
	return drive->last_end_ns > drive->counted_from_ns
		       ? (double)(drive->last_end_ns - drive->counted_from_ns) / ns_per_s
		       : NAN;
}

static void set_rates(const sw_drive *drive, struct sw_drive_result *result)
{
	result->elapsed_s = (double)(drive->last_end_ns - drive->start_ns) / ns_per_s;
	result->window_s = window_s(drive);
	result->requests_per_s = drive->requests_in_window / result->window_s;
	result->output_tokens_per_s = drive->output_tokens_in_window / result->window_s;
	result->prompt_tokens_per_s = drive->prompt_tokens_in_window / result->window_s;
}

enum sw_status sw_drive_run(sw_drive *drive, struct sw_drive_result **out, struct sw_error *err)
{
	enum sw_status st;

	*out = NULL;
	assert(!drive->ran);
	drive->ran = true;
	st = meet(drive, err);
	if (st == SW_OK)
		st = make_result(drive, err);
	if (st == SW_OK)
		st = begin(drive, err);
	if (st == SW_OK)
		st = loop(drive, err);
	sw__http_client_cancel(drive->client);
	if (st == SW_OK) {
		set_rates(drive, drive->result);
		st = sw__tally(drive->result, drive->gaps, err);
	}
	if (st == SW_OK) {
		*out = drive->result;
		drive->result = NULL;
	}
	return st;
}
