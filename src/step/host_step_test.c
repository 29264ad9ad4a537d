// SPDX-License-Identifier: Apache-2.0
#include "step/host_step.h"

#include "catalog/described.h"
#include "check.h"
#include "step/step_time.h"

/* 4 layers of 64: 4 * (4 * 64 * 64 + 3 * 64 * 192) weights, and a head of 100 * 64. */
static const struct sw_model model = {.id = "m",
				      .layers = 4,
				      .hidden = 64,
				      .intermediate = 192,
				      .heads = 4,
				      .kv_heads = 2,
				      .head_dim = 16,
				      .vocab = 100,
				      .gated_mlp = true,
				      .weight_bits = 16};
static const double layers_weights = 4 * (64 * (64 + 2 * 32) + 64 * 64 + 3 * 64 * 192);

static const double reread = 0.7;

static struct sw__host_time step(struct sw_step_work work)
{
	struct sw__model_ops ops = sw__model_ops(&model);
	struct sw__step_setting setting = {.kv_bytes = 2, .weight_bytes = 2};

	return sw__host_step(&setting, &ops, &work, reread);
}

TEST(a_decode_reads_the_weights_once_and_its_own_context)
{
	struct sw__host_time t =
		step((struct sw_step_work){.n_decode = 1, .decode_kv_tokens = 1000});
	double weights = layers_weights + 6400, kv_gb = 1000 * 4 * 2 * 32 * 2 / 1e9;

	CHECK_NEAR(t.read_gb, 2 * weights / 1e9 + kv_gb, 1e-15);
	CHECK_NEAR(t.decode_ms, 2 * weights / 1e7 + kv_gb / 4 * 1e3, 1e-9);
	CHECK_NEAR(t.prompt_ms, 0, 0);
	CHECK(t.engine_ms > 0);
}

TEST(more_decodes_read_the_weights_again_each_a_little_less)
{
	double one = step((struct sw_step_work){.n_decode = 1}).decode_ms;
	double two = step((struct sw_step_work){.n_decode = 2}).decode_ms;
	double three = step((struct sw_step_work){.n_decode = 3}).decode_ms;

	CHECK_NEAR(two - one, reread * one, 1e-9);
	CHECK(three - two < two - one);
	CHECK(three - two > 0.7 * (two - one));
}

TEST(prompts_in_a_step_read_the_weights_like_one_sequence_more)
{
	double prompt =
		step((struct sw_step_work){.n_prefill = 2, .prefill_tokens = 100}).decode_ms;
	double one = step((struct sw_step_work){.n_decode = 1}).decode_ms;
	double mixed =
		step((struct sw_step_work){.n_decode = 1, .n_prefill = 2, .prefill_tokens = 100})
			.decode_ms;

	CHECK_NEAR(prompt, one, 1e-12);
	CHECK_NEAR(mixed, (1 + reread) * one, 1e-12);
}

TEST(a_prompt_costs_by_the_token_and_by_what_each_looks_at)
{
	struct sw__host_time t = step((struct sw_step_work){.n_prefill = 1, .prefill_tokens = 100});
	struct sw__host_time after = step((struct sw_step_work){
		.n_prefill = 1, .prefill_tokens = 100, .prefill_kv_tokens = 500});
	double pairs = 100 * 50 * 4 * 4 * 64, linear = 200 * layers_weights + 2 * 6400;

	CHECK_NEAR(t.prompt_ms, (linear + pairs) / 25e6, 1e-9);
	CHECK_NEAR(after.prompt_ms - t.prompt_ms, 500 * 100 * 4 * 4 * 64 / 25e6, 1e-9);
}

TEST(a_host_has_a_calibration_that_says_how_little_it_knows)
{
	struct sw_gpu host = sw__host("box");
	sw_calibration *c;
	struct sw_engine engine = {.kind = SW_LLAMA_CPP, .dtype = SW_FP16};
	struct sw_slice slice = {SW_CPU_QUOTA, 0.5, NAN};
	struct sw_step_work work = {.n_decode = 1, .decode_kv_tokens = 10};
	struct sw_step_time half, whole;

	CHECK_INT(sw_calibration_open(&host, NULL, &c, NULL), SW_OK);
	CHECK(sw_calibration_describe(c)->prefill_doubt > 1);
	CHECK(!sw_calibration_describe(c)->measured);
	CHECK_INT(sw_step_time(c, &model, &engine, &slice, &work, &half, NULL), SW_OK);
	slice.share = 1;
	CHECK_INT(sw_step_time(c, &model, &engine, &slice, &work, &whole, NULL), SW_OK);
	CHECK_NEAR(half.total_ms, 2 * whole.total_ms, 1e-9 * whole.total_ms);
	CHECK(whole.gemm_ms > 0 && whole.attention_ms > 0 && whole.other_ms > 0);
	CHECK(whole.high_ms > 5 * whole.total_ms);
	sw_calibration_free(c);
}

TEST_MAIN()
