// SPDX-License-Identifier: Apache-2.0
#include "step/work.h"

#include "check.h"

/* Published configuration of Llama-3.1-8B. */
static const struct sw_model llama = {.layers = 32,
				      .hidden = 4096,
				      .intermediate = 14336,
				      .heads = 32,
				      .kv_heads = 8,
				      .head_dim = 128,
				      .vocab = 128256,
				      .gated_mlp = true};

TEST(products_of_llama_8b_by_hand)
{
	struct sw__model_ops ops = sw__model_ops(&llama);

	CHECK_NEAR(ops.layer_gemm[0].n, 6144, 0);
	CHECK_NEAR(ops.layer_gemm[1].k, 4096, 0);
	CHECK_NEAR(ops.layer_gemm[2].n, 28672, 0);
	CHECK_NEAR(ops.layer_gemm[3].k, 14336, 0);
	/* 218 103 808 weights a layer, 525 336 576 of lm_head: two operations each and token. */
	CHECK_NEAR(sw__linear_tflop(&ops, 1, 1), 2 * (32 * 218103808.0 + 525336576.0) / 1e12,
		   1e-12);
	CHECK(isinf(ops.window));
}

TEST(a_plain_mlp_and_a_parallel_block_are_smaller)
{
	struct sw_model phi = llama;
	struct sw__model_ops ops;

	phi.gated_mlp = false;
	phi.parallel_block = true;
	ops = sw__model_ops(&phi);
	CHECK_NEAR(ops.layer_gemm[2].n, 14336, 0);
	CHECK_NEAR(ops.norm_elements, 4 * 4096, 0);
	CHECK_NEAR(ops.act_elements, 2 * 14336, 0);
}

TEST(impossible_steps_are_refused)
{
	static const struct sw_step_work bad[] = {
		{0},
		{.n_decode = -1},
		{.n_decode = NAN},
		{.n_decode = INFINITY},
		{.prefill_tokens = 10},
		{.n_decode = 1, .decode_kv_tokens = -5},
	};
	static const struct sw_step_work good = {
		.n_decode = 2, .n_prefill = 1, .prefill_tokens = 9};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_INT(sw__work_check(&bad[i], NULL), SW_BAD_INPUT);
	CHECK_INT(sw__work_check(&good, NULL), SW_OK);
	CHECK_NEAR(sw__work_tokens(&good), 11, 0);
}

TEST_MAIN()
