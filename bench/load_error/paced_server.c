// SPDX-License-Identifier: Apache-2.0
#include "paced_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { STREAMS_MAX = 1024, REQUEST_MAX = 1 << 16, EVENTS = 256, NS_PER_S = 1000000000 };

struct stream {
	int fd; /* -1: free */
	size_t used; /* of request */
	unsigned left; /* pieces still to be sent */
	uint64_t received_ns, due_ns;
	char request[REQUEST_MAX];
};

struct server {
	const struct pace *pace;
	int listener, epoll, timer;
	struct stream *streams;
	size_t n; /* streams that were ever used */
};

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static void watch(const struct server *server, int fd, void *what)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};

	if (epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
		abort();
}

static void put(struct stream *stream, const char *bytes, size_t size)
{
	/* Answers are far smaller than a socket's buffer. */
	if (send(stream->fd, bytes, size, MSG_NOSIGNAL) != (ssize_t)size) {
		(void)close(stream->fd);
		stream->fd = -1;
		stream->left = 0;
	}
}

static uint64_t next_step(const struct pace *pace, uint64_t at_ns)
{
	return pace->lockstep ? (at_ns / pace->gap_ns + 1) * pace->gap_ns : at_ns;
}

static void put_piece(const struct pace *pace, struct stream *stream)
{
	char event[256], chunk[300];
	int size = snprintf(event, sizeof(event),
			    "data: {\"choices\":[{\"index\":0,\"text\":\"%llu %llu\"}]}\n\n",
			    (unsigned long long)stream->received_ns, (unsigned long long)now_ns());

	size = snprintf(chunk, sizeof(chunk), "%x\r\n%s\r\n", (unsigned)size, event);
	stream->left--;
	stream->due_ns += pace->gap_ns;
	put(stream, chunk, (size_t)size);
	if (!stream->left && stream->fd >= 0) {
		static const char end[] = "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n";

		put(stream, end, sizeof(end) - 1);
	}
}

static void begin(const struct pace *pace, struct stream *stream)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
				   "Transfer-Encoding: chunked\r\n\r\n";
	const char *tokens = strstr(stream->request, "\"max_tokens\":");

	stream->received_ns = now_ns();
	stream->left = tokens ? (unsigned)strtoul(tokens + strlen("\"max_tokens\":"), NULL, 10) : 1;
	stream->due_ns = next_step(pace, stream->received_ns + pace->first_ns);
	stream->used = 0;
	put(stream, head, sizeof(head) - 1);
}

/* Whether headers and body are there. */
static bool is_whole(const struct stream *stream)
{
	const char *body = strstr(stream->request, "\r\n\r\n");
	const char *length = strcasestr(stream->request, "content-length:");

	return body && (!length || (size_t)(stream->request + stream->used - body) - 4 >=
					   strtoul(length + strlen("content-length:"), NULL, 10));
}

static void read_request(const struct pace *pace, struct stream *stream)
{
	size_t room = sizeof(stream->request) - 1 - stream->used;
	ssize_t got = recv(stream->fd, stream->request + stream->used, room, 0);

	if (got <= 0) {
		(void)close(stream->fd);
		stream->fd = -1;
		stream->left = 0;
		return;
	}
	stream->used += (size_t)got;
	stream->request[stream->used] = '\0';
	if (is_whole(stream))
		begin(pace, stream);
}

static void accept_stream(struct server *server)
{
	int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC), one = 1;

	for (size_t i = 0; fd >= 0 && i < STREAMS_MAX; i++) {
		struct stream *stream = &server->streams[i];

		if (stream->fd >= 0)
			continue;
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		stream->fd = fd;
		stream->used = 0;
		server->n = i < server->n ? server->n : i + 1;
		watch(server, fd, stream);
		return;
	}
	if (fd >= 0)
		(void)close(fd);
}

/* Send what is due; when the next is. */
static uint64_t send_due(struct server *server)
{
	uint64_t next_ns = UINT64_MAX;

	for (size_t i = 0; i < server->n; i++) {
		struct stream *stream = &server->streams[i];

		if (stream->left && stream->due_ns <= now_ns())
			put_piece(server->pace, stream);
		if (stream->left && stream->due_ns < next_ns)
			next_ns = stream->due_ns;
	}
	return next_ns;
}

static void set_timer(const struct server *server, uint64_t at_ns)
{
	struct itimerspec when = {.it_value = {.tv_sec = (time_t)(at_ns / NS_PER_S),
					       .tv_nsec = (long)(at_ns % NS_PER_S)}};

	if (at_ns != UINT64_MAX)
		(void)timerfd_settime(server->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void serve_once(struct server *server)
{
	struct epoll_event events[EVENTS];
	int n;

	set_timer(server, send_due(server));
	n = epoll_wait(server->epoll, events, EVENTS, -1);
	for (int i = 0; i < n; i++) {
		uint64_t ticks;

		if (events[i].data.ptr == &server->listener)
			accept_stream(server);
		else if (events[i].data.ptr == &server->timer)
			(void)!read(server->timer, &ticks, sizeof(ticks));
		else
			read_request(server->pace, events[i].data.ptr);
	}
}

void paced_serve(int listener, const struct pace *pace)
{
	struct server server = {
		.pace = pace,
		.listener = listener,
		.epoll = epoll_create1(EPOLL_CLOEXEC),
		.timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC),
		.streams = calloc(STREAMS_MAX, sizeof(struct stream)),
	};

	if (!server.streams)
		abort();
	for (size_t i = 0; i < STREAMS_MAX; i++)
		server.streams[i].fd = -1;
	watch(&server, listener, &server.listener);
	watch(&server, server.timer, &server.timer);
	for (;;)
		serve_once(&server);
}
