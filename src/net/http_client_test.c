// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.h"

#include <sys/resource.h>

#include "check.h"
#include "net/http_fixture.h"

enum { MS = 1000000 };

/* What became of one exchange. */
struct seen {
	struct sw_text body;
	char content_type[64], message[256];
	int status, ended, bodies;
	enum sw__http_fate fate;
	uint64_t first_ns, last_ns;
	size_t enough_at; /* bytes after which no more are wanted; 0: all are */
};

static bool see_body(void *owner, const struct sw__http_head *head, const char *bytes, size_t n,
		     uint64_t at_ns)
{
	struct seen *seen = owner;

	CHECK(at_ns <= sw__http_now_ns());
	CHECK(at_ns >= seen->last_ns);
	if (!seen->bodies++)
		seen->first_ns = at_ns;
	seen->last_ns = at_ns;
	(void)sw_copy_name(seen->content_type, sizeof(seen->content_type), head->content_type);
	if (seen->body.size < 1 << 20)
		sw_text_add(&seen->body, bytes, n);
	return !seen->enough_at || seen->body.size < seen->enough_at;
}

static void see_end(void *owner, const struct sw__http_end *end)
{
	struct seen *seen = owner;

	seen->ended++;
	seen->fate = end->fate;
	seen->status = end->status;
	(void)sw_copy_name(seen->message, sizeof(seen->message), end->message);
}

static const struct sw__http_handler handler = {see_body, see_end};

static sw__http_client *new_client(void)
{
	sw__http_client *client;
	struct sw_error err = {0};

	if (sw__http_client_new(&client, &err) != SW_OK)
		abort();
	return client;
}

static struct sw__http_request request_to(const char *url, struct seen *seen)
{
	return (struct sw__http_request){
		.url = url, .timeout_s = 5, .handler = &handler, .owner = seen};
}

static void send_it(sw__http_client *client, const struct sw__http_request *request)
{
	struct sw_error err = {0};

	CHECK_INT(sw__http_client_send(client, request, &err), SW_OK);
}

static void finish(sw__http_client *client)
{
	while (sw__http_client_active(client))
		sw__http_client_poll(client, sw__http_now_ns() + 100 * MS);
}

/* One exchange with a server that says `script`; seconds it took. */
static double talk(const struct said *script, double timeout_s, size_t enough_at, struct seen *seen)
{
	struct spoken *server = spoken_new(script, false);
	sw__http_client *client = new_client();
	struct sw__http_request request = request_to(server->url, seen);
	uint64_t start_ns = sw__http_now_ns();

	*seen = (struct seen){.enough_at = enough_at};
	request.timeout_s = timeout_s;
	send_it(client, &request);
	finish(client);
	CHECK_INT(seen->ended, 1);
	sw__http_client_free(client);
	sw_text_free(&seen->body);
	spoken_end(server);
	return (double)(sw__http_now_ns() - start_ns) / 1e9;
}

TEST(an_answer_comes_whole_with_its_status_and_type)
{
	static const struct said script[] = {
		{0,
		 "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\n01234",
		 0},
		{20, "56789", 0},
		{0, NULL, 0}};
	struct spoken *server = spoken_new(script, true);
	sw__http_client *client = new_client();
	struct seen seen = {.status = 0};
	struct sw__http_request request = request_to(server->url, &seen);
	static const char *const headers[] = {"X-Mine: yes", NULL};

	request.body = "{\"a\":1}";
	request.body_size = 7;
	request.headers = headers;
	send_it(client, &request);
	finish(client);
	CHECK_INT(seen.fate, SW__HTTP_ANSWERED);
	CHECK_INT(seen.status, 200);
	CHECK_STR(seen.content_type, "text/plain");
	CHECK_STR(sw_text_string(&seen.body), "0123456789");
	CHECK(seen.last_ns - seen.first_ns > 10 * MS);
	CHECK(strstr(server->request, "POST / HTTP/1.1\r\n") == server->request);
	CHECK(strstr(server->request, "X-Mine: yes\r\n") != NULL);
	CHECK(strstr(server->request, "\r\n\r\n{\"a\":1}") != NULL);
	CHECK(strstr(server->request, "Expect") == NULL);

	/* The second one goes over the same connection. */
	request.body = NULL;
	send_it(client, &request);
	finish(client);
	CHECK_INT(seen.ended, 2);
	CHECK(strstr(server->request, "GET / HTTP/1.1\r\n") == server->request);
	CHECK_INT(server->requests, 2);
	CHECK_INT(server->connections, 1);
	sw_text_free(&seen.body);
	sw__http_client_free(client);
	spoken_end(server);
}

