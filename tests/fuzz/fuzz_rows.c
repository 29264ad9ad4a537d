// SPDX-License-Identifier: Apache-2.0
#include "fuzz_file.h"
#include "slicewise/validate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static sw_catalog *catalog;
	struct fuzz_file file = fuzz_file_open(data, size);
	struct sw_validation *it = NULL;
	struct sw_error err = {SW_OK, ""};
	enum sw_status st;

	if (!catalog && sw_catalog_open(&catalog, NULL) != SW_OK)
		abort();
	st = sw_validate_file(catalog, file.path, "l4", NULL, &it, &err);
	if ((st == SW_OK) != (it != NULL) || (st != SW_OK && !err.message[0]))
		abort();
	sw_validation_free(it);
	close(file.fd);
	return 0;
}
