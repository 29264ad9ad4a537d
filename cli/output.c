// SPDX-License-Identifier: Apache-2.0
#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "must.h"
#include "report.h"
#include "slicewise/slicewise.h"

void output_open(struct output *output)
{
	*output = (struct output){0};
	output->stream = open_memstream(&output->text, &output->size);
	if (!output->stream)
		(void)must_grow(NULL, (size_t)-1, 1); /* says so and exits */
}

/* Without stdio: one write as large as it may be, so that a reader of the first line does not fail us by chance. */
static enum sw_status put_stdout(const struct output *output, struct sw_error *err)
{
	const char *rest = output->text;
	size_t size = output->size;

	while (size) {
		ssize_t put = write(STDOUT_FILENO, rest, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return fail(err, SW_IO, "standard output: cannot write: %s",
				    strerror(errno));
		rest += put;
		size -= (size_t)put;
	}
	return SW_OK;
}

enum sw_status output_close(struct output *output, const char *path, struct sw_error *err)
{
	bool whole = !ferror(output->stream);
	enum sw_status st;

	if (fclose(output->stream) != 0 || !whole)
		st = fail(err, SW_NO_MEMORY, "out of memory");
	else if (path)
		st = sw_file_replace(path, output->text, output->size, err);
	else
		st = put_stdout(output, err);
	free(output->text);
	*output = (struct output){0};
	return st;
}

void output_drop(struct output *output)
{
	(void)fclose(output->stream);
	free(output->text);
	*output = (struct output){0};
}
