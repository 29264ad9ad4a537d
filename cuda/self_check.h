/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file self_check.h
 * Whether a device computes a transformer: small models through scheduler, paged cache and kernels, every sampled logit beside the
 * plain reference. Runs before anything is timed.
 */
#ifndef SLICEWISE_CUDA_SELF_CHECK_H
#define SLICEWISE_CUDA_SELF_CHECK_H

#include "device.h"

struct self_check_result {
	double worst; /* largest relative error of a sample's logits: |device - reference| / |reference| */
	unsigned samples; /* compared */
	unsigned preemptions; /* met on the way: contexts that were computed anew */
};

/** Error that bf16 may make; beyond it a device or a kernel is wrong. */
#define SELF_CHECK_TOLERANCE 2e-2

/** SW_OK: *result is filled in, whatever the error is. `graphs`: steps of decodes run from CUDA graphs. */
enum sw_status self_check(struct device *device, bool graphs, struct self_check_result *result,
			  struct sw_error *err);

/** The check kernel by kernel and, `with_graphs`, from graphs. SW_INTERNAL: a sample is further off than SELF_CHECK_TOLERANCE, so that
 * nothing this device measures could be trusted. */
enum sw_status self_check_passes(struct device *device, bool with_graphs, struct sw_error *err);

#endif
