/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file nvml_fixture.h
 * The pretended NVML of tests/observe, opened as the real one is, and its levers.
 */
#ifndef SLICEWISE_OBSERVE_NVML_FIXTURE_H
#define SLICEWISE_OBSERVE_NVML_FIXTURE_H

#include <dlfcn.h>
#include <string.h>

#include "check.h"
#include "fake_nvml.h"
#include "slicewise/observe.h"

#define FAKE_NOW   SW_FAKES_DIR "/fake_nvml.so"
#define FAKE_OLD   SW_FAKES_DIR "/fake_nvml_old.so"
#define FAKE_OTHER SW_FAKES_DIR "/fake_other.so"

struct nvml_fixture {
	void *library;
	struct fake_nvml *fake, before;
	sw_nvml *nvml;
	struct sw_device device;
	struct sw_error err;
};

/* The levers, before anything is open. Without a library there are levers that move nothing. */
static inline struct nvml_fixture fixture_load(const char *path)
{
	static struct fake_nvml loose;
	struct nvml_fixture f = {.library = dlopen(path, RTLD_NOW | RTLD_LOCAL), .fake = &loose};
	void *found = f.library ? dlsym(f.library, "fake_nvml") : NULL;

	if (CHECK(found))
		f.fake = found;
	f.before = *f.fake;
	return f;
}

static inline bool fixture_open(struct nvml_fixture *f, const char *path)
{
	return CHECK(sw_nvml_open(path, &f->nvml, &f->err) == SW_OK) &&
	       CHECK(sw_nvml_device(f->nvml, "0", &f->device, &f->err) == SW_OK);
}

static inline void fixture_close(struct nvml_fixture *f)
{
	sw_nvml_close(f->nvml);
	CHECK_INT(f->fake->running, 0);
	*f->fake = f->before;
	if (f->library)
		(void)dlclose(f->library);
}

#endif
