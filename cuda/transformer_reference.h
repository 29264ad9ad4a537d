/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file transformer_reference.h
 * The model of transformer.h as it is defined, on a CPU: floats, no cache, no batch, nothing that is fast.
 */
#ifndef SLICEWISE_CUDA_TRANSFORMER_REFERENCE_H
#define SLICEWISE_CUDA_TRANSFORMER_REFERENCE_H

#include "transformer.h"

typedef struct transformer_reference transformer_reference;

/** Weights of the same seed, rounded to bf16 as on the device. SW_OK: *out is the caller's. */
enum sw_status transformer_reference_new(const struct sw_model *model, uint64_t seed,
					 transformer_reference **out, struct sw_error *err);
void transformer_reference_free(transformer_reference *r);

/** Logits after the last of n tokens: `logits` has the vocabulary's size. SW_NO_MEMORY. */
enum sw_status transformer_reference_logits(const transformer_reference *r, const int32_t *token,
					    uint32_t n, float *logits, struct sw_error *err);

#endif
