// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "catalog/catalog_fixture.h"
#include "catalog/described.h"

static const double gib = 1024.0 * 1024 * 1024;
static const struct sw_slice whole = {.mechanism = SW_EXCLUSIVE, .share = 1, .memory_gib = NAN};
static struct sw_error err;

static double addends_of(const struct sw_memory_fit *fit)
{
	double sum = 0;

	for (size_t i = 0; i < fit->n_addends; i++)
		sum += fit->addends[i].likely_gib;
	return sum;
}

TEST(the_addends_and_the_kv_cache_are_the_budget)
{
	struct sw_gpu gpu = gpu_called("a100-sxm4-80gb");
	struct sw_model model = model_called("llama-3.1-8b");
	struct sw_engine e = resolved((struct sw_engine){0}, &gpu, &model);
	struct sw_memory_fit fit;

	CHECK_INT(sw_memory_fit(&gpu, &model, &e, &whole, &fit, &err), SW_OK);
	CHECK_NEAR(fit.seen_gib, 79.25, 0);
	CHECK_NEAR(fit.budget_gib, 0.9 * 79.25, 1e-12);
	CHECK_NEAR(addends_of(&fit) + fit.kv_gib, fit.budget_gib, 1e-12);
	CHECK_NEAR(fit.request_gib, 16, 1e-12);
	CHECK_INT(fit.block_tokens, 16);
	CHECK_NEAR(fmod(fit.kv_tokens, 16), 0, 0);
	CHECK(fit.kv_tokens <= fit.kv_gib * gib / 131072);
	CHECK(fit.kv_tokens > fit.kv_gib * gib / 131072 - 16);
	CHECK(fit.kv_tokens_low < fit.kv_tokens && fit.kv_tokens < fit.kv_tokens_high);
	CHECK_INT(fit.max_model_len_fits, 131072);
	CHECK_NEAR(fit.setting_value, 0.9, 1e-12);
}

/*
 * A published start-up: Qwen3-8B, vLLM 0.21 or later, a GPU with 24 GB, max_model_len 16384,
 * fraction 0.9764: "Estimated CUDA graph memory: 0.52 GiB", "Available KV cache memory: 6.37 GiB",
 * "GPU KV cache size: 46,368 tokens" (LMCache issue 3430). The GPU is not named there; of those
 * with 24 GB only the memory of an RTX 4090 or 3090 is enough. Two of the constants were chosen on
 * this log, so it checks the sum, not them.
 */
TEST(a_published_start_up_is_met)
{
	struct sw_gpu gpu = gpu_called("rtx-4090");
	struct sw_model model = model_called("qwen3-8b");
	struct sw_engine e = {.given = SW_KEY_MAX_MODEL_LEN | SW_KEY_GPU_MEMORY_UTILIZATION,
			      .max_model_len = 16384,
			      .gpu_memory_utilization = 0.9764};
	struct sw_memory_fit fit;

	e = resolved(e, &gpu, &model);
	CHECK_INT(sw_memory_fit(&gpu, &model, &e, &whole, &fit, &err), SW_OK);
	CHECK_NEAR(fit.kv_gib, 6.37, 0.05);
	CHECK_NEAR(fit.kv_tokens, 46368, 0.05);
	CHECK(fit.kv_tokens_low < 46368 && 46368 < fit.kv_tokens_high);
	CHECK_NEAR(fit.addends[4].likely_gib, 0.52, 0.02);
}

/*
 * Llama-3-8B alone on a GPU with 79.22 GiB in vLLM 0.6 (pull request 10511): weights 14.96 GiB,
 * 53.29 GiB for the KV cache of 71.29. A log that was not used for any constant; its version had
 * other defaults and left graphs out.
 */
TEST(another_published_start_up_is_within_the_bounds)
{
	struct sw_gpu gpu = gpu_called("h100-sxm");
	struct sw_model model = model_called("llama-3.1-8b");
	struct sw_engine e = {.given = SW_KEY_MAX_MODEL_LEN | SW_KEY_MAX_NUM_SEQS |
				       SW_KEY_MAX_NUM_BATCHED_TOKENS | SW_KEY_CUDA_GRAPHS,
			      .max_model_len = 8192,
			      .max_num_seqs = 256,
			      .max_num_batched_tokens = 8192};
	struct sw_memory_fit fit;

	gpu.visible_gib = 79.22;
	e = resolved(e, &gpu, &model);
	CHECK_INT(sw_memory_fit(&gpu, &model, &e, &whole, &fit, &err), SW_OK);
	CHECK_NEAR(fit.budget_gib, 71.29, 0.001);
	CHECK_NEAR(fit.kv_gib, 53.29, 0.05);
	CHECK(fit.kv_tokens_low * fit.kv_bytes_per_token / gib < 53.29 &&
	      53.29 < fit.kv_tokens_high * fit.kv_bytes_per_token / gib);
}

