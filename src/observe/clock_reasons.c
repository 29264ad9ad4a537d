// SPDX-License-Identifier: Apache-2.0
/* Why clocks are where they are, in words. */
#include <stdio.h>

#include "slicewise/observe.h"

struct reason_row {
	unsigned long long bit;
	bool holds;
	const char *words;
};

static const struct reason_row reason_rows[] = {
#define REASON_ROW(name, bit, holds, words) {bit, holds, words},
	SW_CLOCK_REASON_LIST(REASON_ROW)
#undef REASON_ROW
};

enum { REASONS = sizeof(reason_rows) / sizeof(reason_rows[0]) };

bool sw_clocks_held_back(unsigned long long reasons)
{
	for (size_t i = 0; i < REASONS; i++) {
		if (reason_rows[i].holds && (reasons & reason_rows[i].bit))
			return true;
	}
	return false;
}

/* Appends what fits; `used` may run ahead of what was written, as snprintf() counts. */
static size_t append(char *out, size_t capacity, size_t used, const char *words)
{
	size_t at = used < capacity ? used : capacity - 1;
	int n = snprintf(out + at, capacity - at, "%s%s", used ? ", " : "", words);

	return used + (size_t)n;
}

const char *sw_clocks_words(unsigned long long reasons, char *out, size_t capacity)
{
	char unnamed[48];
	size_t used = 0;

	for (size_t i = 0; i < REASONS; i++) {
		if (reasons & reason_rows[i].bit)
			used = append(out, capacity, used, reason_rows[i].words);
		reasons &= ~reason_rows[i].bit;
	}
	if (reasons) {
		(void)snprintf(unnamed, sizeof(unnamed), "unnamed reason 0x%llx", reasons);
		used = append(out, capacity, used, unnamed);
	}
	if (!used)
		(void)append(out, capacity, 0, "none");
	return out;
}
