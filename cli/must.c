// SPDX-License-Identifier: Apache-2.0
#include "must.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "slicewise/status.h"

static void *checked(void *memory)
{
	if (!memory) {
		(void)fputs("slicewise: out of memory\n", stderr);
		exit(sw_status_exit(SW_NO_MEMORY));
	}
	return memory;
}

void *must_malloc(size_t size)
{
	return checked(malloc(size ? size : 1));
}

void *must_alloc(size_t n, size_t size)
{
	return checked(calloc(n ? n : 1, size ? size : 1));
}

void *must_grow(void *old, size_t n, size_t size)
{
	return checked(reallocarray(old, n ? n : 1, size ? size : 1));
}

char *must_format(const char *format, ...)
{
	va_list args;
	char *text;
	int size;

	va_start(args, format);
	size = vasprintf(&text, format, args);
	va_end(args);
	return checked(size < 0 ? NULL : text);
}
