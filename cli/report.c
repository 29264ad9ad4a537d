// SPDX-License-Identifier: Apache-2.0
#include "report.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "style.h"

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
	char message[sizeof(((struct sw_error *)NULL)->message) + 64];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	text_plain(message);
	(void)fprintf(stderr, "slicewise: %s\n", message);
}

void say_warnings(const char *lines)
{
	while (lines && *lines) {
		size_t size = strcspn(lines, "\n");

		say("warning: %.*s", (int)size, lines);
		lines += size + (lines[size] == '\n');
	}
}
