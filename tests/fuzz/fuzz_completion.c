// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "emulate/completion.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int chat = 0; chat < 2; chat++) {
		struct sw__completion completion;
		struct sw__refusal why = {0};
		bool stops;

		if (!sw__completion_read((const char *)data, size, chat != 0, &completion, &why)) {
			if (why.status != 400 || !why.message[0])
				abort();
		} else if (completion.prompt_tokens == 0) {
			abort();
		} else if (sw__completion_length(&completion, 4096, 100, &stops, &why) +
					   (uint64_t)completion.prompt_tokens >
				   4096 &&
			   completion.prompt_tokens < 4096) {
			abort();
		}
	}
	return 0;
}
