// SPDX-License-Identifier: Apache-2.0
#include "fake_cuda.h"

#include <cuda.h>
#include <cuda_runtime_api.h>
#include <stdlib.h>
#include <string.h>

struct fake_cuda fake_cuda;

struct resource_marks {
	uint32_t first; /* of the SMs it stands for */
};

bool fake_cuda_fails(void)
{
	return ++fake_cuda.calls == fake_cuda.fail_at;
}

static cudaError_t made(void **out)
{
	if (fake_cuda_fails())
		return cudaErrorUnknown;
	*out = malloc(1);
	fake_cuda.alive++;
	return cudaSuccess;
}

static cudaError_t gone(void *thing)
{
	if (!thing)
		return cudaSuccess;
	free(thing);
	fake_cuda.alive--;
	return cudaSuccess;
}

static cudaError_t done(void)
{
	return fake_cuda_fails() ? cudaErrorUnknown : cudaSuccess;
}

cudaError_t cudaGetDeviceCount(int *n)
{
	*n = fake_cuda.gpus;
	if (fake_cuda.driver < CUDART_VERSION)
		return cudaErrorInsufficientDriver;
	return fake_cuda.gpus > 0 ? done() : cudaErrorNoDevice;
}

cudaError_t cudaDriverGetVersion(int *version)
{
	*version = fake_cuda.driver;
	return done();
}

cudaError_t cudaRuntimeGetVersion(int *version)
{
	*version = CUDART_VERSION;
	return done();
}

cudaError_t cudaSetDevice(int gpu)
{
	(void)gpu;
	fake_cuda.current = NULL;
	return done();
}

cudaError_t cudaDeviceGetAttribute(int *value, enum cudaDeviceAttr attribute, int gpu)
{
	(void)gpu;
	*value = attribute == cudaDevAttrComputeCapabilityMajor ? fake_cuda.major : 0;
	return done();
}

cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *properties, int gpu)
{
	(void)gpu;
	memset(properties, 0, sizeof(*properties));
	memcpy(properties->name, "Fake", sizeof("Fake"));
	properties->multiProcessorCount = (int)fake_cuda.sms;
	properties->major = fake_cuda.major;
	for (size_t i = 0; i < sizeof(properties->uuid.bytes); i++)
		properties->uuid.bytes[i] = (char)(0xf0 + i);
	return done();
}

cudaError_t cudaMemGetInfo(size_t *available, size_t *total)
{
	*available = *total = fake_cuda.memory;
	return done();
}

const char *cudaGetErrorString(cudaError_t e)
{
	return e == cudaErrorLaunchFailure ? "a launch failed" : "an error";
}

cudaError_t cudaGetLastError(void)
{
	bool failed = fake_cuda.launch_failed;

	fake_cuda.launch_failed = false;
	return failed ? cudaErrorLaunchFailure : cudaSuccess;
}

cudaError_t cudaMalloc(void **out, size_t bytes)
{
	if (bytes > fake_cuda.memory || fake_cuda_fails())
		return cudaErrorMemoryAllocation;
	*out = malloc(bytes);
	fake_cuda.alive++;
	return cudaSuccess;
}

cudaError_t cudaFree(void *memory)
{
	if (!memory)
		return done();
	return gone(memory);
}

cudaError_t cudaHostAlloc(void **out, size_t bytes, unsigned flags)
{
	(void)flags;
	return cudaMalloc(out, bytes);
}

cudaError_t cudaFreeHost(void *memory)
{
	return gone(memory);
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind,
			    cudaStream_t stream)
{
	(void)kind;
	(void)stream;
	memcpy(to, from, bytes);
	return done();
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned flags)
{
	(void)flags;
	return made((void **)stream);
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
	return gone(stream);
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
	(void)stream;
	return done();
}

cudaError_t cudaEventCreate(cudaEvent_t *event)
{
	return made((void **)event);
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
	return gone(event);
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
	return event && stream ? done() : cudaErrorInvalidValue;
}

cudaError_t cudaEventElapsedTime(float *ms, cudaEvent_t from, cudaEvent_t to)
{
	*ms = from == to ? 0 : 1.5F;
	return done();
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, enum cudaStreamCaptureMode mode)
{
	(void)stream;
	return mode == cudaStreamCaptureModeThreadLocal ? done() : cudaErrorInvalidValue;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph)
{
	(void)stream;
	return made((void **)graph);
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *ready, cudaGraph_t graph,
				 unsigned long long flags)
{
	(void)graph;
	(void)flags;
	return made((void **)ready);
}

cudaError_t cudaGraphUpload(cudaGraphExec_t ready, cudaStream_t stream)
{
	(void)ready;
	(void)stream;
	return done();
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t ready, cudaStream_t stream)
{
	return ready && stream ? done() : cudaErrorInvalidValue;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
	return gone(graph);
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t ready)
{
	return gone(ready);
}

/* The driver. A green context is a number of SMs and where they begin. */
struct green {
	uint32_t first, sms;
};

static CUresult driver_done(void)
{
	return fake_cuda_fails() ? CUDA_ERROR_UNKNOWN : CUDA_SUCCESS;
}

static CUresult error_string(CUresult result, const char **text)
{
	*text = result == CUDA_ERROR_NOT_SUPPORTED ? "not supported" : "an error";
	return CUDA_SUCCESS;
}

