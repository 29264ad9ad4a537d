// SPDX-License-Identifier: Apache-2.0
/* A server's stream, cut at places that the first byte decides. */
#include <stdint.h>
#include <stdlib.h>

#include "drive/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sw__histogram gaps;
	struct sw__http_head head = {200, "text/event-stream"};
	struct sw__answer answer = {.pieces = 0};
	size_t step = size ? (size_t)data[0] % 64 + 1 : 1;
	uint64_t at_ns = 1;

	sw__answer_begin(&answer, 100);
	answer.gaps = &gaps;
	for (size_t from = 1; from < size; from += step, at_ns++) {
		size_t n = size - from < step ? size - from : step;

		if (!sw__answer_take(&answer, &head, (const char *)data + from, n, at_ns)) {
			if (answer.fault == SW__ANSWER_FINE)
				abort();
			break;
		}
	}
	if (answer.pieces && (!answer.first_ns || answer.last_ns < answer.first_ns))
		abort();
	sw__answer_free(&answer);
	return 0;
}
