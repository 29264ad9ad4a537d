// SPDX-License-Identifier: Apache-2.0
/* A server met as clients meet it: through sockets. */
#include "net/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "check.h"

enum { PATIENCE_MS = 5000, BODY_MAX = 1000, LARGE = 1 << 20, MORE_THAN_SOCKETS_HOLD = 64 };

static struct {
	sw__http_server *server;
	sw__http_exchange *_Atomic held;
	atomic_int gone, sent;
	atomic_ullong gone_tag;
} the;

static void answer_echo(void *context, const struct sw__http_request *request,
			sw__http_exchange *exchange)
{
	(void)context;
	(void)sw__http_answer(exchange, 200, "text/plain", request->body, request->body_size);
}

static void on_gone(void *context, uint64_t tag)
{
	(void)context;
	atomic_store(&the.gone_tag, tag);
	atomic_fetch_add(&the.gone, 1);
}

static void hold(void *context, const struct sw__http_request *request, sw__http_exchange *exchange)
{
	(void)context, (void)request;
	sw__http_hold(exchange, on_gone, NULL, 42);
	atomic_store(&the.held, exchange);
}

static void forget(void *context, const struct sw__http_request *request,
		   sw__http_exchange *exchange)
{
	(void)context, (void)request, (void)exchange;
}

static void on_sent(void *context, double due_s)
{
	(void)context;
	if (due_s == 1.5)
		atomic_fetch_add(&the.sent, 1);
}

static const struct sw__http_route routes[] = {
	{"POST", "/echo", answer_echo},
	{"GET", "/hold", hold},
	{"GET", "/forget", forget},
};

static void start_with(unsigned idle_s)
{
	struct sw__http_settings settings = sw__http_defaults();
	struct sw_error err = {SW_OK, ""};

	settings.idle_s = idle_s;
	settings.routes = routes;
	settings.n_routes = sizeof(routes) / sizeof(routes[0]);
	settings.sent = on_sent;
	settings.body_bytes_max = BODY_MAX;
	settings.unsent_bytes_max = 16 * LARGE;
	CHECK_INT(sw__http_server_start(&settings, &the.server, &err), SW_OK);
	CHECK_STR(err.message, "");
	atomic_store(&the.held, NULL);
	atomic_store(&the.gone, 0);
	atomic_store(&the.sent, 0);
}

static void start(void)
{
	start_with(sw__http_defaults().idle_s);
}

static void stop(void)
{
	sw__http_server_stop(the.server);
}

static int dial(const char *request)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons((uint16_t)sw__http_server_port(the.server)),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK_INT(connect(s, (struct sockaddr *)&address, sizeof(address)), 0);
	CHECK(send(s, request, strlen(request), MSG_NOSIGNAL) == (ssize_t)strlen(request));
	return s;
}

/* What comes until `end` is in it, or the connection is closed. Static. */
static const char *hear(int s, const char *end)
{
	static struct sw_text text;
	struct pollfd wait = {.fd = s, .events = POLLIN};
	char bytes[4096];

	text.size = 0;
	sw_text_puts(&text, "");
	while (!strstr(sw_text_string(&text), end) && poll(&wait, 1, PATIENCE_MS) > 0) {
		ssize_t n = recv(s, bytes, sizeof(bytes), 0);

		if (n <= 0)
			break;
		sw_text_add(&text, bytes, (size_t)n);
	}
	return sw_text_string(&text);
}

static bool closed_by_server(int s)
{
	char byte;
	struct pollfd wait = {.fd = s, .events = POLLIN};

	while (poll(&wait, 1, PATIENCE_MS) > 0) {
		if (recv(s, &byte, 1, 0) <= 0)
			return true;
	}
	return false;
}

static const char *ask(const char *request, const char *end)
{
	int s = dial(request);
	const char *said = hear(s, end);

	(void)close(s);
	return said;
}

static bool soon(const atomic_int *number, int at_least)
{
	for (int i = 0; i < PATIENCE_MS && atomic_load(number) < at_least; i++)
		(void)usleep(1000);
	return atomic_load(number) >= at_least;
}

static sw__http_exchange *wait_held(void)
{
	sw__http_exchange *held = NULL;

	for (int i = 0; i < PATIENCE_MS && !held; i++) {
		held = atomic_exchange(&the.held, NULL);
		if (!held)
			(void)usleep(1000);
	}
	CHECK(held);
	return held;
}

