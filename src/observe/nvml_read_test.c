// SPDX-License-Identifier: Apache-2.0
#include "observe/nvml_fixture.h"
#include "observe/sample.h"

enum { EVERYTHING = (1 << SW_DEVICE_FIELD_COUNT) - 1, NOT_SUPPORTED = 3, GPU_IS_LOST = 15 };

#define GIB_MIB 1024.0

TEST(a_present_driver_answers_everything)
{
	struct nvml_fixture f = fixture_load(FAKE_NOW);
	struct sw_device_sample s;

	f.fake->reasons = SW_CLOCKS_POWER_CAP;
	if (fixture_open(&f, FAKE_NOW) && CHECK(sw_device_read(&f.device, &s, &f.err) == SW_OK)) {
		CHECK_INT(s.known, EVERYTHING | 1 << SW_DEVICE_CLOCK_REASONS);
		CHECK_NEAR(s.sm_percent, 87, 0);
		CHECK_NEAR(s.memory_percent, 41, 0);
		CHECK_NEAR(s.sm_clock_mhz, 1755, 0);
		CHECK_NEAR(s.memory_clock_mhz, 2619, 0);
		CHECK_NEAR(s.power_w, 512.3, 1e-12);
		CHECK_NEAR(s.power_limit_w, 700, 1e-12);
		CHECK_NEAR(s.temperature_c, 62, 0);
		CHECK_NEAR(s.memory_used_mib, 20 * GIB_MIB, 0);
		CHECK_NEAR(s.memory_total_mib, 80 * GIB_MIB, 0);
		CHECK_INT(s.clock_reasons, SW_CLOCKS_POWER_CAP);
	}
	fixture_close(&f);
}

TEST(an_old_driver_answers_by_its_old_calls)
{
	struct nvml_fixture f = fixture_load(FAKE_OLD);
	struct sw_device_sample s;

	f.fake->reasons = SW_CLOCKS_SW_THERMAL;
	if (fixture_open(&f, FAKE_OLD) && CHECK(sw_device_read(&f.device, &s, &f.err) == SW_OK)) {
		CHECK_INT(s.known, EVERYTHING | 1 << SW_DEVICE_CLOCK_REASONS);
		CHECK_NEAR(s.temperature_c, 61, 0);
		CHECK_NEAR(s.power_limit_w, 300, 1e-12);
		CHECK_NEAR(s.memory_used_mib, 21 * GIB_MIB, 0);
		CHECK_INT(s.clock_reasons, SW_CLOCKS_SW_THERMAL);
	}
	fixture_close(&f);
}

/* The question, and the fields that it alone answers. */
struct silence {
	enum fake_question question;
	unsigned lost;
};

static const struct silence silences[] = {
	{FAKE_UTILIZATION, 1 << SW_DEVICE_SM_PERCENT | 1 << SW_DEVICE_MEMORY_PERCENT},
	{FAKE_CLOCK, 1 << SW_DEVICE_SM_CLOCK | 1 << SW_DEVICE_MEMORY_CLOCK},
	{FAKE_POWER, 1 << SW_DEVICE_POWER},
	{FAKE_POWER_LIMIT, 1 << SW_DEVICE_POWER_LIMIT},
	{FAKE_TEMPERATURE_V, 0},
	{FAKE_MEMORY_V2, 0},
	{FAKE_REASONS, 1 << SW_DEVICE_CLOCK_REASONS},
};

