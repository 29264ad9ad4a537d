// SPDX-License-Identifier: Apache-2.0
/* Opening NVML and finding devices in it. */
#include <stdlib.h>
#include <string.h>

#include "observe/nvml_library.h"

static const struct sw_device_ops nvml_ops = {sw__nvml_identify, sw__nvml_read, sw__nvml_list};

static enum sw_status fail_with(const sw_nvml *nvml, int code, const char *what,
				struct sw_error *err)
{
	char words[160];

	return sw_fail(err, SW_IO, "%s: %s", what,
		       sw__nvml_words(nvml, code, words, sizeof(words)));
}

static enum sw_status initialise(sw_nvml *nvml, struct sw_error *err)
{
	int code = nvml->call.init();

	if (code != SW__NVML_SUCCESS)
		return fail_with(nvml, code, "NVML does not start", err);
	if (nvml->call.driver_version &&
	    nvml->call.driver_version(nvml->driver, sizeof(nvml->driver)) != SW__NVML_SUCCESS)
		nvml->driver[0] = '\0';
	nvml->driver[sizeof(nvml->driver) - 1] = '\0';
	sw__nvml_choose_lists(nvml);
	return SW_OK;
}

enum sw_status sw_nvml_open(const char *path, sw_nvml **out, struct sw_error *err)
{
	sw_nvml *nvml = calloc(1, sizeof(*nvml));
	enum sw_status st;

	*out = NULL;
	if (!nvml)
		return sw_fail(err, SW_NO_MEMORY, "NVML");
	st = sw__nvml_load(path, nvml, err);
	if (st != SW_OK)
		goto done;
	st = initialise(nvml, err);
	if (st != SW_OK)
		goto done;
	*out = nvml;
	nvml = NULL;
done:
	if (nvml)
		sw__nvml_unload(nvml);
	free(nvml);
	return st;
}

void sw_nvml_close(sw_nvml *nvml)
{
	if (!nvml)
		return;
	(void)nvml->call.shutdown();
	sw__nvml_unload(nvml);
	free(nvml);
}

enum sw_status sw_nvml_count(const sw_nvml *nvml, unsigned *out, struct sw_error *err)
{
	int code;

	*out = 0;
	code = nvml->call.count(out);
	return code == SW__NVML_SUCCESS ? SW_OK
					: fail_with(nvml, code, "devices cannot be counted", err);
}

/* A number of at most six digits; false: a name. */
static bool is_index(const char *which, unsigned *index)
{
	size_t digits = strspn(which, "0123456789");

	*index = 0;
	if (digits == 0 || digits > 6 || which[digits] != '\0')
		return false;
	for (size_t i = 0; i < digits; i++)
		*index = *index * 10 + (unsigned)(which[i] - '0');
	return true;
}

static enum sw_status by_index(const sw_nvml *nvml, unsigned index, void **handle,
			       struct sw_error *err)
{
	unsigned count;
	enum sw_status st = sw_nvml_count(nvml, &count, err);
	int code;

	if (st != SW_OK)
		return st;
	if (index >= count)
		return sw_fail(err, SW_BAD_INPUT, "there is no GPU %u; the driver shows %u", index,
			       count);
	code = nvml->call.by_index(index, handle);
	return code == SW__NVML_SUCCESS ? SW_OK : fail_with(nvml, code, "the GPU is refused", err);
}

static enum sw_status by_uuid(const sw_nvml *nvml, const char *uuid, void **handle,
			      struct sw_error *err)
{
	int code = nvml->call.by_uuid(uuid, handle);

	if (code == SW__NVML_NOT_FOUND || code == SW__NVML_INVALID_ARGUMENT)
		return sw_fail(err, SW_BAD_INPUT,
			       "there is no GPU \"%.96s\"; expected an index or a UUID", uuid);
	return code == SW__NVML_SUCCESS ? SW_OK : fail_with(nvml, code, "the GPU is refused", err);
}

enum sw_status sw_nvml_device(sw_nvml *nvml, const char *which, struct sw_device *out,
			      struct sw_error *err)
{
	void *handle = NULL;
	unsigned index;
	enum sw_status st = is_index(which, &index) ? by_index(nvml, index, &handle, err)
						    : by_uuid(nvml, which, &handle, err);

	*out = (struct sw_device){0};
	if (st == SW_OK)
		*out = (struct sw_device){&nvml_ops, nvml, handle};
	return st;
}
