/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file emulate_on.h
 * Starting on a GPU of the caller's choice, for tests.
 */
#ifndef SLICEWISE_EMULATE_EMULATE_ON_H
#define SLICEWISE_EMULATE_EMULATE_ON_H

#include "emulate/pacer.h"
#include "slicewise/emulate.h"

/** sw_emulate_start() with another GPU. `ops` is borrowed. */
enum sw_status sw__emulate_start_on(const struct sw__gpu_ops *ops, const struct sw_mix *mix,
				    const struct sw_emulate_settings *settings, sw_emulation **out,
				    struct sw_error *err);

#endif
