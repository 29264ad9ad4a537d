// SPDX-License-Identifier: Apache-2.0
/* The device's calls against a CUDA made of paper: order, layouts, shares, and what is left when a call fails. */
#include "device_cuda.h"

#include <stdlib.h>

#include "check.h"
#include "fake_cuda.h"

static const struct device_cuda_ask ask = {0, FAKE_CUBLASLT};

static void reset(void)
{
	fake_cuda = (struct fake_cuda){.gpus = 1,
				       .driver = 13000,
				       .major = 9,
				       .sms = 132,
				       .unit = 8,
				       .step = 8,
				       .tells_unit = true,
				       .memory = (uint64_t)1 << 30};
}

static struct bf16 number(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof(bits));
	return (struct bf16){(uint16_t)(bits >> 16)};
}

TEST(what_is_missing_is_said)
{
	struct device_cuda_ask wrong = {1, FAKE_CUBLASLT}, lost = {0, "/nowhere/libcublasLt.so"};
	struct sw_error err;
	struct device *d;

	reset();
	CHECK_INT(device_cuda_open(&wrong, &d, &err), SW_BAD_INPUT);
	CHECK_STR(err.message, "GPU 1: found 1 GPU, counted from 0");
	CHECK_INT(device_cuda_open(&lost, &d, &err), SW_IO);
	CHECK(strstr(err.message, "cuBLASLt: /nowhere/libcublasLt.so: cannot open") != NULL);
	fake_cuda.major = 7;
	CHECK_INT(device_cuda_open(&ask, &d, &err), SW_INFEASIBLE);
	CHECK_STR(err.message, "GPU 0: found compute capability 7.0, expected 8.0 or later");
	fake_cuda.gpus = 0;
	CHECK_INT(device_cuda_open(&ask, &d, &err), SW_IO);
	CHECK_STR(err.message, "no GPU answers: an error");
	fake_cuda.driver = 12040;
	CHECK_INT(device_cuda_open(&ask, &d, &err), SW_IO);
	CHECK(strstr(err.message, "no GPU answers: the driver is for CUDA 12.4, expected ") !=
	      NULL);
	fake_cuda.driver = 0;
	CHECK_INT(device_cuda_open(&ask, &d, &err), SW_IO);
	CHECK_STR(err.message, "no GPU answers: no CUDA driver is installed");
	CHECK(!d);
	CHECK_INT(fake_cuda.alive, 0);
}

TEST(a_gpu_is_known_by_its_uuid)
{
	char uuid[DEVICE_CUDA_UUID];
	struct sw_error err;

	reset();
	CHECK_INT(device_cuda_uuid(0, uuid, NULL), SW_OK);
	CHECK_STR(uuid, "f0f1f2f3-f4f5-f6f7-f8f9-fafbfcfdfeff");
	CHECK_INT(device_cuda_uuid(1, uuid, &err), SW_BAD_INPUT);
	fake_cuda.gpus = 0;
	CHECK_INT(device_cuda_uuid(0, uuid, &err), SW_IO);
	CHECK_STR(err.message, "no GPU answers: an error");
}

TEST(memory_that_does_not_suffice_is_no_failure_of_the_gpu)
{
	struct sw_error err;
	struct device *d;
	void *memory;

	reset();
	CHECK_INT(device_cuda_open(&ask, &d, NULL), SW_OK);
	CHECK_INT(d->info.sms, 132);
	CHECK_STR(d->info.name, "Fake");
	CHECK_INT(d->operations->allocate(d, (uint64_t)3 << 30, &memory, &err), SW_INFEASIBLE);
	CHECK_STR(err.message, "GPU memory: wanted 3.00 GiB, of 1.00 GiB there are 1.00 GiB free");
	CHECK(!memory);
	d->operations->close(d);
	CHECK_INT(fake_cuda.alive, 0);
}

/* y[2][3] = x[2][4] w[3][4]^T, then the same on top of it. */
TEST(products_have_rows_side_by_side)
{
	const int expected[2][3] = {{4, 3, 10}, {8, 7, 26}};
	struct bf16 x[2][8] = {{{0}}}, w[3][8] = {{{0}}}, y[2][3];
	struct device_product p = {x[0], w[0], y[0], 2, 3, 8, false};
	struct device *d;

	reset();
	for (int i = 0; i < 4; i++) {
		x[0][i] = number((float)(i + 1));
		x[1][i] = number((float)(i + 5));
		w[2][i] = number(1);
	}
	w[0][3] = w[1][2] = number(1);
	CHECK_INT(device_cuda_open(&ask, &d, NULL), SW_OK);
	for (int times = 1; times <= 2; times++, p.add = true) {
		CHECK_INT(d->operations->multiply(d, &p, NULL), SW_OK);
		for (int r = 0; r < 2; r++)
			for (int n = 0; n < 3; n++)
				CHECK_INT(y[r][n].bits,
					  number((float)(times * expected[r][n])).bits);
	}
	CHECK_INT(fake_cuda.heuristics, 1);
	CHECK_INT(fake_cuda.cublas_sms, 0);
	p.rows = 0;
	CHECK_INT(d->operations->multiply(d, &p, NULL), SW_OK);
	d->operations->close(d);
	CHECK_INT(fake_cuda.alive, 0);
}

TEST(plans_are_remembered_and_bounded)
{
	struct bf16 x[8] = {{0}}, *y = calloc(6000, sizeof(*y)), *w = calloc(48000, sizeof(*w));
	struct device *d;

	reset();
	CHECK_INT(device_cuda_open(&ask, &d, NULL), SW_OK);
	for (uint32_t n = 1; n <= 6000; n++) {
		struct device_product p = {x, w, y, 1, n, 8, false};

		CHECK_INT(d->operations->multiply(d, &p, NULL), SW_OK);
		CHECK_INT(d->operations->multiply(d, &p, NULL), SW_OK);
	}
	CHECK_INT(fake_cuda.heuristics, 6000);
	CHECK(fake_cuda.alive < 3 * 4096 + 100);
	d->operations->close(d);
	CHECK_INT(fake_cuda.alive, 0);
	free(y);
	free(w);
}

