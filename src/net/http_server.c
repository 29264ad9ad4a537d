// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/http_exchange.h"

enum {
	CONNECTIONS_MAX = 1024,
	HEADER_BYTES_MAX = 32 << 10,
	BODY_BYTES_MAX = 4 << 20,
	UPLOADS_BYTES_MAX = 256 << 20,
	UNSENT_BYTES_MAX = 8 << 20,
	IDLE_S = 60,
	BACKLOG = 1024,
	DISCARDED_MAX =
		8 /* times the largest body are read and thrown away, for clients that listen only when they have sent */
};

struct sw__http_settings sw__http_defaults(void)
{
	return (struct sw__http_settings){
		.host = "127.0.0.1",
		.connections_max = CONNECTIONS_MAX,
		.header_bytes_max = HEADER_BYTES_MAX,
		.body_bytes_max = BODY_BYTES_MAX,
		.uploads_bytes_max = UPLOADS_BYTES_MAX,
		.unsent_bytes_max = UNSENT_BYTES_MAX,
		.idle_s = IDLE_S,
	};
}

static void refuse(struct sw__http_server *server, struct sw__http_exchange *exchange,
		   unsigned status, const char *why)
{
	if (server->settings.refuse)
		server->settings.refuse(server->settings.context, exchange, status, why);
	else
		(void)sw__http_answer(exchange, status, "text/plain; charset=utf-8", why,
				      strlen(why));
}

/* HEAD is answered as GET is; libmicrohttpd leaves the body out. */
static bool same_method(const char *asked, const char *offered)
{
	return strcmp(asked, offered) == 0 || (strcmp(asked, MHD_HTTP_METHOD_HEAD) == 0 &&
					       strcmp(offered, MHD_HTTP_METHOD_GET) == 0);
}

static void dispatch(struct sw__http_server *server, struct sw__http_exchange *exchange,
		     const char *method, const char *path)
{
	const struct sw__http_request request = {method, path, sw_text_string(&exchange->upload),
						 exchange->upload.size};

	for (size_t i = 0; i < server->settings.n_routes; i++) {
		const struct sw__http_route *route = &server->settings.routes[i];
		bool here = strcmp(path, route->path) == 0;

		if (here && same_method(method, route->method)) {
			route->answer(server->settings.context, &request, exchange);
			return;
		}
		if (here)
			exchange->allow = route->method;
	}
	if (exchange->allow)
		refuse(server, exchange, MHD_HTTP_METHOD_NOT_ALLOWED, "Method Not Allowed");
	else
		refuse(server, exchange, MHD_HTTP_NOT_FOUND, "Not Found");
}

static void forget_upload(struct sw__http_server *server, struct sw__http_exchange *exchange)
{
	atomic_fetch_sub(&server->uploads_bytes, exchange->upload_counted);
	exchange->upload_counted = 0;
	sw_text_free(&exchange->upload);
	exchange->upload = (struct sw_text){0};
}

static void answer(struct sw__http_server *server, struct sw__http_exchange *exchange,
		   const char *method, const char *path)
{
	bool left_alone;

	exchange->dispatched = true;
	dispatch(server, exchange, method, path);
	(void)pthread_mutex_lock(&exchange->lock);
	left_alone = exchange->state == SW__HTTP_OPEN && !exchange->held;
	(void)pthread_mutex_unlock(&exchange->lock);
	if (left_alone)
		refuse(server, exchange, MHD_HTTP_INTERNAL_SERVER_ERROR, "Internal Server Error");
	forget_upload(server, exchange); /* a long stream need not keep it */
}

static bool is_too_large(const struct sw__http_server *server, uint64_t body_bytes, unsigned times)
{
	return body_bytes > (uint64_t)server->settings.body_bytes_max * times;
}

static uint64_t announced_bytes(struct MHD_Connection *connection)
{
	const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
							 MHD_HTTP_HEADER_CONTENT_LENGTH);

	return length ? strtoull(length, NULL, 10) : 0;
}

static void refuse_body(struct sw__http_server *server, struct sw__http_exchange *exchange)
{
	exchange->dispatched = true;
	refuse(server, exchange, MHD_HTTP_CONTENT_TOO_LARGE, "Request body too large");
}

static enum MHD_Result begin(struct sw__http_server *server, struct MHD_Connection *connection,
			     void **slot)
{
	struct sw__http_exchange *exchange = sw__http_exchange_new(server, connection);

	if (!exchange)
		return MHD_NO;
	*slot = exchange;
	if (!is_too_large(server, announced_bytes(connection), DISCARDED_MAX))
		return MHD_YES;
	refuse_body(server, exchange);
	return sw__http_exchange_settle(exchange);
}

/* In the middle of a body libmicrohttpd takes no answer, so what is too much is thrown away until its end, or cut. */
static enum MHD_Result take_upload(struct sw__http_server *server,
				   struct sw__http_exchange *exchange, const char *bytes,
				   size_t size)
{
	exchange->uploaded += size;
	if (is_too_large(server, exchange->uploaded, DISCARDED_MAX))
		return MHD_NO;
	if (is_too_large(server, exchange->uploaded, 1)) {
		forget_upload(server, exchange);
		return MHD_YES;
	}
	exchange->upload_counted += size;
	if (atomic_fetch_add(&server->uploads_bytes, size) + size >
	    server->settings.uploads_bytes_max)
		return MHD_NO;
	sw_text_add(&exchange->upload, bytes, size);
	return sw_text_ok(&exchange->upload) ? MHD_YES : MHD_NO;
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_size, void **slot)
{
	struct sw__http_server *server = context;
	struct sw__http_exchange *exchange = *slot;
	size_t size = *upload_size;

	(void)version;
	if (!exchange)
		return begin(server, connection, slot);
	*upload_size = 0;
	if (size)
		return take_upload(server, exchange, upload, size);
	if (is_too_large(server, exchange->uploaded, 1))
		refuse_body(server, exchange);
	else if (!exchange->dispatched)
		answer(server, exchange, method, url);
	return sw__http_exchange_settle(exchange);
}

