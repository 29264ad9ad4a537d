// SPDX-License-Identifier: Apache-2.0
#include "fuzz_file.h"
#include "slicewise/predict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is known of a latency is in order. */
static void check_order(const struct sw_latency *l)
{
	if (!(l->at[SW_P50] <= l->at[SW_P95] && l->at[SW_P95] <= l->at[SW_P99]))
		abort();
	if (!(l->lo <= l->at[SW_MEAN] && l->at[SW_MEAN] <= l->hi[SW_MEAN]))
		abort();
}

/* Nothing is known under overload, and no time per output token where there is only one. */
static void check(const struct sw_prediction *predictions, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct sw_latency *latency = predictions[i].latency;
		bool overload = predictions[i].binds == SW_BINDS_OVERLOAD;

		if (sw_known(latency[SW_TTFT].at[SW_MEAN]) == overload)
			abort();
		for (int metric = 0; metric < SW_METRIC_COUNT; metric++) {
			if (sw_known(latency[metric].at[SW_MEAN]))
				check_order(&latency[metric]);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static sw_catalog *catalog;
	struct fuzz_file file = fuzz_file_open(data, size);
	struct sw_prediction predictions[SW_TENANTS_MAX];
	struct sw_mix *it = NULL;
	struct sw_error err = {SW_OK, ""};
	enum sw_status st;

	if (!catalog && sw_catalog_open(&catalog, NULL) != SW_OK)
		abort();
	st = sw_mix_load(catalog, file.path, &it, &err);
	/* A refusal says why, and gives nothing. */
	if ((st == SW_OK) != (it != NULL) || (st != SW_OK && !err.message[0]))
		abort();
	if (it && sw_predict_mix(it, NULL, predictions, &err) == SW_OK)
		check(predictions, it->n);
	sw_mix_free(it);
	close(file.fd);
	return 0;
}
