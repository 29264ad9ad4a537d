/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file runs_made.h
 * Runs out of what rows say: names, and what they leave open.
 */
#ifndef SLICEWISE_DATASET_RUNS_MADE_H
#define SLICEWISE_DATASET_RUNS_MADE_H

#include "slicewise/dataset.h"

/** A run (zeroed before) of `n` copied tenants with nothing measured. SW_NO_MEMORY only; the run is to be cleared in any case. */
enum sw_status sw__run_make(const struct sw_gpu *gpu, enum sw_mechanism mechanism,
			    const struct sw_tenant *tenants, size_t n, struct sw_run *run,
			    struct sw_error *err);

/** Fill in what its mix leaves open: names, memory, settings. SW_BAD_INPUT: a setting that cannot be. */
enum sw_status sw__run_settle(struct sw_run *run, struct sw_error *err);

/**
 * Give every run a key of its own: of engines that had a GPU each and share experiment and repeat, the second becomes
 * EXPERIMENT/2 and so on. SW_BAD_INPUT: others that share them. `runs` are sorted and stay so; `name` is the file's.
 */
enum sw_status sw__runs_tell_apart(struct sw_runs *runs, const char *name, struct sw_error *err);

#endif
