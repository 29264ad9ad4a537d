// SPDX-License-Identifier: Apache-2.0
/*
 * Green contexts: kernels in their streams run on the SMs they were made of. They are the driver's, so that its functions are
 * asked for by name and version.
 *
 * The driver advises against splitting what a split left over. So the GPU is split once, into as many of its smallest units as
 * there are, and a context is made of several of them: of one split's results that is allowed.
 */
#include <cudaTypedefs.h>
#include <cuda_runtime_api.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "device_cuda.h"
#include "device_cuda_parts.h"
#include "sm_shares.h"

/* X(function, version that brought it, version that its type has in cudaTypedefs.h) */
#define FUNCTIONS(X)                                  \
	X(cuGetErrorString, 6000, v6000)              \
	X(cuDeviceGet, 2000, v2000)                   \
	X(cuCtxGetCurrent, 4000, v4000)               \
	X(cuCtxSetCurrent, 4000, v4000)               \
	X(cuStreamDestroy, 4000, v4000)               \
	X(cuDeviceGetDevResource, 12040, v12040)      \
	X(cuDevSmResourceSplitByCount, 12040, v12040) \
	X(cuDevResourceGenerateDesc, 12040, v12040)   \
	X(cuGreenCtxCreate, 12040, v12040)            \
	X(cuGreenCtxDestroy, 12040, v12040)           \
	X(cuGreenCtxGetDevResource, 12040, v12040)    \
	X(cuCtxFromGreenCtx, 12040, v12040)           \
	X(cuGreenCtxStreamCreate, 12050, v12050)

struct driver {
#define POINTER(function, since, type) PFN_##function##_##type function;
	FUNCTIONS(POINTER)
#undef POINTER
};

struct entry {
	const char *name;
	unsigned version;
	size_t offset;
};

static const struct entry entries[] = {
#define ENTRY(function, since, type) {#function, since, offsetof(struct driver, function)},
	FUNCTIONS(ENTRY)
#undef ENTRY
};

struct share {
	struct driver driver;
	CUgreenCtx green;
	CUcontext context;
	CUstream stream;
	uint32_t sms;
};

/* A GPU while it is cut. */
struct cutting {
	struct driver driver;
	CUdevice device;
	CUcontext before; /* this thread's */
	CUdevResource all;
	CUdevResource *unit;
	struct sm_units units;
};

static enum sw_status find_functions(struct driver *driver, struct sw_error *err)
{
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		const struct entry *f = &entries[i];
		enum cudaDriverEntryPointQueryResult found = cudaDriverEntryPointSymbolNotFound;
		void *address = NULL;
		cudaError_t e = cudaGetDriverEntryPointByVersion(f->name, &address, f->version,
								 cudaEnableDefault, &found);

		(void)cudaGetLastError();
		if (e != cudaSuccess || found != cudaDriverEntryPointSuccess || !address)
			return sw_fail(err, SW_INFEASIBLE,
				       "green contexts: this driver has no %s (CUDA %u.%u)",
				       f->name, f->version / 1000, f->version % 1000 / 10);
		memcpy((char *)driver + f->offset, &address, sizeof(address));
	}
	return SW_OK;
}

/* What a driver, a GPU or a mode of it does not have is no failure of the world. */
static enum sw_status done(const struct driver *driver, CUresult result, const char *doing,
			   struct sw_error *err)
{
	const char *text = NULL;

	if (result == CUDA_SUCCESS)
		return SW_OK;
	if (driver->cuGetErrorString(result, &text) != CUDA_SUCCESS || !text)
		text = "unknown error";
	return sw_fail(err, result == CUDA_ERROR_NOT_SUPPORTED ? SW_INFEASIBLE : SW_IO,
		       "green contexts: %s: %s (%d)", doing, text, (int)result);
}

/* Drivers before CUDA 13 do not say it: what the manual says then. */
static unsigned smallest_unit(const CUdevSmResource *sm, int major)
{
	unsigned unit = sm->minSmPartitionSize, step = sm->smCoscheduledAlignment;

	if (unit == 0 || unit > sm->smCount)
		return major >= 9 ? 8 : 4;
	return step == 0 || step > sm->smCount ? unit : (unit + step - 1) / step * step;
}

/* The GPU's units, and what became of them: drivers may round the size up. */
static enum sw_status split(struct cutting *c, unsigned unit, struct sw_error *err)
{
	const struct driver *driver = &c->driver;
	unsigned n = 0;
	CUresult r = driver->cuDevSmResourceSplitByCount(NULL, &n, &c->all, NULL, 0, unit);
	enum sw_status st = done(driver, r, "asking into how many parts the SMs go", err);

	if (st != SW_OK)
		return st;
	if (n == 0)
		return sw_fail(err, SW_INFEASIBLE,
			       "green contexts: %u SMs do not go into units of %u",
			       c->all.sm.smCount, unit);
	c->unit = calloc(n, sizeof(*c->unit));
	if (!c->unit)
		return sw_fail(err, SW_NO_MEMORY, "%u units of SMs", n);
	r = driver->cuDevSmResourceSplitByCount(c->unit, &n, &c->all, NULL, 0, unit);
	st = done(driver, r, "splitting the SMs", err);
	if (st == SW_OK && n == 0)
		st = sw_fail(err, SW_IO, "green contexts: splitting the SMs made nothing");
	if (st == SW_OK)
		c->units = (struct sm_units){c->all.sm.smCount, c->unit[0].sm.smCount, n};
	return st;
}

