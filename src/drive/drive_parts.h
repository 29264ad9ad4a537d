/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file drive_parts.h
 * A drive from the inside: shared by drive.c (settings, the loop, the result) and drive_flight.c (one request).
 */
#ifndef SLICEWISE_DRIVE_DRIVE_PARTS_H
#define SLICEWISE_DRIVE_DRIVE_PARTS_H

#include <stdatomic.h>

#include "drive/answer.h"
#include "drive/clients.h"
#include "drive/endpoint.h"
#include "drive/prompt.h"
#include "drive/traffic.h"
#include "net/http_client.h"
#include "slicewise/drive.h"

struct sw__flight;

struct sw_drive {
	struct sw_drive_settings settings; /* its strings are the drive's own, or NULL */
	struct sw__endpoint endpoint;
	struct sw_text model;
	struct sw__prompt_style style;
	struct sw__traffic traffic;
	sw__http_client *client;
	const struct sw__piece_listener *listener;
	atomic_bool stopped;
	bool ran;

	/* While it runs. */
	uint64_t start_ns, counted_from_ns, sending_ends_ns; /* the last UINT64_MAX: no duration */
	uint64_t last_end_ns; /* of an answer */
	struct sw__clients clients; /* of a closed loop */
	bool exhausted; /* nothing more will be sent */
	bool time_is_up; /* because the duration is over */
	struct sw__flight *prepared; /* the next request, body and all; NULL: none */
	struct sw__flight *idle; /* list: memory that is used again */
	struct sw__histogram *gaps;
	struct sw_drive_result *result; /* requests grow as they are sent */
	size_t capacity; /* of result->requests */
	double output_tokens_in_window, prompt_tokens_in_window, requests_in_window;
};

/** A request that is drawn and written before it is due, so that nothing is left to do then but to send it. */
struct sw__flight {
	struct sw_drive *drive;
	struct sw__arrival arrival;
	size_t request; /* index in the result */
	uint64_t due_ns;
	struct sw_text body;
	struct sw__answer answer;
	struct sw__flight *next;
};

/** Draw the next request into drive->prepared; drive->exhausted where there is none. SW_NO_MEMORY. */
enum sw_status sw__flight_prepare(sw_drive *drive, struct sw_error *err);

/** Send the prepared one, due at `due_ns`. Its end is handled by itself. SW_NO_MEMORY. */
enum sw_status sw__flight_send(sw_drive *drive, uint64_t due_ns, struct sw_error *err);

void sw__flight_free(struct sw__flight *flight);

#endif
