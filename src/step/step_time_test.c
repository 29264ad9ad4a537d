// SPDX-License-Identifier: Apache-2.0
#include "step/step_time.h"

#include <string.h>

#include "check.h"
#include "slicewise/catalog.h"

struct bench {
	struct sw_gpu gpu;
	struct sw_model model;
	struct sw_engine engine;
	sw_calibration *calibration;
};

static struct bench bench_of(const char *gpu, const char *model)
{
	struct bench b;
	sw_catalog *catalog;

	memset(&b, 0, sizeof(b));
	CHECK_INT(sw_catalog_open(&catalog, NULL), SW_OK);
	CHECK_INT(sw_catalog_gpu(catalog, gpu, &b.gpu, NULL), SW_OK);
	CHECK_INT(sw_catalog_model(catalog, model, &b.model, NULL), SW_OK);
	b.engine.kind = SW_VLLM;
	CHECK_INT(sw_engine_resolve(&b.engine, &b.gpu, &b.model, NULL, NULL), SW_OK);
	CHECK_INT(sw_calibration_open(&b.gpu, NULL, &b.calibration, NULL), SW_OK);
	sw_catalog_free(catalog);
	return b;
}

static struct sw_step_work decodes(double n, double context)
{
	return (struct sw_step_work){.n_decode = n, .decode_kv_tokens = n * context};
}

static struct sw_step_work prompts(double n, double tokens)
{
	return (struct sw_step_work){.n_prefill = n, .prefill_tokens = n * tokens};
}

static struct sw_step_time time_of(const struct bench *b, enum sw_mechanism mechanism, double share,
				   struct sw_step_work work)
{
	struct sw_slice slice = {mechanism, share, NAN};
	struct sw_step_time time = {0};
	struct sw_error err = {SW_OK, ""};

	CHECK_INT(sw_step_time(b->calibration, &b->model, &b->engine, &slice, &work, &time, &err),
		  SW_OK);
	CHECK_STR(err.message, "");
	return time;
}

TEST(parts_add_up_and_lie_within_the_bounds)
{
	struct bench b = bench_of("l40s", "qwen3-4b");
	struct sw_step_work works[] = {decodes(1, 1),
				       decodes(64, 1000),
				       prompts(3, 700),
				       {.n_decode = 30,
					.decode_kv_tokens = 9000,
					.n_prefill = 1,
					.prefill_tokens = 512,
					.prefill_kv_tokens = 512}};

	for (size_t i = 0; i < 4; i++) {
		struct sw_step_time t = time_of(&b, SW_MPS, 0.5, works[i]);

		CHECK_NEAR(t.gemm_ms + t.attention_ms + t.other_ms + t.sampling_ms + t.host_ms,
			   t.total_ms, 1e-12);
		CHECK(t.low_ms < t.total_ms && t.total_ms < t.high_ms);
		CHECK(t.dram_gb > 0 && t.tflop > 0 && t.gemm_ms > 0 && t.attention_ms > 0);
	}
	sw_calibration_free(b.calibration);
}

TEST(no_step_beats_the_datasheet)
{
	static const char *const gpus[] = {"a100-sxm4-80gb", "h100-sxm", "h200-sxm",
					   "rtx-4090",       "l4",       "quadro-rtx-6000"};

	for (size_t i = 0; i < sizeof(gpus) / sizeof(gpus[0]); i++) {
		struct bench b = bench_of(gpus[i], "llama-3.1-8b");
		double peak = b.gpu.peak_tflops[b.engine.dtype];

		for (double n = 1; n <= 4096; n *= 4) {
			struct sw_step_time t = time_of(&b, SW_EXCLUSIVE, 1, prompts(1, n));

			CHECK(t.total_ms > 1000 * t.tflop / peak);
			t = time_of(&b, SW_EXCLUSIVE, 1, decodes(n, 500));
			CHECK(t.total_ms > 1000 * t.tflop / peak);
			/* Weights must pass the memory once. */
			CHECK(t.total_ms > 1000 * 15.0 / b.gpu.dram_gb_s);
		}
		sw_calibration_free(b.calibration);
	}
}

