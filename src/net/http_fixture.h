/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file http_fixture.h
 * A server for tests that says what it is told to say, to every request, in a thread of its own.
 */
#ifndef SLICEWISE_NET_HTTP_FIXTURE_H
#define SLICEWISE_NET_HTTP_FIXTURE_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/** Wait, then send; `times` 0 counts as 1, -1 is for ever. bytes NULL ends the script. */
struct said {
	int wait_ms;
	const char *bytes;
	int times;
};

struct spoken {
	const struct said *script;
	bool keeps; /* the connection, for a further request; else it is closed */
	int listener;
	char url[64];
	pthread_t thread;
	atomic_int connections, requests;
	struct spoken *next;
	char request[1 << 16]; /* the last one */
};

/* Headers and body; false: the client has gone. */
static inline bool spoken_hear(int fd, char *request, size_t capacity)
{
	size_t used = 0;

	for (;;) {
		ssize_t got = recv(fd, request + used, capacity - 1 - used, 0);
		const char *end, *length;

		if (got <= 0)
			return false;
		used += (size_t)got;
		request[used] = '\0';
		end = strstr(request, "\r\n\r\n");
		length = strstr(request, "Content-Length: ");
		if (end && (!length ||
			    (size_t)(request + used - end - 4) >= strtoul(length + 16, NULL, 10)))
			return true;
	}
}

static inline bool spoken_say(int fd, const struct said *script)
{
	for (; script->bytes; script++) {
		for (int n = 0; n != (script->times ? script->times : 1); n++) {
			size_t size = strlen(script->bytes);

			(void)usleep((unsigned)script->wait_ms * 1000);
			if (send(fd, script->bytes, size, MSG_NOSIGNAL) != (ssize_t)size)
				return false;
		}
	}
	return true;
}

struct spoken_to {
	struct spoken *server;
	int fd;
};

static inline void *spoken_talk(void *self)
{
	struct spoken_to *to = self;
	struct spoken *server = to->server;
	static _Thread_local char request[1 << 16];

	while (spoken_hear(to->fd, request, sizeof(request))) {
		memcpy(server->request, request, sizeof(request));
		atomic_fetch_add(&server->requests, 1);
		if (!spoken_say(to->fd, server->script) || !server->keeps)
			break;
	}
	(void)close(to->fd);
	free(to);
	return NULL;
}

static inline void *spoken_accept(void *self)
{
	struct spoken *server = self;

	for (;;) {
		int fd = accept(server->listener, NULL, NULL), one = 1;
		struct spoken_to *to;
		pthread_t thread;

		if (fd < 0)
			return NULL;
		/* What is said in two sentences arrives in two. */
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		to = malloc(sizeof(*to));
		if (!to)
			abort();
		*to = (struct spoken_to){server, fd};
		atomic_fetch_add(&server->connections, 1);
		if (pthread_create(&thread, NULL, spoken_talk, to) != 0)
			abort();
		(void)pthread_detach(thread);
	}
}

/** Begin to listen on a port of 127.0.0.1; server->url says which. It lives as long as the process does. */
static inline struct spoken *spoken_new(const struct said *script, bool keeps)
{
	struct spoken *server = calloc(1, sizeof(*server));
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);

	if (!server)
		abort();
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->script = script;
	server->keeps = keeps;
	server->listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(server->listener, (struct sockaddr *)&address, size) != 0 ||
	    listen(server->listener, 128) != 0 ||
	    getsockname(server->listener, (struct sockaddr *)&address, &size) != 0)
		abort();
	(void)snprintf(server->url, sizeof(server->url), "http://127.0.0.1:%u",
		       ntohs(address.sin_port));
	if (pthread_create(&server->thread, NULL, spoken_accept, server) != 0)
		abort();
	return server;
}

/** Stop to listen: further connections are refused. Its memory stays, for threads that still talk. */
static inline void spoken_end(struct spoken *server)
{
	static struct spoken *kept; /* reachable, so that it is no leak */

	(void)shutdown(server->listener, SHUT_RDWR);
	(void)pthread_join(server->thread, NULL);
	(void)close(server->listener);
	server->next = kept;
	kept = server;
}

#endif
