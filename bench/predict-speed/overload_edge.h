/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file overload_edge.h
 * How close to overload tables and sw_predict() still agree on who is overloaded.
 */
#ifndef SLICEWISE_BENCH_OVERLOAD_EDGE_H
#define SLICEWISE_BENCH_OVERLOAD_EDGE_H

#include "common/figures.h"
#include "slicewise/predict.h"

/**
 * A section: the rates of `mixes` random mixes under every mechanism are raised together until the first engine is
 * overloaded, and asked for a little below and a little above that.
 */
enum sw_status overload_edge_section(const sw_catalog *catalog, unsigned mixes,
				     struct figures *figures, struct sw_error *err);

#endif
