// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "net/http_ready.h"
#include "net/http_transfer.h"

enum { NS_PER_MS = 1000000, NS_PER_S = 1000000000 };

/* Descriptors served before the others are asked again whether they are ready: what keeps their moments exact. */
enum { SERVED_AT_ONCE = 8 };

struct sw__http_client {
	CURLM *multi;
	struct sw__http_ready *ready;
	uint64_t curl_due_ns; /* when libcurl wants to be called; UINT64_MAX: not at all */
	uint64_t stamp_ns; /* the moment that belongs to what is read now */
	struct sw__http_transfer *active, *idle; /* lists */
	size_t n_active;
};

uint64_t sw__http_now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static bool curl_is_up;

static void start_curl(void)
{
	curl_is_up = curl_global_init(CURL_GLOBAL_ALL) == CURLE_OK;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *self, void *socket)
{
	sw__http_client *client = self;
	struct sw__http_socket *known = socket;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		sw__http_ready_remove(client->ready, known);
		return 0;
	}
	if (!known) {
		known = sw__http_ready_add(client->ready, fd);
		if (!known)
			return -1;
		(void)curl_multi_assign(client->multi, fd, known);
	}
	sw__http_ready_want(client->ready, known, (what & CURL_POLL_IN) != 0,
			    (what & CURL_POLL_OUT) != 0);
	return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *self)
{
	sw__http_client *client = self;

	(void)multi;
	client->curl_due_ns =
		timeout_ms < 0 ? UINT64_MAX : sw__http_now_ns() + (uint64_t)timeout_ms * NS_PER_MS;
	return 0;
}

static enum sw_status set_up(sw__http_client *client, struct sw_error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, start_curl);
	if (!curl_is_up)
		return sw_fail(err, SW_IO, "libcurl does not start");
	client->multi = curl_multi_init();
	client->ready = sw__http_ready_new();
	if (!client->multi || !client->ready)
		return sw_fail(err, SW_NO_MEMORY, "an HTTP client");
	(void)curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	(void)curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
	(void)curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	(void)curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
	return SW_OK;
}

enum sw_status sw__http_client_new(sw__http_client **out, struct sw_error *err)
{
	sw__http_client *client = calloc(1, sizeof(*client));
	enum sw_status st;

	*out = NULL;
	if (!client)
		return sw_fail(err, SW_NO_MEMORY, "an HTTP client");
	client->curl_due_ns = UINT64_MAX;
	st = set_up(client, err);
	if (st == SW_OK)
		*out = client;
	else
		sw__http_client_free(client);
	return st;
}

void sw__http_client_free(sw__http_client *client)
{
	if (!client)
		return;
	sw__http_client_cancel(client);
	while (client->idle) {
		struct sw__http_transfer *transfer = client->idle;

		client->idle = transfer->next;
		sw__http_transfer_free(transfer);
	}
	/* Closes connections, which calls on_socket(). */
	if (client->multi)
		(void)curl_multi_cleanup(client->multi);
	sw__http_ready_free(client->ready);
	free(client);
}

size_t sw__http_client_active(const sw__http_client *client)
{
	return client->n_active;
}

static void link_active(sw__http_client *client, struct sw__http_transfer *transfer)
{
	transfer->previous = NULL;
	transfer->next = client->active;
	if (client->active)
		client->active->previous = transfer;
	client->active = transfer;
	client->n_active++;
}

static void unlink_active(sw__http_client *client, struct sw__http_transfer *transfer)
{
	if (transfer->previous)
		transfer->previous->next = transfer->next;
	else
		client->active = transfer->next;
	if (transfer->next)
		transfer->next->previous = transfer->previous;
	client->n_active--;
}

static void put_idle(sw__http_client *client, struct sw__http_transfer *transfer)
{
	transfer->next = client->idle;
	client->idle = transfer;
}

static struct sw__http_transfer *take_idle(sw__http_client *client)
{
	struct sw__http_transfer *transfer = client->idle;