static CUresult device_get(CUdevice *device, int ordinal)
{
	*device = ordinal;
	return driver_done();
}

static CUresult get_current(CUcontext *context)
{
	*context = fake_cuda.current;
	return driver_done();
}

static CUresult set_current(CUcontext context)
{
	fake_cuda.current = context;
	return driver_done();
}

static CUresult device_resource(CUdevice device, CUdevResource *resource, CUdevResourceType type)
{
	(void)device;
	memset(resource, 0, sizeof(*resource));
	resource->type = type;
	resource->sm.smCount = fake_cuda.sms;
	resource->sm.minSmPartitionSize = fake_cuda.tells_unit ? fake_cuda.unit : 0;
	resource->sm.smCoscheduledAlignment = fake_cuda.tells_unit ? fake_cuda.step : 0;
	return driver_done();
}

static CUresult split(CUdevResource *result, unsigned *n, const CUdevResource *input,
		      CUdevResource *remaining, unsigned flags, unsigned least)
{
	unsigned groups = (input->sm.smCount - fake_cuda.lost) / least;

	(void)remaining;
	if (flags != 0 || least < fake_cuda.unit || least % fake_cuda.step != 0)
		return CUDA_ERROR_INVALID_VALUE;
	if (result && *n < groups)
		groups = *n;
	*n = groups;
	for (unsigned i = 0; result && i < groups; i++) {
		struct resource_marks marks = {i * least};

		result[i] = *input;
		result[i].sm.smCount = least;
		memcpy(result[i]._internal_padding, &marks, sizeof(marks));
	}
	return driver_done();
}

/* Freed by the context that is made of it. */
static CUresult describe(CUdevResourceDesc *out, CUdevResource *resources, unsigned n)
{
	static struct green described;
	struct resource_marks marks;

	memcpy(&marks, resources[0]._internal_padding, sizeof(marks));
	described = (struct green){marks.first, n * resources[0].sm.smCount};
	*out = (CUdevResourceDesc)(void *)&described;
	return driver_done();
}

static CUresult green_create(CUgreenCtx *out, CUdevResourceDesc description, CUdevice device,
			     unsigned flags)
{
	struct green *green;

	(void)device;
	if (flags != CU_GREEN_CTX_DEFAULT_STREAM)
		return CUDA_ERROR_INVALID_VALUE;
	if (fake_cuda_fails())
		return CUDA_ERROR_UNKNOWN;
	green = malloc(sizeof(*green));
	memcpy(green, description, sizeof(*green));
	fake_cuda.alive++;
	*out = (CUgreenCtx)(void *)green;
	return CUDA_SUCCESS;
}

static CUresult green_destroy(CUgreenCtx green)
{
	(void)gone(green);
	return CUDA_SUCCESS;
}

static CUresult green_resource(CUgreenCtx green, CUdevResource *resource, CUdevResourceType type)
{
	struct green marks;

	memcpy(&marks, green, sizeof(marks));
	memset(resource, 0, sizeof(*resource));
	resource->type = type;
	resource->sm.smCount = marks.sms;
	return driver_done();
}

static CUresult context_of(CUcontext *context, CUgreenCtx green)
{
	*context = (CUcontext)(void *)green;
	return driver_done();
}

static CUresult green_stream(CUstream *stream, CUgreenCtx green, unsigned flags, int priority)
{
	(void)green;
	if (flags != CU_STREAM_NON_BLOCKING || priority != 0)
		return CUDA_ERROR_INVALID_VALUE;
	return made((void **)stream) == cudaSuccess ? CUDA_SUCCESS : CUDA_ERROR_UNKNOWN;
}

static CUresult stream_destroy(CUstream stream)
{
	(void)gone(stream);
	return CUDA_SUCCESS;
}

/* Any function stands for all of them until it is called by its own type. */
typedef void function(void);

static const struct {
	const char *name;
	function *address;
} functions[] = {
	{"cuGetErrorString", (function *)error_string},
	{"cuDeviceGet", (function *)device_get},
	{"cuCtxGetCurrent", (function *)get_current},
	{"cuCtxSetCurrent", (function *)set_current},
	{"cuStreamDestroy", (function *)stream_destroy},
	{"cuDeviceGetDevResource", (function *)device_resource},
	{"cuDevSmResourceSplitByCount", (function *)split},
	{"cuDevResourceGenerateDesc", (function *)describe},
	{"cuGreenCtxCreate", (function *)green_create},
	{"cuGreenCtxDestroy", (function *)green_destroy},
	{"cuGreenCtxGetDevResource", (function *)green_resource},
	{"cuCtxFromGreenCtx", (function *)context_of},
	{"cuGreenCtxStreamCreate", (function *)green_stream},
};

cudaError_t cudaGetDriverEntryPointByVersion(const char *symbol, void **address, unsigned version,
					     unsigned long long flags,
					     enum cudaDriverEntryPointQueryResult *found)
{
	(void)flags;
	*address = NULL;
	*found = cudaDriverEntryPointSymbolNotFound;
	if (version > (unsigned)fake_cuda.driver)
		return cudaErrorInvalidValue;
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (strcmp(functions[i].name, symbol) == 0 &&
		    !(fake_cuda.lacks && strcmp(fake_cuda.lacks, symbol) == 0)) {
			memcpy(address, &functions[i].address, sizeof(*address));
			*found = cudaDriverEntryPointSuccess;
		}
	return cudaSuccess;
}
