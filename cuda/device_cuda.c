// SPDX-License-Identifier: Apache-2.0
/* The runtime's calls as a table of operations. Kernels are elsewhere: nothing here needs nvcc. */
#include "device_cuda.h"

#include <cuda_runtime_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "device_cuda_parts.h"

/* Kernels multiply bf16 fragments and copy asynchronously: from Ampere on. */
enum { MAJOR_MIN = 8 };

static struct cuda_device *of(struct device *device)
{
	return (struct cuda_device *)device;
}

static double gib(uint64_t bytes)
{
	return (double)bytes / (1 << 30);
}

enum sw_status device_cuda_failed(struct sw_error *err, cudaError_t error, const char *doing)
{
	(void)cudaGetLastError();
	return sw_fail(err, SW_IO, "CUDA: %s: %s", doing, cudaGetErrorString(error));
}

static enum sw_status done(struct sw_error *err, cudaError_t error, const char *doing)
{
	return error == cudaSuccess ? SW_OK : device_cuda_failed(err, error, doing);
}

static void close_device(struct device *device)
{
	struct cuda_device *d = of(device);

	if (!d)
		return;
	(void)device_cuda_enter(device, NULL);
	if (d->stream)
		(void)cudaStreamSynchronize(d->stream);
	products_free(d->products);
	for (size_t i = 0; i < DEVICE_MARKS; i++)
		if (d->mark[i])
			(void)cudaEventDestroy(d->mark[i]);
	if (d->stream && !d->share)
		(void)cudaStreamDestroy(d->stream);
	share_free(d->share);
	(void)cudaGetLastError();
	free(d);
}

static enum sw_status allocate(struct device *device, uint64_t bytes, void **out,
			       struct sw_error *err)
{
	cudaError_t e = cudaMalloc(out, bytes);
	size_t available = 0, total = 0;

	(void)device;
	if (e == cudaSuccess)
		return SW_OK;
	*out = NULL;
	if (e != cudaErrorMemoryAllocation)
		return device_cuda_failed(err, e, "allocating memory");
	(void)cudaGetLastError();
	(void)cudaMemGetInfo(&available, &total);
	return sw_fail(err, SW_INFEASIBLE,
		       "GPU memory: wanted %.2f GiB, of %.2f GiB there are %.2f GiB free",
		       gib(bytes), gib(total), gib(available));
}

static void release(struct device *device, void *memory)
{
	(void)device;
	(void)cudaFree(memory);
}

static enum sw_status allocate_host(struct device *device, uint64_t bytes, void **out,
				    struct sw_error *err)
{
	cudaError_t e = cudaHostAlloc(out, bytes, cudaHostAllocPortable);

	(void)device;
	if (e == cudaSuccess) {
		memset(*out, 0, bytes);
		return SW_OK;
	}
	*out = NULL;
	if (e != cudaErrorMemoryAllocation)
		return device_cuda_failed(err, e, "allocating host memory");
	(void)cudaGetLastError();
	return sw_fail(err, SW_NO_MEMORY, "%.2f GiB of page-locked memory", gib(bytes));
}

static void release_host(struct device *device, void *memory)
{
	(void)device;
	(void)cudaFreeHost(memory);
}

static enum sw_status copy_in(struct device *device, void *to, const void *from, uint64_t bytes,
			      struct sw_error *err)
{
	return done(err,
		    cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, of(device)->stream),
		    "copying to the GPU");
}

static enum sw_status copy_out(struct device *device, void *to, const void *from, uint64_t bytes,
			       struct sw_error *err)
{
	return done(err,
		    cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, of(device)->stream),
		    "copying from the GPU");
}

static enum sw_status multiply(struct device *device, const struct device_product *product,
			       struct sw_error *err)
{
	return products_queue(of(device)->products, product, of(device)->stream, err);
}

static enum sw_status mark(struct device *device, unsigned i, struct sw_error *err)
{
	return done(err, cudaEventRecord(of(device)->mark[i], of(device)->stream), "a time mark");
}

static enum sw_status between_ms(struct device *device, unsigned from, unsigned to, double *ms,
				 struct sw_error *err)
{
	const struct cuda_device *d = of(device);
	float elapsed = 0;
	cudaError_t e = cudaEventElapsedTime(&elapsed, d->mark[from], d->mark[to]);

	*ms = (double)elapsed;
	return done(err, e, "the time between marks");
}

