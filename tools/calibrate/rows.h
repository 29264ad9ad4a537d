/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rows.h
 * Reading the measured sets (schemas: docs/formats/rows.md) into the rows that the fits take. Arrays are the caller's, free().
 */
#ifndef SLICEWISE_CALIBRATE_ROWS_H
#define SLICEWISE_CALIBRATE_ROWS_H

#include "attention_fit.h"
#include "engine_fit.h"
#include "gemm_fit.h"
#include "paged_fit.h"
#include "slicewise/catalog.h"

enum sw_status read_gemm_rows(const char *path, struct sw__gemm_row **out, size_t *n,
			      struct sw_error *err);

/** Prefill or decode rows alike: one new token is a decode. K and V are in L2: the collector repeats one call. */
enum sw_status read_attention_rows(const char *path, struct sw__attention_row **out, size_t *n,
				   struct sw_error *err);

/** A profile of mixed batches of one model: prefill_chunk, kv_prefill, n_decode, kv_decode, time_us. */
enum sw_status read_mixed_rows(const char *path, const struct sw_model *model,
			       struct sw__attention_row **out, size_t *n, struct sw_error *err);

/** Steps; models by catalogue id. */
enum sw_status read_step_rows(const char *path, const sw_catalog *catalog, struct step_row **out,
			      size_t *n, struct sw_error *err);

/** A profile's layers: rows `layer,count,time_us`; names are cut at 31 characters. */
struct layer_row {
	char layer[32];
	double count; /* tokens or sequences */
	double us;
};
enum sw_status read_layer_rows(const char *path, const char *count_column, struct layer_row **out,
			       size_t *n, struct sw_error *err);

#endif
