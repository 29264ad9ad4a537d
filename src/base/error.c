// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <stdio.h>
#include <string.h>

#undef sw_fail /* error.h wraps it for the analyser */

struct status_row {
	const char *name;
	int exit_status;
	const char *meaning;
};

static const struct status_row status_rows[] = {
#define STATUS_ROW(name, exit_status, meaning) {#name, exit_status, meaning},
	SW_STATUS_LIST(STATUS_ROW)
#undef STATUS_ROW
};

static const struct status_row *row_of(enum sw_status status)
{
	static const struct status_row unknown = {"SW_UNKNOWN", 4, "unknown status"};
	size_t i = (size_t)status;

	return i < sizeof(status_rows) / sizeof(status_rows[0]) ? &status_rows[i] : &unknown;
}

const char *sw_status_name(enum sw_status status)
{
	return row_of(status)->name;
}

const char *sw_status_meaning(enum sw_status status)
{
	return row_of(status)->meaning;
}

int sw_status_exit(enum sw_status status)
{
	return row_of(status)->exit_status;
}

SW__PRINTF(3, 0)
static enum sw_status vfail(struct sw_error *err, enum sw_status status, const char *format,
			    va_list args)
{
	if (err) {
		err->status = status;
		(void)vsnprintf(err->message, sizeof(err->message), format, args);
	}
	return status;
}

enum sw_status sw_fail(struct sw_error *err, enum sw_status status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vfail(err, status, format, args);
	va_end(args);
	return status;
}

enum sw_status sw_fail_in(struct sw_error *err, enum sw_status status, const char *format, ...)
{
	struct sw_error inner;
	va_list args;
	size_t used;

	if (!err)
		return status;
	inner = *err;
	va_start(args, format);
	(void)vfail(err, status, format, args);
	va_end(args);
	used = strlen(err->message);
	(void)snprintf(err->message + used, sizeof(err->message) - used, ": %s", inner.message);
	return status;
}
