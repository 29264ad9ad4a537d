// SPDX-License-Identifier: Apache-2.0
#include <time.h>

#include "observe/nvml_fixture.h"

enum { ROOM = 8, NOT_SUPPORTED = 3 };

#define MIB (1ULL << 20)

struct listing {
	enum sw_status st;
	size_t n;
	struct sw_device_process row[ROOM];
};

static struct listing list(struct nvml_fixture *f)
{
	struct listing l;

	l.st = sw_device_processes(&f->device, l.row, ROOM, &l.n, &f->err);
	return l;
}

static void three_processes(struct fake_nvml *fake)
{
	fake->n_compute = 3;
	fake->compute[0] = (struct fake_process){4145, 893 * MIB};
	fake->compute[1] = (struct fake_process){77, 12 * MIB};
	fake->compute[2] = (struct fake_process){901, ~0ULL};
}

static void check_three(const struct listing *l)
{
	CHECK_INT(l->st, SW_OK);
	if (!CHECK(l->n == 3))
		return;
	CHECK_INT(l->row[0].pid, 77);
	CHECK_NEAR(l->row[0].memory_mib, 12, 0);
	CHECK_INT(l->row[1].pid, 901);
	CHECK(!(l->row[1].known & SW_PROCESS_KNOWS_MEMORY));
	CHECK(isnan(l->row[1].memory_mib));
	CHECK_INT(l->row[2].pid, 4145);
	CHECK_NEAR(l->row[2].memory_mib, 893, 0);
	CHECK_INT(l->row[2].kinds, SW_PROCESS_COMPUTE);
}

static void check_layout(const char *path, const char *driver, size_t stride)
{
	struct nvml_fixture f = fixture_load(path);
	struct listing l;

	(void)snprintf(f.fake->driver, sizeof(f.fake->driver), "%s", driver);
	f.fake->stride = stride;
	three_processes(f.fake);
	if (fixture_open(&f, path)) {
		l = list(&f);
		check_three(&l);
	}
	fixture_close(&f);
}

TEST(processes_are_read_in_every_layout_that_drivers_had)
{
	check_layout(FAKE_OLD, "390.48", 16);
	check_layout(FAKE_NOW, "510.39.01", 24);
	check_layout(FAKE_NOW, "530.41.03", 24);
	check_layout(FAKE_NOW, "535.43.02", 32);
	check_layout(FAKE_NOW, "535.86.05", 32);
	check_layout(FAKE_NOW, "535.98", 24);
	check_layout(FAKE_NOW, "535.104.05", 24);
	check_layout(FAKE_NOW, "580.65.06", 24);
}

TEST(nobody_is_an_answer)
{
	struct nvml_fixture f = fixture_load(FAKE_NOW);
	struct listing l;

	if (fixture_open(&f, FAKE_NOW)) {
		l = list(&f);
		CHECK_INT(l.st, SW_OK);
		CHECK_INT(l.n, 0);
	}
	fixture_close(&f);
}

TEST(mps_clients_are_named_once)
{
	struct nvml_fixture f = fixture_load(FAKE_NOW);
	struct listing l;

	f.fake->n_compute = 2;
	f.fake->compute[0] = (struct fake_process){10, 30 * MIB}; /* the server */
	f.fake->compute[1] = (struct fake_process){20, 500 * MIB};
	f.fake->n_mps = 2;
	f.fake->mps[0] = (struct fake_process){20, 500 * MIB};
	f.fake->mps[1] = (struct fake_process){30, 600 * MIB};
	if (fixture_open(&f, FAKE_NOW)) {
		l = list(&f);
		CHECK_INT(l.n, 3);
		CHECK_INT(l.row[0].kinds, SW_PROCESS_COMPUTE);
		CHECK_INT(l.row[1].kinds, SW_PROCESS_COMPUTE | SW_PROCESS_MPS);
		CHECK_INT(l.row[2].kinds, SW_PROCESS_MPS);
		CHECK_NEAR(l.row[2].memory_mib, 600, 0);
		f.fake->code[FAKE_MPS] = NOT_SUPPORTED;
		l = list(&f);
		CHECK_INT(l.st, SW_OK);
		CHECK_INT(l.n, 2);
		f.fake->code[FAKE_COMPUTE] = NOT_SUPPORTED;
		CHECK_INT(list(&f).st, SW_IO);
		CHECK_STR(f.err.message, "the GPU's processes cannot be listed: Not Supported (3)");
	}
	fixture_close(&f);
}

TEST(use_of_the_sms_is_the_newest_of_the_last_second)
{
	struct nvml_fixture f = fixture_load(FAKE_NOW);
	struct listing l;
	double ago;

	three_processes(f.fake);
	f.fake->n_uses = 4;
	f.fake->uses[0] = (struct fake_use){77, 40, 1000};
	f.fake->uses[1] = (struct fake_use){77, 55, 3000};
	f.fake->uses[2] = (struct fake_use){77, 10, 2000};
	f.fake->uses[3] = (struct fake_use){901, 2147483632u, 2000};
	if (fixture_open(&f, FAKE_NOW)) {
		l = list(&f);
		CHECK_NEAR(l.row[0].sm_percent, 55, 0);
		CHECK(!(l.row[1].known & SW_PROCESS_KNOWS_SM)); /* garbage is not zero */
		CHECK(isnan(l.row[1].sm_percent));
		CHECK(l.row[2].known &
		      SW_PROCESS_KNOWS_SM); /* others were busy, this one was not */
		CHECK_NEAR(l.row[2].sm_percent, 0, 0);
		ago = (double)time(NULL) - (double)f.fake->last_seen_us / 1e6;
		CHECK(ago > -1 && ago < 60);
	}
	fixture_close(&f);
}

TEST(use_of_the_sms_is_unknown_where_the_driver_has_no_sample)
{
	struct nvml_fixture f = fixture_load(FAKE_NOW);
	struct listing l;

	three_processes(f.fake);
	if (fixture_open(&f, FAKE_NOW)) {
		l = list(&f);
		for (size_t i = 0; i < l.n; i++)
			CHECK(!(l.row[i].known & SW_PROCESS_KNOWS_SM));
		f.fake->n_uses = 1;
		f.fake->uses[0] = (struct fake_use){77, 40, 1000};
		f.fake->code[FAKE_PROCESS_UTILIZATION] = NOT_SUPPORTED;
		CHECK(!(list(&f).row[0].known & SW_PROCESS_KNOWS_SM));
	}
	fixture_close(&f);
}

TEST(more_processes_than_room_are_counted)
{
	struct nvml_fixture f = fixture_load(FAKE_NOW);
	struct listing l;

	f.fake->n_compute = 20;
	for (unsigned i = 0; i < 20; i++)
		f.fake->compute[i] = (struct fake_process){100 - i, MIB};
	if (fixture_open(&f, FAKE_NOW)) {
		l = list(&f);
		CHECK_INT(l.st, SW_OK);
		CHECK_INT(l.n, 20);
		f.fake->n_compute = FAKE_PROCESSES_MAX;
		CHECK_INT(list(&f).st, SW_IO);
	}
	fixture_close(&f);
}

TEST_MAIN()
