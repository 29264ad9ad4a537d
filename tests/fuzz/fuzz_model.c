// SPDX-License-Identifier: Apache-2.0
#include "fuzz_file.h"
#include "slicewise/catalog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_file file = fuzz_file_open(data, size);
	struct sw_error err = {SW_OK, ""};
	struct sw_model model;

	if (sw_model_read(file.path, &model, &err) == SW_OK) {
		/* What is accepted can be computed with. */
		if (sw_model_parameters(&model) == 0 || model.heads % model.kv_heads != 0)
			abort();
	} else if (!err.message[0]) {
		abort();
	}
	close(file.fd);
	return 0;
}
