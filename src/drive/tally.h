/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tally.h
 * From requests to distributions, counts and rates.
 */
#ifndef SLICEWISE_DRIVE_TALLY_H
#define SLICEWISE_DRIVE_TALLY_H

#include <stdint.h>

#include "drive/answer.h"
#include "math/log_histogram.h"
#include "slicewise/drive.h"

/** Fill the latencies and lengths of a request from its answer; due and sent in ns. Those that are not ok have none. */
void sw__tally_answer(struct sw_drive_request *request, const struct sw__answer *answer,
		      uint64_t due_ns);

/** Whether a request breaks a limit or failed; false without limits. */
bool sw__tally_is_late(const struct sw_drive_request *request, double ttft_limit_ms,
		       double tpot_limit_ms);

/** Mean, percentiles (interpolated) and largest of the known among `n` values, which are sorted. */
struct sw_drive_summary sw__tally_summary(double *values, size_t n);

/** result->summary and the other sums from result->requests. SW_NO_MEMORY. */
enum sw_status sw__tally(struct sw_drive_result *result, const struct sw__histogram *gaps,
			 struct sw_error *err);

#endif
