/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file memory_addends.h
 * Each addend of an engine's memory but the KV cache, with the formula that a person can follow.
 */
#ifndef SLICEWISE_CATALOG_MEMORY_ADDENDS_H
#define SLICEWISE_CATALOG_MEMORY_ADDENDS_H

#include "slicewise/catalog.h"

/** Fill `addends` (SW_MEMORY_ADDENDS_MAX long) for a resolved engine; how many there are. */
size_t sw__memory_addends(const struct sw_model *model, const struct sw_engine *engine,
			  struct sw_memory_addend *addends);

#endif
