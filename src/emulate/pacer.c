// SPDX-License-Identifier: Apache-2.0
#include "emulate/pacer.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

static const double NS_PER_S = 1e9;

/* The longest sleep: a deadline at infinity must fit a timespec. */
static const double SLEEP_MAX_S = 3600;

struct sw__pacer {
	struct sw__pacer_settings settings;
	struct timespec origin;
	pthread_t thread;
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t posted;
	struct sw__command *first, **last;
	bool stopping, over;
	struct sw_error failure; /* status SW_OK: none */
};

const struct sw__gpu_ops sw__gpu_simulated = {
	.create = sw_sim_new,
	.destroy = sw_sim_free,
	.now_s = sw_sim_now_s,
	.next_s = sw_sim_next_s,
	.advance = sw_sim_advance,
	.submit = sw_sim_submit,
	.cancel = sw_sim_cancel,
	.set_share = sw_sim_set_share,
	.restart = sw_sim_restart,
	.engine_state = sw_sim_engine_state,
};

double sw__pacer_now_s(const sw__pacer *pacer)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - pacer->origin.tv_sec) +
	       (double)(now.tv_nsec - pacer->origin.tv_nsec) / NS_PER_S;
}

static struct timespec deadline_at(const struct sw__pacer *pacer, double at_s)
{
	double seconds = floor(at_s), ns = (at_s - seconds) * NS_PER_S;
	struct timespec out = {pacer->origin.tv_sec + (time_t)seconds,
			       pacer->origin.tv_nsec + (long)ns};

	if (out.tv_nsec >= (long)NS_PER_S) {
		out.tv_sec++;
		out.tv_nsec -= (long)NS_PER_S;
	}
	return out;
}

/* Event by event, so that the listener may look at the engines between any two. */
static enum sw_status advance_to(const struct sw__pacer_settings *s, double to_s,
				 struct sw_error *err)
{
	double before_s = -INFINITY, next_s = s->ops->next_s(s->sim);

	while (next_s < to_s && next_s > before_s) {
		enum sw_status st = s->ops->advance(s->sim, next_s, err);

		if (st != SW_OK)
			return st;
		s->looked(s->context);
		before_s = next_s;
		next_s = s->ops->next_s(s->sim);
	}
	return s->ops->advance(s->sim, fmax(to_s, s->ops->now_s(s->sim)), err);
}

static enum sw_status run_commands(struct sw__pacer *pacer, struct sw__command *first,
				   struct sw_error *err)
{
	const struct sw__pacer_settings *s = &pacer->settings;
	enum sw_status st = SW_OK;

	while (first) {
		struct sw__command *next = first->next;

		if (st == SW_OK)
			st = advance_to(s, first->at_s * s->speed, err);
		first->run(s->context, first, st == SW_OK);
		s->looked(s->context);
		first = next;
	}
	return st;
}

/* Under the lock. */
static struct sw__command *take_all(struct sw__pacer *pacer)
{
	struct sw__command *first = pacer->first;

	pacer->first = NULL;
	pacer->last = &pacer->first;
	return first;
}

/* What is due is done before sleeping again; the lock is free meanwhile. */
static enum sw_status work(struct sw__pacer *pacer, struct sw__command *commands,
			   struct sw_error *err)
{
	const struct sw__pacer_settings *s = &pacer->settings;
	enum sw_status st = run_commands(pacer, commands, err);

	if (st == SW_OK)
		st = advance_to(s, sw__pacer_now_s(pacer) * s->speed, err);
	s->looked(s->context);
	return st;
}

/* Under the lock. */
static void sleep_until_next(struct sw__pacer *pacer)
{
	const struct sw__pacer_settings *s = &pacer->settings;
	double now_s = sw__pacer_now_s(pacer);
	double next_s = fmin(s->ops->next_s(s->sim) / s->speed, now_s + SLEEP_MAX_S);
	struct timespec deadline;

	if (next_s <= now_s)
		return;
	deadline = deadline_at(pacer, next_s);
	(void)pthread_cond_timedwait(&pacer->posted, &pacer->lock, &deadline);
}

