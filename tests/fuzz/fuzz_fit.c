// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "fuzz_file.h"
#include "slicewise/fit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read can be explained, and written again. */
static void check(const sw_fit *fit)
{
	struct sw_error err = {SW_OK, ""};
	struct sw_fit_line line;
	char *text = NULL;

	for (size_t i = 0; sw_fit_line_at(fit, i, &line); i++)
		if (!line.name || !line.meaning || line.value != line.value)
			abort();
	if (sw_fit_text(fit, &text, &err) != SW_OK || !strstr(text, "slicewise-fit-1"))
		abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_file file = fuzz_file_open(data, size);
	sw_fit *it = NULL;
	struct sw_error err = {SW_OK, ""};
	enum sw_status st = sw_fit_open(file.path, &it, &err);

	if ((st == SW_OK) != (it != NULL) || (st != SW_OK && !err.message[0]))
		abort();
	if (it)
		check(it);
	sw_fit_free(it);
	close(file.fd);
	return 0;
}
