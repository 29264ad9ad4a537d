/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file at_once.h
 * How many requests an engine has at once: its own batch limit, or what the gateway in front of it lets in.
 *
 * Who waits in the gateway waits there as in the engine's queue, first come first served. Memory is the engine's as it was started,
 * so it follows from max_num_seqs alone.
 */
#ifndef SLICEWISE_CATALOG_AT_ONCE_H
#define SLICEWISE_CATALOG_AT_ONCE_H

#include "slicewise/types.h"

static inline unsigned sw__at_once(const struct sw_tenant *tenant)
{
	unsigned limit = tenant->max_in_flight, own = tenant->engine.max_num_seqs;

	return limit && limit < own ? limit : own;
}

#endif
