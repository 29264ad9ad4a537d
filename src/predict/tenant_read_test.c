// SPDX-License-Identifier: Apache-2.0
/* Refusals with their places are in mix_read_test.c and plan/problem_test.c. */
#include "predict/tenant_read.h"

#include <string.h>

#include "check.h"

static struct sw_error err;

static struct sw_document *parse(const char *text)
{
	struct sw_document *document = NULL;

	CHECK_INT(sw_document_parse(text, strlen(text), "t.yaml", SW_FORMAT_YAML, &document, &err),
		  SW_OK);
	return document;
}

TEST(every_engine_key_is_known)
{
	struct sw_engine engine = sw__engine_nothing_given();
	struct sw_document *document =
		parse("{name: sglang, version: 0.5.2, max_model_len: 4096, max_num_seqs: 8, "
		      "max_num_batched_tokens: 512, cuda_graphs: true, dtype: float16, "
		      "quantization: int4, "
		      "kv_cache_dtype: fp8, prefix_caching: false, gpu_memory_utilization: 0.8, "
		      "kv_cache_tokens: 10000, cores: 1.5}");

	CHECK_INT(sw__read_engine(sw_document_root(document), &engine, NULL, &err), SW_OK);
	CHECK_INT(engine.given, (SW_KEY_VERSION << 1) - 1);
	CHECK_INT(engine.kind, SW_SGLANG);
	CHECK_STR(engine.version, "0.5.2");
	CHECK_INT(engine.dtype, SW_FP16);
	CHECK_INT(engine.quantization, SW_QUANT_INT4);
	CHECK_INT(engine.kv_cache_dtype, SW_FP8);
	CHECK_NEAR(engine.kv_cache_tokens, 10000, 0);
	CHECK_NEAR(engine.cores, 1.5, 0);
	sw_document_free(document);
}

TEST(every_limit_has_its_place)
{
	static const char *const text =
		"{ttft_mean_ms: 1, ttft_p50_ms: 2, ttft_p95_ms: 3, ttft_p99_ms: 4, "
		"tpot_mean_ms: 5, tpot_p50_ms: 6, tpot_p95_ms: 7, tpot_p99_ms: 8}";
	struct sw_document *document = parse(text);
	struct sw_slo slo = sw__slo_none();
	double expected = 1;

	CHECK_INT(sw__read_slo(sw_document_root(document), &slo, NULL, &err), SW_OK);
	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			CHECK_NEAR(slo.bound_ms[m][s], expected++, 0);
	}
	sw_document_free(document);
}

TEST(models_and_gpus_by_id_or_beside_the_file)
{
	static const char *const paths[] = {"models/qwen3-4b.json",
					    SW_SOURCE_DIR "/data/models/qwen3-4b.json"};
	struct sw__source source = {.path = SW_SOURCE_DIR "/data/any.yaml"};
	sw_catalog *catalog = NULL;
	struct sw_model model;
	struct sw_gpu gpu;

	CHECK_INT(sw_catalog_open(&catalog, &err), SW_OK);
	source.catalog = catalog;
	for (size_t i = 0; i < 2; i++) {
		struct sw_document *document = parse(paths[i]);

		CHECK_INT(sw__read_model(sw_document_root(document), &model, &source, &err), SW_OK);
		CHECK_STR(model.id, "qwen3-4b");
		CHECK_INT(model.layers, 36);
		sw_document_free(document);
	}
	{
		struct sw_document *document = parse("gpus/l4.json");

		CHECK_INT(sw__read_gpu(sw_document_root(document), &gpu, &source, &err), SW_OK);
		CHECK_STR(gpu.id, "l4");
		sw_document_free(document);
	}
	sw_catalog_free(catalog);
}

TEST(statuses_are_relayed_with_the_place)
{
	const struct sw_error inner = {SW_IO, "no such file"};
	struct sw_document *document = parse("{a: {b: 1}}");
	const struct sw_node *node = sw_node_get(sw_node_get(sw_document_root(document), "a"), "b");

	CHECK_INT(sw__relay(node, SW_OK, &inner, &err), SW_OK);
	CHECK_INT(sw__relay(node, SW_IO, &inner, &err), SW_BAD_INPUT);
	CHECK_STR(err.message, "t.yaml:1: a.b: no such file");
	CHECK_INT(sw__relay(node, SW_INFEASIBLE, &inner, &err), SW_INFEASIBLE);
	CHECK_INT(err.status, SW_INFEASIBLE);
	sw_document_free(document);
}

TEST_MAIN()
