/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file speed_section.h
 * Time of many predictions: from tables, by sw_predict(), and of boosted trees.
 */
#ifndef SLICEWISE_BENCH_SPEED_SECTION_H
#define SLICEWISE_BENCH_SPEED_SECTION_H

#include "common/figures.h"
#include "slicewise/predict.h"

enum sw_status speed_section(const sw_catalog *catalog, struct figures *figures,
			     struct sw_error *err);

#endif
