/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file region_share.h
 * An engine's shared region as HAMi keeps it: where it lies, what it begins with, what its limit means as a share.
 */
#ifndef SLICEWISE_EMULATE_REGION_SHARE_H
#define SLICEWISE_EMULATE_REGION_SHARE_H

#include <stdint.h>

#include "base/text.h"
#include "slicewise/types.h"

/**
 * DIR/emulate_NAME/NAME.cache, in place of HAMi's containers/<pod>_<container>/<uuid>.cache; characters of the name that file names or
 * HAMi's monitor give a meaning to become '-'.
 */
void sw__region_path(struct sw_text *out, const char *folder, const char *name);

/**
 * Have a region at `path` with its folder: a good one that is there stays as it is, as HAMi's does when a container starts
 * again; else one is made with the tenant's share and memory. `seed` gives the GPU its UUID. SW_IO, SW_BAD_INPUT: a file that is
 * no region of one device.
 */
enum sw_status sw__region_ensure(const char *path, const struct sw_tenant *tenant, uint64_t seed,
				 struct sw_error *err);

/** The share that the region's sm_limit stands for: 0 and 100 mean all. */
enum sw_status sw__region_share(const char *path, double *out, struct sw_error *err);

#endif
