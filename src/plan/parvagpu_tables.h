/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file parvagpu_tables.h
 * Measured workloads as ParvaGPU plans them (SC'24): README-tables.md.
 */
#ifndef SLICEWISE_PLAN_PARVAGPU_TABLES_H
#define SLICEWISE_PLAN_PARVAGPU_TABLES_H

#include "slicewise/plan.h"

/**
 * Plan the tables of `problem` into `plan`, on new GPUs only: per workload as many engines of the slice with the best throughput per compute
 * slice as its rate fills, the smallest slice that serves the rest, then larger slices first, each to the GPU that it leaves least
 * of. SW_NO_MEMORY.
 */
enum sw_status sw__parvagpu_tables(const struct sw_problem *problem, struct sw_plan *plan,
				   struct sw_error *err);

#endif
