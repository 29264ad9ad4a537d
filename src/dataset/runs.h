/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file runs.h
 * Lists of runs while they are made.
 */
#ifndef SLICEWISE_DATASET_RUNS_H
#define SLICEWISE_DATASET_RUNS_H

#include "slicewise/dataset.h"

/** A measurement that says nothing. */
struct sw_measured sw__measured_nothing(void);

/** Append `run`, which becomes the list's whether or not there is memory for it. SW_NO_MEMORY only. */
enum sw_status sw__runs_add(struct sw_runs *runs, struct sw_run *run, struct sw_error *err);

/** Release what one run holds and make it empty. */
void sw__dataset_run_clear(struct sw_run *run);

/** Into the order of experiment and repeat; equals keep theirs. SW_NO_MEMORY: unchanged. */
enum sw_status sw__runs_sort(struct sw_runs *runs, struct sw_error *err);

/** The source that files call `id`; false: none. */
bool sw__source_of(const char *id, enum sw_source *out);

/**
 * The measured numbers by the names that CSV and SQL have for them, in one order: sw__measured_names[i] stands for
 * *sw__measured_at(measured, i).
 */
enum { SW__MEASURED = SW_METRIC_COUNT * SW_STATISTIC_COUNT + 7 };
extern const char *const sw__measured_names[SW__MEASURED];
double *sw__measured_at(struct sw_measured *measured, size_t i);

#endif
