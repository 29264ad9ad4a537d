/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file demand.h
 * What a workload's requests ask of the KV cache.
 */
#ifndef SLICEWISE_PLAN_DEMAND_H
#define SLICEWISE_PLAN_DEMAND_H

#include "slicewise/plan.h"

struct sw__demand {
	double resident_mean; /* tokens that a running sequence holds, seen at a random time */
	double resident_sd;
	double longest; /* tokens of a request that hardly any exceeds: 1 in a thousand, or the longest of a trace */
};

/** SW_NO_MEMORY, or SW_BAD_INPUT where lengths are impossible. */
enum sw_status sw__demand_of(const struct sw_load *load, struct sw__demand *out,
			     struct sw_error *err);

/** KV tokens that `sequences` running ones hold in all but 1 of 100 moments. */
double sw__demand_tokens(const struct sw__demand *demand, double sequences);

/** The max_model_len for it: in steps of 1024, at least 2048, at most the model's own. */
unsigned sw__demand_model_len(const struct sw__demand *demand, const struct sw_model *model);

#endif
