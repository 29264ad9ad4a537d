// SPDX-License-Identifier: Apache-2.0
#include "observe/nvml_fixture.h"

TEST(a_machine_without_a_driver_is_told_so)
{
	struct sw_error err = {0};
	sw_nvml *nvml = (sw_nvml *)&err;

	CHECK_INT(sw_nvml_open("/nowhere/libnvidia-ml.so.1", &nvml, &err), SW_IO);
	CHECK(!nvml);
	CHECK(strstr(err.message, "no NVIDIA driver here"));
	CHECK(strstr(err.message, "/nowhere/libnvidia-ml.so.1"));
	CHECK_INT(sw_nvml_open("/nowhere/libnvidia-ml.so.1", &nvml, NULL), SW_IO);
}

/* True with and without a GPU: the usual name either works or is refused with a sentence. */
TEST(the_usual_name_is_tried)
{
	struct sw_error err = {0};
	sw_nvml *nvml;

	if (sw_nvml_open(NULL, &nvml, &err) == SW_OK) {
		sw_nvml_close(nvml);
		return;
	}
	CHECK_INT(err.status, SW_IO);
	CHECK(strlen(err.message) > 20);
}

TEST(another_library_is_refused_by_what_it_lacks)
{
	struct sw_error err = {0};
	sw_nvml *nvml;

	CHECK_INT(sw_nvml_open(FAKE_OTHER, &nvml, &err), SW_IO);
	CHECK(strstr(err.message, "is not NVML: it has no nvmlShutdown"));
}

TEST(a_driver_that_does_not_start_says_why)
{
	struct nvml_fixture f = fixture_load(FAKE_NOW);

	f.fake->init_code = 9;
	CHECK_INT(sw_nvml_open(FAKE_NOW, &f.nvml, &f.err), SW_IO);
	CHECK_STR(f.err.message, "NVML does not start: Driver Not Loaded (9)");
	fixture_close(&f);
}

TEST(an_old_driver_has_numbers_where_words_lack)
{
	struct nvml_fixture f = fixture_load(FAKE_OLD);

	f.fake->init_code = 9;
	CHECK_INT(sw_nvml_open(FAKE_OLD, &f.nvml, &f.err), SW_IO);
	CHECK_STR(f.err.message, "NVML does not start: NVML error (9)");
	fixture_close(&f);
}

TEST(devices_are_counted_and_found_by_index)
{
	struct nvml_fixture f = fixture_load(FAKE_NOW);
	struct sw_device one = {0};
	unsigned n = 0;

	if (fixture_open(&f, FAKE_NOW)) {
		CHECK_INT(f.fake->running, 1);
		CHECK_INT(sw_nvml_count(f.nvml, &n, &f.err), SW_OK);
		CHECK_INT(n, 2);
		CHECK_INT(sw_nvml_device(f.nvml, "1", &one, &f.err), SW_OK);
		CHECK(one.handle != f.device.handle);
		CHECK_INT(sw_nvml_device(f.nvml, "2", &one, &f.err), SW_BAD_INPUT);
		CHECK_STR(f.err.message, "there is no GPU 2; the driver shows 2");
		CHECK(!one.ops);
		f.fake->count_code = 999;
		CHECK_INT(sw_nvml_count(f.nvml, &n, &f.err), SW_IO);
		CHECK_INT(sw_nvml_device(f.nvml, "1", &one, &f.err), SW_IO);
	}
	fixture_close(&f);
}

TEST(devices_are_found_by_uuid)
{
	struct nvml_fixture f = fixture_load(FAKE_NOW);
	struct sw_device zero = {0};

	if (fixture_open(&f, FAKE_NOW)) {
		CHECK_INT(sw_nvml_device(f.nvml, "GPU-00000000-0000-0000-0000-000000000000", &zero,
					 &f.err),
			  SW_OK);
		CHECK(zero.handle == f.device.handle);
		CHECK_INT(sw_nvml_device(f.nvml, "GPU-1", &zero, &f.err), SW_BAD_INPUT);
		CHECK_STR(f.err.message, "there is no GPU \"GPU-1\"; expected an index or a UUID");
		/* Not a number that wraps around into one that exists. */
		CHECK_INT(sw_nvml_device(f.nvml, "4294967296", &zero, &f.err), SW_BAD_INPUT);
		CHECK_INT(sw_nvml_device(f.nvml, "", &zero, &f.err), SW_BAD_INPUT);
		CHECK_INT(sw_nvml_device(f.nvml, "-1", &zero, &f.err), SW_BAD_INPUT);
	}
	fixture_close(&f);
}

TEST(a_driver_without_versioned_names_opens)
{
	struct nvml_fixture f = fixture_load(FAKE_OLD);
	unsigned n = 0;

	if (fixture_open(&f, FAKE_OLD)) {
		CHECK_INT(sw_nvml_count(f.nvml, &n, &f.err), SW_OK);
		CHECK_INT(n, 2);
	}
	fixture_close(&f);
}

TEST_MAIN()
