// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "slicewise/catalog.h"
#include "step/calibration.h"

static struct sw_gpu gpu_of(const char *id)
{
	struct sw_gpu gpu = {.id = ""};
	sw_catalog *catalog;

	CHECK_INT(sw_catalog_open(&catalog, NULL), SW_OK);
	CHECK_INT(sw_catalog_gpu(catalog, id, &gpu, NULL), SW_OK);
	sw_catalog_free(catalog);
	return gpu;
}

TEST(every_gpu_of_the_catalogue_has_a_calibration)
{
	sw_catalog *catalog;

	CHECK_INT(sw_catalog_open(&catalog, NULL), SW_OK);
	for (size_t i = 0; i < sw_catalog_gpu_count(catalog); i++) {
		struct sw_gpu gpu = gpu_of(sw_catalog_gpu_id(catalog, i));
		sw_calibration *calibration = NULL;

		CHECK_INT(sw_calibration_open(&gpu, NULL, &calibration, NULL), SW_OK);
		if (calibration) {
			const struct sw_calibration_info *info =
				sw_calibration_describe(calibration);

			CHECK(info->measured == (strcmp(info->id, gpu.id) == 0));
			CHECK(info->decode_doubt > 0 && info->prefill_doubt > 0);
		}
		sw_calibration_free(calibration);
	}
	sw_catalog_free(catalog);
}

TEST(a_carried_calibration_says_so_and_doubts_more)
{
	struct sw_gpu own = gpu_of("h100-sxm"), other = gpu_of("h200-sxm");
	sw_calibration *a, *b;

	CHECK_INT(sw_calibration_open(&own, NULL, &a, NULL), SW_OK);
	CHECK_INT(sw_calibration_open(&other, NULL, &b, NULL), SW_OK);
	CHECK(sw_calibration_describe(a)->measured);
	CHECK(!sw_calibration_describe(b)->measured);
	CHECK(strstr(sw_calibration_describe(b)->basis, "h100-sxm"));
	CHECK(sw_calibration_describe(b)->decode_doubt > sw_calibration_describe(a)->decode_doubt);
	/* More bandwidth for the same SMs: the efficiency stays. */
	CHECK_NEAR(b->gemm.dram_efficiency, a->gemm.dram_efficiency, 0);
	sw_calibration_free(a);
	sw_calibration_free(b);
}

TEST(less_bandwidth_per_sm_is_used_better)
{
	struct sw_gpu large = gpu_of("a100-sxm4-80gb"), small = gpu_of("a100-sxm4-40gb");
	sw_calibration *a, *b;

	CHECK_INT(sw_calibration_open(&large, NULL, &a, NULL), SW_OK);
	CHECK_INT(sw_calibration_open(&small, NULL, &b, NULL), SW_OK);
	CHECK(b->gemm.dram_efficiency > a->gemm.dram_efficiency);
	CHECK(b->gemm.dram_efficiency * small.dram_gb_s <
	      a->gemm.dram_efficiency * large.dram_gb_s);
	sw_calibration_free(a);
	sw_calibration_free(b);
}

TEST(what_is_published_of_a_gpu_adjusts_what_is_carried_to_it)
{
	struct sw_gpu measured = gpu_of("l40s"), adjusted = gpu_of("rtx-4090");
	struct sw_gpu carried = gpu_of("rtx-6000-ada");
	sw_calibration *a, *b, *c;

	CHECK_INT(sw_calibration_open(&measured, NULL, &a, NULL), SW_OK);
	CHECK_INT(sw_calibration_open(&adjusted, NULL, &b, NULL), SW_OK);
	CHECK_INT(sw_calibration_open(&carried, NULL, &c, NULL), SW_OK);
	CHECK_NEAR(b->gemm.dram_efficiency, 1.12 * a->gemm.dram_efficiency, 1e-12);
	CHECK(b->gemm.dram_efficiency < 0.93);
	CHECK(strstr(sw_calibration_describe(b)->basis, "adjusted") != NULL);
	CHECK_NEAR(c->gemm.dram_efficiency, a->gemm.dram_efficiency, 0);
	CHECK(strstr(sw_calibration_describe(c)->basis, "adjusted") == NULL);
	sw_calibration_free(a);
	sw_calibration_free(b);
	sw_calibration_free(c);
}

TEST(a_named_file_is_used_and_a_missing_one_is_an_io_error)
{
	struct sw_gpu gpu = gpu_of("l40s");
	sw_calibration *calibration;
	struct sw_error err;

	CHECK_INT(sw_calibration_open(&gpu, SW_SOURCE_DIR "/data/calibration/l40s.json",
				      &calibration, &err),
		  SW_OK);
	CHECK(sw_calibration_describe(calibration)->measured);
	sw_calibration_free(calibration);
	CHECK_INT(sw_calibration_open(&gpu, "/nonexistent.json", &calibration, &err), SW_IO);
	CHECK(!calibration);
}

TEST_MAIN()