TEST(a_launch_that_failed_shows_when_all_is_done)
{
	struct sw_error err;
	struct device *d;
	void *graph;

	reset();
	CHECK_INT(device_cuda_open(&ask, &d, NULL), SW_OK);
	fake_cuda.launch_failed = true;
	CHECK_INT(d->operations->synchronize(d, &err), SW_IO);
	CHECK_STR(err.message, "CUDA: running what was queued: a launch failed");
	CHECK_INT(d->operations->synchronize(d, &err), SW_OK);
	CHECK_INT(d->operations->graph_begin(d, NULL), SW_OK);
	fake_cuda.launch_failed = true;
	CHECK_INT(d->operations->graph_end(d, &graph, &err), SW_IO);
	CHECK_STR(err.message, "CUDA: making a graph: a launch failed");
	CHECK(!graph);
	d->operations->close(d);
	CHECK_INT(fake_cuda.alive, 0);
}

TEST(shares_are_whole_units_and_each_has_its_context)
{
	const uint32_t sms[] = {66, 33};
	struct device *d[2];
	void *first;

	reset();
	CHECK_INT(device_cuda_partition(&ask, sms, 2, d, NULL), SW_OK);
	CHECK(!fake_cuda.current);
	CHECK_INT(d[0]->info.sms, 64);
	CHECK_INT(d[1]->info.sms, 32);
	CHECK_INT(d[1]->info.gpu_sms, 132);
	CHECK_INT(fake_cuda.cublas_sms, 32);
	CHECK(d[0]->stream && d[1]->stream && d[0]->stream != d[1]->stream);
	CHECK_INT(device_cuda_enter(d[0], NULL), SW_OK);
	first = fake_cuda.current;
	CHECK_INT(device_cuda_enter(d[1], NULL), SW_OK);
	CHECK(first && fake_cuda.current && first != fake_cuda.current);
	d[0]->operations->close(d[0]);
	d[1]->operations->close(d[1]);
	CHECK(!fake_cuda.current);
	CHECK_INT(fake_cuda.alive, 0);
}

TEST(drivers_that_do_not_tell_the_unit_are_known)
{
	const uint32_t sms[] = {20, 5};
	struct device *d[2];
	struct sw_error err;

	reset();
	fake_cuda.tells_unit = false;
	CHECK_INT(device_cuda_partition(&ask, sms, 2, d, &err), SW_BAD_INPUT);
	CHECK_STR(err.message, "engine 2: found 5 SMs, expected at least 8, the smallest share of "
			       "this GPU");
	fake_cuda.major = 8;
	fake_cuda.sms = 108;
	fake_cuda.unit = 4;
	fake_cuda.step = 2;
	CHECK_INT(device_cuda_partition(&ask, sms, 2, d, &err), SW_OK);
	CHECK_INT(d[0]->info.sms, 20);
	CHECK_INT(d[1]->info.sms, 4);
	d[0]->operations->close(d[0]);
	d[1]->operations->close(d[1]);
	fake_cuda.lacks = "cuGreenCtxCreate";
	CHECK_INT(device_cuda_partition(&ask, sms, 2, d, &err), SW_INFEASIBLE);
	CHECK_STR(err.message, "green contexts: this driver has no cuGreenCtxCreate (CUDA 12.4)");
	CHECK(!d[0] && !d[1]);
	CHECK_INT(fake_cuda.alive, 0);
}

/* All that a device does once; the first failure counts. */
static enum sw_status live(struct device *d)
{
	struct bf16 x[8] = {{0}}, y[1];
	const struct device_product p = {x, x, y, 1, 1, 8, false};
	const struct device_operations *o = d->operations;
	void *memory = NULL, *host = NULL, *graph = NULL;
	enum sw_status st = o->allocate(d, 64, &memory, NULL);
	double ms;

#define ALSO(call) st = st == SW_OK ? (call) : st
	ALSO(o->allocate_host(d, 64, &host, NULL));
	ALSO(o->copy_in(d, memory, host, 64, NULL));
	ALSO(o->mark(d, 0, NULL));
	ALSO(o->multiply(d, &p, NULL));
	ALSO(o->mark(d, 1, NULL));
	ALSO(o->graph_begin(d, NULL));
	ALSO(o->graph_end(d, &graph, NULL));
	ALSO(o->graph_run(d, graph, NULL));
	ALSO(o->copy_out(d, host, memory, 64, NULL));
	ALSO(o->synchronize(d, NULL));
	ALSO(o->between_ms(d, 0, 1, &ms, NULL));
#undef ALSO
	o->graph_free(d, graph);
	o->release_host(d, host);
	o->release(d, memory);
	return st;
}

TEST(whichever_call_fails_nothing_is_left)
{
	const uint32_t sms[] = {64, 64};
	enum sw_status st;
	struct device *d[2];
	int n = 0;

	do {
		reset();
		fake_cuda.fail_at = ++n;
		st = device_cuda_partition(&ask, sms, 2, d, NULL);
		CHECK(st == SW_OK || (!d[0] && !d[1]));
		if (st == SW_OK) {
			st = live(d[0]);
			d[0]->operations->close(d[0]);
			d[1]->operations->close(d[1]);
		}
		CHECK_INT(fake_cuda.alive, 0);
	} while (fake_cuda.calls >= n);
	CHECK_INT(st, SW_OK);
	CHECK(n > 60);
}

TEST_MAIN()
