// SPDX-License-Identifier: Apache-2.0
#include "catalog/kv_cache.h"

#include "catalog/catalog_fixture.h"

static const struct sw_engine vllm = {.kind = SW_VLLM,
				      .dtype = SW_BF16,
				      .kv_cache_dtype = SW_BF16,
				      .max_num_seqs = 256,
				      .max_num_batched_tokens = 2048};

/* By hand from the published shapes: 2 x layers x KV heads x head size x 2 bytes. */
TEST(bytes_per_token_are_the_hand_counted_ones)
{
	static const struct {
		const char *id;
		double bytes;
	} cases[] = {{"llama-3.1-8b", 131072}, {"llama-7b", 524288},    {"llama-13b", 819200},
		     {"llama-3.2-1b", 32768},  {"qwen3-0.6b", 114688},  {"qwen3-4b", 147456},
		     {"qwen3-32b", 262144},    {"qwen2.5-0.5b", 12288}, {"qwen2.5-7b", 57344},
		     {"phi-2", 327680},        {"mistral-7b", 131072}};
	struct sw_engine fp8 = vllm;

	fp8.kv_cache_dtype = SW_FP8;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sw_model model = model_called(cases[i].id);

		CHECK_NEAR(sw_kv_bytes_per_token(&model, &vllm), cases[i].bytes, 0);
		CHECK_NEAR(sw_kv_bytes_per_token(&model, &fp8), cases[i].bytes / 2, 0);
	}
}

TEST(one_llama_3_request_of_131072_tokens_takes_16_gib)
{
	struct sw_model model = model_called("llama-3.1-8b");

	CHECK_NEAR(sw_kv_request_gib(&model, &vllm, 131072), 16, 0);
	CHECK_NEAR(sw_kv_request_gib(&model, &vllm, 131057), 16, 0); /* whole blocks of 16 */
	CHECK(sw_kv_request_gib(&model, &vllm, 131056) < 16);
}

TEST(a_window_bounds_what_a_long_request_takes)
{
	struct sw_model model = model_called("mistral-7b");

	CHECK_INT(model.sliding_window, 4096);
	CHECK_INT(model.window_layers, 32);
	/* 4095 + 2048 in blocks of 16 is 6144, and one block more: 6160 tokens of 128 KiB */
	CHECK_NEAR(sw_kv_request_gib(&model, &vllm, 32768), 6160 / 8192.0, 1e-12);
	CHECK_NEAR(sw_kv_request_gib(&model, &vllm, 1600), 1600 / 8192.0, 1e-12);
	model.window_layers = 8;
	CHECK_NEAR(sw_kv_request_gib(&model, &vllm, 32768), (24 * 32768 + 8 * 6160) / 32.0 / 8192,
		   1e-12);
}

TEST(the_longest_request_is_the_last_that_fits)
{
	struct sw_model model = model_called("llama-3.1-8b");

	CHECK_INT(sw__kv_longest_request(&model, &vllm, 16, 131072), 131072);
	CHECK_INT(sw__kv_longest_request(&model, &vllm, 15.9999, 131072), 131056);
	CHECK_INT(sw__kv_longest_request(&model, &vllm, 1, 131072), 8192);
	CHECK_INT(sw__kv_longest_request(&model, &vllm, 100, 131072), 131072);
	CHECK_INT(sw__kv_longest_request(&model, &vllm, 0, 131072), 0);
	CHECK_INT(sw__kv_longest_request(&model, &vllm, -3, 131072), 0);
	for (int i = 0; i < 80; i++) {
		double gib = 0.01 + 0.0377 * i;
		unsigned n = sw__kv_longest_request(&model, &vllm, gib, 131072);

		CHECK(n == 0 || sw_kv_request_gib(&model, &vllm, n) <= gib);
		CHECK(sw_kv_request_gib(&model, &vllm, n + 1) > gib);
	}
}

TEST(blocks_are_the_engines)
{
	struct sw_engine other = vllm;

	CHECK_NEAR(sw__blocks_down(&vllm, 31), 16, 0);
	CHECK_NEAR(sw__blocks_up(&vllm, 17), 32, 0);
	CHECK_NEAR(sw__blocks_down(&vllm, -5), 0, 0);
	other.kind = SW_SGLANG;
	CHECK_NEAR(sw__blocks_down(&other, 31), 31, 0);
	other.kind = SW_TENSORRT_LLM;
	CHECK_NEAR(sw__blocks_down(&other, 63), 32, 0);
}

TEST_MAIN()
