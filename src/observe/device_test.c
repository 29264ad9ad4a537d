// SPDX-License-Identifier: Apache-2.0
#include "check.h"
#include "slicewise/observe.h"

TEST(an_idle_gpu_is_not_busy)
{
	char out[40] = "before";

	CHECK(!sw_device_busy(NULL, 0, out, sizeof(out)));
	CHECK_STR(out, "");
}

TEST(a_busy_gpu_says_by_whom)
{
	const struct sw_device_process people[] = {
		{41, SW_PROCESS_COMPUTE, SW_PROCESS_KNOWS_MEMORY, NAN, 893.4},
		{42, SW_PROCESS_COMPUTE | SW_PROCESS_MPS, SW_PROCESS_KNOWS_MEMORY, NAN, 12},
		{43, SW_PROCESS_COMPUTE, 0, NAN, NAN},
	};
	char out[200];

	CHECK(sw_device_busy(people, 3, out, sizeof(out)));
	CHECK_STR(out, "GPU busy: pid 41 uses 893 MiB, pid 42 (MPS) uses 12 MiB, "
		       "pid 43 uses an unknown amount of memory");
	for (size_t capacity = 1; capacity < 97; capacity++) {
		CHECK(sw_device_busy(people, 3, out, capacity));
		CHECK_INT(strlen(out), capacity - 1);
	}
}

/* What an answer starts from: nothing known, whoever answers. */
static enum sw_status identify(void *self, void *handle, struct sw_device_identity *out,
			       struct sw_error *err)
{
	(void)self, (void)handle, (void)err;
	CHECK_STR(out->name, "");
	CHECK(isnan(out->sms));
	return SW_OK;
}

static enum sw_status read_nothing(void *self, void *handle, struct sw_device_sample *out,
				   struct sw_error *err)
{
	(void)self, (void)handle, (void)err;
	CHECK_INT(out->known, 0);
	CHECK(isnan(out->sm_percent));
	return SW_OK;
}

static enum sw_status many(void *self, void *handle, struct sw_device_process *out, size_t capacity,
			   size_t *n, struct sw_error *err)
{
	(void)self, (void)handle, (void)err;
	for (unsigned i = 0; i < capacity; i++)
		out[i] = (struct sw_device_process){.pid = 100 - i};
	*n = 50;
	return SW_OK;
}

TEST(answers_start_unknown_and_processes_come_by_pid)
{
	static const struct sw_device_ops ops = {identify, read_nothing, many};
	struct sw_device device = {&ops, NULL, NULL};
	struct sw_device_process out[3];
	struct sw_device_identity id;
	struct sw_device_sample sample;
	size_t n;

	CHECK_INT(sw_device_identify(&device, &id, NULL), SW_OK);
	CHECK_INT(sw_device_read(&device, &sample, NULL), SW_OK);
	CHECK(isnan(sample.time_s));
	CHECK_INT(sw_device_processes(&device, out, 3, &n, NULL), SW_OK);
	CHECK_INT(n, 50);
	CHECK_INT(out[0].pid, 98);
	CHECK_INT(out[2].pid, 100);
}

TEST_MAIN()
