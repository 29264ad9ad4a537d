// SPDX-License-Identifier: Apache-2.0
#include "profile/ordered_pool.h"

#include <stdatomic.h>
#include <time.h>

#include "check.h"

enum { N = 400 };

struct seen {
	atomic_int worked[N];
	atomic_int begun;
	int taken[N], dropped[N];
	size_t n_taken, last; /* take until `last` */
	bool in_order;
};

static void work(void *context, size_t i)
{
	struct seen *s = context;
	struct timespec pause = {0, (long)(i * 7919 % 13) * 10000};

	atomic_fetch_add(&s->begun, 1);
	(void)nanosleep(&pause, NULL); /* so that they end out of order */
	atomic_fetch_add(&s->worked[i], 1);
}

static bool take(void *context, size_t i)
{
	struct seen *s = context;

	s->in_order = s->in_order && i == s->n_taken && atomic_load(&s->worked[i]) == 1;
	s->n_taken++;
	s->taken[i]++;
	return i < s->last;
}

static void drop(void *context, size_t i)
{
	((struct seen *)context)->dropped[i]++;
}

static struct sw__ordered_work work_of(struct seen *seen, unsigned threads)
{
	return (struct sw__ordered_work){N, threads, seen, work, take, drop};
}

TEST(every_piece_is_taken_once_in_order_whatever_the_threads)
{
	struct sw_error err;

	for (unsigned threads = 0; threads <= 8; threads++) {
		struct seen seen = {.last = N, .in_order = true};
		struct sw__ordered_work w = work_of(&seen, threads);

		CHECK_INT(sw__ordered_run(&w, &err), SW_OK);
		CHECK(seen.in_order);
		CHECK_INT(seen.n_taken, N);
	}
}

TEST(who_wants_no_more_gets_no_more_and_nothing_is_lost)
{
	struct seen seen = {.last = 50, .in_order = true};
	struct sw__ordered_work w = work_of(&seen, 4);
	struct sw_error err;
	int begun;

	CHECK_INT(sw__ordered_run(&w, &err), SW_OK);
	CHECK(seen.in_order);
	CHECK_INT(seen.n_taken, 51);
	begun = atomic_load(&seen.begun);
	CHECK(begun < N);
	for (int i = 0; i < begun; i++)
		CHECK_INT(seen.taken[i] + seen.dropped[i], 1);
}

TEST(no_work_needs_no_thread)
{
	struct sw__ordered_work w = {.n = 0};
	struct sw_error err;

	CHECK_INT(sw__ordered_run(&w, &err), SW_OK);
}

TEST_MAIN()
