// SPDX-License-Identifier: Apache-2.0
#include "observe/nvml_library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USUAL_NAME "libnvidia-ml.so.1"

struct symbol_row {
	size_t offset; /* of the function pointer in struct sw__nvml_symbols */
	const char *names[2];
};

static const struct symbol_row symbol_rows[] = {
#define SYMBOL_ROW(member, result, parameters, newest, older) \
	{offsetof(struct sw__nvml_symbols, member), {newest, older}},
	SW__NVML_SYMBOL_LIST(SYMBOL_ROW)
#undef SYMBOL_ROW
};

static void find_symbol(void *library, const struct symbol_row *row, struct sw__nvml_symbols *call)
{
	void *found = NULL;

	for (size_t i = 0; i < 2 && !found && row->names[i]; i++)
		found = dlsym(library, row->names[i]);
	/* C has no conversion from an object pointer to a function pointer; POSIX promises equal representations. */
	memcpy((char *)call + row->offset, &found, sizeof(found));
}

/* Without these there is nothing to ask. */
static const char *missing_symbol(const struct sw__nvml_symbols *call)
{
	if (!call->init)
		return "nvmlInit_v2";
	if (!call->shutdown)
		return "nvmlShutdown";
	if (!call->count)
		return "nvmlDeviceGetCount_v2";
	if (!call->by_index)
		return "nvmlDeviceGetHandleByIndex_v2";
	return call->by_uuid ? NULL : "nvmlDeviceGetHandleByUUID";
}

enum sw_status sw__nvml_load(const char *path, struct sw_nvml *nvml, struct sw_error *err)
{
	const char *name = path ? path : USUAL_NAME, *missing, *why;

	nvml->library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (!nvml->library) {
		why = dlerror();
		return sw_fail(err, SW_IO, "no NVML, so no NVIDIA driver here: %s",
			       why ? why : name);
	}
	for (size_t i = 0; i < sizeof(symbol_rows) / sizeof(symbol_rows[0]); i++)
		find_symbol(nvml->library, &symbol_rows[i], &nvml->call);
	missing = missing_symbol(&nvml->call);
	if (missing) {
		sw__nvml_unload(nvml);
		return sw_fail(err, SW_IO, "%s is not NVML: it has no %s", name, missing);
	}
	return SW_OK;
}

void sw__nvml_unload(struct sw_nvml *nvml)
{
	if (nvml->library)
		(void)dlclose(nvml->library);
	nvml->library = NULL;
}

/*
 * NVIDIA changed the layout behind the name _v3 in driver 535.43, and took it back in 535.98 (XuehaiPan/nvitop, pull requests
 * 79 and 89). Doubt: "535" alone says
 * too little; then the minor version counts as 0.
 */
static size_t v3_stride(const char *driver)
{
	char *end;
	unsigned long major = strtoul(driver, &end, 10);
	unsigned long minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;

	return major == 535 && minor < 98 ? SW__NVML_PROCESS_535 : SW__NVML_PROCESS_V2;
}

struct list_versions {
	sw__nvml_processes *v3, *v2, *v1;
};

static sw__nvml_processes *choose(struct list_versions from, const char *driver, size_t *stride)
{
	if (from.v3) {
		*stride = v3_stride(driver);
		return from.v3;
	}
	*stride = from.v2 ? SW__NVML_PROCESS_V2 : SW__NVML_PROCESS_V1;
	return from.v2 ? from.v2 : from.v1;
}

void sw__nvml_choose_lists(struct sw_nvml *nvml)
{
	const struct sw__nvml_symbols *call = &nvml->call;
	struct list_versions compute = {call->compute_v3, call->compute_v2, call->compute_v1};
	struct list_versions mps = {call->mps_v3, call->mps_v2, call->mps_v1};

	nvml->compute = choose(compute, nvml->driver, &nvml->compute_stride);
	nvml->mps = choose(mps, nvml->driver, &nvml->mps_stride);
}

const char *sw__nvml_words(const struct sw_nvml *nvml, int code, char *out, size_t capacity)
{
	const char *words = nvml->call.error_string ? nvml->call.error_string(code) : NULL;

	(void)snprintf(out, capacity, "%s (%d)", words ? words : "NVML error", code);
	return out;
}
