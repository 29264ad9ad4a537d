/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file capacity.h
 * How much of a workload one GPU carries alone, and workloads at another load.
 */
#ifndef SLICEWISE_COMPARE_CAPACITY_H
#define SLICEWISE_COMPARE_CAPACITY_H

#include "slicewise/compare.h"

/** The same load, but for how much: requests per second, or whole requests in flight (at least one). A trace is stretched. */
struct sw_load sw__load_of_amount(const struct sw_load *load, double amount);

/**
 * The largest amount that the strategy "exclusive" plans on one GPU of kind `fleet`, to a thousandth (of requests in flight: to
 * one); 0 where it plans none, however little. SW_NO_MEMORY only.
 */
enum sw_status sw__capacity_on(const sw_catalog *catalog, const struct sw_problem *problem,
			       size_t workload, size_t fleet, double *amount, struct sw_error *err);

/** Of each workload on the kind of GPU on which it costs least, by `threads` threads. Errors as above. */
enum sw_status sw__capacities(const sw_catalog *catalog, const struct sw_problem *problem,
			      unsigned threads, struct sw_compared_capacity *out,
			      struct sw_error *err);

#endif
