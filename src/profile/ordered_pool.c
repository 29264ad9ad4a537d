// SPDX-License-Identifier: Apache-2.0
#include "profile/ordered_pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* Threads run ahead of the slowest piece by this many pieces each at most, so that finished ones do not pile up. */
enum { AHEAD = 8, THREADS_MAX = 256 };

struct pool {
	const struct sw__ordered_work *work;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t next, taken; /* pieces begun, pieces taken */
	bool *done;
	bool end;
	size_t window;
	unsigned threads; /* that were started */
};

/* The next piece to do; false: none is left. */
static bool begin_piece(struct pool *p, size_t *i)
{
	bool found;

	(void)pthread_mutex_lock(&p->lock);
	while (!p->end && p->next < p->work->n && p->next >= p->taken + p->window)
		(void)pthread_cond_wait(&p->changed, &p->lock);
	found = !p->end && p->next < p->work->n;
	if (found)
		*i = p->next++;
	(void)pthread_mutex_unlock(&p->lock);
	return found;
}

static void *work_on(void *context)
{
	struct pool *p = context;
	size_t i;

	while (begin_piece(p, &i)) {
		p->work->work(p->work->context, i);
		(void)pthread_mutex_lock(&p->lock);
		p->done[i] = true;
		(void)pthread_cond_broadcast(&p->changed);
		(void)pthread_mutex_unlock(&p->lock);
	}
	return NULL;
}

static void wait_for(struct pool *p, size_t i)
{
	(void)pthread_mutex_lock(&p->lock);
	while (!p->done[i])
		(void)pthread_cond_wait(&p->changed, &p->lock);
	(void)pthread_mutex_unlock(&p->lock);
}

static void tell_taken(struct pool *p, size_t taken, bool end)
{
	(void)pthread_mutex_lock(&p->lock);
	p->taken = taken;
	p->end = end;
	(void)pthread_cond_broadcast(&p->changed);
	(void)pthread_mutex_unlock(&p->lock);
}

static size_t take_all(struct pool *p)
{
	size_t i = 0;
	bool go_on = true;

	while (go_on && i < p->work->n) {
		wait_for(p, i);
		go_on = p->work->take(p->work->context, i);
		tell_taken(p, ++i, !go_on);
	}
	return i;
}

/* Start what can be started: one thread is enough. */
static enum sw_status start(struct pool *p, pthread_t *threads, unsigned wanted,
			    struct sw_error *err)
{
	int failed = 0;

	while (p->threads < wanted && !failed) {
		failed = pthread_create(&threads[p->threads], NULL, work_on, p);
		p->threads += !failed;
	}
	return p->threads ? SW_OK : sw_fail(err, SW_IO, "no thread: %s", strerror(failed));
}

enum sw_status sw__ordered_run(const struct sw__ordered_work *work, struct sw_error *err)
{
	pthread_t threads[THREADS_MAX] = {0};
	unsigned wanted = work->threads < THREADS_MAX ? work->threads : THREADS_MAX;
	struct pool p = {.work = work, .window = (size_t)AHEAD * (wanted ? wanted : 1)};
	size_t taken = 0;
	enum sw_status st;

	if (work->n == 0)
		return SW_OK;
	p.done = calloc(work->n, sizeof(*p.done));
	if (!p.done)
		return sw_fail(err, SW_NO_MEMORY, "%zu pieces of work", work->n);
	(void)pthread_mutex_init(&p.lock, NULL);
	(void)pthread_cond_init(&p.changed, NULL);
	st = start(&p, threads, wanted ? wanted : 1, err);
	if (st == SW_OK)
		taken = take_all(&p);
	for (unsigned i = 0; i < p.threads; i++)
		(void)pthread_join(threads[i], NULL);
	for (size_t i = taken; i < work->n; i++) {
		if (p.done[i])
			work->drop(work->context, i);
	}
	(void)pthread_cond_destroy(&p.changed);
	(void)pthread_mutex_destroy(&p.lock);
	free(p.done);
	return st;
}
