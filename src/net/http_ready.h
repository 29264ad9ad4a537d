/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file http_ready.h
 * Which sockets can be read or written, and since when: epoll with a queue of its own.
 *
 * A socket is reported once (EPOLLONESHOT) with the moment at which epoll said so, waits in the queue for its turn, and is
 * watched again after it was served. So the queue may be filled while others are served, and the moment that a socket gets
 * does not depend on how long those before it took.
 */
#ifndef SLICEWISE_NET_HTTP_READY_H
#define SLICEWISE_NET_HTTP_READY_H

#include <stdbool.h>
#include <stdint.h>

struct sw__http_ready;
struct sw__http_socket;

/** One socket's turn. */
struct sw__http_event {
	int fd;
	bool in, out, error;
	uint64_t at_ns;
};

/** NULL: no memory or descriptors. */
struct sw__http_ready *sw__http_ready_new(void);
void sw__http_ready_free(struct sw__http_ready *ready);

/** Know a socket; NULL: no memory, or it cannot be watched. Released by sw__http_ready_remove(). */
struct sw__http_socket *sw__http_ready_add(struct sw__http_ready *ready, int fd);
void sw__http_ready_want(struct sw__http_ready *ready, struct sw__http_socket *socket, bool in,
			 bool out);
void sw__http_ready_remove(struct sw__http_ready *ready, struct sw__http_socket *socket);

/** Add to the queue what is ready; wait for something until `deadline_ns` only where the queue is empty. */
void sw__http_ready_wait(struct sw__http_ready *ready, uint64_t deadline_ns);

/** The turn that comes next; false: none. */
bool sw__http_ready_take(struct sw__http_ready *ready, struct sw__http_event *out);

/** The socket taken last, if it is still there, was served: watch it again. */
void sw__http_ready_again(struct sw__http_ready *ready);

/** End a wait, now or the next one. Any thread, any signal handler. */
void sw__http_ready_wake(struct sw__http_ready *ready);

#endif