static enum sw_status cut(struct cutting *c, int gpu, struct sw_error *err)
{
	enum sw_status st = device_cuda_select(gpu, err);
	int major = 0;
	CUresult r;

	if (st == SW_OK)
		st = find_functions(&c->driver, err);
	if (st != SW_OK)
		return st;
	(void)cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, gpu);
	r = c->driver.cuCtxGetCurrent(&c->before);
	if (r == CUDA_SUCCESS)
		r = c->driver.cuDeviceGet(&c->device, gpu);
	if (r == CUDA_SUCCESS)
		r = c->driver.cuDeviceGetDevResource(c->device, &c->all, CU_DEV_RESOURCE_TYPE_SM);
	st = done(&c->driver, r, "asking for the SMs of the GPU", err);
	return st == SW_OK ? split(c, smallest_unit(&c->all.sm, major), err) : st;
}

static CUresult make(struct cutting *c, CUdevResource *units, uint32_t n, struct share *s)
{
	CUdevResourceDesc description;
	CUdevResource given;
	CUresult r = c->driver.cuDevResourceGenerateDesc(&description, units, n);

	if (r == CUDA_SUCCESS)
		r = c->driver.cuGreenCtxCreate(&s->green, description, c->device,
					       CU_GREEN_CTX_DEFAULT_STREAM);
	if (r == CUDA_SUCCESS)
		r = c->driver.cuCtxFromGreenCtx(&s->context, s->green);
	if (r == CUDA_SUCCESS)
		r = c->driver.cuGreenCtxStreamCreate(&s->stream, s->green, CU_STREAM_NON_BLOCKING,
						     0);
	if (r == CUDA_SUCCESS)
		r = c->driver.cuGreenCtxGetDevResource(s->green, &given, CU_DEV_RESOURCE_TYPE_SM);
	if (r == CUDA_SUCCESS)
		s->sms = given.sm.smCount;
	return r;
}

static enum sw_status share_new(struct cutting *c, CUdevResource *units, uint32_t n,
				struct share **out, struct sw_error *err)
{
	struct share *s = calloc(1, sizeof(*s));
	enum sw_status st;

	*out = NULL;
	if (!s)
		return sw_fail(err, SW_NO_MEMORY, "a share of a GPU");
	s->driver = c->driver;
	st = done(&c->driver, make(c, units, n, s), "making one", err);
	if (st != SW_OK) {
		share_free(s);
		return st;
	}
	*out = s;
	return SW_OK;
}

/* Whoever closes a device is in its context; a context that is gone must not stay anybody's. */
void share_free(struct share *s)
{
	CUcontext current = NULL;

	if (!s)
		return;
	if (s->stream)
		(void)s->driver.cuStreamDestroy(s->stream);
	if (s->context && s->driver.cuCtxGetCurrent(&current) == CUDA_SUCCESS &&
	    current == s->context)
		(void)s->driver.cuCtxSetCurrent(NULL);
	if (s->green)
		(void)s->driver.cuGreenCtxDestroy(s->green);
	free(s);
}

enum sw_status share_enter(const struct share *s, struct sw_error *err)
{
	return done(&s->driver, s->driver.cuCtxSetCurrent(s->context), "entering one", err);
}

uint32_t share_sms(const struct share *s)
{
	return s->sms;
}

/* The runtime's streams are the driver's. */
cudaStream_t share_stream(const struct share *s)
{
	return s->stream;
}

static enum sw_status open_all(struct cutting *c, const struct device_cuda_ask *ask,
			       const uint32_t *units, size_t n, struct device **out,
			       struct sw_error *err)
{
	CUdevResource *next = c->unit;
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < n && st == SW_OK; i++) {
		struct share *share;

		st = share_new(c, next, units[i], &share, err);
		if (st == SW_OK)
			st = device_cuda_open_on(ask, share, &out[i], err);
		next += units[i];
	}
	for (size_t i = 0; i < n && st != SW_OK; i++) {
		if (out[i])
			out[i]->operations->close(out[i]);
		out[i] = NULL;
	}
	return st;
}

enum sw_status device_cuda_partition(const struct device_cuda_ask *ask, const uint32_t *sms,
				     size_t n, struct device **out, struct sw_error *err)
{
	struct cutting c;
	uint32_t *units = calloc(n + 1, sizeof(*units));
	enum sw_status st;

	memset(&c, 0, sizeof(c));
	memset(out, 0, n * sizeof(*out));
	st = units ? cut(&c, ask->gpu, err) : sw_fail(err, SW_NO_MEMORY, "%zu engines", n);
	if (st == SW_OK)
		st = sm_shares(&c.units, sms, n, units, err);
	if (st == SW_OK)
		st = open_all(&c, ask, units, n, out, err);
	/* A green context belongs to one thread, and that is not this one. */
	if (c.driver.cuCtxSetCurrent)
		(void)c.driver.cuCtxSetCurrent(c.before);
	free(c.unit);
	free(units);
	return st;
}
