// SPDX-License-Identifier: Apache-2.0
#include "fuzz_file.h"
#include "slicewise/predict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static sw_catalog *catalog;
	struct fuzz_file file = fuzz_file_open(data, size);
	struct sw_mix *it = NULL;
	struct sw_error err = {SW_OK, ""};
	enum sw_status st;

	if (!catalog && sw_catalog_open(&catalog, NULL) != SW_OK)
		abort();
	st = sw_mix_load(catalog, file.path, &it, &err);
	/* A refusal says why, and gives nothing. */
	if ((st == SW_OK) != (it != NULL) || (st != SW_OK && !err.message[0]))
		abort();
	sw_mix_free(it);
	close(file.fd);
	return 0;
}
