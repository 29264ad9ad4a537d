// SPDX-License-Identifier: Apache-2.0
#include "common/parallel_for.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

enum { THREADS_MAX = 64 };

struct loop {
	size_t n;
	void (*each)(void *context, size_t i);
	void *context;
	atomic_size_t next;
};

unsigned parallel_threads(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > THREADS_MAX ? THREADS_MAX : (unsigned)n;
}

static void *work(void *context)
{
	struct loop *loop = context;
	size_t i;

	while ((i = atomic_fetch_add(&loop->next, 1)) < loop->n)
		loop->each(loop->context, i);
	return NULL;
}

void parallel_for(size_t n, void (*each)(void *context, size_t i), void *context)
{
	struct loop loop = {.n = n, .each = each, .context = context};
	pthread_t thread[THREADS_MAX];
	unsigned started = 0, wanted = parallel_threads();

	while (started + 1 < wanted && pthread_create(&thread[started], NULL, work, &loop) == 0)
		started++;
	(void)work(&loop);
	while (started > 0)
		(void)pthread_join(thread[--started], NULL);
}
