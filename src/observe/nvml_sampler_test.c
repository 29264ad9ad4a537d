// SPDX-License-Identifier: Apache-2.0
/* The whole way on real time: the library opened, a thread sampling it, others reading meanwhile. */
#include <pthread.h>
#include <time.h>

#include "observe/nvml_fixture.h"

#define MIB (1ULL << 20)

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Called by several threads, so without CHECK, whose counts are one thread's. */
static size_t samples_so_far(sw_sampler *sampler)
{
	struct sw_series *series;
	size_t n;

	if (sw_sampler_series(sampler, -INFINITY, INFINITY, &series, NULL) != SW_OK)
		return 0;
	n = series->n;
	sw_series_free(series);
	return n;
}

struct reader {
	sw_sampler *sampler;
	const struct sw_device *device;
};

static void *read_along(void *argument)
{
	struct reader *reader = argument;
	struct sw_device_process people[4];
	struct sw_device_sample sample;
	size_t n;

	for (int i = 0; i < 200; i++) {
		(void)sw_device_read(reader->device, &sample, NULL);
		(void)sw_device_processes(reader->device, people, 4, &n, NULL);
		(void)samples_so_far(reader->sampler);
	}
	return NULL;
}

static void check_samples(sw_sampler *sampler, double start_s)
{
	struct sw_device_window window;
	struct sw_series *series;

	if (!CHECK(sw_sampler_series(sampler, start_s, INFINITY, &series, NULL) == SW_OK))
		return;
	sw_series_window(series, -INFINITY, INFINITY, &window);
	CHECK(window.n >= 20);
	CHECK(window.last_s <= now_s());
	CHECK_NEAR(window.sm_percent.mean, 87, 1e-12);
	CHECK_NEAR(window.held_back_fraction, 1, 0);
	CHECK_INT(series->failed, 0);
	CHECK_INT(series->n_processes, series->n);
	CHECK_INT(series->processes[0].pid, 4145);
	sw_series_free(series);
}

TEST(a_device_is_sampled_while_others_look)
{
	struct nvml_fixture f = fixture_load(FAKE_NOW);
	struct sw_sampler_settings settings = sw_sampler_defaults();
	struct reader reader = {NULL, &f.device};
	double start_s = now_s();
	pthread_t thread;

	settings.interval_s = 0.005;
	f.fake->reasons = SW_CLOCKS_HW_THERMAL;
	f.fake->n_compute = 1;
	f.fake->compute[0] = (struct fake_process){4145, 893 * MIB};
	if (!fixture_open(&f, FAKE_NOW) ||
	    !CHECK(sw_sampler_start(&f.device, &settings, &reader.sampler, &f.err) == SW_OK))
		goto done;
	if (CHECK(pthread_create(&thread, NULL, read_along, &reader) == 0)) {
		while (samples_so_far(reader.sampler) < 20)
			nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
		CHECK_INT(pthread_join(thread, NULL), 0);
	}
	sw_sampler_stop(reader.sampler);
	check_samples(reader.sampler, start_s);
	sw_sampler_free(reader.sampler);
done:
	fixture_close(&f);
}

TEST(a_stop_does_not_wait_for_the_interval)
{
	struct nvml_fixture f = fixture_load(FAKE_OLD);
	struct sw_sampler_settings settings = sw_sampler_defaults();
	double start_s = now_s();
	sw_sampler *sampler;

	settings.interval_s = 3600;
	if (fixture_open(&f, FAKE_OLD) &&
	    CHECK(sw_sampler_start(&f.device, &settings, &sampler, &f.err) == SW_OK))
		sw_sampler_free(sampler);
	CHECK(now_s() - start_s < 60);
	fixture_close(&f);
}

TEST_MAIN()
