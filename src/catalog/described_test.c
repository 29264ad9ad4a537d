// SPDX-License-Identifier: Apache-2.0
#include "catalog/described.h"

#include <stdlib.h>

#include "check.h"

static sw_catalog *catalog;

static struct sw_document *parse(json_t *object)
{
	struct sw_document *document = NULL;
	char *text = json_dumps(object, JSON_COMPACT);

	CHECK_INT(sw_document_parse(text, strlen(text), "t", SW_FORMAT_JSON, &document, NULL),
		  SW_OK);
	json_decref(object);
	free(text);
	return document;
}

TEST(every_gpu_of_the_catalogue_comes_back)
{
	bool ok = true;

	for (size_t i = 0; i < sw_catalog_gpu_count(catalog); i++) {
		struct sw_gpu gpu, again;
		struct sw_document *document;

		CHECK_INT(sw_catalog_gpu(catalog, sw_catalog_gpu_id(catalog, i), &gpu, NULL),
			  SW_OK);
		document = parse(sw__gpu_described(&gpu, &ok));
		CHECK_INT(sw__gpu_from_described(sw_document_root(document), &again, NULL), SW_OK);
		sw_document_free(document);
		CHECK_STR(again.name, gpu.name);
		CHECK(again.sms == gpu.sms && again.architecture == gpu.architecture);
		CHECK(again.compute_major == gpu.compute_major && again.n_mig == gpu.n_mig);
		CHECK_NEAR(again.dram_gib, gpu.dram_gib, 0);
		CHECK_NEAR(again.visible_gib, gpu.visible_gib, 0);
		CHECK_NEAR(again.peak_tflops[SW_FP8], gpu.peak_tflops[SW_FP8], 0);
		CHECK_NEAR(again.pcie_gb_s, gpu.pcie_gb_s, 0);
		for (size_t m = 0; m < gpu.n_mig; m++)
			CHECK(again.mig[m].sms == gpu.mig[m].sms &&
			      again.mig[m].memory_gib == gpu.mig[m].memory_gib);
		CHECK(sw__gpu_is_listed(catalog, &again, &ok));
		again.l2_mib += 1;
		CHECK(!sw__gpu_is_listed(catalog, &again, &ok));
	}
	CHECK(ok);
}

TEST(every_model_of_the_catalogue_comes_back)
{
	bool ok = true;

	for (size_t i = 0; i < sw_catalog_model_count(catalog); i++) {
		struct sw_model model, again;
		struct sw_document *document;

		CHECK_INT(sw_catalog_model(catalog, sw_catalog_model_id(catalog, i), &model, NULL),
			  SW_OK);
		document = parse(sw__model_described(&model, &ok));
		CHECK_INT(sw__model_from_described(sw_document_root(document), &again, NULL),
			  SW_OK);
		sw_document_free(document);
		CHECK(sw_model_parameters(&again) == sw_model_parameters(&model));
		CHECK(again.max_position == model.max_position && again.dtype == model.dtype);
		CHECK_NEAR(again.weight_bits, model.weight_bits, 0);
		CHECK(sw__model_is_listed(catalog, &again, &ok));
		again.qkv_bias = !again.qkv_bias;
		CHECK(!sw__model_is_listed(catalog, &again, &ok));
	}
	CHECK(ok);
}

TEST(a_host_has_a_name_and_nothing_else)
{
	struct sw_gpu host = sw__host("xeon"), again;
	bool ok = true;
	struct sw_document *document = parse(sw__gpu_described(&host, &ok));

	CHECK_INT(sw_document_root(document)->count, 2);
	CHECK_INT(sw__gpu_from_described(sw_document_root(document), &again, NULL), SW_OK);
	sw_document_free(document);
	CHECK(ok && sw__is_host(&again) && isnan(again.dram_gib) && again.n_mig == 0);
	CHECK_STR(again.id, "xeon");
	CHECK(!sw__gpu_is_listed(catalog, &again, &ok));
}

int main(void)
{
	int status;

	if (sw_catalog_open(&catalog, NULL) != SW_OK)
		return 1;
	status = check_main();
	sw_catalog_free(catalog);
	return status;
}