	if (!transfer)
		return sw__http_transfer_new(&client->stamp_ns);
	client->idle = transfer->next;
	return transfer;
}

static void run_curl(sw__http_client *client, curl_socket_t fd, int mask, uint64_t stamp_ns)
{
	int running;

	client->stamp_ns = stamp_ns;
	(void)curl_multi_socket_action(client->multi, fd, mask, &running);
}

static void run_curl_timers(sw__http_client *client, uint64_t now_ns)
{
	long timeout_ms = -1;

	client->curl_due_ns = UINT64_MAX;
	run_curl(client, CURL_SOCKET_TIMEOUT, 0, now_ns);
	/* Called a little early, libcurl does nothing and does not ask again: on_timer() hears of changes only. */
	if (client->curl_due_ns == UINT64_MAX &&
	    curl_multi_timeout(client->multi, &timeout_ms) == CURLM_OK)
		(void)on_timer(client->multi, timeout_ms, client);
}

enum sw_status sw__http_client_send(sw__http_client *client, const struct sw__http_request *request,
				    struct sw_error *err)
{
	struct sw__http_transfer *transfer = take_idle(client);
	enum sw_status st;

	if (!transfer)
		return sw_fail(err, SW_NO_MEMORY, "a request to %s", request->url);
	st = sw__http_transfer_prepare(transfer, request, err);
	if (st == SW_OK && curl_multi_add_handle(client->multi, transfer->easy) != CURLM_OK)
		st = sw_fail(err, SW_NO_MEMORY, "a request to %s", request->url);
	if (st != SW_OK) {
		put_idle(client, transfer);
		return st;
	}
	link_active(client, transfer);
	/* Without waiting: the request is on its way when this returns, if there is a connection. */
	run_curl_timers(client, sw__http_now_ns());
	return SW_OK;
}

static void end_transfer(sw__http_client *client, struct sw__http_transfer *transfer,
			 const struct sw__http_end *end)
{
	(void)curl_multi_remove_handle(client->multi, transfer->easy);
	unlink_active(client, transfer);
	transfer->request.handler->ended(transfer->request.owner, end);
	put_idle(client, transfer);
}

static void reap(sw__http_client *client)
{
	struct sw__http_transfer *transfer;
	struct sw__http_end end;
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(client->multi, &left))) {
		if (message->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
		end = sw__http_transfer_end(transfer, message->data.result);
		end.at_ns = sw__http_now_ns();
		end_transfer(client, transfer, &end);
	}
}

void sw__http_client_cancel(sw__http_client *client)
{
	struct sw__http_end end = {.fate = SW__HTTP_CANCELLED, .message = "given up"};

	while (client->active) {
		end.at_ns = sw__http_now_ns();
		end.status = sw__http_transfer_status(client->active);
		end_transfer(client, client->active, &end);
	}
}

static void serve_ready(sw__http_client *client)
{
	struct sw__http_event event;

	for (int n = 0; n < SERVED_AT_ONCE && sw__http_ready_take(client->ready, &event); n++) {
		int mask = (event.in ? CURL_CSELECT_IN : 0) | (event.out ? CURL_CSELECT_OUT : 0) |
			   (event.error ? CURL_CSELECT_ERR : 0);

		run_curl(client, event.fd, mask, event.at_ns);
		sw__http_ready_again(client->ready);
	}
}

void sw__http_client_poll(sw__http_client *client, uint64_t deadline_ns)
{
	uint64_t now_ns;

	if (client->curl_due_ns < deadline_ns)
		deadline_ns = client->curl_due_ns;
	sw__http_ready_wait(client->ready, deadline_ns);
	serve_ready(client);
	now_ns = sw__http_now_ns();
	if (client->curl_due_ns <= now_ns)
		run_curl_timers(client, now_ns);
	reap(client);
}

void sw__http_client_wake(sw__http_client *client)
{
	sw__http_ready_wake(client->ready);
}
