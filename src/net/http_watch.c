// SPDX-License-Identifier: Apache-2.0
#include "net/http_watch.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { EVENTS_AT_ONCE = 64 };

struct sw__http_watch {
	int epoll, stop;
	pthread_t thread;
	void (*hung_up)(void *context, uint64_t number);
	void *context;
};

/* Numbers of exchanges begin at 1. */
static const uint64_t STOP = 0;

static void *run(void *argument)
{
	struct sw__http_watch *watch = argument;
	struct epoll_event events[EVENTS_AT_ONCE];

	for (;;) {
		int n = epoll_wait(watch->epoll, events, EVENTS_AT_ONCE, -1);

		if (n < 0 && errno != EINTR)
			return NULL;
		for (int i = 0; i < n; i++) {
			if (events[i].data.u64 == STOP)
				return NULL;
			watch->hung_up(watch->context, events[i].data.u64);
		}
	}
}

static enum sw_status open_files(struct sw__http_watch *watch, struct sw_error *err)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = STOP};

	watch->epoll = epoll_create1(EPOLL_CLOEXEC);
	watch->stop = eventfd(0, EFD_CLOEXEC);
	if (watch->epoll < 0 || watch->stop < 0 ||
	    epoll_ctl(watch->epoll, EPOLL_CTL_ADD, watch->stop, &event) != 0)
		return sw_fail(err, SW_IO, "cannot watch connections: %s", strerror(errno));
	return SW_OK;
}

static void release(struct sw__http_watch *watch)
{
	if (watch->epoll >= 0)
		(void)close(watch->epoll);
	if (watch->stop >= 0)
		(void)close(watch->stop);
	free(watch);
}

enum sw_status sw__http_watch_start(void (*hung_up)(void *context, uint64_t number), void *context,
				    struct sw__http_watch **out, struct sw_error *err)
{
	struct sw__http_watch *watch = calloc(1, sizeof(*watch));
	enum sw_status st;

	*out = NULL;
	if (!watch)
		return sw_fail(err, SW_NO_MEMORY, "an HTTP server");
	*watch = (struct sw__http_watch){
		.epoll = -1, .stop = -1, .hung_up = hung_up, .context = context};
	st = open_files(watch, err);
	if (st == SW_OK && pthread_create(&watch->thread, NULL, run, watch) != 0)
		st = sw_fail(err, SW_IO, "no thread for an HTTP server");
	if (st == SW_OK)
		*out = watch;
	else
		release(watch);
	return st;
}

void sw__http_watch_stop(struct sw__http_watch *watch)
{
	if (!watch)
		return;
	(void)eventfd_write(watch->stop, 1);
	(void)pthread_join(watch->thread, NULL);
	release(watch);
}

static int descriptor(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	return info ? info->connect_fd : -1;
}

bool sw__http_watch_add(struct sw__http_watch *watch, struct MHD_Connection *connection,
			uint64_t number)
{
	struct epoll_event event = {.events = EPOLLRDHUP | EPOLLONESHOT, .data.u64 = number};

	return epoll_ctl(watch->epoll, EPOLL_CTL_ADD, descriptor(connection), &event) == 0;
}

void sw__http_watch_remove(struct sw__http_watch *watch, struct MHD_Connection *connection)
{
	(void)epoll_ctl(watch->epoll, EPOLL_CTL_DEL, descriptor(connection), NULL);
}
