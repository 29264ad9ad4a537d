// SPDX-License-Identifier: Apache-2.0
#include "replay_watch.h"

#include "observe/nvml_fixture.h"

#define ZEROES "00000000-0000-0000-0000-000000000000"

/* Levers are turned before: the sampler's thread looks at them. */
static replay_watch *watch_of(struct nvml_fixture *f)
{
	replay_watch *watch;

	CHECK(replay_watch_open(FAKE_NOW, ZEROES, &watch, &f->err) == SW_OK);
	return watch;
}

TEST(a_moment_without_a_sample_is_looked_at)
{
	struct nvml_fixture f = fixture_load(FAKE_NOW);
	struct replay_gpu gpu;
	replay_watch *watch;

	f.fake->reasons = SW_CLOCKS_POWER_CAP;
	watch = watch_of(&f);
	replay_watch_window(watch, 1e-9, 2e-9, &gpu);
	CHECK_NEAR(gpu.from_s, 1e-9, 0);
	CHECK_NEAR(gpu.sm_clock_mhz, 1755, 0);
	CHECK_NEAR(gpu.throttled_fraction, 1, 0);
	CHECK_INT(gpu.clock_reasons, SW_CLOCKS_POWER_CAP);
	replay_watch_free(watch);
	fixture_close(&f);
}

TEST(what_the_gpu_does_not_say_is_unknown)
{
	struct nvml_fixture f = fixture_load(FAKE_NOW);
	struct replay_gpu gpu;
	replay_watch *watch;

	f.fake->code[FAKE_REASONS] = f.fake->code[FAKE_POWER] = 3;
	f.fake->code[FAKE_COMPUTE] = f.fake->code[FAKE_MPS] = 3;
	watch = watch_of(&f);
	replay_watch_window(watch, 1e-9, 2e-9, &gpu);
	CHECK(gpu.sm_clock_mhz > 0 && isnan(gpu.power_w) && isnan(gpu.throttled_fraction));
	CHECK_INT(replay_watch_alone(watch, &f.err), watch ? SW_IO : SW_OK);
	replay_watch_free(watch);
	fixture_close(&f);
}

TEST(a_gpu_that_the_driver_does_not_know_is_not_watched)
{
	struct nvml_fixture f = fixture_load(FAKE_NOW);
	replay_watch *watch;

	CHECK_INT(replay_watch_open(FAKE_NOW, "1", &watch, &f.err), SW_BAD_INPUT);
	CHECK(strstr(f.err.message, "\"GPU-1\"") != NULL);
	CHECK(!watch);
	fixture_close(&f);
}

TEST(nobody_needs_a_watch)
{
	struct replay_gpu gpu;

	replay_watch_window(NULL, 1, 2, &gpu);
	CHECK(isnan(gpu.sm_clock_mhz) && gpu.clock_reasons == 0);
	CHECK_INT(replay_watch_alone(NULL, NULL), SW_OK);
	CHECK_INT(replay_watch_write(NULL, NULL, NULL, NULL), SW_OK);
	replay_watch_free(NULL);
}

TEST_MAIN()
