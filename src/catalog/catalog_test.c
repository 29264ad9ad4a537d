// SPDX-License-Identifier: Apache-2.0
/* The bundled data: every file is read, every figure has a source, and what must agree does. */
#include "slicewise/catalog.h"

#include <string.h>

#include "check.h"
#include "formats/document.h"

static struct sw_error err;
static sw_catalog *catalog;

static void open_catalog(void)
{
	if (!catalog)
		CHECK_INT(sw_catalog_open(&catalog, &err), SW_OK);
}

TEST(the_gpus_and_models_of_the_list_are_bundled)
{
	static const char *const gpus[] = {"a10",
					   "a100-pcie-40gb",
					   "a100-pcie-80gb",
					   "a100-sxm4-40gb",
					   "a100-sxm4-80gb",
					   "h100-pcie",
					   "h100-sxm",
					   "h200-sxm",
					   "l4",
					   "l40s",
					   "quadro-rtx-6000",
					   "rtx-4090",
					   "rtx-6000-ada",
					   "rtx-pro-6000-server",
					   "v100-sxm2-16gb"};
	static const char *const models[] = {"llama-7b",
					     "llama-13b",
					     "llama-3.1-8b",
					     "llama-3.2-1b",
					     "llama-3.2-3b",
					     "qwen3-0.6b",
					     "qwen3-1.7b",
					     "qwen3-4b",
					     "qwen3-8b",
					     "qwen3-32b",
					     "qwen2.5-0.5b",
					     "qwen2.5-1.5b",
					     "qwen2.5-3b",
					     "qwen2.5-7b",
					     "qwen2.5-14b",
					     "mistral-7b",
					     "phi-2",
					     "deepseek-r1-distill-qwen-1.5b",
					     "deepseek-r1-distill-qwen-7b",
					     "deepseek-r1-distill-llama-8b"};
	struct sw_gpu gpu;
	struct sw_model model;

	open_catalog();
	for (size_t i = 0; i < sizeof(gpus) / sizeof(*gpus); i++) {
		CHECK_INT(sw_catalog_gpu(catalog, gpus[i], &gpu, &err), SW_OK);
		CHECK_STR(gpu.id, gpus[i]);
	}
	for (size_t i = 0; i < sizeof(models) / sizeof(*models); i++) {
		CHECK_INT(sw_catalog_model(catalog, models[i], &model, &err), SW_OK);
		CHECK_STR(model.id, models[i]);
	}
}

TEST(ids_are_sorted_and_every_one_is_read)
{
	struct sw_gpu gpu;
	struct sw_model model;

	open_catalog();
	CHECK(sw_catalog_gpu_count(catalog) >= 15 && sw_catalog_model_count(catalog) >= 20);
	for (size_t i = 0; i < sw_catalog_gpu_count(catalog); i++) {
		if (!CHECK(sw_catalog_gpu(catalog, sw_catalog_gpu_id(catalog, i), &gpu, &err) ==
			   SW_OK))
			printf("    %s\n", err.message);
		CHECK_STR(gpu.id, sw_catalog_gpu_id(catalog, i));
		CHECK(i == 0 ||
		      strcmp(sw_catalog_gpu_id(catalog, i - 1), sw_catalog_gpu_id(catalog, i)) < 0);
	}
	for (size_t i = 0; i < sw_catalog_model_count(catalog); i++) {
		if (!CHECK(sw_catalog_model(catalog, sw_catalog_model_id(catalog, i), &model,
					    &err) == SW_OK))
			printf("    %s\n", err.message);
		CHECK(i == 0 || strcmp(sw_catalog_model_id(catalog, i - 1),
				       sw_catalog_model_id(catalog, i)) < 0);
	}
	CHECK(sw_catalog_gpu_id(catalog, sw_catalog_gpu_count(catalog)) == NULL);
	CHECK(sw_catalog_model_id(catalog, sw_catalog_model_count(catalog)) == NULL);
}

