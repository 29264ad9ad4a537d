/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file http_server.h
 * A small HTTP server on libmicrohttpd: src/net/README-server.md.
 *
 * A request whose method and path are in the table of routes is given whole, with its body, to the route's function in a thread
 * of the server. That function answers through the exchange at once, or holds it and lets another thread answer later, in
 * one piece or as a stream. All calls on an exchange may come from any thread; after an end, a cut or a client's leaving they
 * do nothing.
 */
#ifndef SLICEWISE_NET_HTTP_SERVER_H
#define SLICEWISE_NET_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct sw__http_server sw__http_server;
typedef struct sw__http_exchange sw__http_exchange;

/** A whole request; valid during the call of the route's function. */
struct sw__http_request {
	const char *method, *path; /* the path without its query, percent-decoded */
	const char *body; /* NUL-terminated beyond its size; "" where there is none */
	size_t body_size;
};

struct sw__http_route {
	const char *method, *path;
	/* Quick: other requests of the server wait meanwhile. One that neither answers nor holds is answered by a 500. */
	void (*answer)(void *context, const struct sw__http_request *request,
		       sw__http_exchange *exchange);
};

struct sw__http_settings {
	const char *host; /* address or name to listen on */
	unsigned port; /* 0: any that is free */
	const struct sw__http_route *routes; /* borrowed until the server stops */
	size_t n_routes;
	void *context; /* of all callbacks here and in the routes */
	/* Answers what never reaches a route: 404, 405, 413, 500. NULL: plain text. */
	void (*refuse)(void *context, sw__http_exchange *exchange, unsigned status,
		       const char *why);
	/* A piece of a stream that was due at due_s has been given to the kernel, just now. NULL: nobody asks. */
	void (*sent)(void *context, double due_s);
	size_t connections_max; /* more are closed as they come */
	size_t header_bytes_max; /* of a request's head: 431 above */
	size_t body_bytes_max; /* of a request: 413 above */
	size_t uploads_bytes_max; /* of all bodies in memory together: cut above */
	size_t unsent_bytes_max; /* that wait for one reader who does not read: cut above */
	unsigned idle_s; /* a connection on which nothing moves is closed after it */
};

/** What a server on this machine wants; no routes, no context. */
struct sw__http_settings sw__http_defaults(void);

/**
 * Listen and serve in threads of its own. SW_IO: the address cannot be had, or no thread. SW_OK: *out is the caller's, release it with
 * sw__http_server_stop().
 */
enum sw_status sw__http_server_start(const struct sw__http_settings *settings,
				     sw__http_server **out, struct sw_error *err);

/** The port it listens on. */
unsigned sw__http_server_port(const sw__http_server *server);

/** Cut what is being answered, end the threads, release the server; NULL is fine. Held exchanges stay valid until dropped. */
void sw__http_server_stop(sw__http_server *server);

/** One whole answer. `type` is borrowed for ever: a constant. False: too late, or no memory. */
bool sw__http_answer(sw__http_exchange *exchange, unsigned status, const char *type,
		     const char *body, size_t size);

/**
 * Keep the exchange to answer it later; only inside a route's function, once. `gone(context, tag)` is called at most once, from
 * any thread, when the client leaves before the answer has ended: NULL where nobody asks. Pair with sw__http_drop().
 */
void sw__http_hold(sw__http_exchange *exchange, void (*gone)(void *context, uint64_t tag),
		   void *context, uint64_t tag);

/** Give the hold back; the exchange must not be used by this holder again. */
void sw__http_drop(sw__http_exchange *exchange);

/** Begin a stream: status and headers go out now. False: too late. */
bool sw__http_begin(sw__http_exchange *exchange, unsigned status, const char *type);

/**
 * Append to a stream that has begun. due_s, a time the caller knows how to read, comes back through `sent`; NAN: it does not.
 * False: the client has gone, or reads so slowly that it was cut, or no memory.
 */
bool sw__http_push(sw__http_exchange *exchange, const char *bytes, size_t size, double due_s);

/** The stream is complete. */
void sw__http_end(sw__http_exchange *exchange);

/** Close the connection in the middle of things, as a server does that dies. */
void sw__http_cut(sw__http_exchange *exchange);

#endif
