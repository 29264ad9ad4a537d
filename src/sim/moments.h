/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file moments.h
 * Requests and timeline of a repetition as the public interface has them.
 */
#ifndef SLICEWISE_SIM_MOMENTS_H
#define SLICEWISE_SIM_MOMENTS_H

#include "sim/repetition.h"

/** Fill in requests of *out and, with `timeline`, moments; what was made before a failure is out's to release. SW_NO_MEMORY. */
enum sw_status sw__moments_of(const struct sw_mix *mix, const struct sw__repetition *repetition,
			      double duration_s, bool timeline, struct sw_simulated *out,
			      struct sw_error *err);

#endif
