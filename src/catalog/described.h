/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file described.h
 * GPUs and models in full, field by field, where an id would not do: a data set of runs stands alone, and what was measured
 * may be none of the catalogue's. docs/formats/dataset.md. Nothing that a user writes.
 */
#ifndef SLICEWISE_CATALOG_DESCRIBED_H
#define SLICEWISE_CATALOG_DESCRIBED_H

#include <jansson.h>

#include "formats/document.h"
#include "slicewise/catalog.h"

/** A place that is no GPU (engines on CPU cores): an id, nothing else known, no SMs. */
struct sw_gpu sw__host(const char *id);

/** Whether it is one. */
bool sw__is_host(const struct sw_gpu *gpu);

/** {"id": , ...}; *ok becomes false for lack of memory. */
json_t *sw__gpu_described(const struct sw_gpu *gpu, bool *ok);
json_t *sw__model_described(const struct sw_model *model, bool *ok);

/** The same read back, every field as it was. SW_BAD_INPUT names file, line and key. */
enum sw_status sw__gpu_from_described(const struct sw_node *node, struct sw_gpu *out,
				      struct sw_error *err);
enum sw_status sw__model_from_described(const struct sw_node *node, struct sw_model *out,
					struct sw_error *err);

/** Whether `id` of the catalogue is the very same GPU or model; *ok becomes false for lack of memory. */
bool sw__gpu_is_listed(const sw_catalog *catalog, const struct sw_gpu *gpu, bool *ok);
bool sw__model_is_listed(const sw_catalog *catalog, const struct sw_model *model, bool *ok);

#endif
