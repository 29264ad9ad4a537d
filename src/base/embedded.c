// SPDX-License-Identifier: Apache-2.0
#include "base/embedded.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *name, const void *file)
{
	return strcmp(name, ((const struct sw__embedded *)file)->name);
}

const struct sw__embedded *sw__embedded_find(const char *name)
{
	return bsearch(name, sw__embedded_files, sw__embedded_count, sizeof(*sw__embedded_files),
		       by_name);
}
