// SPDX-License-Identifier: Apache-2.0
#include "fuzz_file.h"
#include "slicewise/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is designed can be run: every experiment has engines, and a time. */
static void check(const struct sw_design *design)
{
	for (size_t i = 0; i < design->n; i++) {
		const struct sw_experiment *e = &design->experiments[i];

		if (!e->mix || e->mix->n == 0 || e->mix->n > SW_TENANTS_MAX || !e->name[0])
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static sw_catalog *catalog;
	struct fuzz_file file = fuzz_file_open(data, size);
	struct sw_design *design = NULL;
	sw_campaign *it = NULL;
	struct sw_error err = {SW_OK, ""};
	enum sw_status st;

	if (!catalog && sw_catalog_open(&catalog, NULL) != SW_OK)
		abort();
	st = sw_campaign_load(catalog, file.path, &it, &err);
	/* A refusal says why, and gives nothing. */
	if ((st == SW_OK) != (it != NULL) || (st != SW_OK && !err.message[0]))
		abort();
	if (it && sw_design_make(it, NULL, &design, &err) == SW_OK)
		check(design);
	sw_design_free(design);
	sw_campaign_free(it);
	close(file.fd);
	return 0;
}
