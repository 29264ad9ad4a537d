// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { READ_CHUNK = 1 << 16, NEW_FILE_MODE = 0666 };

static enum sw_status read_all(gzFile file, const char *path, size_t max_bytes, struct sw_text *out,
			       struct sw_error *err)
{
	size_t start = out->size;
	char chunk[READ_CHUNK];
	int got;

	while ((got = gzread(file, chunk, sizeof(chunk))) > 0) {
		if (out->size - start + (size_t)got > max_bytes)
			return sw_fail(err, SW_BAD_INPUT, "%s: larger than %zu bytes", path,
				       max_bytes);
		sw_text_add(out, chunk, (size_t)got);
	}
	if (got < 0) {
		int code;
		const char *why = gzerror(file, &code);

		return code == Z_ERRNO
			       ? sw_fail(err, SW_IO, "%s: cannot read: %s", path, strerror(errno))
			       : sw_fail(err, SW_BAD_INPUT, "%s: damaged gzip data: %s", path, why);
	}
	sw_text_puts(out, "");
	return sw_text_ok(out) ? SW_OK : sw_fail(err, SW_NO_MEMORY, "%s: out of memory", path);
}

enum sw_status sw_file_read(const char *path, size_t max_bytes, struct sw_text *out,
			    struct sw_error *err)
{
	size_t start = out->size;
	struct stat info;
	enum sw_status st;
	gzFile file;

	if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
		return sw_fail(err, SW_IO, "%s: is a folder, expected a file", path);
	file = gzopen(path, "rb");
	if (!file)
		return sw_fail(err, SW_IO, "%s: cannot open: %s", path,
			       errno ? strerror(errno) : "out of memory");
	st = read_all(file, path, max_bytes, out, err);
	(void)gzclose_r(file);
	if (st != SW_OK && out->data) {
		out->size = start;
		out->data[start] = '\0';
	}
	return st;
}

static enum sw_status write_and_sync(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t put = write(fd, bytes, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return SW_IO;
		bytes += put;
		size -= (size_t)put;
	}
	return fsync(fd) == 0 ? SW_OK : SW_IO;
}

/* A rename is on disk only once its folder is; file systems that cannot sync a folder are left alone. */
static void sync_folder(const char *path)
{
	struct sw_text folder = {0};
	int fd;

	if (sw_file_beside(path, ".", &folder, NULL) == SW_OK) {
		fd = open(folder.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0) {
			(void)fsync(fd);
			(void)close(fd);
		}
	}
	sw_text_free(&folder);
}

/* mkstemp() makes files of mode 0600; what a user asks for follows the umask as any other output file does. */
static void apply_umask(int fd)
{
	mode_t mask = umask(0);

	(void)umask(mask);
	(void)fchmod(fd, NEW_FILE_MODE & ~mask);
}

static enum sw_status write_device(const char *path, const char *bytes, size_t size,
				   struct sw_error *err)
{
	FILE *file = fopen(path, "wb");
	bool ok = file && fwrite(bytes, 1, size, file) == size;

	if (file && fclose(file) != 0)
		ok = false;
	return ok ? SW_OK : sw_fail(err, SW_IO, "%s: cannot write: %s", path, strerror(errno));
}

enum sw_status sw_file_write(const char *path, const char *bytes, size_t size, struct sw_error *err)
{
	struct sw_text temporary = {0};
	enum sw_status st = SW_OK;
	struct stat info;
	int fd;

	/* A pipe or /dev/stdout has no old content to protect, and renaming over it would destroy it. */
	if (stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))
		return write_device(path, bytes, size, err);
	sw_text_addf(&temporary, "%s.XXXXXX", path);
	if (!sw_text_ok(&temporary))
		return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", path);
	fd = mkstemp(temporary.data);
	if (fd < 0) {
		st = sw_fail(err, SW_IO, "%s: cannot create: %s", path, strerror(errno));
		goto done;
	}
	apply_umask(fd);
	st = write_and_sync(fd, bytes, size);
	if (close(fd) != 0 || st != SW_OK || rename(temporary.data, path) != 0) {
		st = sw_fail(err, SW_IO, "%s: cannot write: %s", path, strerror(errno));
		(void)unlink(temporary.data);
		goto done;
	}
	sync_folder(path);
done:
	sw_text_free(&temporary);
	return st;
}

enum sw_status sw_file_beside(const char *beside, const char *path, struct sw_text *out,
			      struct sw_error *err)
{
	const char *slash = strrchr(beside, '/');

	if (path[0] != '/' && slash)
		sw_text_add(out, beside, (size_t)(slash - beside) + 1);
	sw_text_puts(out, path);
	return sw_text_ok(out) ? SW_OK : sw_fail(err, SW_NO_MEMORY, "%s: out of memory", path);
}
