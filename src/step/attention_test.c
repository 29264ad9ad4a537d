// SPDX-License-Identifier: Apache-2.0
#include "step/attention.h"

#include <float.h>
#include <math.h>

#include "check.h"

/* Rounded fits to published kernel times (NVIDIA aiconfigurator, vLLM 0.14 and 0.24; mixed: LLMServingSim, vLLM 0.19):
 * near enough to the shipped calibrations that the properties below are those of real ones. */
static const struct sw__attention_cal rtx_pro_6000 = {
	.prefill = {.tile_rows = 64,
		    .tile_elements = 16384,
		    .packs_heads = 0,
		    .ctas_per_sm = 1,
		    .bandwidth_knee = 0.25,
		    .launch_us = 4.97,
		    .cta_cycles = 3.05e+03,
		    .tile_cycles = 573,
		    .mma_efficiency = 0.68,
		    .head_dim_exponent = -0.0984,
		    .raggedness = 0.723,
		    .l2_reach = 1.47,
		    .l2_sharpness = 0.5,
		    .dram_efficiency = 0.95,
		    .kv_traffic = 3.25,
		    .write_ns = 0.634,
		    .write_exponent = 0.538,
		    .overlap = 1.16},
	.decode = {.tile_rows = 64,
		   .tile_elements = 16384,
		   .packs_heads = 0,
		   .ctas_per_sm = 1,
		   .split_ctas_per_sm = 2,
		   .split_min_blocks = 1,
		   .split_max = 128,
		   .bandwidth_knee = 0.25,
		   .launch_us = 5.27,
		   .reorder_us = 4.17,
		   .reorder_efficiency = 1.5,
		   .combine_us = 4.16,
		   .combine_split_us = 0.177,
		   .cta_cycles = 3.02e+03,
		   .tile_cycles = 6.33e+03,
		   .head_dim_exponent = -0.0437,
		   .crowding = 0.5,
		   .wave_quantum = 1,
		   .l2_reach = 1.02,
		   .dram_efficiency = 0.932,
		   .write_ns = 4.51,
		   .write_exponent = 0.349,
		   .overlap = 4.14},
	.mixed = {.launch_us = 3.53,
		  .cta_cycles = 4.12e+03,
		  .idle_cta_cycles = 811,
		  .tile_ratio = 1.08,
		  .raggedness = 0.649,
		  .l2_reach = 1,
		  .l2_sharpness = 2.27,
		  .reread_exponent = 0.659,
		  .dram_efficiency = 0.855,
		  .overlap = 4.62},
};

static const struct sw__device rtx_pro_6000_gpu = {188, 188, 2430, 503, 1597, 128, 2};
static const struct sw__attention_shape llama_8b = {32, 8, 128, 2, 0};
static const struct sw__attention_shape llama_7b = {32, 32, 128, 2, 0};
static const struct sw__attention_shape gemma_wide = {8, 4, 256, 2, 1};

static const struct sw__attention_shape *const shapes[] = {&llama_8b, &llama_7b, &gemma_wide};
enum { N_SHAPES = sizeof shapes / sizeof shapes[0] };

/* The kernels of sm_90, which pack heads, and of sm_80, with two CTAs on an SM, keep the same promises. */
static struct sw__attention_cal variant(int kind)
{
	struct sw__attention_cal cal = rtx_pro_6000;

	if (kind == 1) {
		cal.prefill.tile_rows = 128;
		cal.prefill.packs_heads = cal.decode.packs_heads = 1;
		cal.decode.split_ctas_per_sm = 1;
		cal.decode.split_min_blocks = 4;
	}
	if (kind == 2)
		cal.prefill.ctas_per_sm = cal.decode.ctas_per_sm = 2;
	return cal;
}
enum { N_VARIANTS = 3 };

static double time_us(const struct sw__attention_cal *cal, const struct sw__attention_shape *shape,
		      double prompts, double chunk, double kv, double decodes, double context)
{
	struct sw__attention_batch batch = {prompts, chunk, kv, decodes, decodes * context};

	return sw__attention_us(cal, &rtx_pro_6000_gpu, shape, &batch);
}

TEST(pairs_are_counted_one_by_one)
{
	for (int before = 0; before < 40; before += 13)
		for (int tokens = 1; tokens < 50; tokens += 7) {
			double count = 0;

			for (int query = 0; query < tokens; query++)
				for (int key = 0; key < before + tokens; key++)
					count += key <= before + query;
			CHECK_NEAR(sw__attention_pairs(tokens, before), count, 1e-15);
		}
}

/* A tile passes a block of context if one of its rows sees one of the block's keys. */
static double blocks_by_hand(int rows, int columns, int per_token, int tokens, int before)
{
	double blocks = 0;

	for (int first = 0; first < tokens * per_token; first += rows)
		for (int block = 0; block * columns < before + tokens; block++) {
			int last = first + rows < tokens * per_token ? first + rows - 1
								     : tokens * per_token - 1;

			blocks += block * columns <= before + last / per_token;
		}
	return blocks;
}