/* But for a few thousandths: the number of parts a product is split into follows the SMs. */
TEST(a_smaller_share_is_never_faster)
{
	static const double SPLITS = 0.006;
	struct bench b = bench_of("a100-sxm4-80gb", "llama-7b");
	struct sw_step_work works[] = {decodes(1, 100), decodes(64, 500), prompts(1, 64),
				       prompts(4, 512)};

	for (int engine = 0; engine < 2; engine++) {
		for (size_t i = 0; i < 4; i++) {
			double before = INFINITY;

			for (int percent = 5; percent <= 100; percent++) {
				struct sw_step_time t =
					time_of(&b, SW_MPS, percent / 100.0, works[i]);

				if (!CHECK(t.total_ms <= before * (1 + SPLITS)))
					printf("    work %zu at %d %%: %g after %g\n", i, percent,
					       t.total_ms, before);
				before = fmin(before, t.total_ms);
			}
		}
		sw_calibration_step_engine(b.calibration, &b.engine);
		CHECK(sw__step_is_paged(b.calibration, &b.engine));
	}
	sw_calibration_free(b.calibration);
}

TEST(a_launch_limiter_stretches_eager_engines_only)
{
	struct bench b = bench_of("a100-sxm4-80gb", "qwen3-4b");
	struct sw_step_time whole, limited;

	b.engine.cuda_graphs = false;
	whole = time_of(&b, SW_HAMI, 1, decodes(256, 2000));
	limited = time_of(&b, SW_HAMI, 0.5, decodes(256, 2000));
	/* The GPU works half of the time, and what the CPU does alone is rest. */
	CHECK_NEAR(limited.total_ms, 2 * (whole.total_ms - whole.host_ms), 1e-9);
	CHECK_NEAR(limited.host_ms, whole.host_ms, 1e-12);
	CHECK(limited.low_ms < limited.total_ms && limited.total_ms < limited.high_ms);
	b.engine.cuda_graphs = true;
	whole = time_of(&b, SW_HAMI, 1, decodes(8, 2000));
	limited = time_of(&b, SW_HAMI, 0.5, decodes(8, 2000));
	CHECK_NEAR(limited.total_ms, whole.total_ms, 0);
	sw_calibration_free(b.calibration);
}

TEST(a_quantised_model_reads_less_and_is_never_slower)
{
	struct bench b = bench_of("l40s", "llama-3.1-8b");
	struct sw_step_time full = time_of(&b, SW_EXCLUSIVE, 1, decodes(1, 500)), narrow;

	b.engine.quantization = SW_QUANT_INT4;
	narrow = time_of(&b, SW_EXCLUSIVE, 1, decodes(1, 500));
	CHECK(narrow.dram_gb < 0.5 * full.dram_gb);
	CHECK(narrow.gemm_ms < 0.5 * full.gemm_ms);
	full = time_of(&b, SW_EXCLUSIVE, 1, prompts(1, 4096));
	b.engine.quantization = SW_QUANT_NONE;
	CHECK(full.gemm_ms <= time_of(&b, SW_EXCLUSIVE, 1, prompts(1, 4096)).gemm_ms);
	sw_calibration_free(b.calibration);
}

TEST(a_mig_instance_is_a_smaller_gpu)
{
	struct bench b = bench_of("a100-sxm4-80gb", "qwen3-0.6b");
	struct sw_slice slice = {SW_MIG, 3.0 / 7, 20};
	struct sw__step_setting s = sw__step_setting(b.calibration, &b.engine, &slice);

	CHECK_NEAR(s.dev.sms, 42, 0);
	CHECK_NEAR(s.dev.gpu_sms, 42, 0);
	CHECK_NEAR(s.dev.dram_gb_s, b.gpu.dram_gb_s / 2, 1e-12);
	CHECK_NEAR(s.dev.peak_tflops, 312 * 42 / 108.0, 1e-12);
	sw_calibration_free(b.calibration);
}

TEST(impossible_steps_and_slices_are_refused)
{
	struct bench b = bench_of("l4", "qwen3-0.6b");
	struct sw_slice good = {SW_MPS, 0.5, NAN}, bad = {SW_EXCLUSIVE, 0.5, NAN};
	struct sw_step_work work = decodes(1, 1), none = {0};
	struct sw_step_time time;
	struct sw_error err;

	CHECK_INT(sw_step_time(b.calibration, &b.model, &b.engine, &bad, &work, &time, &err),
		  SW_BAD_INPUT);
	CHECK_INT(sw_step_time(b.calibration, &b.model, &b.engine, &good, &none, &time, &err),
		  SW_BAD_INPUT);
	sw_calibration_free(b.calibration);
}

TEST_MAIN()