TEST(nobody_listening_is_unreachable)
{
	static const struct said script[] = {{0, NULL, 0}};
	struct spoken *server = spoken_new(script, false);
	sw__http_client *client = new_client();
	struct seen seen = {.status = 0};
	struct sw__http_request request = request_to(server->url, &seen);

	spoken_end(server);
	send_it(client, &request);
	finish(client);
	CHECK_INT(seen.fate, SW__HTTP_UNREACHABLE);
	CHECK_INT(seen.status, 0);
	CHECK(seen.message[0]);
	request.url = "http://no-such-host.invalid";
	send_it(client, &request);
	finish(client);
	CHECK_INT(seen.fate, SW__HTTP_UNREACHABLE);
	sw__http_client_free(client);
}

TEST(servers_that_break_off_are_cut)
{
	static const struct said scripts[][3] = {
		{{0, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123", 0}, {0, NULL, 0}},
		{{0, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n", 0},
		 {0, NULL, 0}},
		{{0, NULL, 0}},
	};
	struct seen seen;

	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		(void)talk(scripts[i], 5, 0, &seen);
		CHECK_INT(seen.fate, SW__HTTP_CUT);
	}
}

TEST(what_is_no_http_is_malformed)
{
	static const struct said scripts[][3] = {
		{{0, "SSH-2.0-OpenSSH_9.2\r\n", 0}, {0, NULL, 0}},
		{{0, "\x16\x03\x01\x02", 0}, {0, NULL, 0}},
		{{0, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 0},
		 {0, NULL, 0}},
		{{0, "HTTP/1.1 200 OK\r\n", 0}, {0, "X-Endless: header header header\r\n", -1}},
		{{0, "HTTP/1.1 200 OK\r\nX-Endless: ", 0},
		 {0, "0123456789abcdef0123456789abcdef", -1}},
		{{0, "HTTP/1.1 100 Continue\r\n\r\n", -1}},
	};
	struct seen seen;

	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		(void)talk(scripts[i], 5, 0, &seen);
		CHECK_INT(seen.fate, SW__HTTP_MALFORMED);
	}
}

TEST(servers_that_hang_are_given_up_in_time)
{
	static const struct said scripts[][3] = {
		{{60000, "", 0}, {0, NULL, 0}},
		{{20, "H", 0}, {60000, "", 0}},
		{{0, "HTTP/1.1 200 OK\r\n\r\n", 0}, {10, "drip", -1}},
		{{0, "HTTP/1.1 200 OK\r\n", 0}, {20, "X-Slow: header\r\n", -1}},
	};
	struct seen seen;

	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		double s = talk(scripts[i], 0.2, 0, &seen);

		CHECK_INT(seen.fate, SW__HTTP_TIMED_OUT);
		CHECK(s > 0.19 && s < 10);
	}
}

TEST(a_handler_can_say_that_it_has_enough)
{
	static const struct said script[] = {{0, "HTTP/1.1 200 OK\r\n\r\n", 0},
					     {0, "for ever ", -1}};
	struct seen seen;

	CHECK(talk(script, 5, 1000, &seen) < 4.5);
	CHECK_INT(seen.fate, SW__HTTP_ENOUGH);
	CHECK_INT(seen.status, 200);
}