TEST(tiles_of_unpacked_heads_are_exact)
{
	static const int head_dims[] = {64, 128, 192, 256}, columns[] = {256, 128, 64, 64};

	for (int d = 0; d < 4; d++)
		for (int before = 0; before < 700; before += 61)
			for (int tokens = 1; tokens < 1500; tokens += 97) {
				struct sw__tiling t = sw__tile_sequence(64, 16384, head_dims[d], 1,
									tokens, before);

				CHECK_NEAR(t.columns, columns[d], 0);
				CHECK_NEAR(t.ctas, ceil(tokens / 64.0), 0);
				CHECK_NEAR(t.blocks,
					   blocks_by_hand(64, columns[d], 1, tokens, before),
					   1e-12);
			}
}

TEST(tiles_of_packed_heads_are_close)
{
	for (int before = 0; before < 700; before += 61)
		for (int tokens = 300; tokens < 3000; tokens += 211)
			for (int group = 1; group <= 8; group *= 2) {
				struct sw__tiling t =
					sw__tile_sequence(128, 16384, 128, group, tokens, before);

				CHECK_NEAR(t.blocks,
					   blocks_by_hand(128, 128, group, tokens, before), 0.02);
			}
}

TEST(decode_traffic_is_every_key_and_value_once)
{
	struct sw__attention_cost cost =
		sw__decode_attention(&rtx_pro_6000.decode, &rtx_pro_6000_gpu, &llama_8b, 3, 3000);
	double bytes = 0, flops = 0;

	for (int token = 0; token < 3000; token++) {
		bytes += 2.0 * 8 * 128 * 2;
		flops += 2 * 2.0 * 32 * 128;
	}
	CHECK_NEAR(cost.dram_gb, bytes * 1e-9, 1e-12);
	CHECK_NEAR(cost.tflop, flops * 1e-12, 1e-12);
}

TEST(a_set_that_stays_in_l2_is_not_fetched_again)
{
	struct sw__attention_shape loop = llama_8b;
	double cold, warm;

	loop.kv_in_l2 = 1;
	cold = sw__decode_attention(&rtx_pro_6000.decode, &rtx_pro_6000_gpu, &llama_8b, 8, 8192)
		       .dram_gb;
	warm = sw__decode_attention(&rtx_pro_6000.decode, &rtx_pro_6000_gpu, &loop, 8, 8192)
		       .dram_gb;
	CHECK(warm < 0.01 * cold);
}

TEST(time_grows_with_context_and_prompt)
{
	for (int kind = 0; kind < N_VARIANTS; kind++)
		for (int s = 0; s < N_SHAPES; s++) {
			struct sw__attention_cal cal = variant(kind);
			double prompt = 0, context = 0, before = 0, mixed = 0;

			for (int n = 2; n < 40000; n += n / 8 + 1) {
				double p = time_us(&cal, shapes[s], 2, n, 100, 0, 0);
				double c = time_us(&cal, shapes[s], 0, 0, 0, 9, n);
				double b = time_us(&cal, shapes[s], 1, 300, n, 0, 0);
				double m = time_us(&cal, shapes[s], 1, 300, n, 20, n);

				CHECK(p >= prompt && c >= context && b >= before && m >= mixed);
				prompt = p;
				context = c;
				before = b;
				mixed = m;
			}
		}
}

/* The kernel combines fewer splits when there are more sequences, which saves at most the combining; nothing else may
 * shrink. */
TEST(time_grows_with_the_batch)
{
	for (int kind = 0; kind < N_VARIANTS; kind++)
		for (int s = 0; s < N_SHAPES; s++) {
			struct sw__attention_cal cal = variant(kind);
			double combining = cal.decode.combine_us +
					   cal.decode.combine_split_us * cal.decode.split_max;
			double prefill = 0, decode = 0, mixed = 0;

			for (int n = 1; n < 3000; n += n / 5 + 1) {
				double p = time_us(&cal, shapes[s], n, 200, 0, 0, 0);
				double d = time_us(&cal, shapes[s], 0, 0, 0, n, 5000);
				double m = time_us(&cal, shapes[s], 1, 500, 64, n, 900);

				CHECK(p >= prefill && d >= decode - combining && m >= mixed);
				prefill = p;
				decode = fmax(decode, d);
				mixed = m;
			}
		}
}

TEST(more_sms_are_never_slower)
{
	static const struct sw__attention_batch batches[] = {
		{1, 64, 0, 0, 0},       {4, 2048, 0, 0, 0},       {1, 512, 9000, 0, 0},
		{0, 0, 0, 1, 20000},    {0, 0, 0, 64, 30000},     {0, 0, 0, 512, 1e6},
		{1, 512, 0, 64, 30000}, {2, 2048, 700, 200, 2e5},
	};

	for (size_t i = 0; i < sizeof batches / sizeof batches[0]; i++)
		for (int kind = 0; kind < N_VARIANTS; kind++)
			for (int s = 0; s < N_SHAPES; s++) {
				struct sw__attention_cal cal = variant(kind);
				struct sw__device dev = rtx_pro_6000_gpu;
				double last = INFINITY;

				for (dev.sms = 1; dev.sms <= dev.gpu_sms; dev.sms++) {
					double us = sw__attention_us(&cal, &dev, shapes[s],
								     &batches[i]);

					CHECK(us <= last * (1 + 1e-12));
					last = us;
				}
			}
}

