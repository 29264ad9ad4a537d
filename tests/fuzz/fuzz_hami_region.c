// SPDX-License-Identifier: Apache-2.0
/* The input lies over the parts of a region of either size that are read; the rest is zeros, or no input would be large enough. */
#include <string.h>

#include "fuzz_file.h"
#include "sharing/hami_region.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SIZES = 5, TAIL = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t sizes[SIZES] = {1197896, 1197897, 2008953, 2008985, 2008984};
	static unsigned char region[2008985];
	struct sw_error err = {SW_OK, ""};
	struct sw__hami_region out;
	size_t whole, head, tail;

	if (!size)
		return 0;
	whole = sizes[data[0] % SIZES];
	tail = size > TAIL ? TAIL : 0;
	head = size - tail > 65536 ? 65536 : size - tail;
	memset(region, 0, sizeof(region));
	memcpy(region, data, head);
	memcpy(region + whole - tail, data + size - tail, tail);
	region[0] = 0x4e; /* the magic: else nothing more is looked at */
	region[1] = 0xf7;
	region[2] = 0x2f;
	region[3] = 0x01;
	if (sw__hami_region_parse(region, whole, "fuzz", &out, &err) != SW_OK) {
		if (!err.message[0])
			abort();
		return 0;
	}
	if (out.n_devices > SW__HAMI_DEVICES_MAX || out.n_processes > SW__HAMI_PROCESSES_MAX)
		abort();
	for (size_t d = 0; d < out.n_devices; d++) {
		if (out.devices[d].sm_limit_percent > 100 || out.devices[d].sm_util_percent > 100)
			abort();
	}
	return 0;
}