TEST(routes_are_found_by_method_and_path)
{
	const char *said;

	start();
	said = ask("POST /echo?x=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", "hello");
	CHECK(strstr(said, "HTTP/1.1 200 OK") && strstr(said, "Content-Length: 5"));
	CHECK(strstr(ask("GET /none HTTP/1.1\r\nHost: a\r\n\r\n", "Not Found\n"), " 404 "));
	said = ask("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n", "Allowed");
	CHECK(strstr(said, " 405 ") && strstr(said, "Allow: POST"));
	CHECK(strstr(ask("GET /forget HTTP/1.1\r\nHost: a\r\n\r\n", "Error"), " 500 "));
	stop();
}

TEST(what_is_too_large_or_no_http_is_refused)
{
	struct sw_text request = {0};

	start();
	sw_text_addf(&request, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n",
		     9 * BODY_MAX);
	CHECK(strstr(ask(sw_text_string(&request), "large"), " 413 "));
	request.size = 0;
	sw_text_addf(&request, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n",
		     BODY_MAX + 1);
	sw_text_fill(&request, 'x', BODY_MAX + 1);
	CHECK(strstr(ask(sw_text_string(&request), "large"), " 413 "));
	request.size = 0;
	sw_text_puts(&request,
		     "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
		     "7d0\r\n");
	sw_text_fill(&request, 'x', 2000);
	CHECK_STR(ask(sw_text_string(&request), "x"), "");
	request.size = 0;
	sw_text_puts(&request, "GET /hold HTTP/1.1\r\nX: ");
	sw_text_fill(&request, 'x', 100000);
	CHECK(!strstr(ask(sw_text_string(&request), "\r\n\r\n"), " 200 "));
	CHECK(!strstr(ask("\x16\x03\x01 nonsense\r\n\r\n", "\r\n\r\n"), " 200 "));
	CHECK(strstr(ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok", "ok"),
		     " 200 "));
	sw_text_free(&request);
	stop();
}

