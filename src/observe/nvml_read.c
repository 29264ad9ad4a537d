// SPDX-License-Identifier: Apache-2.0
/* What a device says about itself. Each question stands alone: one that is not supported leaves its own field unknown. */
#include <math.h>
#include <string.h>

#include "observe/nvml_library.h"
#include "observe/sample.h"

#define BYTES_PER_MIB 1048576.0
#define MW_PER_W      1000.0
#define PERCENT_MAX   100u

/* A reading in progress; `code` is the first answer that was an error other than "not supported", else the last error. */
struct reading {
	const struct sw__nvml_symbols *call;
	sw__nvml_device device;
	struct sw_device_sample *out;
	int code;
};

static bool answered(struct reading *r, int code)
{
	if (code == SW__NVML_SUCCESS)
		return true;
	if (r->code == SW__NVML_SUCCESS || r->code == SW__NVML_NOT_SUPPORTED ||
	    r->code == SW__NVML_FUNCTION_NOT_FOUND)
		r->code = code;
	return false;
}

/* Calls `function` where the driver has it. */
#define ASK(r, function, ...)                                                             \
	answered((r), (r)->call->function ? (r)->call->function((r)->device, __VA_ARGS__) \
					  : SW__NVML_FUNCTION_NOT_FOUND)

static void read_utilization(struct reading *r)
{
	struct sw__nvml_utilization found = {0};

	if (!ASK(r, utilization, &found))
		return;
	if (found.gpu <= PERCENT_MAX)
		sw__sample_set(r->out, SW_DEVICE_SM_PERCENT, found.gpu);
	if (found.memory <= PERCENT_MAX)
		sw__sample_set(r->out, SW_DEVICE_MEMORY_PERCENT, found.memory);
}

static void read_clocks(struct reading *r)
{
	unsigned mhz = 0;

	if (ASK(r, clock, SW__NVML_CLOCK_SM, &mhz))
		sw__sample_set(r->out, SW_DEVICE_SM_CLOCK, mhz);
	if (ASK(r, clock, SW__NVML_CLOCK_MEMORY, &mhz))
		sw__sample_set(r->out, SW_DEVICE_MEMORY_CLOCK, mhz);
	if (ASK(r, clock_reasons, &r->out->clock_reasons))
		r->out->known |= 1u << SW_DEVICE_CLOCK_REASONS;
}

static void read_power(struct reading *r)
{
	unsigned mw = 0;

	if (ASK(r, power_mw, &mw))
		sw__sample_set(r->out, SW_DEVICE_POWER, mw / MW_PER_W);
	if (ASK(r, power_limit_mw, &mw))
		sw__sample_set(r->out, SW_DEVICE_POWER_LIMIT, mw / MW_PER_W);
}

/* The older call is on NVIDIA's list for removal (CUDA 14), the newer is not yet in every driver. */
static void read_temperature(struct reading *r)
{
	struct sw__nvml_temperature found = {
		.version = SW__NVML_VERSION(struct sw__nvml_temperature, 1),
		.sensor = SW__NVML_TEMPERATURE_GPU,
	};
	unsigned celsius = 0;

	if (ASK(r, temperature_v, &found))
		sw__sample_set(r->out, SW_DEVICE_TEMPERATURE, found.temperature);
	else if (ASK(r, temperature, SW__NVML_TEMPERATURE_GPU, &celsius))
		sw__sample_set(r->out, SW_DEVICE_TEMPERATURE, celsius);
}

/* What the driver keeps for itself is part of `used` in the first version of this call; nvidia-smi shows the second. */
static void read_memory(struct reading *r)
{
	struct sw__nvml_memory_v2 found = {
		.version = SW__NVML_VERSION(struct sw__nvml_memory_v2, 2),
	};
	struct sw__nvml_memory older = {0};

	if (!ASK(r, memory_v2, &found)) {
		if (!ASK(r, memory, &older))
			return;
		found.used = older.used;
		found.total = older.total;
	}
	sw__sample_set(r->out, SW_DEVICE_MEMORY_USED, (double)found.used / BYTES_PER_MIB);
	sw__sample_set(r->out, SW_DEVICE_MEMORY_TOTAL, (double)found.total / BYTES_PER_MIB);
}

enum sw_status sw__nvml_read(void *self, void *handle, struct sw_device_sample *out,
			     struct sw_error *err)
{
	const struct sw_nvml *nvml = self;
	struct reading r = {&nvml->call, handle, out, SW__NVML_SUCCESS};
	char words[160];

	read_utilization(&r);
	read_clocks(&r);
	read_power(&r);
	read_temperature(&r);
	read_memory(&r);
	if (out->known)
		return SW_OK;
	return sw_fail(err, SW_IO, "the GPU tells nothing: %s",
		       sw__nvml_words(nvml, r.code, words, sizeof(words)));
}

/* NVML ends what fits with a NUL; an answer that was an error may have left anything. */
static void tidy(char *string, size_t capacity, bool known)
{
	string[known ? capacity - 1 : 0] = '\0';
}

static void identify_text(struct reading *r, struct sw_device_identity *out)
{
	struct sw__nvml_pci pci = {.bus = 0};

	tidy(out->name, sizeof(out->name), ASK(r, name, out->name, sizeof(out->name)));
	tidy(out->uuid, sizeof(out->uuid), ASK(r, uuid, out->uuid, sizeof(out->uuid)));
	if (ASK(r, pci, &pci))
		memcpy(out->pci_bus, pci.bus_id, sizeof(out->pci_bus));
	tidy(out->pci_bus, sizeof(out->pci_bus), true);
}

static void identify_shape(struct reading *r, struct sw_device_identity *out)
{
	struct sw__nvml_attributes attributes = {0};
	unsigned current = 0, pending = 0;

	if (ASK(r, mig_mode, &current, &pending))
		out->mig = current ? SW_MIG_ON : SW_MIG_OFF;
	if (ASK(r, attributes, &attributes))
		out->sms = attributes.sms;
}

enum sw_status sw__nvml_identify(void *self, void *handle, struct sw_device_identity *out,
				 struct sw_error *err)
{
	const struct sw_nvml *nvml = self;
	struct reading r = {&nvml->call, handle, NULL, SW__NVML_SUCCESS};
	char words[160];

	identify_text(&r, out);
	identify_shape(&r, out);
	memcpy(out->driver, nvml->driver, sizeof(out->driver));
	if (out->name[0] || out->uuid[0])
		return SW_OK;
	return sw_fail(err, SW_IO, "the GPU does not say what it is: %s",
		       sw__nvml_words(nvml, r.code, words, sizeof(words)));
}