TEST(what_is_not_supported_spoils_nothing_else)
{
	struct nvml_fixture f = fixture_load(FAKE_NOW);
	struct sw_device_sample s;
	unsigned all = EVERYTHING | 1u << SW_DEVICE_CLOCK_REASONS;

	if (!fixture_open(&f, FAKE_NOW))
		goto done;
	for (size_t i = 0; i < sizeof(silences) / sizeof(silences[0]); i++) {
		f.fake->code[silences[i].question] = NOT_SUPPORTED;
		CHECK_INT(sw_device_read(&f.device, &s, &f.err), SW_OK);
		CHECK_INT(s.known, all & ~silences[i].lost);
		for (unsigned j = 0; j < SW_DEVICE_FIELD_COUNT; j++)
			CHECK(isnan(sw__sample_value(&s, j)) == !(s.known >> j & 1));
		f.fake->code[silences[i].question] = 0;
	}
done:
	fixture_close(&f);
}

TEST(percentages_beyond_a_hundred_are_not_believed)
{
	struct nvml_fixture f = fixture_load(FAKE_NOW);
	struct sw_device_sample s;

	f.fake->sm_percent = 2147483632u;
	if (fixture_open(&f, FAKE_NOW) && CHECK(sw_device_read(&f.device, &s, &f.err) == SW_OK)) {
		CHECK(!sw_device_knows(&s, SW_DEVICE_SM_PERCENT));
		CHECK(isnan(s.sm_percent));
		CHECK(sw_device_knows(&s, SW_DEVICE_MEMORY_PERCENT));
	}
	fixture_close(&f);
}

TEST(a_lost_gpu_is_an_error_that_says_so)
{
	struct nvml_fixture f = fixture_load(FAKE_NOW);
	struct sw_device_identity identity;
	struct sw_device_sample s;

	if (fixture_open(&f, FAKE_NOW)) {
		for (int i = 0; i < FAKE_QUESTIONS; i++)
			f.fake->code[i] = GPU_IS_LOST;
		f.fake->code[FAKE_UTILIZATION] = NOT_SUPPORTED;
		CHECK_INT(sw_device_read(&f.device, &s, &f.err), SW_IO);
		CHECK_STR(f.err.message, "the GPU tells nothing: GPU is lost (15)");
		CHECK_INT(s.known, 0);
		CHECK_INT(sw_device_identify(&f.device, &identity, &f.err), SW_IO);
		CHECK_STR(f.err.message, "the GPU does not say what it is: GPU is lost (15)");
	}
	fixture_close(&f);
}

TEST(a_device_says_what_it_is)
{
	struct nvml_fixture f = fixture_load(FAKE_NOW);
	struct sw_device_identity id;

	if (fixture_open(&f, FAKE_NOW)) {
		CHECK_INT(sw_device_identify(&f.device, &id, &f.err), SW_OK);
		CHECK_STR(id.name, "NVIDIA H100 80GB HBM3");
		CHECK_STR(id.uuid, "GPU-00000000-0000-0000-0000-000000000000");
		CHECK_STR(id.pci_bus, "00000000:18:00.0");
		CHECK_STR(id.driver, "550.54.15");
		CHECK_INT(id.mig, SW_MIG_OFF);
		CHECK(isnan(id.sms));
		f.fake->mig = 1;
		f.fake->sms = 16;
		CHECK_INT(sw_device_identify(&f.device, &id, &f.err), SW_OK);
		CHECK_INT(id.mig, SW_MIG_ON);
		CHECK_NEAR(id.sms, 16, 0);
	}
	fixture_close(&f);
}

TEST(an_old_device_leaves_open_what_it_cannot_say)
{
	struct nvml_fixture f = fixture_load(FAKE_OLD);
	struct sw_device_identity id;

	f.fake->code[FAKE_UUID] = NOT_SUPPORTED;
	if (fixture_open(&f, FAKE_OLD)) {
		CHECK_INT(sw_device_identify(&f.device, &id, &f.err), SW_OK);
		CHECK_STR(id.name, "NVIDIA H100 80GB HBM3");
		CHECK_STR(id.uuid, "");
		CHECK_STR(id.pci_bus, "");
		CHECK_INT(id.mig, SW_MIG_UNKNOWN);
		CHECK(isnan(id.sms));
	}
	fixture_close(&f);
}

TEST_MAIN()