TEST(parameters_of_every_model_match_its_published_count)
{
	struct sw_model model;

	open_catalog();
	for (size_t i = 0; i < sw_catalog_model_count(catalog); i++) {
		const char *id = sw_catalog_model_id(catalog, i);

		CHECK_INT(sw_catalog_model(catalog, id, &model, &err), SW_OK);
		CHECK_NEAR((double)sw_model_parameters(&model),
			   sw_catalog_model_published(catalog, id), 1e-9);
	}
	CHECK_NEAR(sw_catalog_model_published(catalog, "no-such-model"), NAN, 0);
}

static void check_source(const struct sw_node *root, const struct sw_node *figure)
{
	const struct sw_node *source = sw_node_get(sw_node_get(root, "sources"), figure->key);
	const struct sw_node *document, *address;

	if (!CHECK(source != NULL)) {
		printf("    %s: no source of %s\n", sw_document_name(root->document), figure->key);
		return;
	}
	document = sw_node_get(sw_node_get(root, "documents"), source->text);
	if (!CHECK(document != NULL)) {
		printf("    %s: no document %s\n", sw_document_name(root->document), source->text);
		return;
	}
	address = sw_node_get(document, "address");
	CHECK(address && strncmp(address->text, "https://", 8) == 0);
	CHECK(sw_node_get(document, "title") != NULL);
}

TEST(every_figure_of_a_gpu_has_a_source)
{
	static const char *const no_figures[] = {
		"format", "id",      "name",     "architecture", "compute_capability",
		"notes",  "sources", "documents"};

	open_catalog();
	for (size_t i = 0; i < sw_catalog_gpu_count(catalog); i++) {
		const char *id = sw_catalog_gpu_id(catalog, i);
		const char *text = sw_catalog_gpu_text(catalog, id);
		struct sw_document *document;
		const struct sw_node *root;

		CHECK_INT(
			sw_document_parse(text, strlen(text), id, SW_FORMAT_JSON, &document, &err),
			SW_OK);
		root = sw_document_root(document);
		for (size_t k = 0; k < root->count; k++) {
			bool figure = true;

			for (size_t n = 0; n < sizeof(no_figures) / sizeof(*no_figures); n++)
				figure &= strcmp(root->children[k]->key, no_figures[n]) != 0;
			if (figure)
				check_source(root, root->children[k]);
		}
		sw_document_free(document);
	}
}

TEST(every_model_names_its_source)
{
	open_catalog();
	for (size_t i = 0; i < sw_catalog_model_count(catalog); i++) {
		const char *text = sw_catalog_model_text(catalog, sw_catalog_model_id(catalog, i));

		CHECK(strstr(text, "\"address\": \"https://huggingface.co/") != NULL);
	}
}

/*
 * Dense fp16 operations per SM and clock with fp32 accumulation, from the architectures' tensor
 * cores (number x fused multiply-adds x 2): an independent account of each peak. GeForce
 * accumulates in fp32 at half rate.
 */
TEST(peaks_follow_from_sms_clock_and_tensor_cores)
{
	static const struct {
		const char *id;
		double per_sm;
	} rates[] = {
		{"v100-sxm2-16gb", 8 * 64 * 2},
		{"quadro-rtx-6000", 8 * 64 * 2},
		{"a10", 4 * 128 * 2},
		{"a100-sxm4-40gb", 4 * 256 * 2},
		{"a100-pcie-80gb", 4 * 256 * 2},
		{"l4", 4 * 128 * 2},
		{"l40s", 4 * 128 * 2},
		{"rtx-6000-ada", 4 * 128 * 2},
		{"rtx-4090", 4 * 128},
		{"h100-sxm", 4 * 512 * 2},
		{"h100-pcie", 4 * 512 * 2},
		{"h200-sxm", 4 * 512 * 2},
		{"rtx-pro-6000-server", 4 * 128 * 2},
	};
	struct sw_gpu gpu;

	open_catalog();
	for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++) {
		CHECK_INT(sw_catalog_gpu(catalog, rates[i].id, &gpu, &err), SW_OK);
		CHECK_NEAR(gpu.peak_tflops[SW_FP16],
			   gpu.sms * rates[i].per_sm * gpu.boost_clock_mhz * 1e6 / 1e12, 0.02);
	}
}

