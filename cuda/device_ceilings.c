// SPDX-License-Identifier: Apache-2.0
#include <cuda_runtime_api.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "ceilings.h"
#include "device_cuda.h"
#include "device_cuda_parts.h"
#include "layers.h"

/* A buffer is far larger than any L2, and holds two matrices of the product. Kernels as many as make one's cost plain. */
enum { REPEATS = 9, SIDE = 8192, PRODUCTS = 4, LAUNCHES = 2000, CENSUS_ROUNDS = 16 };
#define BUFFER_MAX ((uint64_t)2 << 30)
#define BUFFER_MIN ((uint64_t)256 << 20)

struct bench {
	struct device *device;
	const struct device_operations *o;
	void *from, *to;
	uint64_t bytes; /* of each */
	void *graph;
};

/* Queues what is timed. */
typedef enum sw_status work(struct bench *b, struct sw_error *err);

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static enum sw_status time_once(struct bench *b, work *w, double *ms, struct sw_error *err)
{
	enum sw_status st = b->o->mark(b->device, 0, err);

	if (st == SW_OK)
		st = w(b, err);
	if (st == SW_OK)
		st = b->o->mark(b->device, 1, err);
	if (st == SW_OK)
		st = b->o->synchronize(b->device, err);
	return st == SW_OK ? b->o->between_ms(b->device, 0, 1, ms, err) : st;
}

/* The first run, which loads kernels and wakes clocks up, does not count. */
static enum sw_status median_ms(struct bench *b, work *w, double *ms, struct sw_error *err)
{
	double all[REPEATS];
	enum sw_status st = time_once(b, w, &all[0], err);

	for (size_t i = 0; i < REPEATS && st == SW_OK; i++)
		st = time_once(b, w, &all[i], err);
	if (st != SW_OK)
		return st;
	qsort(all, REPEATS, sizeof(all[0]), ascending);
	*ms = all[REPEATS / 2];
	return SW_OK;
}

static enum sw_status copy(struct bench *b, struct sw_error *err)
{
	cudaError_t e = cudaMemcpyAsync(b->to, b->from, b->bytes, cudaMemcpyDeviceToDevice,
					b->device->stream);

	return e == cudaSuccess ? SW_OK : device_cuda_failed(err, e, "copying on the GPU");
}

static enum sw_status read_all(struct bench *b, struct sw_error *err)
{
	(void)err; /* a launch's failure shows at synchronize() */
	ceilings_read(b->from, b->bytes, b->device->info.sms, b->to, b->device->stream);
	return SW_OK;
}

static enum sw_status multiply(struct bench *b, struct sw_error *err)
{
	const struct device_product product = {
		.x = b->from,
		.w = (const struct bf16 *)b->from + (size_t)SIDE * SIDE,
		.y = b->to,
		.rows = SIDE,
		.n = SIDE,
		.k = SIDE,
	};
	enum sw_status st = SW_OK;

	for (int i = 0; i < PRODUCTS && st == SW_OK; i++)
		st = b->o->multiply(b->device, &product, err);
	return st;
}

static enum sw_status launch(struct bench *b, struct sw_error *err)
{
	(void)err;
	for (int i = 0; i < LAUNCHES; i++)
		ceilings_nothing(b->device->stream);
	return SW_OK;
}

static enum sw_status run_graph(struct bench *b, struct sw_error *err)
{
	return b->o->graph_run(b->device, b->graph, err);
}

static enum sw_status capture(struct bench *b, work *w, struct sw_error *err)
{
	enum sw_status st = b->o->graph_begin(b->device, err), ended;

	if (st != SW_OK)
		return st;
	st = w(b, err);
	ended = b->o->graph_end(b->device, &b->graph, st == SW_OK ? err : NULL);
	return st != SW_OK ? st : ended;
}

/* Numbers as random as weights are: zeroes cost less power, and would run at a higher clock. */
static enum sw_status open_bench(struct bench *b, struct device *device, struct sw_error *err)
{
	size_t available = 0, total = 0;
	enum sw_status st;

	*b = (struct bench){.device = device, .o = device->operations};
	(void)cudaMemGetInfo(&available, &total);
	b->bytes = (uint64_t)available / 2 * 9 / 10;
	b->bytes = (b->bytes < BUFFER_MAX ? b->bytes : BUFFER_MAX) >> 20 << 20;
	if (b->bytes < BUFFER_MIN)
		return sw_fail(err, SW_INFEASIBLE, "found %zu MiB of free GPU memory, expected 600",
			       available >> 20);
	st = b->o->allocate(device, b->bytes, &b->from, err);
	if (st == SW_OK)
		st = b->o->allocate(device, b->bytes, &b->to, err);
	if (st == SW_OK)
		layers_fill(b->from, b->bytes / sizeof(struct bf16), 1, 1, device->stream);
	return st;
}

static void close_bench(struct bench *b)
{
	b->o->graph_free(b->device, b->graph);
	b->o->release(b->device, b->from);
	b->o->release(b->device, b->to);
}

static enum sw_status measure(struct bench *b, struct device_ceilings *out, struct sw_error *err)
{
	const double side = SIDE, bytes = (double)b->bytes;
	double ms = 1;
	enum sw_status st = median_ms(b, copy, &ms, err);

	out->copy_gbps = 2 * bytes / ms / 1e6;
	if (st == SW_OK)
		st = median_ms(b, read_all, &ms, err);
	out->read_gbps = bytes / ms / 1e6;
	if (st == SW_OK)
		st = median_ms(b, multiply, &ms, err);
	out->bf16_tflops = 2 * side * side * side * PRODUCTS / ms / 1e9;
	if (st == SW_OK)
		st = median_ms(b, launch, &ms, err);
	out->launch_us = ms * 1e3 / LAUNCHES;
	if (st == SW_OK)
		st = capture(b, launch, err);
	if (st == SW_OK)
		st = median_ms(b, run_graph, &ms, err);
	out->node_us = ms * 1e3 / LAUNCHES;
	return st;
}

enum sw_status device_cuda_ceilings(struct device *device, struct device_ceilings *out,
				    struct sw_error *err)
{
	struct bench b;
	enum sw_status st = open_bench(&b, device, err);

	memset(out, 0, sizeof(*out));
	if (st == SW_OK)
		st = measure(&b, out, err);
	close_bench(&b);
	return st;
}

static enum sw_status census(struct bench *b, struct sw_error *err)
{
	(void)err;
	ceilings_census(b->to, DEVICE_CUDA_SMS_MAX, CENSUS_ROUNDS * b->device->info.gpu_sms,
			b->device->stream);
	return SW_OK;
}

enum sw_status device_cuda_census(struct device *device, bool graph,
				  uint32_t seen[DEVICE_CUDA_SMS_MAX], struct sw_error *err)
{
	struct bench b = {.device = device, .o = device->operations};
	const size_t bytes = DEVICE_CUDA_SMS_MAX * sizeof(seen[0]);
	enum sw_status st;

	memset(seen, 0, bytes);
	st = b.o->allocate(device, bytes, &b.to, err);
	if (st == SW_OK)
		st = b.o->copy_in(device, b.to, seen, bytes, err);
	if (st == SW_OK && graph)
		st = capture(&b, census, err);
	if (st == SW_OK)
		st = graph ? run_graph(&b, err) : census(&b, err);
	if (st == SW_OK)
		st = b.o->copy_out(device, seen, b.to, bytes, err);
	if (st == SW_OK)
		st = b.o->synchronize(device, err);
	close_bench(&b);
	return st;
}
