/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file table_rows.h
 * What a measured table says of a slice of a GPU: README-tables.md.
 */
#ifndef SLICEWISE_PLAN_TABLE_ROWS_H
#define SLICEWISE_PLAN_TABLE_ROWS_H

#include "slicewise/plan.h"

/** A request waits for the batch in progress, then for its own; the last tenth of the limit stays for everything else. */
#define SW__TABLE_BATCHES 2.0
#define SW__TABLE_PART    0.9

/** Shares are written rounded: 0.14 is a seventh. */
#define SW__TABLE_SHARE_ROUNDING 0.005

/** Whether every request of a batch like this is answered within the workload's limit. */
bool sw__row_is_in_time(const struct sw_workload *workload, const struct sw_table_row *row);

/**
 * The row that serves the most on a slice of `share` and `memory_gib`: measured on no larger share, in time, and within the memory
 * where it says how much it takes. Of equal ones the one with the lowest latency, then the first. NULL: there is none.
 */
const struct sw_table_row *sw__row_best(const struct sw_workload *workload, double share,
					double memory_gib);

/**
 * What an engine serves that runs with `batch` and `processes` on such a slice: of the rows with these the one that serves the most, as
 * sw__row_best(). NULL: none, or none in time; *known then tells whether the table has them at all.
 */
const struct sw_table_row *sw__row_as_run(const struct sw_workload *workload, double share,
					  double memory_gib, unsigned batch, unsigned processes,
					  bool *known);

/** How fast `rate` requests per second are answered by an engine like `row`; TTFT stands for the whole answer. */
struct sw_prediction sw__row_predict(const struct sw_table_row *row, double rate);

#endif
