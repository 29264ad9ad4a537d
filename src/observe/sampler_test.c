// SPDX-License-Identifier: Apache-2.0
/* The sampler on a clock and a device of the test's own, so that every moment is known. */
#include <pthread.h>

#include "check.h"
#include "observe/monotonic.h"
#include "observe/sample.h"

enum { READINGS = 12, INTERVAL_MS = 100 };

#define MS 1000000ULL

/* Time passes where a reading takes some and where somebody waits; after the last reading a wait lasts until wake(). */
struct world {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	unsigned long long now_ns;
	bool awake, idle; /* idle: all readings are done */
	unsigned readings;
	unsigned takes_ms[READINGS];
	bool broken[READINGS];
};

static unsigned long long world_now(void *self)
{
	struct world *world = self;
	unsigned long long now;

	pthread_mutex_lock(&world->mutex);
	now = world->now_ns;
	pthread_mutex_unlock(&world->mutex);
	return now;
}

static void world_wait(void *self, unsigned long long deadline_ns)
{
	struct world *world = self;

	pthread_mutex_lock(&world->mutex);
	if (world->readings < READINGS) {
		world->now_ns = deadline_ns;
	} else {
		world->idle = true;
		pthread_cond_broadcast(&world->cond);
		while (!world->awake)
			pthread_cond_wait(&world->cond, &world->mutex);
	}
	pthread_mutex_unlock(&world->mutex);
}

static void world_wake(void *self)
{
	struct world *world = self;

	pthread_mutex_lock(&world->mutex);
	world->awake = true;
	pthread_cond_broadcast(&world->cond);
	pthread_mutex_unlock(&world->mutex);
}

static enum sw_status world_read(void *self, void *handle, struct sw_device_sample *out,
				 struct sw_error *err)
{
	struct world *world = self;
	unsigned i;

	(void)handle, (void)err;
	pthread_mutex_lock(&world->mutex);
	i = world->readings++;
	world->now_ns += world->takes_ms[i % READINGS] * MS;
	pthread_mutex_unlock(&world->mutex);
	if (world->broken[i % READINGS])
		return SW_IO;
	sw__sample_set(out, SW_DEVICE_SM_PERCENT, i);
	return SW_OK;
}

static enum sw_status world_processes(void *self, void *handle, struct sw_device_process *out,
				      size_t capacity, size_t *n, struct sw_error *err)
{
	(void)self, (void)handle, (void)err;
	for (unsigned i = 0; i < capacity && i < 3; i++)
		out[i] = (struct sw_device_process){.pid = i + 1};
	*n = 3;
	return SW_OK;
}

static const struct sw_device_ops world_ops = {NULL, world_read, world_processes};

static struct world world_new(void)
{
	return (struct world){.mutex = PTHREAD_MUTEX_INITIALIZER,
			      .cond = PTHREAD_COND_INITIALIZER,
			      .now_ns = 5000 * MS};
}

static void wait_until_idle(struct world *world)
{
	pthread_mutex_lock(&world->mutex);
	while (!world->idle)
		pthread_cond_wait(&world->cond, &world->mutex);
	pthread_mutex_unlock(&world->mutex);
}

/* All samples of a world, once every reading was taken. */
static struct sw_series *sample_world(struct world *world, size_t samples_max, size_t processes_max)
{
	struct sw_clock clock = {world, world_now, world_wait, world_wake};
	struct sw_device device = {&world_ops, world, NULL};
	struct sw_sampler_settings settings = sw_sampler_defaults();
	struct sw_series *series = NULL;
	sw_sampler *sampler;

	settings.samples_max = samples_max;
	settings.processes_max = processes_max;
	settings.clock = &clock;
	if (!CHECK(sw_sampler_start(&device, &settings, &sampler, NULL) == SW_OK))
		return NULL;
	wait_until_idle(world);
	sw_sampler_stop(sampler);
	sw_sampler_stop(sampler);
	CHECK_INT(sw_sampler_series(sampler, -INFINITY, INFINITY, &series, NULL), SW_OK);
	sw_sampler_free(sampler);
	return series;
}

