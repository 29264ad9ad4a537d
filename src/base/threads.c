// SPDX-License-Identifier: Apache-2.0
#include "base/threads.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

enum { THREADS_MAX = 256 };

struct loop {
	const struct sw__pieces *pieces;
	atomic_size_t next, done;
};

static void *help(void *context)
{
	struct loop *loop = context;
	size_t i;

	while ((i = atomic_fetch_add(&loop->next, 1)) < loop->pieces->n) {
		loop->pieces->work(loop->pieces->context, i);
		(void)atomic_fetch_add(&loop->done, 1);
	}
	return NULL;
}

static void lead(struct loop *loop)
{
	const struct sw__pieces *pieces = loop->pieces;
	size_t i;

	while ((i = atomic_fetch_add(&loop->next, 1)) < pieces->n) {
		size_t done;

		pieces->work(pieces->context, i);
		done = atomic_fetch_add(&loop->done, 1) + 1;
		if (pieces->told)
			pieces->told(pieces->context, done);
	}
}

static unsigned wanted_threads(unsigned asked)
{
	long there = sysconf(_SC_NPROCESSORS_ONLN);

	if (asked == 0)
		asked = there < 1 ? 1 : (unsigned)there;
	return asked < THREADS_MAX ? asked : THREADS_MAX;
}

/* Threads that cannot be started are done without. */
void sw__pieces_do(const struct sw__pieces *pieces, unsigned threads)
{
	struct loop loop = {.pieces = pieces};
	pthread_t helpers[THREADS_MAX];
	unsigned wanted = wanted_threads(threads), started = 0;

	while (started + 1 < wanted && started + 1 < pieces->n &&
	       pthread_create(&helpers[started], NULL, help, &loop) == 0)
		started++;
	lead(&loop);
	while (started > 0)
		(void)pthread_join(helpers[--started], NULL);
}
