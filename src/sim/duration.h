/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file duration.h
 * How long a repetition must be for its requests to say something: README.md, "How long".
 */
#ifndef SLICEWISE_SIM_DURATION_H
#define SLICEWISE_SIM_DURATION_H

#include "sim/repetition.h"

/**
 * Long enough for 200 requests of every engine, within a minute and an hour. Traces play at least once to their end, and where
 * that is possible within two hours a whole even number of times. A closed loop's rate is found by simulating the mix's
 * beginning; *events is what that took.
 */
enum sw_status sw__simulate_duration(const struct sw__repetition_ask *ask, double *duration_s,
				     uint64_t *events, struct sw_error *err);

#endif
