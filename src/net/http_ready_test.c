// SPDX-License-Identifier: Apache-2.0
#include "net/http_ready.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "net/http_client.h"

enum { MS = 1000000 };

/* A pair of connected sockets, one of them watched for reading. */
struct watched {
	int here, there;
	struct sw__http_socket *socket;
};

static struct watched watch(struct sw__http_ready *ready)
{
	int fds[2];
	struct watched w;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
		abort();
	w = (struct watched){fds[0], fds[1], sw__http_ready_add(ready, fds[0])};
	CHECK(w.socket != NULL);
	sw__http_ready_want(ready, w.socket, true, false);
	return w;
}

static void forget(struct sw__http_ready *ready, struct watched *w)
{
	sw__http_ready_remove(ready, w->socket);
	(void)close(w->here);
	(void)close(w->there);
}

static void say(const struct watched *w)
{
	CHECK_INT(write(w->there, "x", 1), 1);
}

static void wait_ms(struct sw__http_ready *ready, uint64_t ms)
{
	sw__http_ready_wait(ready, sw__http_now_ns() + ms * MS);
}

TEST(a_socket_gets_the_moment_at_which_it_was_seen_to_be_ready)
{
	struct sw__http_ready *ready = sw__http_ready_new();
	struct watched a = watch(ready), b = watch(ready);
	struct sw__http_event event;
	uint64_t seen_ns;

	say(&a);
	wait_ms(ready, 1000);
	seen_ns = sw__http_now_ns();
	(void)usleep(5000); /* others are being served */
	say(&b);
	wait_ms(ready, 1000);
	CHECK(sw__http_ready_take(ready, &event));
	CHECK_INT(event.fd, a.here);
	CHECK(event.in && !event.out && !event.error);
	CHECK(event.at_ns <= seen_ns);
	sw__http_ready_again(ready);
	CHECK(sw__http_ready_take(ready, &event));
	CHECK_INT(event.fd, b.here);
	CHECK(event.at_ns > seen_ns + 4 * MS);
	sw__http_ready_again(ready);
	CHECK(!sw__http_ready_take(ready, &event));
	forget(ready, &a);
	forget(ready, &b);
	sw__http_ready_free(ready);
}

TEST(a_socket_waits_once_in_the_queue_and_is_watched_again_when_served)
{
	struct sw__http_ready *ready = sw__http_ready_new();
	struct watched w = watch(ready);
	struct sw__http_event event;
	char byte;

	say(&w);
	for (int i = 0; i < 5; i++)
		wait_ms(ready, 0);
	CHECK(sw__http_ready_take(ready, &event));
	CHECK(!sw__http_ready_take(ready, &event));
	/* Not read yet: it is ready again. */
	wait_ms(ready, 0);
	CHECK(!sw__http_ready_take(ready, &event));
	CHECK_INT(read(w.here, &byte, 1), 1);
	forget(ready, &w);
	sw__http_ready_free(ready);
}

TEST(what_is_left_unread_is_reported_again)
{
	struct sw__http_ready *ready = sw__http_ready_new();
	struct watched w = watch(ready);
	struct sw__http_event event;

	say(&w);
	for (int i = 0; i < 3; i++) {
		wait_ms(ready, 1000);
		CHECK(sw__http_ready_take(ready, &event));
		sw__http_ready_again(ready);
	}
	forget(ready, &w);
	sw__http_ready_free(ready);
}

TEST(a_socket_can_go_while_it_waits_and_while_it_is_served)
{
	struct sw__http_ready *ready = sw__http_ready_new();
	struct watched w[3] = {watch(ready), watch(ready), watch(ready)};
	struct sw__http_event event;
	int served = 0;

	for (int i = 0; i < 3; i++)
		say(&w[i]);
	wait_ms(ready, 1000);
	forget(ready, &w[1]);
	while (sw__http_ready_take(ready, &event)) {
		CHECK(event.fd == w[0].here || event.fd == w[2].here);
		forget(ready, event.fd == w[0].here ? &w[0] : &w[2]);
		sw__http_ready_again(ready);
		served++;
	}
	CHECK_INT(served, 2);
	sw__http_ready_free(ready);
}

TEST(a_wait_lasts_until_its_deadline_unless_it_is_woken)
{
	struct sw__http_ready *ready = sw__http_ready_new();
	uint64_t start_ns = sw__http_now_ns();

	wait_ms(ready, 20);
	CHECK(sw__http_now_ns() - start_ns >= 20 * MS);
	/* The same deadline twice, and one before an earlier one. */
	sw__http_ready_wait(ready, start_ns + 40 * MS);
	CHECK(sw__http_now_ns() - start_ns >= 40 * MS);
	start_ns = sw__http_now_ns();
	sw__http_ready_wake(ready);
	wait_ms(ready, 10000);
	CHECK(sw__http_now_ns() - start_ns < 5000ULL * MS);
	wait_ms(ready, 10);
	CHECK(sw__http_now_ns() - start_ns >= 10 * MS);
	sw__http_ready_free(ready);
}

TEST_MAIN()