TEST(samples_lie_on_the_grid_however_long_a_reading_takes)
{
	struct world world = world_new();
	struct sw_series *series;

	for (unsigned i = 0; i < READINGS; i++)
		world.takes_ms[i] = 3 + i * 7;
	series = sample_world(&world, 100, 0);
	if (!series)
		return;
	CHECK_INT(series->n, READINGS);
	CHECK_INT(series->missed, 0);
	CHECK_INT(series->overwritten, 0);
	for (size_t i = 0; i < series->n; i++) {
		CHECK_NEAR(series->samples[i].time_s, 5 + 0.1 * (double)i, 1e-12);
		CHECK_NEAR(series->samples[i].sm_percent, (double)i, 0);
		CHECK(!sw_device_knows(&series->samples[i], SW_DEVICE_PROCESSES));
	}
	sw_series_free(series);
}

TEST(missed_moments_are_skipped_and_counted)
{
	struct world world = world_new();
	struct sw_series *series;

	world.takes_ms[2] = 350; /* from 5.2 to 5.55: 5.3, 5.4 and 5.5 are gone */
	world.takes_ms[4] = INTERVAL_MS; /* just too long */
	series = sample_world(&world, 100, 0);
	if (!series)
		return;
	CHECK_INT(series->missed, 4);
	CHECK_NEAR(series->samples[2].time_s, 5.2, 1e-12);
	CHECK_NEAR(series->samples[3].time_s, 5.6, 1e-12);
	CHECK_NEAR(series->samples[4].time_s, 5.7, 1e-12);
	CHECK_NEAR(series->samples[5].time_s, 5.9, 1e-12);
	sw_series_free(series);
}

TEST(a_failed_reading_is_a_sample_that_knows_nothing)
{
	struct world world = world_new();
	struct sw_series *series;

	world.broken[1] = world.broken[5] = true;
	series = sample_world(&world, 100, 0);
	if (!series)
		return;
	CHECK_INT(series->n, READINGS);
	CHECK_INT(series->failed, 2);
	CHECK_INT(series->samples[1].known, 0);
	CHECK(isnan(series->samples[5].sm_percent));
	CHECK(sw_device_knows(&series->samples[6], SW_DEVICE_SM_PERCENT));
	sw_series_free(series);
}

TEST(the_newest_samples_are_kept)
{
	struct world world = world_new();
	struct sw_series *series = sample_world(&world, 5, 0);

	if (!series)
		return;
	CHECK_INT(series->n, 5);
	CHECK_INT(series->overwritten, READINGS - 5);
	CHECK_NEAR(series->samples[0].sm_percent, READINGS - 5, 0);
	sw_series_free(series);
}

TEST(processes_are_kept_as_far_as_there_is_room)
{
	struct world world = world_new();
	struct sw_series *series = sample_world(&world, 100, 2);

	if (!series)
		return;
	CHECK_INT(series->n_processes, 2 * READINGS);
	for (size_t i = 0; i < series->n; i++) {
		const struct sw_device_sample *s = &series->samples[i];

		CHECK(sw_device_knows(s, SW_DEVICE_PROCESSES));
		CHECK_INT(s->n_processes, 2);
		CHECK_INT(s->n_left_out, 1);
		CHECK_INT(series->processes[s->first_process + 1].pid, 2);
	}
	sw_series_free(series);
}

static void check_refused(struct sw_sampler_settings settings, const char *what)
{
	struct world world = world_new();
	struct sw_device device = {&world_ops, &world, NULL};
	struct sw_error err = {0};
	sw_sampler *sampler = NULL;

	CHECK_INT(sw_sampler_start(&device, &settings, &sampler, &err), SW_BAD_INPUT);
	CHECK(!sampler);
	CHECK(strstr(err.message, what));
}

TEST(settings_out_of_range_are_refused)
{
	struct sw_sampler_settings settings = sw_sampler_defaults();

	settings.interval_s = 0;
	check_refused(settings, "interval: found 0 s, expected 0.001 to 3600");
	settings.interval_s = NAN;
	check_refused(settings, "interval");
	settings = sw_sampler_defaults();
	settings.samples_max = 0;
	check_refused(settings, "samples to keep: found 0");
	settings = sw_sampler_defaults();
	settings.processes_max = 257;
	check_refused(settings, "processes to keep of a sample: found 257");
	sw_sampler_free(NULL);
}

TEST_MAIN()
