/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file nvml_library.h
 * The open NVML: its functions, how its process lists are laid out, its errors in words.
 */
#ifndef SLICEWISE_OBSERVE_NVML_LIBRARY_H
#define SLICEWISE_OBSERVE_NVML_LIBRARY_H

#include "base/error.h"
#include "observe/nvml_abi.h"
#include "slicewise/observe.h"

struct sw_nvml {
	void *library; /* of dlopen() */
	struct sw__nvml_symbols call;
	char driver[80]; /* "" where unknown */
	sw__nvml_processes *compute, *mps; /* NULL: this driver has no such list */
	size_t compute_stride, mps_stride; /* bytes from one process to the next */
};

/** Fill `library` and `call`. SW_IO with a sentence where there is no NVML behind `path`; then nothing is held. */
enum sw_status sw__nvml_load(const char *path, struct sw_nvml *nvml, struct sw_error *err);
void sw__nvml_unload(struct sw_nvml *nvml);

/** Choose the process lists among the functions there are, by the driver's version. */
void sw__nvml_choose_lists(struct sw_nvml *nvml);

/** "Not Supported (3)" into `out`; returns it. */
const char *sw__nvml_words(const struct sw_nvml *nvml, int code, char *out, size_t capacity);

/** The operations of a device that NVML knows; `self` is a struct sw_nvml. */
enum sw_status sw__nvml_identify(void *self, void *handle, struct sw_device_identity *out,
				 struct sw_error *err);
enum sw_status sw__nvml_read(void *self, void *handle, struct sw_device_sample *out,
			     struct sw_error *err);
enum sw_status sw__nvml_list(void *self, void *handle, struct sw_device_process *out,
			     size_t capacity, size_t *n, struct sw_error *err);

#endif
