// SPDX-License-Identifier: Apache-2.0
#include "replay_setting.h"

#include "check.h"

static struct sw_tenant tenant_of(void)
{
	return (struct sw_tenant){
		.name = "a",
		.model = {.id = "tiny",
			  .family = SW_LLAMA,
			  .layers = 2,
			  .hidden = 64,
			  .intermediate = 128,
			  .heads = 2,
			  .kv_heads = 1,
			  .head_dim = 64,
			  .vocab = 100,
			  .gated_mlp = true},
		.engine = {.max_model_len = 160,
			   .max_num_seqs = 8,
			   .max_num_batched_tokens = 64,
			   .dtype = SW_BF16,
			   .kv_cache_dtype = SW_BF16,
			   .kv_cache_tokens = NAN,
			   .cuda_graphs = true,
			   .prefix_caching = true},
		.load = {.rate = 2, .concurrency = NAN},
	};
}

TEST(the_cache_gets_what_is_left)
{
	struct sw_tenant t = tenant_of();
	struct transformer_limits limits = {64, 8, 160, 0};
	struct transformer_bytes bytes = transformer_bytes_of(&t.model, &limits, 10);
	struct replay_ask ask = {&t, 5, 60, 10,
				 bytes.weights + bytes.workspace + 25 * bytes.kv_block};
	struct engine_setting s;

	/* K and V of 16 tokens, one head of 64 elements of 2 bytes, two layers. */
	CHECK_INT(bytes.kv_block, 2 * 16 * 64 * 2 * 2);
	CHECK_INT(replay_setting_of(&ask, &s, NULL), SW_OK);
	CHECK_INT(s.serving.kv_blocks, 25);
	CHECK(s.cuda_graphs && s.serving.prefix_caching && s.seed == 5 && s.duration_s == 60);
	CHECK(s.serving.max_num_seqs == 8 && s.serving.max_num_batched_tokens == 64);
	t.engine.kind = SW_SGLANG;
	t.engine.kv_cache_tokens = 200;
	CHECK_INT(replay_setting_of(&ask, &s, NULL), SW_OK);
	CHECK(s.serving.kv_blocks == 12 && s.serving.policy == SW__SERVE_PREFILL_FIRST);
}

TEST(what_does_not_fit_is_named)
{
	struct sw_tenant t = tenant_of();
	struct transformer_limits limits = {64, 8, 160, 0};
	struct transformer_bytes bytes = transformer_bytes_of(&t.model, &limits, 10);
	struct replay_ask ask = {&t, 5, 60, 10, bytes.weights};
	struct engine_setting s;
	struct sw_error err = {0};

	CHECK_INT(replay_setting_of(&ask, &s, &err), SW_INFEASIBLE);
	CHECK(strstr(err.message, "weights") != NULL);
	ask.memory_bytes = bytes.weights + bytes.workspace + 9 * bytes.kv_block;
	CHECK_INT(replay_setting_of(&ask, &s, &err), SW_INFEASIBLE); /* 160 tokens are 10 blocks */
	CHECK(strstr(err.message, "max_model_len 160") != NULL);
	ask.memory_bytes += bytes.kv_block;
	CHECK_INT(replay_setting_of(&ask, &s, &err), SW_OK);
	t.engine.kv_cache_tokens = 1e6;
	CHECK_INT(replay_setting_of(&ask, &s, &err), SW_INFEASIBLE);
	t = tenant_of();
	t.engine.quantization = SW_QUANT_INT4;
	CHECK_INT(replay_setting_of(&ask, &s, &err), SW_BAD_INPUT);
	t = tenant_of();
	t.engine.kv_cache_dtype = SW_FP8;
	CHECK_INT(replay_setting_of(&ask, &s, &err), SW_BAD_INPUT);
}

TEST(shares_are_whole_sms)
{
	struct sw_error err = {0};
	uint32_t sms = 0;

	CHECK_INT(replay_sms_of(0.3, 132, &sms, NULL), SW_OK);
	CHECK_INT(sms, 40);
	CHECK_INT(replay_sms_of(1, 132, &sms, NULL), SW_OK);
	CHECK_INT(sms, 132);
	CHECK_INT(replay_sms_of(0.005, 132, &sms, &err), SW_BAD_INPUT);
	CHECK(strstr(err.message, "one of 132 SMs") != NULL);
	CHECK_INT(replay_sms_of(NAN, 132, &sms, NULL), SW_BAD_INPUT);
}

TEST_MAIN()
