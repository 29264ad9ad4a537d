// SPDX-License-Identifier: Apache-2.0
#include "fuzz_file.h"
#include "slicewise/validate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static sw_catalog *catalog;
	struct fuzz_file file = fuzz_file_open(data, size);
	struct sw_validation *it = NULL;
	struct sw_validate_settings given = {
		.gpu = "l4", .model = "qwen3-0.6b", .prompt_tokens = 100, .output_tokens = 10};
	struct sw_error err = {SW_OK, ""};
	enum sw_status st;

	if (!catalog && sw_catalog_open(&catalog, NULL) != SW_OK)
		abort();
	st = sw_validate_file(catalog, file.path, &given, &it, &err);
	if ((st == SW_OK) != (it != NULL) || (st != SW_OK && !err.message[0]))
		abort();
	sw_validation_free(it);
	close(file.fd);
	return 0;
}
