/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file readers.h
 * From parsed documents to GPUs and models. On failure *out is undefined and err names file, line
 * and key.
 */
#ifndef SLICEWISE_CATALOG_READERS_H
#define SLICEWISE_CATALOG_READERS_H

#include "formats/document.h"
#include "slicewise/catalog.h"

/** Longest and widest shapes that are believed; beyond them a number is a slip. */
enum {
	SW__LAYERS_MAX = 1024,
	SW__WIDTH_MAX = 1 << 20,
	SW__HEADS_MAX = 4096,
	SW__HEAD_DIM_MAX = 4096,
	SW__VOCAB_MAX = 1 << 24,
	SW__POSITION_MAX = 1 << 28
};

/** sw_node_get() that passes NULL on, for keys inside maps that may be absent. */
static inline const struct sw_node *sw__get(const struct sw_node *node, const char *key)
{
	return node ? sw_node_get(node, key) : NULL;
}

enum sw_status sw__gpu_from_node(const struct sw_node *root, struct sw_gpu *out,
				 struct sw_error *err);

enum sw_status sw__model_from_node(const struct sw_node *root, const char *id, struct sw_model *out,
				   struct sw_error *err);

/**
 * quantization_config of a config.json, if there is one, into model->quantization and
 * model->weight_bits.
 */
enum sw_status sw__quantization_from_node(const struct sw_node *root, struct sw_model *model,
					  struct sw_error *err);

/**
 * The name of a file without folder and ".json", or its folder's name where the file is
 * config.json.
 */
enum sw_status sw__id_from_path(const char *path, char id[SW_NAME_MAX], struct sw_error *err);

/** Whether a name of a GPU or model is a path: it has a '/' or ends in ".json". */
bool sw__is_path(const char *name);

/** `slicewise.parameters` of a bundled model file; NAN where absent. */
double sw__published_parameters(const struct sw_node *root);

#endif