TEST(what_the_fraction_refers_to_depends_on_the_mechanism)
{
	struct sw_gpu gpu = gpu_called("a100-sxm4-40gb");
	struct sw_model model = model_called("qwen3-4b");
	struct sw_engine e =
		resolved((struct sw_engine){.given = SW_KEY_MAX_MODEL_LEN, .max_model_len = 8192},
			 &gpu, &model);
	struct sw_slice slice = {.share = 0.5, .memory_gib = 19.5};
	struct sw_memory_fit hami, mps, turns, mig;

	slice.mechanism = SW_HAMI;
	CHECK_INT(sw_memory_fit(&gpu, &model, &e, &slice, &hami, &err), SW_OK);
	slice.mechanism = SW_MPS;
	CHECK_INT(sw_memory_fit(&gpu, &model, &e, &slice, &mps, &err), SW_OK);
	slice.mechanism = SW_TIMESLICE;
	CHECK_INT(sw_memory_fit(&gpu, &model, &e, &slice, &turns, &err), SW_OK);
	CHECK_NEAR(hami.seen_gib, 19.5, 0);
	CHECK_NEAR(hami.setting_value, 0.9, 1e-12);
	CHECK_NEAR(mps.seen_gib, 39.39, 0);
	CHECK_NEAR(mps.setting_value, 0.9 * 19.5 / 39.39, 1e-12);
	CHECK_NEAR(turns.setting_value, mps.setting_value, 0);
	CHECK_NEAR(hami.kv_tokens, mps.kv_tokens, 0);
	slice = (struct sw_slice){.mechanism = SW_MIG, .share = 0.42, .memory_gib = NAN};
	CHECK_INT(sw_memory_fit(&gpu, &model, &e, &slice, &mig, &err), SW_OK);
	CHECK_NEAR(mig.seen_gib, 19.62, 0);
	CHECK_NEAR(mig.setting_value, 0.9, 1e-12);
}

/*
 * Written as schedulers count it, 40 GiB is the whole of an A100-40GB; no process gets more than
 * CUDA shows.
 */
TEST(no_slice_grants_more_than_cuda_shows)
{
	struct sw_gpu gpu = gpu_called("a100-sxm4-40gb");
	struct sw_model model = model_called("qwen3-4b");
	struct sw_engine e = resolved((struct sw_engine){0}, &gpu, &model);
	struct sw_slice slice = {.mechanism = SW_HAMI, .share = 1, .memory_gib = 40};
	struct sw_memory_fit fit;

	CHECK_INT(sw_memory_fit(&gpu, &model, &e, &slice, &fit, &err), SW_OK);
	CHECK_NEAR(fit.granted_gib, 39.39, 0);
}

TEST(a_model_too_large_is_infeasible_and_every_addend_is_still_told)
{
	struct sw_gpu gpu = gpu_called("l4");
	struct sw_model model = model_called("qwen3-32b");
	struct sw_engine e = resolved((struct sw_engine){0}, &gpu, &model);
	struct sw_memory_fit fit;

	CHECK_INT(sw_memory_fit(&gpu, &model, &e, &whole, &fit, &err), SW_INFEASIBLE);
	CHECK(strstr(err.message, "qwen3-32b does not fit on l4") != NULL);
	CHECK_INT(fit.n_addends, 5);
	CHECK_NEAR(fit.addends[0].likely_gib, 32762123264.0 * 2 / gib, 1e-12);
	CHECK(fit.kv_gib < 0);
	CHECK_NEAR(fit.kv_tokens, 0, 0);
	CHECK_INT(fit.max_model_len_fits, 0);
}