TEST(another_thread_answers_later)
{
	sw__http_exchange *held;
	int s;

	start();
	s = dial("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
	held = wait_held();
	CHECK(sw__http_answer(held, 202, "text/plain", "later", 5));
	CHECK(!sw__http_answer(held, 202, "text/plain", "again", 5));
	sw__http_drop(held);
	CHECK(strstr(hear(s, "later"), " 202 "));
	CHECK_INT(atomic_load(&the.gone), 0);
	(void)close(s);
	stop();
}

TEST(a_stream_comes_piece_by_piece_and_tells_what_was_sent)
{
	sw__http_exchange *held;
	const char *said;
	int s;

	start();
	s = dial("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
	held = wait_held();
	CHECK(!sw__http_push(held, "early", 5, NAN));
	CHECK(sw__http_begin(held, 200, "text/event-stream"));
	said = hear(s, "\r\n\r\n");
	CHECK(strstr(said, "Transfer-Encoding: chunked"));
	CHECK(sw__http_push(held, "one,", 4, 1.5));
	CHECK(strstr(hear(s, "one,"), "4\r\none,"));
	CHECK(soon(&the.sent, 1));
	CHECK(sw__http_push(held, "two,", 4, 1.5));
	CHECK(sw__http_push(held, "three", 5, 1.5));
	sw__http_end(held);
	CHECK(!sw__http_push(held, "late", 4, 1.5));
	said = hear(s, "0\r\n\r\n");
	CHECK(strstr(said, "two,") && strstr(said, "three") && !strstr(said, "late"));
	CHECK(soon(&the.sent, 3));
	sw__http_drop(held);
	CHECK_INT(atomic_load(&the.gone), 0);
	(void)close(s);
	stop();
}

TEST(a_client_that_leaves_while_it_waits_is_noticed)
{
	sw__http_exchange *held;
	int s;

	start();
	s = dial("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
	held = wait_held();
	(void)close(s);
	CHECK(soon(&the.gone, 1));
	CHECK_INT(atomic_load(&the.gone_tag), 42);
	CHECK(!sw__http_answer(held, 200, "text/plain", "x", 1));
	sw__http_drop(held);

	s = dial("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
	held = wait_held();
	CHECK(sw__http_begin(held, 200, "text/plain"));
	(void)hear(s, "\r\n\r\n");
	(void)close(s);
	CHECK(soon(&the.gone, 2));
	CHECK(!sw__http_push(held, "x", 1, NAN));
	sw__http_drop(held);
	(void)usleep(20000);
	CHECK_INT(atomic_load(&the.gone), 2);
	stop();
}

TEST(cutting_closes_the_connection)
{
	sw__http_exchange *held;
	int s;

	start();
	s = dial("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
	held = wait_held();
	sw__http_cut(held);
	CHECK_STR(hear(s, "HTTP"), "");
	CHECK(closed_by_server(s));
	sw__http_drop(held);
	(void)close(s);

	s = dial("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
	held = wait_held();
	CHECK(sw__http_begin(held, 200, "text/plain"));
	CHECK(sw__http_push(held, "half", 4, NAN));
	CHECK(strstr(hear(s, "half"), "half"));
	sw__http_cut(held);
	CHECK(!strstr(hear(s, "0\r\n\r\n"), "0\r\n\r\n"));
	CHECK(closed_by_server(s));
	sw__http_drop(held);
	(void)close(s);
	CHECK_INT(atomic_load(&the.gone), 0);
	stop();
}

TEST(a_reader_that_does_not_read_stalls_nobody_and_is_cut)
{
	static char large[LARGE];
	sw__http_exchange *slow, *quick;
	int s, q, pushed = 0;

	start();
	s = dial("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
	slow = wait_held();
	q = dial("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
	quick = wait_held();
	CHECK(sw__http_begin(slow, 200, "text/plain") && sw__http_begin(quick, 200, "text/plain"));
	memset(large, 'x', sizeof(large));
	while (pushed < MORE_THAN_SOCKETS_HOLD && sw__http_push(slow, large, sizeof(large), NAN))
		pushed++;
	CHECK(pushed >= 15 && pushed < MORE_THAN_SOCKETS_HOLD);
	CHECK(sw__http_push(quick, "quick", 5, NAN));
	CHECK(strstr(hear(q, "quick"), "quick"));
	sw__http_drop(slow);
	sw__http_drop(quick);
	(void)close(s);
	(void)close(q);
	stop();
}

TEST(idleness_ends_a_connection_but_not_a_wait)
{
	sw__http_exchange *held;
	int idle, s;

	start_with(1);
	s = dial("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
	held = wait_held();
	idle = dial("GET /hold HTTP/1.1\r\nHo");
	CHECK(closed_by_server(idle));
	(void)usleep(1500000);
	CHECK(sw__http_begin(held, 200, "text/plain"));
	CHECK(strstr(hear(s, "\r\n\r\n"), " 200 "));
	(void)usleep(2200000);
	CHECK(sw__http_push(held, "late", 4, NAN));
	CHECK(strstr(hear(s, "late"), "late"));
	sw__http_end(held);
	sw__http_drop(held);
	(void)close(idle);
	(void)close(s);
	stop();
}

TEST(a_server_stops_while_clients_wait)
{
	sw__http_exchange *held[3];
	int s[3];

	start();
	for (int i = 0; i < 3; i++) {
		s[i] = dial("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
		held[i] = wait_held();
	}
	CHECK(sw__http_begin(held[1], 200, "text/plain"));
	stop();
	for (int i = 0; i < 3; i++) {
		CHECK(closed_by_server(s[i]));
		CHECK(!sw__http_push(held[i], "x", 1, NAN));
		sw__http_drop(held[i]);
		(void)close(s[i]);
	}
}

TEST(a_port_that_is_taken_is_an_error_in_words)
{
	struct sw__http_settings settings = sw__http_defaults();
	sw__http_server *second;
	struct sw_error err;

	start();
	settings.port = sw__http_server_port(the.server);
	CHECK_INT(sw__http_server_start(&settings, &second, &err), SW_IO);
	CHECK(strstr(err.message, "cannot listen: Address already in use"));
	CHECK(!second);
	settings.host = "no.such.host.invalid";
	CHECK_INT(sw__http_server_start(&settings, &second, &err), SW_IO);
	stop();
}

TEST_MAIN()