/* A launch that failed says so nowhere else: the kernels' callers do not ask. */
static enum sw_status synchronize(struct device *device, struct sw_error *err)
{
	cudaError_t e = cudaStreamSynchronize(of(device)->stream);
	cudaError_t earlier = cudaGetLastError();

	return done(err, e != cudaSuccess ? e : earlier, "running what was queued");
}

/* Thread-local: what other engines' threads do meanwhile does not break the capture. */
static enum sw_status graph_begin(struct device *device, struct sw_error *err)
{
	return done(err,
		    cudaStreamBeginCapture(of(device)->stream, cudaStreamCaptureModeThreadLocal),
		    "beginning a graph");
}

static enum sw_status graph_end(struct device *device, void **graph, struct sw_error *err)
{
	cudaGraph_t captured = NULL;
	cudaGraphExec_t ready = NULL;
	cudaError_t e = cudaStreamEndCapture(of(device)->stream, &captured);
	cudaError_t earlier = cudaGetLastError();

	*graph = NULL;
	e = e != cudaSuccess ? e : earlier;
	if (e == cudaSuccess)
		e = cudaGraphInstantiate(&ready, captured, 0);
	if (e == cudaSuccess)
		e = cudaGraphUpload(ready, of(device)->stream);
	if (captured)
		(void)cudaGraphDestroy(captured);
	if (e == cudaSuccess) {
		*graph = ready;
		return SW_OK;
	}
	if (ready)
		(void)cudaGraphExecDestroy(ready);
	return device_cuda_failed(err, e, "making a graph");
}

static enum sw_status graph_run(struct device *device, void *graph, struct sw_error *err)
{
	return done(err, cudaGraphLaunch(graph, of(device)->stream), "starting a graph");
}

static void graph_free(struct device *device, void *graph)
{
	(void)device;
	if (graph)
		(void)cudaGraphExecDestroy(graph);
}

static const struct device_operations operations = {
	.close = close_device,
	.allocate = allocate,
	.release = release,
	.allocate_host = allocate_host,
	.release_host = release_host,
	.copy_in = copy_in,
	.copy_out = copy_out,
	.multiply = multiply,
	.mark = mark,
	.between_ms = between_ms,
	.synchronize = synchronize,
	.graph_begin = graph_begin,
	.graph_end = graph_end,
	.graph_run = graph_run,
	.graph_free = graph_free,
};

/* Why there are no GPUs to count. */
static enum sw_status no_gpu(cudaError_t e, struct sw_error *err)
{
	int driver = 0, runtime = 0;

	(void)cudaGetLastError();
	(void)cudaDriverGetVersion(&driver);
	(void)cudaRuntimeGetVersion(&runtime);
	if (driver == 0)
		return sw_fail(err, SW_IO, "no GPU answers: no CUDA driver is installed");
	if (e == cudaErrorInsufficientDriver)
		return sw_fail(err, SW_IO,
			       "no GPU answers: the driver is for CUDA %d.%d, expected %d.%d or "
			       "later",
			       driver / 1000, driver % 1000 / 10, runtime / 1000,
			       runtime % 1000 / 10);
	return sw_fail(err, SW_IO, "no GPU answers: %s", cudaGetErrorString(e));
}

static enum sw_status is_there(int gpu, struct sw_error *err)
{
	int n = 0;
	cudaError_t e = cudaGetDeviceCount(&n);

	if (e != cudaSuccess || n == 0)
		return no_gpu(e != cudaSuccess ? e : cudaErrorNoDevice, err);
	if (gpu < 0 || gpu >= n)
		return sw_fail(err, SW_BAD_INPUT, "GPU %d: found %d GPU%s, counted from 0", gpu, n,
			       n == 1 ? "" : "s");
	return SW_OK;
}

/* Hyphens where everybody has them. */
static void spell_uuid(const cudaUUID_t *uuid, char out[DEVICE_CUDA_UUID])
{
	size_t at = 0;

	for (size_t i = 0; i < sizeof(uuid->bytes); i++) {
		const char *before = i >= 4 && i <= 10 && i % 2 == 0 ? "-" : "";

		at += (size_t)snprintf(out + at, DEVICE_CUDA_UUID - at, "%s%02x", before,
				       (unsigned char)uuid->bytes[i]);
	}
}

enum sw_status device_cuda_uuid(int gpu, char out[DEVICE_CUDA_UUID], struct sw_error *err)
{
	struct cudaDeviceProp properties;
	enum sw_status st = is_there(gpu, err);
	cudaError_t e;

