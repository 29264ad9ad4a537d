// SPDX-License-Identifier: Apache-2.0
#include "fuzz_file.h"
#include "slicewise/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is accepted can be predicted: slices lie on their GPU, and every engine has a load. */
static void check(const struct sw_planned_gpu *gpu, size_t n_workloads)
{
	for (size_t i = 0; i < gpu->mix->n; i++) {
		const struct sw_tenant *t = &gpu->mix->tenants[i];

		if (gpu->workload && gpu->workload[i] >= n_workloads)
			abort();
		if (sw_known(t->load.rate) == sw_known(t->load.concurrency))
			abort();
		if (!(t->slice.share > 0 && t->slice.share <= 1) || !t->name[0])
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static sw_catalog *catalog;
	struct fuzz_file file = fuzz_file_open(data, size);
	struct sw_plan_mixes *it = NULL;
	struct sw_error err = {SW_OK, ""};
	enum sw_status st;

	if (!catalog && sw_catalog_open(&catalog, NULL) != SW_OK)
		abort();
	st = sw_plan_mixes_load(catalog, file.path, &it, &err);
	/* A refusal says why, and gives nothing. */
	if ((st == SW_OK) != (it != NULL) || (st != SW_OK && !err.message[0]))
		abort();
	for (size_t i = 0; it && i < it->n_gpus; i++)
		check(&it->gpus[i], it->n_workloads);
	sw_plan_mixes_free(it);
	close(file.fd);
	return 0;
}
