// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "observe/monotonic.h"
#include "observe/sample.h"
#include "observe/sample_ring.h"

enum { SAMPLES_LIMIT = 10000000, PROCESSES_LIMIT = 256 };

#define INTERVAL_MIN_S 0.001
#define INTERVAL_MAX_S 3600.0

struct sw_sampler {
	struct sw_device device;
	size_t processes_max;
	unsigned long long interval_ns;
	struct sw_clock clock, own_clock; /* own_clock.self NULL: the clock is the caller's */
	struct sw_device_process scratch[PROCESSES_LIMIT]; /* the thread's */
	pthread_t thread;
	bool joined; /* the owner's */
	pthread_mutex_t mutex; /* guards what follows */
	bool stopping;
	struct sw__ring ring;
	unsigned long long missed, failed;
};

struct sw_sampler_settings sw_sampler_defaults(void)
{
	return (struct sw_sampler_settings){
		.interval_s = 0.1, .samples_max = 36000, .processes_max = 16};
}

static enum sw_status check_settings(const struct sw_sampler_settings *settings,
				     struct sw_error *err)
{
	if (!(settings->interval_s >= INTERVAL_MIN_S && settings->interval_s <= INTERVAL_MAX_S))
		return sw_fail(err, SW_BAD_INPUT,
			       "sampling interval: found %g s, expected %g to %g",
			       settings->interval_s, INTERVAL_MIN_S, INTERVAL_MAX_S);
	if (settings->samples_max < 1 || settings->samples_max > SAMPLES_LIMIT)
		return sw_fail(err, SW_BAD_INPUT, "samples to keep: found %zu, expected 1 to %d",
			       settings->samples_max, SAMPLES_LIMIT);
	if (settings->processes_max > PROCESSES_LIMIT)
		return sw_fail(err, SW_BAD_INPUT,
			       "processes to keep of a sample: found %zu, expected 0 to %d",
			       settings->processes_max, PROCESSES_LIMIT);
	return SW_OK;
}

static void read_processes(struct sw_sampler *sampler, struct sw_device_sample *sample)
{
	size_t n;

	if (sampler->processes_max == 0 ||
	    sw_device_processes(&sampler->device, sampler->scratch, sampler->processes_max, &n,
				NULL) != SW_OK)
		return;
	sample->known |= 1u << SW_DEVICE_PROCESSES;
	sample->n_processes = n < sampler->processes_max ? n : sampler->processes_max;
	sample->n_left_out = n - sample->n_processes;
}

/* Reading takes milliseconds, so it is done before the lock is taken. */
static void take_sample(struct sw_sampler *sampler)
{
	struct sw_device_sample sample;
	double time_s = (double)sampler->clock.now_ns(sampler->clock.self) / SW__NS_PER_S;
	bool failed = sw_device_read(&sampler->device, &sample, NULL) != SW_OK;

	sample.time_s = time_s;
	read_processes(sampler, &sample);
	(void)pthread_mutex_lock(&sampler->mutex);
	sampler->failed += failed;
	sw__ring_push(&sampler->ring, &sample, sampler->scratch);
	(void)pthread_mutex_unlock(&sampler->mutex);
}

/* Whether to go on; counts the moments that were missed. */
static bool account(struct sw_sampler *sampler, unsigned long long missed)
{
	bool go_on;

	(void)pthread_mutex_lock(&sampler->mutex);
	sampler->missed += missed;
	go_on = !sampler->stopping;
	(void)pthread_mutex_unlock(&sampler->mutex);
	return go_on;
}

static void *run(void *argument)
{
	struct sw_sampler *sampler = argument;
	const struct sw_clock *clock = &sampler->clock;
	unsigned long long deadline = clock->now_ns(clock->self), missed = 0;

	while (account(sampler, missed)) {
		take_sample(sampler);
		missed = 0;
		deadline = sw__next_deadline(deadline, sampler->interval_ns,
					     clock->now_ns(clock->self), &missed);
		clock->wait_until_ns(clock->self, deadline);
	}
	return NULL;
}

/* The program's signals are not for this thread. */
static int start_thread(struct sw_sampler *sampler)
{
	sigset_t all, before;
	int failed;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&sampler->thread, NULL, run, sampler);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed;
}

static void release(struct sw_sampler *sampler)
{
	sw__ring_clear(&sampler->ring);
	sw__monotonic_free(&sampler->own_clock);
	(void)pthread_mutex_destroy(&sampler->mutex);
	free(sampler);
}

static enum sw_status choose_clock(struct sw_sampler *sampler, const struct sw_clock *given,
				   struct sw_error *err)
{
	enum sw_status st = SW_OK;

	if (!given)
		st = sw__monotonic_new(&sampler->own_clock, err);
	sampler->clock = given ? *given : sampler->own_clock;
	return st;
}

static enum sw_status prepare(struct sw_sampler *sampler, const struct sw_device *device,
			      const struct sw_sampler_settings *settings, struct sw_error *err)
{
	enum sw_status st;

	(void)pthread_mutex_init(&sampler->mutex, NULL); /* cannot fail with default attributes */
	sampler->device = *device;
	sampler->processes_max = settings->processes_max;
	sampler->interval_ns = (unsigned long long)llround(settings->interval_s * SW__NS_PER_S);
	st = choose_clock(sampler, settings->clock, err);
	if (st != SW_OK)
		return st;
	return sw__ring_init(&sampler->ring, settings->samples_max, settings->processes_max, err);
}

enum sw_status sw_sampler_start(const struct sw_device *device,
				const struct sw_sampler_settings *settings, sw_sampler **out,
				struct sw_error *err)
{
	struct sw_sampler_settings usual = sw_sampler_defaults();
	struct sw_sampler *sampler;
	enum sw_status st;
	int failed;

	*out = NULL;
	settings = settings ? settings : &usual;
	st = check_settings(settings, err);
	if (st != SW_OK)
		return st;
	sampler = calloc(1, sizeof(*sampler));
	if (!sampler)
		return sw_fail(err, SW_NO_MEMORY, "a sampler");
	st = prepare(sampler, device, settings, err);
	if (st != SW_OK)
		goto done;
	failed = start_thread(sampler);
	if (failed) {
		st = sw_fail(err, SW_IO, "no thread to sample with: %s", strerror(failed));
		goto done;
	}
	*out = sampler;
	sampler = NULL;
done:
	if (sampler)
		release(sampler);
	return st;
}

void sw_sampler_stop(sw_sampler *sampler)
{
	if (sampler->joined)
		return;
	(void)pthread_mutex_lock(&sampler->mutex);
	sampler->stopping = true;
	(void)pthread_mutex_unlock(&sampler->mutex);
	sampler->clock.wake(sampler->clock.self);
	(void)pthread_join(sampler->thread, NULL);
	sampler->joined = true;
}

void sw_sampler_free(sw_sampler *sampler)
{
	if (!sampler)
		return;
	sw_sampler_stop(sampler);
	release(sampler);
}

enum sw_status sw_sampler_series(sw_sampler *sampler, double from_s, double to_s,
				 struct sw_series **out, struct sw_error *err)
{
	enum sw_status st;

	(void)pthread_mutex_lock(&sampler->mutex);
	st = sw__ring_copy(&sampler->ring, from_s, to_s, out, err);
	if (st == SW_OK) {
		(*out)->missed = sampler->missed;
		(*out)->failed = sampler->failed;
	}
	(void)pthread_mutex_unlock(&sampler->mutex);
	return st;
}
