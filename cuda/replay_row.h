/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replay_row.h
 * A tenant's latencies as a row of mixes (docs/formats/rows.md).
 */
#ifndef SLICEWISE_CUDA_REPLAY_ROW_H
#define SLICEWISE_CUDA_REPLAY_ROW_H

#include "replay_report.h"
#include "slicewise/predict.h"

struct replay_row {
	const char *experiment;
	unsigned repeat;
	const char *gpu, *mechanism; /* as a catalogue and a data set know them */
	const struct sw_tenant *tenant;
	double share;
	const struct replay_statistics *statistics;
	const struct replay_gpu *during;
};

/** The last columns of rows of both kinds, beyond the schema, and their cells with the comma before. */
#define REPLAY_GPU_COLUMNS "sm_clock_mhz,power_w,throttled_fraction"
void replay_add_gpu(FILE *out, const struct replay_gpu *gpu);

/** SW_IO where it cannot be written. */
enum sw_status replay_write_row_header(FILE *out, struct sw_error *err);
enum sw_status replay_write_row(FILE *out, const struct replay_row *row, struct sw_error *err);

#endif