TEST(one_request_of_max_model_len_must_fit)
{
	struct sw_gpu gpu = gpu_called("a100-sxm4-40gb");
	struct sw_model model = model_called("llama-3.1-8b");
	struct sw_engine e = resolved((struct sw_engine){0}, &gpu, &model);
	struct sw_slice slice = {.mechanism = SW_HAMI, .share = 0.5, .memory_gib = 24};
	struct sw_memory_fit fit;

	CHECK_INT(sw_memory_fit(&gpu, &model, &e, &slice, &fit, &err), SW_INFEASIBLE);
	CHECK(strstr(err.message, "one request of max_model_len 131072 takes 16.00 GiB") != NULL);
	CHECK(fit.max_model_len_fits > 16384 && fit.max_model_len_fits < 65536);
	/* and what is proposed does start */
	e = (struct sw_engine){.given = SW_KEY_MAX_MODEL_LEN,
			       .max_model_len = fit.max_model_len_fits};
	e = resolved(e, &gpu, &model);
	CHECK_INT(sw_memory_fit(&gpu, &model, &e, &slice, &fit, &err), SW_OK);
	e.max_model_len += 16;
	CHECK_INT(sw_memory_fit(&gpu, &model, &e, &slice, &fit, &err), SW_INFEASIBLE);
}

static double sum_of_addends(const struct sw_memory_fit *fit)
{
	double sum = 0;

	for (size_t i = 0; i < fit->n_addends; i++)
		sum += fit->addends[i].likely_gib;
	return sum;
}

TEST(given_kv_cache_tokens_override_what_memory_gives)
{
	struct sw_gpu gpu = gpu_called("a100-sxm4-40gb");
	struct sw_model model = model_called("qwen3-4b");
	struct sw_engine e = {.given = SW_KEY_KV_CACHE_TOKENS | SW_KEY_MAX_MODEL_LEN,
			      .kv_cache_tokens = 10007,
			      .max_model_len = 4096};
	struct sw_memory_fit fit;

	e = resolved(e, &gpu, &model);
	CHECK_INT(sw_memory_fit(&gpu, &model, &e, &whole, &fit, &err), SW_OK);
	CHECK_NEAR(fit.kv_tokens, 10000, 0);
	CHECK_NEAR(fit.kv_tokens_low, 10000, 0);
	CHECK_NEAR(fit.kv_gib, 10000 * 147456 / gib, 1e-12);
	CHECK_NEAR(fit.budget_gib, sum_of_addends(&fit) + fit.kv_gib, 1e-12);
	CHECK_NEAR(fit.setting_value, fit.budget_gib / fit.seen_gib, 1e-12);
	e.kv_cache_tokens = 2048;
	CHECK_INT(sw_memory_fit(&gpu, &model, &e, &whole, &fit, &err), SW_INFEASIBLE);
	e.kv_cache_tokens = 1e6;
	CHECK_INT(sw_memory_fit(&gpu, &model, &e, &whole, &fit, &err), SW_INFEASIBLE);
	CHECK(strstr(err.message, "kv_cache_tokens of 1000000 take at least 145"));
}

TEST(more_workspace_leaves_less_for_the_cache)
{
	struct sw_gpu gpu = gpu_called("l40s");
	struct sw_model model = model_called("qwen3-4b");
	struct sw_engine e = resolved((struct sw_engine){0}, &gpu, &model), more;
	struct sw_memory_fit base, fit;

	CHECK_INT(sw_memory_fit(&gpu, &model, &e, &whole, &base, &err), SW_OK);
	more = e;
	more.max_num_batched_tokens *= 4;
	CHECK_INT(sw_memory_fit(&gpu, &model, &more, &whole, &fit, &err), SW_OK);
	CHECK(fit.kv_tokens < base.kv_tokens);
	more = e;
	more.max_num_seqs *= 4;
	CHECK_INT(sw_memory_fit(&gpu, &model, &more, &whole, &fit, &err), SW_OK);
	CHECK(fit.kv_tokens < base.kv_tokens);
	more = e;
	more.cuda_graphs = false;
	CHECK_INT(sw_memory_fit(&gpu, &model, &more, &whole, &fit, &err), SW_OK);
	CHECK(fit.kv_tokens > base.kv_tokens);
	more = e;
	more.kv_cache_dtype = SW_FP8;
	CHECK_INT(sw_memory_fit(&gpu, &model, &more, &whole, &fit, &err), SW_OK);
	CHECK_NEAR(fit.kv_tokens, 2 * base.kv_tokens, 1e-3);
}

