/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file table_fixture.h
 * For tests: problems of measured tables in memory, on GPUs with the placements of an A100.
 */
#ifndef SLICEWISE_PLAN_TABLE_FIXTURE_H
#define SLICEWISE_PLAN_TABLE_FIXTURE_H

#include "check.h"
#include "plan/fake_oracle.h"

enum { TABLE_ROWS = 16 };

static struct sw_table fake_tables[FAKE_WORKLOADS];
static struct sw_table_row fake_rows[FAKE_WORKLOADS][TABLE_ROWS];
static char fake_path[] = "t.csv";

/** 1g, 2g, 3g, 4g and 7g of an A100 with 40 GiB. */
static inline struct sw_fleet_entry *fake_add_mig(double price)
{
	static const struct sw_mig_profile profiles[] = {
		{"1g", 1, 1, 5, 14, 7, 0x7f},    {"2g", 2, 2, 10, 28, 3, 0x15},
		{"3g", 3, 4, 20, 42, 2, 0x11},   {"4g", 4, 4, 20, 56, 1, 0x01},
		{"7g", 7, 8, 39.5, 98, 1, 0x01},
	};
	struct sw_fleet_entry *entry = fake_add_gpu(SW_MIG, 98, 40, 1, price);

	entry->gpu.mig_compute_slices = 7;
	entry->gpu.mig_memory_slices = 8;
	entry->gpu.n_mig = sizeof(profiles) / sizeof(profiles[0]);
	memcpy(entry->gpu.mig, profiles, sizeof(profiles));
	return entry;
}

/** A workload whose table has a row of 10 ms at each of the sevenths for which throughput is above 0. */
static inline struct sw_workload *fake_add_table(double rate, const double *throughput)
{
	static const unsigned sevenths[] = {1, 2, 3, 4, 7};
	size_t w = fake_problem.n_workloads;
	struct sw_workload *asked = fake_add_workload((struct fake_workload){0}, rate, NAN);
	struct sw_table *table = &fake_tables[w];

	*table = (struct sw_table){.path = fake_path, .rows = fake_rows[w]};
	for (size_t i = 0; i < sizeof(sevenths) / sizeof(sevenths[0]); i++)
		if (throughput[i] > 0)
			table->rows[table->n++] = (struct sw_table_row){
				.batch = 4,
				.processes = 1,
				.share = sevenths[i] / 7.0,
				.latency_ms = 10,
				.throughput = throughput[i],
				.memory_gib = NAN,
			};
	asked->table = table;
	asked->latency_ms = 100;
	return asked;
}

#endif
