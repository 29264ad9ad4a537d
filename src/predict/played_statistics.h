/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file played_statistics.h
 * What a played engine's requests say: latencies, and the chance in them.
 */
#ifndef SLICEWISE_PREDICT_PLAYED_STATISTICS_H
#define SLICEWISE_PREDICT_PLAYED_STATISTICS_H

#include "predict/played.h"
#include "predict/played_engine.h"

/** The relative standard error of a mean so far; NAN: of too few requests. */
double sw__played_chance(const struct sw__played_engine *engine, enum sw_metric metric);

/** Fill in ms, chance and chance_at; the engine's latencies are put in order. */
void sw__played_sum_up(struct sw__played_engine *engine, struct sw__played *out);

#endif
