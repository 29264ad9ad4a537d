/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file endpoint.h
 * An OpenAI-compatible server before the load: its addresses, whether somebody listens, which model it has.
 */
#ifndef SLICEWISE_DRIVE_ENDPOINT_H
#define SLICEWISE_DRIVE_ENDPOINT_H

#include <stdatomic.h>

#include "net/http_client.h"

/** How long a server may take to say which models it has. */
#define SW__ENDPOINT_PATIENCE_S 10.0

struct sw__endpoint {
	struct sw_text completions, models; /* URLs */
	struct sw_text authorization; /* a header; empty without a key */
	const char *headers[4]; /* of every request, NULL-terminated; point into the above */
};

/**
 * Addresses from what a user writes: "host:port", "http://host:port", with or without "/v1". SW_BAD_INPUT: another scheme,
 * control characters or blanks; SW_NO_MEMORY. Release it with sw__endpoint_free(), also after a failure.
 */
enum sw_status sw__endpoint_init(struct sw__endpoint *endpoint, const char *address, bool chat,
				 const char *api_key, struct sw_error *err);
void sw__endpoint_free(struct sw__endpoint *endpoint);

/** SW_IO where nobody listens. A wait ends early where *stop is set, as if somebody did. */
enum sw_status sw__endpoint_probe(const struct sw__endpoint *endpoint, sw__http_client *client,
				  const atomic_bool *stop, struct sw_error *err);

/** The name of the only model, into `model`. SW_IO: no usable answer; SW_BAD_INPUT: several models. */
enum sw_status sw__endpoint_model(const struct sw__endpoint *endpoint, sw__http_client *client,
				  const atomic_bool *stop, struct sw_text *model,
				  struct sw_error *err);

/** The name in an answer to /v1/models; as above. */
enum sw_status sw__endpoint_read_models(const char *json, size_t size, struct sw_text *model,
					struct sw_error *err);

#endif
