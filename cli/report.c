// SPDX-License-Identifier: Apache-2.0
#include "report.h"

#include <stdarg.h>
#include <stdio.h>

enum sw_status fail(struct sw_error *err, enum sw_status status, const char *format, ...)
{
	va_list args;

	err->status = status;
	va_start(args, format);
	(void)vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	return status;
}

void say(const char *format, ...)
{
	va_list args;

	(void)fputs("slicewise: ", stderr);
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputc('\n', stderr);
}
