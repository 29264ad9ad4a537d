// SPDX-License-Identifier: Apache-2.0
#include "catalog/memory_addends.h"

#include <string.h>

#include "catalog/catalog_fixture.h"

static const double gib = 1024.0 * 1024 * 1024;

static const struct sw_memory_addend *find(const struct sw_memory_addend *a, size_t n,
					   const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(a[i].name, name) == 0)
			return &a[i];
	}
	return NULL;
}

TEST(weights_are_arithmetic)
{
	struct sw_model llama = model_called("llama-3.1-8b"), qwen = model_called("qwen3-4b");
	struct sw_engine e = {.dtype = SW_BF16};
	double linear = 32.0 * (4096.0 * 6144 + 4096.0 * 4096 + 3 * 4096.0 * 14336);
	double others = 8030261248.0 - linear;

	CHECK_NEAR(sw_weight_gib(&llama, &e), 8030261248.0 * 2 / gib, 1e-12);
	/* vLLM's log says 14.96 GiB for this one and 7.5 GiB for Qwen3-4B (tied: counted once) */
	CHECK_NEAR(sw_weight_gib(&llama, &e), 14.96, 0.001);
	CHECK_NEAR(sw_weight_gib(&qwen, &e), 7.49, 0.001);
	e.dtype = SW_FP32;
	CHECK_NEAR(sw_weight_gib(&llama, &e), 8030261248.0 * 4 / gib, 1e-12);
	/* quantisation narrows the linear layers only */
	e = (struct sw_engine){.dtype = SW_BF16, .quantization = SW_QUANT_FP8};
	CHECK_NEAR(sw_weight_gib(&llama, &e), (linear + 2 * others) / gib, 1e-12);
	e.quantization = SW_QUANT_INT4;
	CHECK_NEAR(sw_weight_gib(&llama, &e), (linear * 4.15625 / 8 + 2 * others) / gib, 1e-12);
	/* a model that comes quantised says its own bits */
	llama.quantization = SW_QUANT_INT4;
	llama.weight_bits = 4.5;
	CHECK_NEAR(sw_weight_gib(&llama, &e), (linear * 4.5 / 8 + 2 * others) / gib, 1e-12);
}

static size_t told_addends(const struct sw_model *model, const struct sw_engine *engine,
			   struct sw_memory_addend *addends)
{
	size_t n = sw__memory_addends(model, engine, addends);

	sw__memory_addends_say(model, engine, addends, n);
	return n;
}

TEST(bounds_hold_the_likely_and_only_weights_are_exact)
{
	sw_catalog *catalog;

	CHECK_INT(sw_catalog_open(&catalog, NULL), SW_OK);
	for (size_t i = 0; i < sw_catalog_model_count(catalog); i++) {
		struct sw_gpu gpu = gpu_called("h200-sxm");
		struct sw_model model = model_called(sw_catalog_model_id(catalog, i));
		struct sw_engine e = resolved((struct sw_engine){0}, &gpu, &model);
		struct sw_memory_addend a[SW_MEMORY_ADDENDS_MAX];
		size_t n = told_addends(&model, &e, a);

		CHECK_INT(n, 5);
		for (size_t k = 0; k < n; k++) {
			bool exact =
				a[k].low_gib == a[k].likely_gib && a[k].likely_gib == a[k].high_gib;

			CHECK(a[k].low_gib > 0 && a[k].low_gib <= a[k].likely_gib &&
			      a[k].likely_gib <= a[k].high_gib && a[k].how[0]);
			CHECK_INT(a[k].exact, strcmp(a[k].name, "weights") == 0);
			CHECK(!a[k].exact || exact);
		}
	}
	sw_catalog_free(catalog);
}

TEST(each_bound_grows_with_what_it_should)
{
	struct sw_gpu gpu = gpu_called("a100-sxm4-40gb");
	struct sw_model model = model_called("llama-3.1-8b");
	struct sw_engine e = resolved((struct sw_engine){0}, &gpu, &model);
	struct sw_memory_addend a[SW_MEMORY_ADDENDS_MAX];
	size_t n = told_addends(&model, &e, a);

	/* widest point: 2 x 4096 + 3 x 14336 elements of 2 bytes, 2048 tokens */
	CHECK_NEAR(find(a, n, "activations")->low_gib, 2048.0 * (8192 + 43008) * 2 / gib, 1e-12);
	CHECK_STR(find(a, n, "activations")->how, "2048 tokens x 51200 elements x 2 B x 1.25");
	CHECK_NEAR(find(a, n, "sampler")->likely_gib, 256.0 * 128256 * 4 / gib, 1e-12);
	/* 51 sizes up to 512 and 35 up to 256 (vLLM's log: PIECEWISE=51, FULL=35) */
	CHECK_STR(find(a, n, "CUDA graphs")->how, "86 graphs x 32 layers x 0.17 MiB");
	e.max_num_seqs = 64; /* and PIECEWISE=19, FULL=11 */
	(void)told_addends(&model, &e, a);
	CHECK_STR(find(a, n, "CUDA graphs")->how, "30 graphs x 32 layers x 0.17 MiB");
	e.max_num_seqs = 1;
	(void)told_addends(&model, &e, a);
	CHECK_STR(find(a, n, "CUDA graphs")->how, "3 graphs x 32 layers x 0.17 MiB");
	e.cuda_graphs = false;
	CHECK_INT(told_addends(&model, &e, a), n - 1);
}

TEST(graphs_stay_below_what_engines_report)
{
	struct sw_gpu gpu = gpu_called("h200-sxm");
	struct sw_model model = model_called("qwen3-32b");
	struct sw_engine e = resolved((struct sw_engine){0}, &gpu, &model);
	struct sw_memory_addend a[SW_MEMORY_ADDENDS_MAX];
	size_t n = told_addends(&model, &e, a);

	CHECK_NEAR(find(a, n, "CUDA graphs")->high_gib, 2.5, 0);
}

TEST(a_parallel_block_keeps_the_attentions_result_too)
{
	struct sw_gpu gpu = gpu_called("a10");
	struct sw_model model = model_called("phi-2");
	struct sw_engine e = resolved((struct sw_engine){0}, &gpu, &model);
	struct sw_memory_addend a[SW_MEMORY_ADDENDS_MAX];
	size_t n = told_addends(&model, &e, a);

	CHECK_NEAR(find(a, n, "activations")->low_gib,
		   2048.0 * (2 * 2560 + 2 * 10240 + 2560) * 2 / gib, 1e-12);
}

TEST_MAIN()
