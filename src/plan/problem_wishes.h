/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file problem_wishes.h
 * What a workloads file says of where engines may be and what they must bear, and what of that contradicts itself.
 */
#ifndef SLICEWISE_PLAN_PROBLEM_WISHES_H
#define SLICEWISE_PLAN_PROBLEM_WISHES_H

#include "formats/document.h"
#include "slicewise/plan.h"

/** Growth of a load beyond this is a slip. */
#define SW__ROOM_MAX     100
#define SW__WINDOW_MAX_S 86400

extern const char *const sw__routers[];

/** Rows of a table that fills a struct sw_workload: of one workload, or of the whole file for all. */
#define SW__WISH_FIELDS                                                                \
	{.key = "survive",                                                             \
	 .type = SW_FIELD_CALL,                                                        \
	 .read = sw__read_survive,                                                     \
	 .null_is_absent = true},                                                      \
		{.key = "room",                                                        \
		 .type = SW_FIELD_NUMBER,                                              \
		 .offset = offsetof(struct sw_workload, room),                         \
		 .max = SW__ROOM_MAX,                                                  \
		 .unit = "growth of the load; 0.1: a tenth"},                          \
		{.key = "window_s",                                                    \
		 .type = SW_FIELD_NUMBER,                                              \
		 .offset = offsetof(struct sw_workload, window_s),                     \
		 .max = SW__WINDOW_MAX_S,                                              \
		 .unit = "seconds; 0: limits hold over all time"},                     \
	{                                                                              \
		.key = "router", .type = SW_FIELD_CHOICE,                              \
		.offset = offsetof(struct sw_workload, router), .choices = sw__routers \
	}

/* Readers for tables of fields; `into` is the struct sw_workload. */
enum sw_status sw__read_survive(const struct sw_node *node, void *workload, void *source,
				struct sw_error *err);
enum sw_status sw__read_gpus(const struct sw_node *node, void *workload, void *source,
			     struct sw_error *err);

/** Refuse GPUs that the fleet does not have; `node` is the workload. */
enum sw_status sw__check_gpus(const struct sw_node *node, const struct sw_problem *problem,
			      const struct sw_workload *workload, struct sw_error *err);

/** Refuse what no plan could hold, whatever the latencies; `node` is the workload, and the fleet is read. */
enum sw_status sw__check_wishes(const struct sw_node *node, const struct sw_problem *problem,
				const struct sw_workload *workload, struct sw_error *err);

/** Read `not_with` of all workloads, when their names are known; who is named has the other one in its list too. */
enum sw_status sw__read_not_with(const struct sw_node *list, struct sw_problem *problem,
				 struct sw_error *err);

#endif