static void release_commands(const struct sw__pacer *pacer, struct sw__command *left)
{
	while (left) {
		struct sw__command *next = left->next;

		left->run(pacer->settings.context, left, false);
		left = next;
	}
}

static void *run(void *argument)
{
	struct sw__pacer *pacer = argument;
	struct sw_error failure = {SW_OK, ""};
	struct sw__command *left;

	(void)pthread_mutex_lock(&pacer->lock);
	while (!pacer->stopping && failure.status == SW_OK) {
		struct sw__command *commands = take_all(pacer);

		(void)pthread_mutex_unlock(&pacer->lock);
		(void)work(pacer, commands, &failure);
		(void)pthread_mutex_lock(&pacer->lock);
		if (!pacer->first && !pacer->stopping && failure.status == SW_OK)
			sleep_until_next(pacer);
	}
	pacer->failure = failure;
	pacer->over = true;
	left = take_all(pacer);
	(void)pthread_mutex_unlock(&pacer->lock);
	release_commands(pacer, left);
	if (failure.status != SW_OK)
		pacer->settings.failed(pacer->settings.context);
	return NULL;
}

static enum sw_status init_cond(struct sw__pacer *pacer, struct sw_error *err)
{
	pthread_condattr_t attributes;
	bool good;

	if (pthread_condattr_init(&attributes) != 0)
		return sw_fail(err, SW_NO_MEMORY, "a pacer");
	good = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
	       pthread_cond_init(&pacer->posted, &attributes) == 0;
	(void)pthread_condattr_destroy(&attributes);
	return good ? SW_OK : sw_fail(err, SW_IO, "no condition variable on the monotonic clock");
}

enum sw_status sw__pacer_start(const struct sw__pacer_settings *settings, sw__pacer **out,
			       struct sw_error *err)
{
	struct sw__pacer *pacer = calloc(1, sizeof(*pacer));
	enum sw_status st;

	*out = NULL;
	if (!pacer)
		return sw_fail(err, SW_NO_MEMORY, "a pacer");
	pacer->settings = *settings;
	pacer->last = &pacer->first;
	(void)pthread_mutex_init(&pacer->lock, NULL);
	(void)clock_gettime(CLOCK_MONOTONIC, &pacer->origin);
	st = init_cond(pacer, err);
	if (st == SW_OK && pthread_create(&pacer->thread, NULL, run, pacer) != 0) {
		st = sw_fail(err, SW_IO, "no thread for a pacer");
		(void)pthread_cond_destroy(&pacer->posted);
	}
	if (st == SW_OK) {
		*out = pacer;
		return SW_OK;
	}
	(void)pthread_mutex_destroy(&pacer->lock);
	free(pacer);
	return st;
}

void sw__pacer_post(sw__pacer *pacer, struct sw__command *command)
{
	bool alive;

	(void)pthread_mutex_lock(&pacer->lock);
	alive = !pacer->over && !pacer->stopping;
	if (alive) {
		/* Under the lock, so that the queue is in the order of its times. */
		command->at_s = sw__pacer_now_s(pacer);
		command->next = NULL;
		*pacer->last = command;
		pacer->last = &command->next;
		(void)pthread_cond_signal(&pacer->posted);
	}
	(void)pthread_mutex_unlock(&pacer->lock);
	if (!alive)
		command->run(pacer->settings.context, command, false);
}

enum sw_status sw__pacer_status(sw__pacer *pacer, struct sw_error *err)
{
	enum sw_status st;

	(void)pthread_mutex_lock(&pacer->lock);
	st = pacer->failure.status;
	if (st != SW_OK && err)
		*err = pacer->failure;
	(void)pthread_mutex_unlock(&pacer->lock);
	return st;
}

void sw__pacer_stop(sw__pacer *pacer)
{
	(void)pthread_mutex_lock(&pacer->lock);
	pacer->stopping = true;
	(void)pthread_cond_signal(&pacer->posted);
	(void)pthread_mutex_unlock(&pacer->lock);
	(void)pthread_join(pacer->thread, NULL);
}

void sw__pacer_free(sw__pacer *pacer)
{
	if (!pacer)
		return;
	(void)pthread_cond_destroy(&pacer->posted);
	(void)pthread_mutex_destroy(&pacer->lock);
	free(pacer);
}
