/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file http_client.h
 * Many HTTP exchanges at once in one thread, each byte with the moment at which it was there to be read.
 *
 *     sw__http_client_new(&client, err);
 *     sw__http_client_send(client, &request, err);      returns at once; the answer comes through request.handler
 *     while (sw__http_client_active(client))
 *             sw__http_client_poll(client, deadline_ns); waits, reads, calls the handlers
 *     sw__http_client_free(client);
 *
 * One thread uses a client; only sw__http_client_wake() may be called by others, and by signal handlers. Handlers may send
 * further requests from `ended`, not from `body`. Proxies of the environment are not used, redirects not followed.
 * Whatever a server does, an exchange ends by its timeout, and takes no more memory than its handler keeps.
 */
#ifndef SLICEWISE_NET_HTTP_CLIENT_H
#define SLICEWISE_NET_HTTP_CLIENT_H

#include <stdint.h>

#include "base/text.h"

/** X(name, what it means). How an exchange ended. */
#define SW__HTTP_FATE_LIST(X)                                                   \
	X(SW__HTTP_ANSWERED, "the whole answer came, whatever its status")      \
	X(SW__HTTP_UNREACHABLE, "no connection")                                \
	X(SW__HTTP_CUT, "the connection ended within the answer")               \
	X(SW__HTTP_MALFORMED, "the answer is not HTTP, or has endless headers") \
	X(SW__HTTP_TIMED_OUT, "not finished in time")                           \
	X(SW__HTTP_ENOUGH, "the handler wanted no more")                        \
	X(SW__HTTP_CANCELLED, "given up by the caller")                         \
	X(SW__HTTP_OWN_FAULT, "this process lacks memory, descriptors or ports")

enum sw__http_fate {
#define SW__HTTP_FATE_ENUM(name, meaning) name,
	SW__HTTP_FATE_LIST(SW__HTTP_FATE_ENUM)
#undef SW__HTTP_FATE_ENUM
};

/** The beginning of an answer. */
struct sw__http_head {
	int status; /* 200 */
	const char *content_type; /* "" where there is none; valid during the call */
};

/** How it ended. */
struct sw__http_end {
	enum sw__http_fate fate;
	int status; /* 0: no answer began */
	uint64_t at_ns; /* CLOCK_MONOTONIC */
	const char *message; /* why, for people; valid during the call */
};

/** Where an answer goes. */
struct sw__http_handler {
	/* Bytes of the body and the moment at which they could be read. False: end the exchange (SW__HTTP_ENOUGH). */
	bool (*body)(void *owner, const struct sw__http_head *head, const char *bytes, size_t n,
		     uint64_t at_ns);
	/* Called once for every request that was sent; nothing comes after it. */
	void (*ended)(void *owner, const struct sw__http_end *end);
};

struct sw__http_request {
	const char *method; /* NULL: GET without a body, else POST */
	const char *url; /* http or https */
	const char *body; /* borrowed until the end; NULL: none */
	size_t body_size;
	const char *const *headers; /* "Name: value", NULL-terminated; NULL: none */
	double timeout_s; /* for everything, the connection included */
	bool connect_only; /* see whether somebody listens and send nothing */
	const struct sw__http_handler *handler; /* static */
	void *owner;
};

typedef struct sw__http_client sw__http_client;

/** SW_OK: *out is the caller's; release it with sw__http_client_free(). SW_NO_MEMORY, SW_IO. */
enum sw_status sw__http_client_new(sw__http_client **out, struct sw_error *err);

/** Cancel what is under way (its `ended` is called) and release everything. */
void sw__http_client_free(sw__http_client *client);

/** Begin an exchange. On failure (SW_NO_MEMORY, SW_BAD_INPUT: no such URL) `ended` is not called. */
enum sw_status sw__http_client_send(sw__http_client *client, const struct sw__http_request *request,
				    struct sw_error *err);

/** Exchanges under way. */
size_t sw__http_client_active(const sw__http_client *client);

/**
 * Read and write what can be, for a bounded time, and call the handlers; where nothing can be, wait for it until
 * `deadline_ns` (CLOCK_MONOTONIC) at most. Returns early and often.
 */
void sw__http_client_poll(sw__http_client *client, uint64_t deadline_ns);

/** End a wait, now or the next one. Any thread, any signal handler. */
void sw__http_client_wake(sw__http_client *client);

/** End every exchange with SW__HTTP_CANCELLED. */
void sw__http_client_cancel(sw__http_client *client);

/** Nanoseconds of CLOCK_MONOTONIC. */
uint64_t sw__http_now_ns(void);

#endif
