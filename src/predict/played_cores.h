/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file played_cores.h
 * How fast engines compute that share CPU cores: README-host.md of src/step, "On shared cores".
 */
#ifndef SLICEWISE_PREDICT_PLAYED_CORES_H
#define SLICEWISE_PREDICT_PLAYED_CORES_H

#include "predict/played_engine.h"

/**
 * Cores' time as a fluid: `n` engines that want wanted[i] of a core each, on `cores` of them (INFINITY: enough), get got[i]: what they
 * want, or the level that fills the cores.
 */
void sw__fill_cores(const double *wanted, size_t n, double cores, double *got);

/**
 * Fills in the rates of all that compute: one thread each, at most its quota, and slower the less of a core it has, because what it
 * read is no longer in the caches. Whoever is at the last piece of a step answers, in threads that slept until then: schedulers let these go first.
 */
void sw__played_cores(struct sw__played_engine *engines, size_t n,
		      const struct sw__shared_values *shared);

#endif
