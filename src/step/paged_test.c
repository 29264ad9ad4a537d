// SPDX-License-Identifier: Apache-2.0
#include "step/paged.h"

#include "check.h"

static const struct sw_model tiny = {.layers = 2,
				     .hidden = 256,
				     .intermediate = 512,
				     .heads = 4,
				     .kv_heads = 4,
				     .head_dim = 64,
				     .vocab = 1000,
				     .gated_mlp = true};

/* Every second cause is switched off, so that one product can be followed by hand. */
static const struct sw__paged_cal plain = {.tile256_efficiency = 1,
					   .tile128_efficiency = 1,
					   .tile64_efficiency = 1,
					   .tile32_efficiency = 1,
					   .lone_tile = 1,
					   .large_tile_rows = 1e9,
					   .product_ceiling = 1,
					   .overlap = 1000,
					   .sm_gb_s = 1e9,
					   .dram_efficiency = 1e9,
					   .dram_sharpness = 1,
					   .split_us = 1e9,
					   .prefill_attention_efficiency = 1e9,
					   .kv_efficiency = 1e9,
					   .attention_overlap = 1,
					   .layer_us = 10,
					   .token_layer_us = 1};

static const struct sw__device dev = {.sms = 10,
				      .gpu_sms = 10,
				      .clock_mhz = 1000,
				      .peak_tflops = 1,
				      .dram_gb_s = 1000,
				      .element_bytes = 2};

TEST(whole_waves_of_tiles_by_hand)
{
	struct sw__model_ops ops = sw__model_ops(&tiny);
	struct sw_step_work work = {.n_prefill = 1, .prefill_tokens = 300};
	struct sw__paged_time t = sw__paged_step(&plain, &dev, &ops, &work);
	/* One SM does 1e11 operations a second. 300 rows are 3 tiles of 128; products of 768, 256, 1024 and 256 columns
	 * are 6, 2, 8 and 2 tiles wide: 18, 6, 24 and 6 tiles, 2, 1, 3 and 1 waves on 10 SMs. A tile over k is
	 * 2 * 128 * 128 * k operations: k = 256 three times, then 512. lm_head: one row in tiles of 32, 8 of them. */
	double tile_256 = 2.0 * 128 * 128 * 256 / 1e11 * 1000;
	double lm_head = 2.0 * 32 * 128 * 256 / 1e11 * 1000;

	CHECK_NEAR(t.gemm_ms, 2 * (2 + 1 + 3 + 2 * 1) * tile_256 + lm_head, 1e-6);
	/* Two layers: 10 us and 1 us for each token. */
	CHECK_NEAR(t.other_ms, 2 * (10 + 300) / 1000.0, 1e-12);
	CHECK(t.attention_ms < 1e-9);
}

TEST(fewer_sms_take_more_waves)
{
	struct sw__model_ops ops = sw__model_ops(&tiny);
	struct sw_step_work work = {.n_prefill = 1, .prefill_tokens = 300};
	struct sw__device part = dev;
	struct sw__paged_time whole = sw__paged_step(&plain, &dev, &ops, &work), t;

	part.sms = 1;
	t = sw__paged_step(&plain, &part, &ops, &work);
	/* One SM takes the tiles one by one: 18 + 6 + 24 + 2 * 6 instead of 8 waves a layer, 8 instead of 1 for lm_head. */
	CHECK(t.gemm_ms > 7 * whole.gemm_ms && t.gemm_ms < 8 * whole.gemm_ms);
}

TEST(a_mixed_step_is_a_decode_and_a_prefill)
{
	struct sw__model_ops ops = sw__model_ops(&tiny);
	struct sw_step_work decode = {.n_decode = 8, .decode_kv_tokens = 800};
	struct sw_step_work prefill = {.n_prefill = 1, .prefill_tokens = 300};
	struct sw_step_work both = {
		.n_decode = 8, .decode_kv_tokens = 800, .n_prefill = 1, .prefill_tokens = 300};
	struct sw__paged_time a = sw__paged_step(&plain, &dev, &ops, &decode);
	struct sw__paged_time b = sw__paged_step(&plain, &dev, &ops, &prefill);
	struct sw__paged_time t = sw__paged_step(&plain, &dev, &ops, &both);

	CHECK_NEAR(t.gemm_ms, a.gemm_ms + b.gemm_ms, 1e-12);
	CHECK_NEAR(t.dram_gb, a.dram_gb + b.dram_gb, 1e-12);
}

TEST_MAIN()