TEST(impossible_slices_are_refused)
{
	static const struct {
		const char *gpu;
		struct sw_slice slice;
		const char *expected;
	} wrong[] = {
		{"l4", {.mechanism = SW_HAMI, .share = 0, .memory_gib = 10}, "share: found 0"},
		{"l4", {.mechanism = SW_MPS, .share = 1.5, .memory_gib = 10}, "share: found 1.5"},
		{"l4", {.mechanism = SW_MPS, .share = NAN, .memory_gib = 10}, "share: found nan"},
		{"l4", {.mechanism = SW_HAMI, .share = 1, .memory_gib = 0}, "memory_gib: found 0"},
		{"l4",
		 {.mechanism = SW_HAMI, .share = 1, .memory_gib = -1},
		 "memory_gib: found -1"},
		{"l4", {.mechanism = SW_HAMI, .share = 1, .memory_gib = INFINITY}, "memory_gib"},
		{"l4",
		 {.mechanism = SW_EXCLUSIVE, .share = 1, .memory_gib = 23},
		 "at most 22.49 GiB, the memory of l4"},
		{"l4", {.mechanism = SW_MIG, .share = 0.1, .memory_gib = NAN}, "l4 has no MIG"},
		{"h100-sxm",
		 {.mechanism = SW_MIG, .share = 0.1, .memory_gib = 79.5},
		 "no MIG profile of h100-sxm"},
	};
	struct sw_model model = model_called("qwen3-0.6b");
	struct sw_memory_fit fit;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct sw_gpu gpu = gpu_called(wrong[i].gpu);
		struct sw_engine e = resolved((struct sw_engine){0}, &gpu, &model);

		err.message[0] = '\0';
		CHECK_INT(sw_memory_fit(&gpu, &model, &e, &wrong[i].slice, &fit, &err),
			  SW_BAD_INPUT);
		if (!CHECK(strstr(err.message, wrong[i].expected) != NULL))
			printf("    %s\n", err.message);
	}
}

/*
 * Every model on every GPU under every mechanism and engine: an answer, never a crash, and its
 * parts agree.
 */
TEST(a_host_has_room_for_what_its_engine_runs_at_once)
{
	struct sw_gpu host = sw__host("box");
	struct sw_model model = model_called("qwen3-0.6b");
	struct sw_engine e = {.kind = SW_LLAMA_CPP,
			      .max_num_seqs = 4,
			      .max_model_len = 2048,
			      .dtype = SW_FP16,
			      .kv_cache_dtype = SW_FP16,
			      .kv_cache_tokens = NAN};
	struct sw_slice slice = {.mechanism = SW_CPU_QUOTA, .share = 0.5, .memory_gib = NAN};
	struct sw_memory_fit fit;

	CHECK_INT(sw_memory_fit(&host, &model, &e, &slice, &fit, &err), SW_OK);
	CHECK_NEAR(fit.kv_tokens, 4 * 2048, 0);
	CHECK_INT(fit.block_tokens, 1);
	e.kv_cache_tokens = 1000;
	CHECK_INT(sw_memory_fit(&host, &model, &e, &slice, &fit, &err), SW_OK);
	CHECK_NEAR(fit.kv_tokens, 1000, 0);
}

TEST(every_combination_has_an_answer)
{
	sw_catalog *catalog;

	CHECK_INT(sw_catalog_open(&catalog, NULL), SW_OK);
	for (size_t g = 0; g < sw_catalog_gpu_count(catalog); g++) {
		struct sw_gpu gpu = gpu_called(sw_catalog_gpu_id(catalog, g));

		for (size_t m = 0; m < sw_catalog_model_count(catalog); m++) {
			struct sw_model model = model_called(sw_catalog_model_id(catalog, m));

			for (int c = 0; c < SW_ENGINE_COUNT * 5; c++) {
				struct sw_slice slice = {.mechanism = (enum sw_mechanism)(c % 5),
							 .share = 0.5,
							 .memory_gib = NAN};
				struct sw_engine e = {.given = SW_KEY_NAME,
						      .kind = (enum sw_engine_kind)(c / 5)};
				struct sw_memory_fit fit;
				enum sw_status st;

				e = resolved(e, &gpu, &model);
				st = sw_memory_fit(&gpu, &model, &e, &slice, &fit, &err);
				CHECK(st == SW_OK || st == SW_INFEASIBLE ||
				      (st == SW_BAD_INPUT && slice.mechanism == SW_MIG));
				if (st == SW_OK)
					CHECK(fit.kv_tokens > 0 &&
					      fit.budget_gib <= fit.granted_gib &&
					      fit.granted_gib <= fit.seen_gib &&
					      fit.setting_value > 0 &&
					      (e.kind == SW_LLAMA_CPP || fit.setting_value <= 1));
			}
		}
	}
	sw_catalog_free(catalog);
}

TEST_MAIN()
