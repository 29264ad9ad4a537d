/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file parvagpu.h
 * The strategy `parvagpu` for language models (SC'24): MIG slices by throughput, best-fit packing. README-tables.md says what was adapted.
 */
#ifndef SLICEWISE_PLAN_PARVAGPU_H
#define SLICEWISE_PLAN_PARVAGPU_H

#include "plan/strategies.h"

/**
 * Plan on MIG GPUs of one kind, the cheapest that serves the most: every workload divided so that it takes the fewest compute slices
 * in all, larger engines first, each to the GPU that it leaves least of. Without MIG nothing is placed.
 */
enum sw_status sw__strategy_parvagpu(struct sw__planning *planning, struct sw__state *out,
				     struct sw_error *err);

#endif
