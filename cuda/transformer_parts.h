/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file transformer_parts.h
 * What transformer.c (running) and transformer_memory.c (making) share.
 */
#ifndef SLICEWISE_CUDA_TRANSFORMER_PARTS_H
#define SLICEWISE_CUDA_TRANSFORMER_PARTS_H

#include "layers.h"
#include "paged_attention.h"
#include "transformer.h"

enum { TRANSFORMER_GRAPHS_MAX = 64 };

struct layer {
	struct bf16 *qkv, *qkv_bias, *out, *gate_up, *down;
	struct bf16 *keys, *values;
};

struct graph {
	uint32_t n;
	void *graph;
};

/* Everything that is as large as a step. */
struct workspace {
	struct bf16 *x, *normed, *qkv, *attended, *gate_up, *gated, *rows, *logits;
	float *parts; /* of attention */
	int32_t *samples;
	struct transformer_step step; /* the device's copy */
};

struct transformer {
	struct device *device;
	struct sw_model model;
	struct transformer_limits limits;
	void *weights, *cache, *work, *host;
	struct bf16 *embedding, *lm_head, *ones;
	int32_t *table;
	struct layer *layer;
	struct workspace w;
	struct transformer_step input;
	int32_t *samples; /* the host's */
	struct graph graph[TRANSFORMER_GRAPHS_MAX];
	size_t n_graphs;
};

/** Elements of a token's queries, keys and values. */
uint64_t transformer_qkv_width(const struct sw_model *model);

#endif
