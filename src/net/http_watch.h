/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file http_watch.h
 * Clients that hang up while they wait. libmicrohttpd does not look at a connection that sleeps, so a request that waits for
 * its first token would go on for a client that is no longer there: a thread of our own waits for the hanging up. Inside
 * src/net only.
 */
#ifndef SLICEWISE_NET_HTTP_WATCH_H
#define SLICEWISE_NET_HTTP_WATCH_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct sw__http_watch;

/** `hung_up(context, number)` is called in the watch's thread, at most once for every addition. SW_NO_MEMORY, SW_IO. */
enum sw_status sw__http_watch_start(void (*hung_up)(void *context, uint64_t number), void *context,
				    struct sw__http_watch **out, struct sw_error *err);

/** End the thread and release it; NULL is fine. */
void sw__http_watch_stop(struct sw__http_watch *watch);

/** False: it is not watched. */
bool sw__http_watch_add(struct sw__http_watch *watch, struct MHD_Connection *connection,
			uint64_t number);

/** Before the connection is used for another request or closed. */
void sw__http_watch_remove(struct sw__http_watch *watch, struct MHD_Connection *connection);

#endif