	if (st != SW_OK)
		return st;
	e = cudaGetDeviceProperties(&properties, gpu);
	if (e != cudaSuccess)
		return device_cuda_failed(err, e, "asking the GPU what it is");
	spell_uuid(&properties.uuid, out);
	return SW_OK;
}

enum sw_status device_cuda_select(int gpu, struct sw_error *err)
{
	int major = 0, minor = 0;
	enum sw_status st = is_there(gpu, err);
	cudaError_t e;

	if (st != SW_OK)
		return st;
	e = cudaSetDevice(gpu);
	if (e == cudaSuccess)
		e = cudaFree(NULL); /* the context is made now, and its failure told here */
	if (e == cudaSuccess)
		e = cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, gpu);
	if (e == cudaSuccess)
		e = cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, gpu);
	if (e != cudaSuccess)
		return no_gpu(e, err);
	if (major < MAJOR_MIN)
		return sw_fail(err, SW_INFEASIBLE,
			       "GPU %d: found compute capability %d.%d, expected %d.0 or later",
			       gpu, major, minor, MAJOR_MIN);
	return SW_OK;
}

static enum sw_status describe(struct cuda_device *d, struct sw_error *err)
{
	struct device_info *info = &d->device.info;
	struct cudaDeviceProp properties;
	size_t available = 0, total = 0;
	int driver = 0, runtime = 0;
	cudaError_t e = cudaGetDeviceProperties(&properties, d->gpu);

	if (e == cudaSuccess)
		e = cudaMemGetInfo(&available, &total);
	if (e == cudaSuccess)
		e = cudaDriverGetVersion(&driver);
	if (e == cudaSuccess)
		e = cudaRuntimeGetVersion(&runtime);
	if (e != cudaSuccess)
		return device_cuda_failed(err, e, "asking the GPU what it is");
	(void)snprintf(info->name, sizeof(info->name), "%s", properties.name);
	info->gpu_sms = (uint32_t)properties.multiProcessorCount;
	info->sms = d->share ? share_sms(d->share) : info->gpu_sms;
	info->major = (uint32_t)properties.major;
	info->minor = (uint32_t)properties.minor;
	info->total_bytes = total;
	info->free_bytes = available;
	info->driver = driver;
	info->runtime = runtime;
	return SW_OK;
}

static enum sw_status open_stream(struct cuda_device *d, struct sw_error *err)
{
	cudaError_t e = cudaSuccess;

	if (d->share)
		d->stream = share_stream(d->share);
	else
		e = cudaStreamCreateWithFlags(&d->stream, cudaStreamNonBlocking);
	for (size_t i = 0; i < DEVICE_MARKS && e == cudaSuccess; i++)
		e = cudaEventCreate(&d->mark[i]);
	d->device.stream = d->stream;
	return done(err, e, "making a stream");
}

enum sw_status device_cuda_open_on(const struct device_cuda_ask *ask, struct share *share,
				   struct device **out, struct sw_error *err)
{
	struct cuda_device *d = calloc(1, sizeof(*d));
	enum sw_status st;

	*out = NULL;
	if (!d) {
		share_free(share);
		return sw_fail(err, SW_NO_MEMORY, "GPU %d", ask->gpu);
	}
	d->device.operations = &operations;
	d->gpu = ask->gpu;
	d->share = share;
	st = device_cuda_enter(&d->device, err);
	if (st == SW_OK)
		st = open_stream(d, err);
	if (st == SW_OK)
		st = products_new(ask->cublas, share ? share_sms(share) : 0, &d->products, err);
	if (st == SW_OK)
		st = describe(d, err);
	if (st != SW_OK) {
		close_device(&d->device);
		return st;
	}
	*out = &d->device;
	return SW_OK;
}

enum sw_status device_cuda_open(const struct device_cuda_ask *ask, struct device **out,
				struct sw_error *err)
{
	enum sw_status st = device_cuda_select(ask->gpu, err);

	*out = NULL;
	return st == SW_OK ? device_cuda_open_on(ask, NULL, out, err) : st;
}

enum sw_status device_cuda_enter(struct device *device, struct sw_error *err)
{
	const struct cuda_device *d = of(device);

	if (d->share)
		return share_enter(d->share, err);
	return done(err, cudaSetDevice(d->gpu), "choosing the GPU");
}
