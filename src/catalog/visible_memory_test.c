// SPDX-License-Identifier: Apache-2.0
#include "catalog/catalog_fixture.h"

TEST(a_process_sees_slightly_less_than_the_total)
{
	struct sw_gpu gpu;
	sw_catalog *catalog;

	CHECK_INT(sw_catalog_open(&catalog, NULL), SW_OK);
	for (size_t i = 0; i < sw_catalog_gpu_count(catalog); i++) {
		CHECK_INT(sw_catalog_gpu(catalog, sw_catalog_gpu_id(catalog, i), &gpu, NULL),
			  SW_OK);
		CHECK(sw_gpu_visible_gib(&gpu) < gpu.dram_gib);
		CHECK(sw_gpu_visible_gib(&gpu) > 0.97 * gpu.dram_gib);
	}
	sw_catalog_free(catalog);
}

TEST(the_known_total_counts_before_the_rule)
{
	struct sw_gpu gpu = {.dram_gib = 100, .visible_gib = 97.5};

	CHECK_NEAR(sw_gpu_visible_gib(&gpu), 97.5, 0);
	gpu.visible_gib = NAN;
	CHECK_NEAR(sw_gpu_visible_gib(&gpu), 98.5, 1e-12);
}

TEST(the_smallest_sufficient_mig_profile_is_found)
{
	static const struct {
		double share, memory_gib;
		const char *profile;
	} cases[] = {
		{0.1, NAN, "1g.10gb"},  {1.0 / 7, NAN, "1g.10gb"}, {0.143, NAN, "1g.10gb"},
		{0.15, NAN, "2g.20gb"}, {0.1, 12, "1g.20gb"},      {0.43, NAN, "3g.40gb"},
		{0.5, NAN, "4g.40gb"},  {0.1, 30, "3g.40gb"},      {0.6, NAN, "7g.80gb"},
		{1, NAN, "7g.80gb"},    {0.1, 60, "7g.80gb"},      {0.1, 80, NULL},
	};
	struct sw_gpu gpu = gpu_called("a100-sxm4-80gb"), none = gpu_called("l4");

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct sw_mig_profile *profile =
			sw_gpu_mig_profile(&gpu, cases[i].share, cases[i].memory_gib);

		if (cases[i].profile && CHECK(profile != NULL))
			CHECK_STR(profile->name, cases[i].profile);
		CHECK((profile == NULL) == (cases[i].profile == NULL));
	}
	CHECK(sw_gpu_mig_profile(&none, 0.1, NAN) == NULL);
}

TEST(the_profiles_of_a_gpu_fill_it_and_no_more)
{
	struct sw_gpu gpu;
	sw_catalog *catalog;

	CHECK_INT(sw_catalog_open(&catalog, NULL), SW_OK);
	for (size_t i = 0; i < sw_catalog_gpu_count(catalog); i++) {
		CHECK_INT(sw_catalog_gpu(catalog, sw_catalog_gpu_id(catalog, i), &gpu, NULL),
			  SW_OK);
		for (size_t p = 0; p < gpu.n_mig; p++) {
			const struct sw_mig_profile *profile = &gpu.mig[p];

			CHECK(profile->max_instances * profile->compute_slices <=
			      gpu.mig_compute_slices);
			CHECK(profile->max_instances * profile->memory_slices <=
			      gpu.mig_memory_slices);
			CHECK(profile->max_instances * profile->sms <= gpu.sms);
			CHECK(profile->max_instances * profile->memory_gib <= gpu.dram_gib);
		}
	}
	sw_catalog_free(catalog);
}

TEST_MAIN()
