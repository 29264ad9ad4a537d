/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tiny_fixture.h
 * A model that an emulated GPU computes in milliseconds.
 */
#ifndef SLICEWISE_CUDA_TINY_FIXTURE_H
#define SLICEWISE_CUDA_TINY_FIXTURE_H

#include "slicewise/types.h"

static inline struct sw_model tiny_model(void)
{
	return (struct sw_model){.id = "tiny",
				 .family = SW_LLAMA,
				 .layers = 1,
				 .hidden = 64,
				 .intermediate = 64,
				 .heads = 2,
				 .kv_heads = 1,
				 .head_dim = 64,
				 .vocab = 64,
				 .gated_mlp = true};
}

#endif