TEST(the_whole_gpu_does_not_feel_the_bandwidth_knee)
{
	struct sw__attention_cal bent = rtx_pro_6000;

	bent.prefill.bandwidth_knee = bent.decode.bandwidth_knee = 1e6;
	CHECK_NEAR(time_us(&bent, &llama_8b, 1, 300, 9, 0, 0),
		   time_us(&rtx_pro_6000, &llama_8b, 1, 300, 9, 0, 0), 1e-9);
	CHECK_NEAR(time_us(&bent, &llama_8b, 0, 0, 0, 64, 3000),
		   time_us(&rtx_pro_6000, &llama_8b, 0, 0, 0, 64, 3000), 1e-9);
}

TEST(chunks_of_a_prompt_add_up)
{
	double whole = sw__attention_pairs(4096, 0), parts = 0, whole_us, parts_us = 0;

	for (int done = 0; done < 4096; done += 512) {
		parts += sw__attention_pairs(512, done);
		parts_us += time_us(&rtx_pro_6000, &llama_8b, 1, 512, done, 0, 0);
	}
	whole_us = time_us(&rtx_pro_6000, &llama_8b, 1, 4096, 0, 0, 0);
	CHECK_NEAR(parts, whole, 1e-15);
	CHECK(parts_us >= whole_us); /* launches and part-filled waves of their own */
	CHECK(parts_us <= 2 * whole_us);
}

TEST(the_same_batch_told_in_two_ways_costs_the_same)
{
	const struct sw__attention_cal *cal = &rtx_pro_6000;
	double decode =
		sw__decode_attention_us(&cal->decode, &rtx_pro_6000_gpu, &llama_8b, 7, 7 * 801.0);
	double prefill =
		sw__prefill_attention_us(&cal->prefill, &rtx_pro_6000_gpu, &llama_8b, 3, 256, 64);

	CHECK_NEAR(time_us(cal, &llama_8b, 0, 0, 0, 7, 801), decode, 0);
	CHECK_NEAR(time_us(cal, &llama_8b, 7, 1, 800, 0, 0), decode, 0);
	CHECK_NEAR(time_us(cal, &llama_8b, 3, 256, 64, 0, 0), prefill, 0);
	CHECK_NEAR(time_us(cal, &llama_8b, 5, 0, 64, 7, 801), decode, 0);
}

TEST(nothing_to_do_takes_no_time)
{
	struct sw__attention_batch none = {0};
	struct sw__attention_cost cost =
		sw__attention(&rtx_pro_6000, &rtx_pro_6000_gpu, &llama_8b, &none);

	CHECK(cost.us == 0 && cost.dram_gb == 0 && cost.tflop == 0);
}

TEST(absurd_but_legal_sizes_stay_finite)
{
	static const double sizes[] = {0, 1e-6, 1, 3.7, 1e4, 1e9, 1e15};
	enum { N = sizeof sizes / sizeof sizes[0] };

	for (int i = 0; i < N * N * N; i++)
		for (int kind = 0; kind < N_VARIANTS; kind++) {
			struct sw__attention_cal cal = variant(kind);
			double a = sizes[i % N], b = sizes[i / N % N], c = sizes[i / N / N];
			struct sw__attention_batch batch = {a, b, c, b, a * c};
			struct sw__attention_cost cost =
				sw__attention(&cal, &rtx_pro_6000_gpu, &llama_8b, &batch);

			CHECK(isfinite(cost.us) && cost.us >= 0);
			CHECK(isfinite(cost.dram_gb) && cost.dram_gb >= 0);
			CHECK(isfinite(cost.tflop) && cost.tflop >= 0);
		}
}

/* Single figures of the published sets, RTX PRO 6000: 1.53 TB/s of KV reads, prefill at 0.59 of the tensor peak, and
 * the mixed batches in which 128 decodes read K and V once per query head. */
TEST(some_published_times_are_met)
{
	const struct sw__attention_cal *cal = &rtx_pro_6000;

	CHECK_NEAR(time_us(cal, &llama_8b, 0, 0, 0, 256, 16385), 11238.9, 0.06);
	CHECK_NEAR(time_us(cal, &llama_8b, 0, 0, 0, 64, 4097), 753.5, 0.06);
	CHECK_NEAR(time_us(cal, &llama_8b, 4, 16384, 0, 0, 0), 29696.5, 0.06);
	CHECK_NEAR(time_us(cal, &llama_8b, 1, 2048, 4096, 0, 0), 665.4, 0.08);
	CHECK_NEAR(time_us(cal, &llama_8b, 1, 16, 0, 128, 16385), 21061.1, 0.15);
	CHECK_NEAR(time_us(cal, &llama_8b, 1, 512, 0, 64, 1025), 348.6, 0.1);
}

TEST_MAIN()
