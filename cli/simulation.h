/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file simulation.h
 * The simulated GPUs of a mix or a plan file, and how they are shown.
 */
#ifndef SLICEWISE_CLI_SIMULATION_H
#define SLICEWISE_CLI_SIMULATION_H

#include <stdio.h>

#include "slicewise/slicewise.h"
#include "style.h"

struct simulated_gpu {
	const struct sw_planned_gpu *gpu;
	uint64_t seed;
	struct sw_simulated *simulated;
	struct sw_prediction *predictions; /* the same, as predict has it, for each engine */
};

struct simulation {
	const struct sw_plan_mixes *plan;
	struct sw_simulate_settings settings;
	size_t n; /* GPUs so far */
	struct simulated_gpu *gpus;
};

/** Add a simulated GPU; `simulated` is given away. `gpus` has room. */
void simulation_add(struct simulation *simulation, const struct sw_planned_gpu *gpu, uint64_t seed,
		    struct sw_simulated *simulated);
void simulation_free(struct simulation *simulation);

/** What became of a workload of a plan: its replicas together. */
struct workload_figures {
	double requests_per_s, output_tokens_per_s;
	double late_fraction, excess_late; /* NAN without limits, or without replicas */
	bool overload; /* any of its replicas */
};

struct workload_figures simulation_workload(const struct simulation *simulation, size_t workload);

/** Whether an engine's limits are held: no window has more late requests than they allow. */
bool simulated_holds(const struct sw_slo *slo, const struct sw_simulated_tenant *tenant);

void simulation_print(const struct simulation *simulation, const struct style *style, FILE *out);
void simulation_json(const struct simulation *simulation, FILE *out);
void simulation_csv(const struct simulation *simulation, FILE *out);

/** Every request of each GPU's first repetition, and its moments, as CSV into a file. SW_IO. */
enum sw_status simulation_save_requests(const struct simulation *simulation, const char *path,
					struct sw_error *err);
enum sw_status simulation_save_timeline(const struct simulation *simulation, const char *path,
					struct sw_error *err);

#endif
