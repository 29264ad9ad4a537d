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

enum { READ_CHUNK = 1 << 16, NEW_FILE_MODE = 0666, PERMISSIONS = 0777, NAMES_TRIED = 1000 };

static enum sw_status no_memory(const char *path, struct sw_error *err)
{
	return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", path);
}

static enum sw_status refuse_read(gzFile file, const char *path, struct sw_error *err)
{
	int why = errno, code;
	const char *message = gzerror(file, &code);
	size_t length = strlen(path);

	if (code == Z_ERRNO)
		return sw_fail(err, SW_IO, "%s: cannot read: %s", path, strerror(why));
	if (code == Z_MEM_ERROR)
		return no_memory(path, err);
	/* zlib puts the path in front, which stands there already. */
	if (strncmp(message, path, length) == 0 && strncmp(message + length, ": ", 2) == 0)
		message += length + 2;
	return sw_fail(err, SW_BAD_INPUT, "%s: damaged gzip data: %s", path, message);
}

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
	if (got < 0)
		return refuse_read(file, path, err);
	sw_text_puts(out, "");
	return sw_text_ok(out) ? SW_OK : no_memory(path, err);
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
	errno = 0; /* which gzopen() leaves alone where it is memory that is missing */
	file = gzopen(path, "rb");
	if (!file && (errno == 0 || errno == ENOMEM))
		return no_memory(path, err);
	if (!file)
		return sw_fail(err, SW_IO, "%s: cannot open: %s", path, strerror(errno));
	st = read_all(file, path, max_bytes, out, err);
	/* That a packed file ends in its middle is told only here. */
	if (gzclose_r(file) == Z_BUF_ERROR && st == SW_OK)
		st = sw_fail(err, SW_BAD_INPUT, "%s: damaged gzip data: it ends early", path);
	if (st != SW_OK && out->data) {
		out->size = start;
		out->data[start] = '\0';
	}
	return st;
}

static bool write_and_sync(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t put = write(fd, bytes, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		bytes += put;
		size -= (size_t)put;
	}
	return fsync(fd) == 0;
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

/*
 * A new file beside `path`, its name in *name; -1 and errno. Not by mkstemp(): its mode 0600 would have to be undone by the
 * umask, which can be read only by changing it for every thread.
 */
static int create_beside(const char *path, struct sw_text *name)
{
	int fd = -1;

	for (int i = 0; i < NAMES_TRIED; i++) {
		sw_text_free(name);
		sw_text_addf(name, "%s.%ld-%d", path, (long)getpid(), i);
		if (!sw_text_ok(name)) {
			errno = ENOMEM;
			return -1;
		}
		fd = open(name->data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, NEW_FILE_MODE);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	return fd;
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

static enum sw_status refuse_write(const char *path, const char *what, struct sw_error *err)
{
	if (errno == ENOMEM)
		return no_memory(path, err);
	return sw_fail(err, SW_IO, "%s: cannot %s: %s", path, what, strerror(errno));
}

/* `path` is a file or nothing. `old` is what stands there, or NULL; its permissions stay. */
static enum sw_status replace(const char *path, const struct stat *old, const char *bytes,
			      size_t size, struct sw_error *err)
{
	struct sw_text temporary = {0};
	int fd = create_beside(path, &temporary);
	enum sw_status st = SW_OK;
	bool whole;

	if (fd < 0) {
		st = refuse_write(path, "create", err);
		goto done;
	}
	if (old)
		(void)fchmod(fd, old->st_mode & PERMISSIONS);
	whole = write_and_sync(fd, bytes, size);
	if (!whole)
		st = refuse_write(path, "write", err);
	if ((close(fd) != 0 || (whole && rename(temporary.data, path) != 0)) && st == SW_OK)
		st = refuse_write(path, "write", err);
	if (st == SW_OK)
		sync_folder(path);
	else
		(void)unlink(temporary.data);
done:
	sw_text_free(&temporary);
	return st;
}

static bool is_link(const char *path)
{
	struct stat info;

	return lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
}

enum sw_status sw_file_write(const char *path, const char *bytes, size_t size, struct sw_error *err)
{
	struct stat info;
	bool there = stat(path, &info) == 0;
	char *target = NULL;
	enum sw_status st;

	if (there && S_ISDIR(info.st_mode))
		return sw_fail(err, SW_IO, "%s: is a folder, expected a file", path);
	/* A pipe or a terminal has no old content to protect, and renaming over it would destroy it. */
	if (there && !S_ISREG(info.st_mode))
		return write_device(path, bytes, size, err);
	/* What a link points to is replaced, not the link: /dev/stdout is one. */
	if (there && is_link(path)) {
		target = realpath(path, NULL);
		if (!target)
			return refuse_write(path, "write", err);
	}
	st = replace(target ? target : path, there ? &info : NULL, bytes, size, err);
	free(target);
	return st;
}

enum sw_status sw_file_beside(const char *beside, const char *path, struct sw_text *out,
			      struct sw_error *err)
{
	const char *slash = strrchr(beside, '/');

	if (path[0] != '/' && slash)
		sw_text_add(out, beside, (size_t)(slash - beside) + 1);
	sw_text_puts(out, path);
	return sw_text_ok(out) ? SW_OK : no_memory(path, err);
}
