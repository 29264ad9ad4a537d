// SPDX-License-Identifier: Apache-2.0
#include "observe/monotonic.h"

#include <pthread.h>

#include "check.h"

TEST(deadlines_are_multiples_of_the_interval)
{
	unsigned long long missed = 0;

	CHECK_INT(sw__next_deadline(1000, 100, 1000, &missed), 1100);
	CHECK_INT(sw__next_deadline(1000, 100, 1099, &missed), 1100);
	CHECK_INT(sw__next_deadline(1000, 100, 900, &missed), 1100); /* woken too early */
	CHECK_INT(missed, 0);
}

TEST(deadlines_that_are_gone_are_skipped_and_counted)
{
	unsigned long long missed = 0;

	CHECK_INT(sw__next_deadline(1000, 100, 1100, &missed), 1200);
	CHECK_INT(missed, 1);
	CHECK_INT(sw__next_deadline(1000, 100, 1350, &missed), 1400);
	CHECK_INT(missed, 4);
}

TEST(waiting_ends_at_the_deadline)
{
	struct sw_clock clock;
	struct sw_error err;
	unsigned long long deadline;

	if (!CHECK(sw__monotonic_new(&clock, &err) == SW_OK))
		return;
	deadline = clock.now_ns(clock.self) + 5000000;
	clock.wait_until_ns(clock.self, deadline);
	CHECK(clock.now_ns(clock.self) >= deadline);
	sw__monotonic_free(&clock);
	CHECK(!clock.self);
}

static void *wait_long(void *argument)
{
	struct sw_clock *clock = argument;

	clock->wait_until_ns(clock->self, clock->now_ns(clock->self) + 3600 * SW__NS_PER_S);
	return NULL;
}

/* The program's time limit is what would fail here. */
TEST(waking_ends_every_wait)
{
	struct sw_clock clock;
	struct sw_error err;
	pthread_t thread;

	if (!CHECK(sw__monotonic_new(&clock, &err) == SW_OK))
		return;
	if (CHECK(pthread_create(&thread, NULL, wait_long, &clock) == 0)) {
		clock.wake(clock.self);
		CHECK_INT(pthread_join(thread, NULL), 0);
		(void)wait_long(&clock);
	}
	sw__monotonic_free(&clock);
}

TEST_MAIN()
