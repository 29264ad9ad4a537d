/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file parvagpu_scenario.h
 * ParvaGPU's published measurements and scenarios, as they are in its files.
 */
#ifndef SLICEWISE_BENCH_PARVAGPU_SCENARIO_H
#define SLICEWISE_BENCH_PARVAGPU_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>

enum { PARVAGPU_MODELS = 11, PARVAGPU_SCENARIOS = 6, PARVAGPU_ROWS_MAX = 400 };

/** A slice of so many sevenths, a batch, so many processes. */
struct parvagpu_row {
	unsigned slices, batch, processes;
	double throughput; /* requests per second, of all processes */
	double latency_ms;
};

struct parvagpu_model {
	const char *name;
	size_t n;
	struct parvagpu_row rows[PARVAGPU_ROWS_MAX]; /* those that ran: zeros are out of memory */
};

struct parvagpu_data {
	struct parvagpu_model model[PARVAGPU_MODELS];
	double limit_ms[PARVAGPU_SCENARIOS][PARVAGPU_MODELS]; /* NAN: not in the scenario */
	double rate[PARVAGPU_SCENARIOS][PARVAGPU_MODELS];
};

/** From `folder` (prof_data, SLO). False: a file is not there or not as expected, and stderr says which. */
bool parvagpu_read(const char *folder, struct parvagpu_data *out);

/** Write the models' tables into `folder`, and scenario s as a workloads file named in `path`. False: as above. */
bool parvagpu_write_tables(const struct parvagpu_data *data, const char *folder);
bool parvagpu_write_problem(const struct parvagpu_data *data, int s, const char *folder, char *path,
			    size_t size);

/** GPUs if every model had its best row per slice and slices were water. */
double parvagpu_fraction(const struct parvagpu_data *data, int s);

#endif
