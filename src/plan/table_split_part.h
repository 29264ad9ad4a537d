/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file table_split_part.h
 * The language models of a problem that has measured tables, as a problem by itself.
 */
#ifndef SLICEWISE_PLAN_TABLE_SPLIT_PART_H
#define SLICEWISE_PLAN_TABLE_SPLIT_PART_H

#include "plan/oracle.h"

struct sw__model_part {
	const struct sw_problem *whole;
	struct sw_problem problem; /* its workloads are copies that own nothing */
	size_t *workload; /* of each: the index in the whole */
	const struct sw__oracle *oracle; /* of the whole */
	struct sw__oracle asked; /* the same, asked about workloads by their number in the part */
};

/** *out stays where it is; `whole` and `oracle` must outlive it. sw__model_part_close() also after a failure. SW_NO_MEMORY. */
enum sw_status sw__model_part_open(const struct sw_problem *whole, const struct sw__oracle *oracle,
				   struct sw__model_part *out, struct sw_error *err);
void sw__model_part_close(struct sw__model_part *part);

/** A plan without GPUs, of a part without workloads. SW_NO_MEMORY. */
enum sw_status sw__model_part_nothing(struct sw_plan **out, struct sw_error *err);

/** Make a plan of the part one of the whole, in which no table has a place yet. Its reasons go. SW_NO_MEMORY. */
enum sw_status sw__model_part_widen(const struct sw__model_part *part, struct sw_plan *plan,
				    struct sw_error *err);

#endif
