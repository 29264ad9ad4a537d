// SPDX-License-Identifier: Apache-2.0
#include "base/relative_path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The folder of a file, without links and dots, a slash behind it. SW_IO: there is none. */
static enum sw_status folder_of(const char *file, struct sw_text *out)
{
	const char *slash = strrchr(file, '/');
	struct sw_text name = {0};
	char *real = NULL;
	bool missing;

	sw_text_add(&name, file, slash ? (size_t)(slash - file) + 1 : 0);
	sw_text_puts(&name, ".");
	if (sw_text_ok(&name))
		real = realpath(name.data, NULL);
	missing = sw_text_ok(&name) && !real && errno != ENOMEM;
	sw_text_free(&name);
	if (!real)
		return missing ? SW_IO : SW_NO_MEMORY;
	sw_text_addf(out, real[1] ? "%s/" : "%s", real);
	free(real);
	return sw_text_ok(out) ? SW_OK : SW_NO_MEMORY;
}

/* From one folder up to where both are, then down to the other. */
static void add_steps(const char *from, const char *to, struct sw_text *out)
{
	size_t same = 0;

	for (size_t i = 0; from[i] && from[i] == to[i]; i++)
		same = from[i] == '/' ? i + 1 : same;
	for (const char *rest = from + same; *rest; rest++)
		if (*rest == '/')
			sw_text_puts(out, "../");
	sw_text_puts(out, to + same);
}

/* Whether what is written into `into` will be read from where we are. */
static bool is_here(const char *into)
{
	struct stat info;

	return !strchr(into, '/') || (stat(into, &info) == 0 && !S_ISREG(info.st_mode));
}

enum sw_status sw_file_path_for(const char *into, const char *path, struct sw_text *out,
				struct sw_error *err)
{
	const char *slash = strrchr(path, '/');
	struct sw_text from = {0}, to = {0};
	enum sw_status st = path[0] == '/' || is_here(into) ? SW_IO : folder_of(into, &from);

	if (st == SW_OK)
		st = folder_of(path, &to);
	if (st == SW_OK)
		add_steps(from.data, to.data, out);
	if (st == SW_OK)
		sw_text_puts(out, slash ? slash + 1 : path);
	else if (st == SW_IO)
		sw_text_puts(out, path);
	sw_text_free(&from);
	sw_text_free(&to);
	if (st == SW_NO_MEMORY || !sw_text_ok(out))
		return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", path);
	return SW_OK;
}