TEST(one_that_hangs_holds_up_no_other)
{
	static const struct said hangs[] = {{60000, "", 0}, {0, NULL, 0}};
	static const struct said answers[] = {
		{0, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 0}, {0, NULL, 0}};
	struct spoken *slow = spoken_new(hangs, false), *quick = spoken_new(answers, true);
	sw__http_client *client = new_client();
	struct seen stuck = {.status = 0}, seen[50] = {{.status = 0}};
	struct sw__http_request request = request_to(slow->url, &stuck);

	send_it(client, &request);
	for (size_t i = 0; i < 50; i++) {
		request = request_to(quick->url, &seen[i]);
		send_it(client, &request);
	}
	while (sw__http_client_active(client) > 1)
		sw__http_client_poll(client, sw__http_now_ns() + 100 * MS);
	for (size_t i = 0; i < 50; i++) {
		CHECK_INT(seen[i].fate, SW__HTTP_ANSWERED);
		CHECK_INT(seen[i].ended, 1);
		CHECK_STR(sw_text_string(&seen[i].body), "ok");
		sw_text_free(&seen[i].body);
	}
	CHECK_INT(stuck.ended, 0);
	sw__http_client_cancel(client);
	CHECK_INT(stuck.ended, 1);
	CHECK_INT(stuck.fate, SW__HTTP_CANCELLED);
	sw__http_client_free(client);
	spoken_end(slow);
	spoken_end(quick);
}

TEST(freeing_a_client_ends_what_is_under_way)
{
	static const struct said hangs[] = {{60000, "", 0}, {0, NULL, 0}};
	struct spoken *server = spoken_new(hangs, false);
	sw__http_client *client = new_client();
	struct seen seen = {.status = 0};
	struct sw__http_request request = request_to(server->url, &seen);

	send_it(client, &request);
	sw__http_client_free(client);
	CHECK_INT(seen.ended, 1);
	CHECK_INT(seen.fate, SW__HTTP_CANCELLED);
	spoken_end(server);
}

TEST(a_wait_ends_by_its_deadline_and_by_a_wake)
{
	sw__http_client *client = new_client();
	uint64_t start_ns = sw__http_now_ns(), took_ns;

	sw__http_client_poll(client, start_ns + 30 * MS);
	took_ns = sw__http_now_ns() - start_ns;
	CHECK(took_ns >= 30 * MS && took_ns < 1000ULL * MS);
	sw__http_client_wake(client);
	start_ns = sw__http_now_ns();
	sw__http_client_poll(client, start_ns + 10000ULL * MS);
	CHECK(sw__http_now_ns() - start_ns < 1000ULL * MS);
	sw__http_client_free(client);
}

TEST(a_connection_can_be_tried_without_a_request)
{
	static const struct said script[] = {{0, NULL, 0}};
	struct spoken *server = spoken_new(script, false);
	sw__http_client *client = new_client();
	struct seen seen = {.status = 0};
	struct sw__http_request request = request_to(server->url, &seen);

	request.connect_only = true;
	send_it(client, &request);
	finish(client);
	CHECK_INT(seen.fate, SW__HTTP_ANSWERED);
	CHECK_INT(server->requests, 0);
	sw__http_client_free(client);
	spoken_end(server);
}

TEST(proxies_of_the_environment_are_not_used)
{
	static const struct said script[] = {
		{0, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 0}, {0, NULL, 0}};
	struct seen seen;

	(void)setenv("http_proxy", "http://127.0.0.1:1", 1);
	(void)setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	(void)talk(script, 5, 0, &seen);
	CHECK_INT(seen.fate, SW__HTTP_ANSWERED);
	(void)unsetenv("http_proxy");
	(void)unsetenv("ALL_PROXY");
}

TEST(a_lack_of_descriptors_is_not_the_servers_fault)
{
	static const struct said script[] = {{0, NULL, 0}};
	struct spoken *server = spoken_new(script, false);
	sw__http_client *client = new_client();
	struct seen seen = {.status = 0};
	struct sw__http_request request = request_to(server->url, &seen);
	struct rlimit before, none;

	CHECK_INT(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 3;
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &none), 0);
	send_it(client, &request);
	finish(client);
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &before), 0);
	CHECK_INT(seen.fate, SW__HTTP_OWN_FAULT);
	CHECK(strstr(seen.message, "descriptor") != NULL);
	sw__http_client_free(client);
	spoken_end(server);
}

TEST_MAIN()
