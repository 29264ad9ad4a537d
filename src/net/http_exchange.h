/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file http_exchange.h
 * One request and its answer, shared by a thread of the server and by whoever answers. Inside src/net only.
 *
 * Locks: an exchange's own lock is taken last; libmicrohttpd's suspend and resume are called under it, so that a piece that
 * comes while the connection falls asleep wakes it.
 */
#ifndef SLICEWISE_NET_HTTP_EXCHANGE_H
#define SLICEWISE_NET_HTTP_EXCHANGE_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/text.h"
#include "net/http_server.h"
#include "net/http_watch.h"

enum sw__http_state {
	SW__HTTP_OPEN, /* nothing said yet */
	SW__HTTP_BEGUN, /* a stream goes on */
	SW__HTTP_ENDED, /* all is said, maybe not sent */
	SW__HTTP_CUT /* by us or by the client's leaving */
};

/* How far a stream must be sent for the piece due at due_s to be with the kernel. */
struct sw__http_mark {
	uint64_t end;
	double due_s;
};

struct sw__http_server {
	struct sw__http_settings settings;
	struct MHD_Daemon *daemon;
	struct sw__http_watch *watch;
	unsigned port;
	pthread_mutex_t lock; /* of the list */
	struct sw__http_exchange *exchanges;
	atomic_bool stopping;
	atomic_size_t uploads_bytes;
	atomic_uint_fast64_t last_number;
};

struct sw__http_exchange {
	atomic_uint references;
	struct sw__http_server *server; /* alive as long as `connection` */
	uint64_t number;
	struct sw__http_exchange *next, **link; /* in the server's list, under its lock */
	struct sw_text
		upload; /* of the thread that serves the connection alone, like the next four */
	uint64_t uploaded;
	size_t upload_counted; /* in uploads_bytes */
	bool dispatched;
	const char *allow; /* the method that a path knows, for a 405 */

	pthread_mutex_t lock; /* of all that follows */
	struct MHD_Connection *connection; /* NULL once the server has done with it */
	enum sw__http_state state;
	bool streaming, held, suspended, watched;
	unsigned status;
	const char *type;
	struct sw_text body; /* what was pushed */
	size_t taken; /* of `body`, by the server */
	uint64_t pushed; /* bytes of the whole stream */
	struct sw__http_mark *marks; /* first_mark to n_marks wait */
	size_t n_marks, first_mark, marks_capacity;
	void (*gone)(void *context, uint64_t tag);
	void *gone_context;
	uint64_t gone_tag;
	size_t unsent_bytes_max;
	void (*sent)(void *context, double due_s);
	void *sent_context;
};

/** In the server's list, with one reference, the server's. NULL: no memory, or the server stops. */
struct sw__http_exchange *sw__http_exchange_new(struct sw__http_server *server,
						struct MHD_Connection *connection);

/** Queue what has been said, or sleep until something is, or close (MHD_NO). In a thread of the server. */
enum MHD_Result sw__http_exchange_settle(struct sw__http_exchange *exchange);

/** The server has done with it: take it out of the list, tell the holder, give the server's reference back. */
void sw__http_exchange_close(struct sw__http_exchange *exchange);

/** The client has hung up: cut, and tell the holder. */
void sw__http_exchange_gone(struct sw__http_exchange *exchange);

/** Wait for the client's hanging up, from now on. */
void sw__http_exchange_watch(struct sw__http_exchange *exchange);

#endif