TEST(dtypes_a_gpu_lacks_are_unknown)
{
	struct sw_gpu gpu;

	open_catalog();
	CHECK_INT(sw_catalog_gpu(catalog, "v100-sxm2-16gb", &gpu, &err), SW_OK);
	CHECK(!sw_known(gpu.peak_tflops[SW_BF16]) && !sw_known(gpu.peak_tflops[SW_FP8]));
	CHECK_INT(sw_catalog_gpu(catalog, "a100-sxm4-80gb", &gpu, &err), SW_OK);
	CHECK(sw_known(gpu.peak_tflops[SW_BF16]) && !sw_known(gpu.peak_tflops[SW_FP8]));
	CHECK_INT(sw_catalog_gpu(catalog, "l4", &gpu, &err), SW_OK);
	CHECK_NEAR(gpu.peak_tflops[SW_FP8], 242.5, 0);
}

TEST(an_unknown_id_is_refused_with_the_nearest)
{
	struct sw_gpu gpu;
	struct sw_model model;

	open_catalog();
	CHECK_INT(sw_catalog_gpu(catalog, "a100-sxm-80gb", &gpu, &err), SW_BAD_INPUT);
	CHECK(strstr(err.message, "unknown GPU \"a100-sxm-80gb\"; nearest ids: a100-sxm4-80gb") !=
	      NULL);
	CHECK_INT(sw_catalog_model(catalog, "qwen-4b", &model, &err), SW_BAD_INPUT);
	CHECK(strstr(err.message, "qwen3-4b") != NULL);
	CHECK_INT(sw_catalog_gpu(catalog, "h100", &gpu, &err), SW_BAD_INPUT);
	CHECK(strstr(err.message, "h100-pcie, h100-sxm") != NULL);
	CHECK_INT(sw_catalog_gpu(catalog, "", &gpu, &err), SW_BAD_INPUT);
	CHECK_INT(sw_catalog_gpu(catalog, "l4", &gpu, NULL), SW_OK);
	CHECK_INT(sw_catalog_gpu(catalog, "l5", &gpu, NULL), SW_BAD_INPUT);
}

TEST(a_path_is_read_as_a_file_and_a_missing_one_is_bad_input)
{
	struct sw_gpu gpu;
	struct sw_model model;
	char path[1024];

	open_catalog();
	(void)snprintf(path, sizeof(path), "%s/data/models/qwen3-4b.json", SW_SOURCE_DIR);
	CHECK_INT(sw_catalog_model(catalog, path, &model, &err), SW_OK);
	CHECK_STR(model.id, "qwen3-4b");
	CHECK_INT(sw_model_read(path, &model, &err), SW_OK);
	(void)snprintf(path, sizeof(path), "%s/data/gpus/l4.json", SW_SOURCE_DIR);
	CHECK_INT(sw_catalog_gpu(catalog, path, &gpu, &err), SW_OK);
	CHECK_INT(sw_gpu_read(path, &gpu, &err), SW_OK);
	/* a model is no GPU and the other way round */
	CHECK_INT(sw_catalog_model(catalog, path, &model, &err), SW_BAD_INPUT);
	CHECK_INT(sw_catalog_gpu(catalog, "missing.json", &gpu, &err), SW_BAD_INPUT);
	CHECK_INT(err.status, SW_BAD_INPUT);
	CHECK_INT(sw_catalog_model(catalog, "no/such/config.json", &model, &err), SW_BAD_INPUT);
}

TEST(closing_is_safe)
{
	sw_catalog_free(catalog);
	catalog = NULL;
	sw_catalog_free(NULL);
}

TEST_MAIN()
