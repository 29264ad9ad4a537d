/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file memory_addends.h
 * Each addend of an engine's memory but the KV cache, with the formula that a person can follow.
 */
#ifndef SLICEWISE_CATALOG_MEMORY_ADDENDS_H
#define SLICEWISE_CATALOG_MEMORY_ADDENDS_H

#include "slicewise/catalog.h"

/** Fill `addends` (SW_MEMORY_ADDENDS_MAX long) for a resolved engine, all but `how`; how many there are. */
size_t sw__memory_addends(const struct sw_model *model, const struct sw_engine *engine,
			  struct sw_memory_addend *addends);

/** The text of each of these, which takes longer than all of the arithmetic. */
void sw__memory_addends_say(const struct sw_model *model, const struct sw_engine *engine,
			    struct sw_memory_addend *addends, size_t n);

/** sw_memory_fit() for those who do not read how addends come about: `how` is empty. */
enum sw_status sw__memory_fit(const struct sw_gpu *gpu, const struct sw_model *model,
			      const struct sw_engine *engine, const struct sw_slice *slice,
			      struct sw_memory_fit *out, struct sw_error *err);

#endif
