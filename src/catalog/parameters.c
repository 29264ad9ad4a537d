// SPDX-License-Identifier: Apache-2.0
/*
 * Parameters from shapes. Every family of the catalogue is a stack of attention and MLP blocks
 * between an embedding and an output matrix; the flags of struct sw_model say which biases and
 * norms it has.
 */
#include "slicewise/catalog.h"

/*
 * Products of shapes that the reader bounds (at most 2^20 x 2^20 x 2^10) fit, but not in 32 bits.
 */
typedef unsigned long long count;

static count attention_matrices(const struct sw_model *m)
{
	count q = (count)m->heads * m->head_dim, kv = (count)m->kv_heads * m->head_dim;

	return m->hidden * (q + 2 * kv) + q * m->hidden;
}

static count attention_vectors(const struct sw_model *m)
{
	count q = (count)m->heads * m->head_dim, kv = (count)m->kv_heads * m->head_dim;
	count norms = m->qk_norm ? 2 * (count)m->head_dim * (m->norm_bias ? 2 : 1) : 0;

	return (m->qkv_bias ? q + 2 * kv : 0) + (m->o_bias ? m->hidden : 0) + norms;
}

static count mlp_matrices(const struct sw_model *m)
{
	return (m->gated_mlp ? 3 : 2) * (count)m->hidden * m->intermediate;
}

static count mlp_vectors(const struct sw_model *m)
{
	count inner = (m->gated_mlp ? 2 : 1) * (count)m->intermediate;

	return m->mlp_bias ? inner + m->hidden : 0;
}

/*
 * A weight, and a bias where there is one, per norm: before attention, before the MLP unless it
 * shares the first.
 */
static count norm_vectors(const struct sw_model *m, count norms)
{
	return norms * m->hidden * (m->norm_bias ? 2 : 1);
}

struct sw_parameters sw_model_parameters_by_kind(const struct sw_model *m)
{
	count per_layer =
		attention_vectors(m) + mlp_vectors(m) + norm_vectors(m, m->parallel_block ? 1 : 2);
	count matrix = (count)m->vocab * m->hidden;

	return (struct sw_parameters){.embedding = matrix,
				      .linear =
					      m->layers * (attention_matrices(m) + mlp_matrices(m)),
				      .vector = m->layers * per_layer + norm_vectors(m, 1) +
						(m->lm_head_bias ? m->vocab : 0),
				      .lm_head = m->tied_embeddings ? 0 : matrix};
}

unsigned long long sw_model_parameters(const struct sw_model *model)
{
	struct sw_parameters p = sw_model_parameters_by_kind(model);

	return p.embedding + p.linear + p.vector + p.lm_head;
}
