// SPDX-License-Identifier: Apache-2.0
#include "net/http_ready.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "net/http_client.h"

enum { EVENTS_AT_ONCE = 256, NS_PER_S = 1000000000 };

struct sw__http_socket {
	int fd;
	uint32_t wanted, seen; /* bits of epoll */
	uint64_t at_ns;
	bool queued;
	struct sw__http_socket *previous, *next; /* in the queue */
};

struct sw__http_ready {
	int epoll, timer, bell;
	uint64_t alarm_ns; /* what the timer is set to; UINT64_MAX: not */
	struct sw__http_socket *first, *last; /* the queue */
	struct sw__http_socket *served; /* whose turn it is */
};

/* The timer and the bell are told from sockets by what epoll hands back: the address of their descriptor. */
static bool watch(const struct sw__http_ready *ready, const int *fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = (void *)fd};

	return *fd >= 0 && epoll_ctl(ready->epoll, EPOLL_CTL_ADD, *fd, &event) == 0;
}

struct sw__http_ready *sw__http_ready_new(void)
{
	struct sw__http_ready *ready = calloc(1, sizeof(*ready));

	if (!ready)
		return NULL;
	ready->alarm_ns = UINT64_MAX;
	ready->epoll = epoll_create1(EPOLL_CLOEXEC);
	/* Not the timeout of epoll_wait(): that counts milliseconds, and is late by the timer slack. */
	ready->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	ready->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (ready->epoll >= 0 && watch(ready, &ready->timer) && watch(ready, &ready->bell))
		return ready;
	sw__http_ready_free(ready);
	return NULL;
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		(void)close(fd);
}

void sw__http_ready_free(struct sw__http_ready *ready)
{
	if (!ready)
		return;
	close_if_open(ready->timer);
	close_if_open(ready->bell);
	close_if_open(ready->epoll);
	free(ready);
}

struct sw__http_socket *sw__http_ready_add(struct sw__http_ready *ready, int fd)
{
	struct sw__http_socket *socket = calloc(1, sizeof(*socket));
	struct epoll_event event = {.events = EPOLLONESHOT, .data.ptr = socket};

	if (!socket)
		return NULL;
	socket->fd = fd;
	if (epoll_ctl(ready->epoll, EPOLL_CTL_ADD, fd, &event) == 0)
		return socket;
	free(socket);
	return NULL;
}

static void arm(struct sw__http_ready *ready, struct sw__http_socket *socket)
{
	struct epoll_event event = {.events = socket->wanted | EPOLLONESHOT, .data.ptr = socket};

	(void)epoll_ctl(ready->epoll, EPOLL_CTL_MOD, socket->fd, &event);
}

void sw__http_ready_want(struct sw__http_ready *ready, struct sw__http_socket *socket, bool in,
			 bool out)
{
	socket->wanted = (in ? (uint32_t)EPOLLIN : 0) | (out ? (uint32_t)EPOLLOUT : 0);
	/* One that waits for its turn, or has it, is watched again afterwards. */
	if (!socket->queued && socket != ready->served)
		arm(ready, socket);
}

static void append(struct sw__http_ready *ready, struct sw__http_socket *socket)
{
	socket->previous = ready->last;
	socket->next = NULL;
	if (ready->last)
		ready->last->next = socket;
	else
		ready->first = socket;
	ready->last = socket;
	socket->queued = true;
}

static void take_out(struct sw__http_ready *ready, struct sw__http_socket *socket)
{
	if (socket->previous)
		socket->previous->next = socket->next;
	else
		ready->first = socket->next;
	if (socket->next)
		socket->next->previous = socket->previous;
	else
		ready->last = socket->previous;
	socket->queued = false;
}

void sw__http_ready_remove(struct sw__http_ready *ready, struct sw__http_socket *socket)
{
	if (!socket)
		return;
	if (socket->queued)
		take_out(ready, socket);
	if (ready->served == socket)
		ready->served = NULL;
	(void)epoll_ctl(ready->epoll, EPOLL_CTL_DEL, socket->fd, NULL);
	free(socket);
}

static void set_alarm(struct sw__http_ready *ready, uint64_t at_ns)
{
	struct itimerspec when = {.it_value = {.tv_sec = (time_t)(at_ns / NS_PER_S),
					       .tv_nsec = (long)(at_ns % NS_PER_S)}};

	if (ready->alarm_ns == at_ns)
		return;
	ready->alarm_ns = at_ns;
	if (at_ns == UINT64_MAX)
		when = (struct itimerspec){0}; /* which switches it off */
	(void)timerfd_settime(ready->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void drain(struct sw__http_ready *ready, const int *fd)
{
	uint64_t count;

	(void)!read(*fd, &count, sizeof(count));
	if (fd == &ready->timer)
		ready->alarm_ns = UINT64_MAX;
}

static void note(struct sw__http_ready *ready, const struct epoll_event *event, uint64_t now_ns)
{
	struct sw__http_socket *socket = event->data.ptr;

	if (event->data.ptr == &ready->timer || event->data.ptr == &ready->bell) {
		drain(ready, event->data.ptr);
		return;
	}
	socket->seen = event->events;
	socket->at_ns = now_ns;
	append(ready, socket);
}

void sw__http_ready_wait(struct sw__http_ready *ready, uint64_t deadline_ns)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	bool may_wait = !ready->first && deadline_ns > sw__http_now_ns();
	uint64_t now_ns;
	int n;

	if (may_wait)
		set_alarm(ready, deadline_ns);
	n = epoll_wait(ready->epoll, events, EVENTS_AT_ONCE, may_wait ? -1 : 0);
	now_ns = sw__http_now_ns();
	for (int i = 0; i < n; i++)
		note(ready, &events[i], now_ns);
}

bool sw__http_ready_take(struct sw__http_ready *ready, struct sw__http_event *out)
{
	struct sw__http_socket *socket = ready->first;

	if (!socket)
		return false;
	take_out(ready, socket);
	ready->served = socket;
	*out = (struct sw__http_event){
		.fd = socket->fd,
		.in = (socket->seen & (EPOLLIN | EPOLLHUP)) != 0,
		.out = (socket->seen & EPOLLOUT) != 0,
		.error = (socket->seen & EPOLLERR) != 0,
		.at_ns = socket->at_ns,
	};
	return true;
}

void sw__http_ready_again(struct sw__http_ready *ready)
{
	struct sw__http_socket *socket = ready->served;

	ready->served = NULL;
	if (socket)
		arm(ready, socket);
}

void sw__http_ready_wake(struct sw__http_ready *ready)
{
	int kept = errno; /* a signal handler leaves it as it was */
	uint64_t one = 1;

	(void)!write(ready->bell, &one, sizeof(one));
	errno = kept;
}
