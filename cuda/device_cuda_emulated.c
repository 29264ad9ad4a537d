// SPDX-License-Identifier: Apache-2.0
/* The CPU where the program asks for a GPU: the whole program without one, for its tests. */
#include <stdio.h>

#include "base/error.h"
#include "device_cuda.h"

/* Small enough that whoever asks for a model of real size is refused before the CPU's memory is gone. */
static const uint64_t memory_bytes = (uint64_t)1 << 30;

static enum sw_status is_there(int gpu, struct sw_error *err)
{
	return gpu == 0 ? SW_OK : sw_fail(err, SW_IO, "GPU %d: found one emulated GPU", gpu);
}

enum sw_status device_cuda_uuid(int gpu, char out[DEVICE_CUDA_UUID], struct sw_error *err)
{
	(void)snprintf(out, DEVICE_CUDA_UUID, "00000000-0000-0000-0000-%012d", gpu);
	return is_there(gpu, err);
}

enum sw_status device_cuda_open(const struct device_cuda_ask *ask, struct device **out,
				struct sw_error *err)
{
	enum sw_status st = is_there(ask->gpu, err);

	*out = NULL;
	if (st == SW_OK)
		st = device_open_emulated(out, err);
	if (st == SW_OK)
		(*out)->info.total_bytes = (*out)->info.free_bytes = memory_bytes;
	return st;
}

enum sw_status device_cuda_partition(const struct device_cuda_ask *ask, const uint32_t *sms,
				     size_t n, struct device **out, struct sw_error *err)
{
	(void)sms;
	if (n != 1)
		return sw_fail(err, SW_INFEASIBLE,
			       "found %zu engines, expected one: an emulated GPU "
			       "has no green contexts",
			       n);
	return device_cuda_open(ask, out, err);
}

enum sw_status device_cuda_enter(struct device *device, struct sw_error *err)
{
	(void)device;
	(void)err;
	return SW_OK;
}
