/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file chance.h
 * What random problems are drawn with.
 */
#ifndef SLICEWISE_BENCH_CHANCE_H
#define SLICEWISE_BENCH_CHANCE_H

#include "base/random.h"
#include "slicewise/catalog.h"

/** Even between low and high; even between their logarithms. */
double chance_between(struct sw__random *random, double low, double high);
double chance_log_between(struct sw__random *random, double low, double high);

/** A model of the catalogue with at most so many parameters. */
const char *chance_model(const sw_catalog *catalog, struct sw__random *random,
			 double parameters_max);

#endif
