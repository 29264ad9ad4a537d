/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mix_rows.h
 * Rows of mixes: one row per engine, the rows of one experiment together are the engines of one GPU.
 *
 *     struct sw__mix_rows rows;
 *     st = sw__mix_rows_begin(&context, csv, &rows, err);
 *     while (st == SW_OK && sw__mix_rows_left(&rows))
 *             st = sw__mix_rows_next(&rows, &experiment, err);
 *     sw__mix_rows_end(&rows);
 */
#ifndef SLICEWISE_DATASET_MIX_ROWS_H
#define SLICEWISE_DATASET_MIX_ROWS_H

#include "dataset/row_cells.h"
#include "predict/tenant_read.h"
#include "slicewise/predict.h"

/** The columns without which rows are none of mixes. */
#define SW__MIX_COLUMNS                                                              \
	{                                                                            \
		"experiment", "gpu", "mechanism", "model", "share", "prompt_tokens", \
			"output_tokens"                                              \
	}

/** Columns that are read, but for the settings of engines and the limits. */
enum sw__mix_column {
	SW__EXPERIMENT,
	SW__GPU,
	SW__MECHANISM,
	SW__MODEL,
	SW__SHARE,
	SW__PROMPT,
	SW__OUTPUT,
	SW__MIX_NEEDED,
	SW__REPEAT = SW__MIX_NEEDED,
	SW__TENANT,
	SW__MEMORY,
	SW__RATE,
	SW__CONCURRENCY,
	SW__PROMPT_P95,
	SW__OUTPUT_P95,
	SW__HIT_RATIO,
	SW__BURSTINESS,
	SW__TRACE,
	SW__START,
	SW__MIX_COLUMNS_READ
};

struct sw__mix_rows {
	struct sw__row_context *context;
	const struct sw_csv *csv;
	size_t at[SW__MIX_COLUMNS_READ]; /* SIZE_MAX: no such column */
	size_t engine_at[SW__ENGINE_FIELDS], slo_at[SW__SLO_FIELDS];
	struct sw__mix_place *sorted;
	size_t next; /* of `sorted` */
};

/** Engines that ran together, as their rows have them: memory and settings that rows leave open are not filled in. */
struct sw__experiment {
	size_t n;
	size_t rows[SW_TENANTS_MAX]; /* in file order */
	struct sw__row_gpu *gpu; /* until the next experiment is read */
	enum sw_mechanism mechanism;
	struct sw_tenant tenants[SW_TENANTS_MAX]; /* names as in the file, "" where it has none */
	struct sw__source
		source; /* of the traces of the loads, until sw__experiment_clear() or they are taken over */
};

/** Sort the rows of `csv` by experiment and repeat. SW_NO_MEMORY only. */
enum sw_status sw__mix_rows_begin(struct sw__row_context *context, const struct sw_csv *csv,
				  struct sw__mix_rows *out, struct sw_error *err);

bool sw__mix_rows_left(const struct sw__mix_rows *rows);

/** The next experiment, sw__experiment_clear() it in any case. SW_BAD_INPUT names file, line and column. */
enum sw_status sw__mix_rows_next(struct sw__mix_rows *rows, struct sw__experiment *out,
				 struct sw_error *err);

void sw__mix_rows_end(struct sw__mix_rows *rows);
void sw__experiment_clear(struct sw__experiment *experiment);

/** A cell; "" where there is no such column. */
const char *sw__mix_cell(const struct sw__mix_rows *rows, size_t row, enum sw__mix_column column);

/** The column that holds the `i`-th setting of sw__engine_fields: its key, but "engine" for the name. */
const char *sw__engine_column(size_t i);

/** The same of the limits: "slo_ttft_p95_ms". Into `name`. */
void sw__slo_column(size_t i, char name[SW_NAME_MAX]);

#endif