static void completed(void *context, struct MHD_Connection *connection, void **slot,
		      enum MHD_RequestTerminationCode why)
{
	struct sw__http_exchange *exchange = *slot;

	(void)context, (void)connection, (void)why;
	*slot = NULL;
	if (exchange)
		sw__http_exchange_close(exchange);
}

static void hung_up(void *context, uint64_t number)
{
	struct sw__http_server *server = context;
	struct sw__http_exchange *exchange;

	(void)pthread_mutex_lock(&server->lock);
	exchange = server->exchanges;
	while (exchange && exchange->number != number)
		exchange = exchange->next;
	if (exchange)
		atomic_fetch_add(&exchange->references, 1);
	(void)pthread_mutex_unlock(&server->lock);
	if (!exchange)
		return;
	sw__http_exchange_gone(exchange);
	sw__http_drop(exchange);
}

static enum sw_status bind_to(const struct addrinfo *address, const char *where, int *out,
			      struct sw_error *err)
{
	int on = 1, descriptor = socket(address->ai_family,
					SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

	if (descriptor < 0)
		return sw_fail(err, SW_IO, "%s: no socket: %s", where, strerror(errno));
	/* Tokens are small and must not wait for one another; accepted connections inherit it. */
	(void)setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(descriptor, address->ai_addr, address->ai_addrlen) == 0 &&
	    listen(descriptor, BACKLOG) == 0) {
		*out = descriptor;
		return SW_OK;
	}
	(void)sw_fail(err, SW_IO, "%s: cannot listen: %s", where, strerror(errno));
	(void)close(descriptor);
	return SW_IO;
}

static enum sw_status listen_on(const struct sw__http_settings *settings, int *out,
				struct sw_error *err)
{
	struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
				 .ai_socktype = SOCK_STREAM},
			*address = NULL;
	char port[16], where[300];
	enum sw_status st;
	int failed;

	(void)snprintf(port, sizeof(port), "%u", settings->port);
	(void)snprintf(where, sizeof(where), "%s port %s", settings->host, port);
	failed = getaddrinfo(settings->host, port, &hints, &address);
	if (failed)
		return sw_fail(err, SW_IO, "%s: %s", where, gai_strerror(failed));
	st = bind_to(address, where, out, err);
	freeaddrinfo(address);
	return st;
}

static unsigned port_of(int descriptor)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);

	memset(&address, 0, sizeof(address));
	(void)getsockname(descriptor, (struct sockaddr *)&address, &size);
	if (address.ss_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)&address)->sin6_port);
	return ntohs(((const struct sockaddr_in *)&address)->sin_port);
}

/* The daemon owns the listening socket from now on. */
static enum sw_status start_daemon(struct sw__http_server *server, int descriptor,
				   struct sw_error *err)
{
	const struct sw__http_settings *settings = &server->settings;

	server->port = port_of(descriptor);
	server->daemon = MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handle,
		server, MHD_OPTION_LISTEN_SOCKET, descriptor, MHD_OPTION_NOTIFY_COMPLETED,
		completed, server, MHD_OPTION_CONNECTION_LIMIT, (unsigned)settings->connections_max,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, settings->header_bytes_max,
		MHD_OPTION_CONNECTION_TIMEOUT, settings->idle_s, MHD_OPTION_END);
	if (server->daemon)
		return SW_OK;
	(void)close(descriptor);
	return sw_fail(err, SW_IO, "cannot start an HTTP server on port %u", server->port);
}

static void release(struct sw__http_server *server)
{
	sw__http_watch_stop(server->watch);
	(void)pthread_mutex_destroy(&server->lock);
	free(server);
}

enum sw_status sw__http_server_start(const struct sw__http_settings *settings,
				     sw__http_server **out, struct sw_error *err)
{
	struct sw__http_server *server = calloc(1, sizeof(*server));
	enum sw_status st;
	int descriptor;

	*out = NULL;
	if (!server)
		return sw_fail(err, SW_NO_MEMORY, "an HTTP server");
	server->settings = *settings;
	(void)pthread_mutex_init(&server->lock, NULL);
	st = listen_on(settings, &descriptor, err);
	if (st == SW_OK) {
		st = sw__http_watch_start(hung_up, server, &server->watch, err);
		if (st == SW_OK)
			st = start_daemon(server, descriptor, err);
		else
			(void)close(descriptor);
	}
	if (st == SW_OK)
		*out = server;
	else
		release(server);
	return st;
}

unsigned sw__http_server_port(const sw__http_server *server)
{
	return server->port;
}

/* libmicrohttpd must not be stopped while connections sleep; from `stopping` on none is let in that could. */
static void cut_all(struct sw__http_server *server)
{
	(void)pthread_mutex_lock(&server->lock);
	atomic_store(&server->stopping, true);
	for (struct sw__http_exchange *e = server->exchanges; e; e = e->next)
		sw__http_cut(e);
	(void)pthread_mutex_unlock(&server->lock);
}

void sw__http_server_stop(sw__http_server *server)
{
	if (!server)
		return;
	cut_all(server);
	MHD_stop_daemon(server->daemon);
	release(server);
}
