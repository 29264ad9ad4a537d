// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "emulate/completion.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CONTEXT = 4096 };

/* A refusal says why; an answer fits behind its prompt. */
static bool holds(const uint8_t *data, size_t size, bool chat)
{
	struct sw__completion completion;
	struct sw__refusal why = {0};
	uint64_t tokens;
	bool stops;

	if (!sw__completion_read((const char *)data, size, chat, &completion, &why))
		return why.status == 400 && why.message[0];
	tokens = sw__completion_length(&completion, CONTEXT, 100, &stops, &why);
	return completion.prompt_tokens > 0 &&
	       (tokens == 0 || tokens + completion.prompt_tokens <= CONTEXT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!holds(data, size, false) || !holds(data, size, true))
		abort();
	return 0;
}
