// SPDX-License-Identifier: Apache-2.0
/* The CPU in place of a GPU: memory is memory, products are sums in float, everything is done when it is asked for. */
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <new>

#include "device.h"
#include "portable.h"

extern "C" {
#include "base/error.h"
}

namespace
{
/* As many as make attention cut its contexts into a few parts. */
const uint32_t emulated_sms = 4;

struct emulated {
	struct device device;
	std::chrono::steady_clock::time_point mark[DEVICE_MARKS];
};

emulated *of(struct device *device)
{
	return reinterpret_cast<emulated *>(device);
}

void close_device(struct device *device)
{
	delete of(device);
}

enum sw_status no_memory(uint64_t bytes, struct sw_error *err)
{
	return sw_fail(err, SW_NO_MEMORY, "%llu bytes", (unsigned long long)bytes);
}

/* A GPU's memory holds what was there before: here NANs, which whoever uses them cannot hide. */
enum sw_status allocate(struct device *, uint64_t bytes, void **out, struct sw_error *err)
{
	*out = std::malloc(bytes);
	if (!*out)
		return no_memory(bytes, err);
	std::memset(*out, 0xff, bytes);
	return SW_OK;
}

enum sw_status allocate_host(struct device *, uint64_t bytes, void **out, struct sw_error *err)
{
	*out = std::calloc(1, bytes);
	return *out ? SW_OK : no_memory(bytes, err);
}

void release(struct device *, void *memory)
{
	std::free(memory);
}

enum sw_status copy(struct device *, void *to, const void *from, uint64_t bytes, struct sw_error *)
{
	std::memcpy(to, from, bytes);
	return SW_OK;
}

enum sw_status multiply(struct device *, const struct device_product *p, struct sw_error *)
{
	for (uint32_t r = 0; r < p->rows; r++)
		for (uint32_t c = 0; c < p->n; c++) {
			const struct bf16 *x = p->x + (uint64_t)r * p->k;
			const struct bf16 *w = p->w + (uint64_t)c * p->k;
			struct bf16 *y = p->y + (uint64_t)r * p->n + c;
			float sum = p->add ? bf16_to_float(*y) : 0;

			for (uint32_t i = 0; i < p->k; i++)
				sum += bf16_to_float(x[i]) * bf16_to_float(w[i]);
			*y = float_to_bf16(sum);
		}
	return SW_OK;
}

enum sw_status mark(struct device *device, unsigned i, struct sw_error *)
{
	of(device)->mark[i] = std::chrono::steady_clock::now();
	return SW_OK;
}

enum sw_status between_ms(struct device *device, unsigned from, unsigned to, double *ms,
			  struct sw_error *)
{
	const emulated *e = of(device);

	*ms = std::chrono::duration<double, std::milli>(e->mark[to] - e->mark[from]).count();
	return SW_OK;
}

enum sw_status synchronize(struct device *, struct sw_error *)
{
	return SW_OK;
}

enum sw_status no_graphs(struct sw_error *err)
{
	return sw_fail(err, SW_INFEASIBLE, "a CPU has no CUDA graphs");
}

enum sw_status graph_begin(struct device *, struct sw_error *err)
{
	return no_graphs(err);
}

enum sw_status graph_end(struct device *, void **, struct sw_error *err)
{
	return no_graphs(err);
}

enum sw_status graph_run(struct device *, void *, struct sw_error *err)
{
	return no_graphs(err);
}

void graph_free(struct device *, void *)
{
}

const struct device_operations operations = {
	close_device, allocate,    release,   allocate_host, release,
	copy,         copy,        multiply,  mark,          between_ms,
	synchronize,  graph_begin, graph_end, graph_run,     graph_free,
};
} // namespace

extern "C" enum sw_status device_open_emulated(struct device **out, struct sw_error *err)
{
	emulated *e = new (std::nothrow) emulated();

	*out = nullptr;
	if (!e)
		return sw_fail(err, SW_NO_MEMORY, "an emulated device");
	e->device.operations = &operations;
	std::strcpy(e->device.info.name, "CPU, thread by thread");
	e->device.info.sms = e->device.info.gpu_sms = emulated_sms;
	e->device.info.major = 8;
	*out = &e->device;
	return SW_OK;
}
