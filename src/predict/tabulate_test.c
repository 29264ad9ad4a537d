// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "predict/prepared.h"
#include "slicewise/catalog.h"

struct bench {
	struct sw_gpu gpu;
	struct sw_model model;
	struct sw_engine engine;
	struct sw_slice slice;
	sw_calibration *calibration;
	struct sw__tabulated table;
};

static struct bench bench_of(const char *gpu, const char *model, double share)
{
	struct sw__tabulation ask = {.prompt_tokens = 1000, .output_tokens = 200};
	struct bench b;
	sw_catalog *catalog;

	memset(&b, 0, sizeof(b));
	CHECK_INT(sw_catalog_open(&catalog, NULL), SW_OK);
	CHECK_INT(sw_catalog_gpu(catalog, gpu, &b.gpu, NULL), SW_OK);
	CHECK_INT(sw_catalog_model(catalog, model, &b.model, NULL), SW_OK);
	sw_catalog_free(catalog);
	b.engine.kind = SW_VLLM;
	b.slice = (struct sw_slice){SW_MPS, share, NAN};
	CHECK_INT(sw_engine_resolve(&b.engine, &b.gpu, &b.model, &b.slice, NULL), SW_OK);
	CHECK_INT(sw_calibration_open(&b.gpu, NULL, &b.calibration, NULL), SW_OK);
	ask.calibration = b.calibration;
	ask.model = &b.model;
	ask.engine = &b.engine;
	ask.slice = &b.slice;
	b.table = sw__tabulate(&ask);
	return b;
}

static double truth(const struct bench *b, const struct sw_step_work *work)
{
	struct sw_step_time time = {0};

	CHECK_INT(sw_step_time(b->calibration, &b->model, &b->engine, &b->slice, work, &time, NULL),
		  SW_OK);
	return time.total_ms;
}

/* Steps between the knots and away from the contexts the table was made at. */
TEST(the_table_tells_what_the_step_model_says)
{
	static const char *const gpus[] = {"a100-sxm4-80gb", "l40s", "h100-sxm"};

	for (size_t g = 0; g < 3; g++) {
		struct bench b = bench_of(gpus[g], "qwen3-4b", 0.5);

		for (double n = 1; n <= 128; n *= 2) {
			for (double context = 500; context <= 2000; context *= 2) {
				struct sw_step_work work = {.n_decode = n,
							    .decode_kv_tokens = n * context};
				struct sw__step_batch batch = {.n_decode = n,
							       .kv_tokens = n * context};

				CHECK_NEAR(sw__step_ms(&b.table.curve, &batch), truth(&b, &work),
					   0.12);
			}
		}
		for (double chunk = 128; chunk <= 2048; chunk *= 2) {
			struct sw_step_work work = {.n_prefill = 1, .prefill_tokens = chunk};
			struct sw__step_batch batch = {.n_prefill = 1,
						       .prefill_tokens = chunk,
						       .prefill_pairs = chunk * (chunk + 1) / 2};

			CHECK_NEAR(sw__step_ms(&b.table.curve, &batch), truth(&b, &work), 0.12);
		}
		sw_calibration_free(b.calibration);
	}
}

/* Beside a prompt's chunk, by few sequences and by all of the seats. */
TEST(steps_that_carry_prompts_too_are_as_the_step_model_says)
{
	static const char *const gpus[] = {"a100-sxm4-80gb", "l40s", "h100-sxm"};

	for (size_t g = 0; g < 3; g++) {
		struct bench b = bench_of(gpus[g], "llama-3.2-1b", 0.5);

		for (double n = 8; n <= 256; n *= 2) {
			for (double chunk = 500; chunk <= 1000; chunk *= 2) {
				struct sw_step_work work = {.n_decode = n,
							    .decode_kv_tokens = n * 1100,
							    .n_prefill = 1,
							    .prefill_tokens = chunk};
				struct sw__step_batch batch = {.n_decode = n,
							       .kv_tokens = n * 1100,
							       .n_prefill = 1,
							       .prefill_tokens = chunk,
							       .prefill_pairs =
								       chunk * (chunk + 1) / 2};

				CHECK_NEAR(sw__step_ms(&b.table.curve, &batch), truth(&b, &work),
					   0.15);
			}
		}
		sw_calibration_free(b.calibration);
	}
}

TEST(the_curve_keeps_its_invariants)
{
	struct bench b = bench_of("rtx-4090", "llama-3.2-1b", 0.3);
	const struct sw__step_curve *c = &b.table.curve;

	CHECK(c->n_knots >= 2 && c->n_knots <= SW__KNOTS);
	for (size_t i = 1; i < c->n_knots; i++) {
		CHECK(c->tokens[i] > c->tokens[i - 1]);
		CHECK(c->linear_ms[i] >= c->linear_ms[i - 1]);
	}
	CHECK_NEAR(c->tokens[c->n_knots - 1], b.engine.max_num_batched_tokens, 0);
	CHECK(c->host_ms > 0 && c->decode_ms_per_kv_token > 0 && c->prefill_ms_per_pair > 0);
	CHECK(c->mixed.n == SW__MIXED_KNOTS && c->mixed.per_token >= 0);
	for (size_t i = 0; i < c->mixed.n; i++)
		CHECK(c->mixed.factor[i] >= 1 && c->mixed.decodes[i] > 0);
	for (size_t i = 0; i < c->n_knots; i++)
		CHECK(b.table.waits.dram[i] >= 0 && b.table.waits.compute[i] >= 0 &&
		      b.table.waits.dram[i] + b.table.waits.compute[i] <= 1);
	CHECK(b.table.waits.kv_dram > 0 && b.table.waits.kv_dram <= 1);
	CHECK(b.table.waits.reads > 0.2 && b.table.waits.reads < 1);
	sw_calibration_free(b.calibration);
}

TEST(traffic_is_weights_and_contexts)
{
	struct bench b = bench_of("a100-sxm4-80gb", "qwen3-4b", 1);

	CHECK_NEAR(b.table.traffic.weights_gb, 2 * 4022468096.0 / 1e9, 0.02);
	CHECK_NEAR(b.table.traffic.kv_token_gb * 1e9, sw_kv_bytes_per_token(&b.model, &b.engine),
		   0.02);
	sw_calibration_free(b.calibration);
}

/* Remembered parts change nothing, whatever came before them and however many. */
TEST(what_is_remembered_changes_nothing)
{
	struct bench b = bench_of("a100-sxm4-80gb", "qwen3-4b", 0.4);
	struct sw__linear_parts *parts = calloc(1, sizeof(*parts));
	struct sw__tabulation ask = {.calibration = b.calibration,
				     .model = &b.model,
				     .engine = &b.engine,
				     .slice = &b.slice};

	for (int round = 0; round < 2; round++) {
		for (unsigned budget = 512; budget <= 65536; budget *= 2) {
			for (double prompt = 100; prompt <= 3000; prompt += 1450) {
				struct sw__tabulated fresh, again;

				b.engine.max_num_batched_tokens = budget;
				b.engine.cuda_graphs = budget % 3 != 1;
				ask.prompt_tokens = prompt;
				ask.output_tokens = 300;
				ask.known.linear = NULL;
				fresh = sw__tabulate(&ask);
				ask.known.linear = parts;
				again = sw__tabulate(&ask);
				CHECK(memcmp(&fresh, &again, sizeof(fresh)) == 0);
			}
		}
	}
	sw__linear_parts_free(parts);
	sw_calibration_free(b.calibration);
}

TEST_MAIN()
