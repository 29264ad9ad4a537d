// SPDX-License-Identifier: Apache-2.0
#include "observe/monotonic.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

/* A condition variable rather than clock_nanosleep(): a stop need not wait for the end of an interval. */
struct monotonic {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	bool awake;
};

static unsigned long long now_ns(void *self)
{
	struct timespec now;

	(void)self;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned long long)now.tv_sec * SW__NS_PER_S + (unsigned long long)now.tv_nsec;
}

static void wait_until_ns(void *self, unsigned long long deadline_ns)
{
	struct monotonic *m = self;
	struct timespec deadline = {.tv_sec = (time_t)(deadline_ns / SW__NS_PER_S),
				    .tv_nsec = (long)(deadline_ns % SW__NS_PER_S)};

	(void)pthread_mutex_lock(&m->mutex);
	while (!m->awake && pthread_cond_timedwait(&m->cond, &m->mutex, &deadline) == 0)
		;
	(void)pthread_mutex_unlock(&m->mutex);
}

static void wake(void *self)
{
	struct monotonic *m = self;

	(void)pthread_mutex_lock(&m->mutex);
	m->awake = true;
	(void)pthread_cond_broadcast(&m->cond);
	(void)pthread_mutex_unlock(&m->mutex);
}

static bool init_cond(pthread_cond_t *cond)
{
	pthread_condattr_t attributes;
	bool ok;

	if (pthread_condattr_init(&attributes) != 0)
		return false;
	ok = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
	     pthread_cond_init(cond, &attributes) == 0;
	(void)pthread_condattr_destroy(&attributes);
	return ok;
}

enum sw_status sw__monotonic_new(struct sw_clock *out, struct sw_error *err)
{
	struct monotonic *m = calloc(1, sizeof(*m));

	if (!m)
		return sw_fail(err, SW_NO_MEMORY, "a clock");
	(void)pthread_mutex_init(&m->mutex, NULL); /* cannot fail with default attributes */
	if (!init_cond(&m->cond)) {
		(void)pthread_mutex_destroy(&m->mutex);
		free(m);
		return sw_fail(err, SW_IO, "no condition variable on the monotonic clock");
	}
	*out = (struct sw_clock){m, now_ns, wait_until_ns, wake};
	return SW_OK;
}

void sw__monotonic_free(struct sw_clock *clock)
{
	struct monotonic *m = clock->self;

	if (!m)
		return;
	(void)pthread_cond_destroy(&m->cond);
	(void)pthread_mutex_destroy(&m->mutex);
	free(m);
	clock->self = NULL;
}

unsigned long long sw__next_deadline(unsigned long long deadline_ns, unsigned long long interval_ns,
				     unsigned long long now_ns, unsigned long long *missed)
{
	unsigned long long gone = 0;

	if (now_ns > deadline_ns)
		gone = (now_ns - deadline_ns) / interval_ns;
	*missed += gone;
	return deadline_ns + (gone + 1) * interval_ns;
}
