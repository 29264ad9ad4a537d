// SPDX-License-Identifier: Apache-2.0
/*
 * Writing a file while the operating system fails, once, at the first call, the second, and so on: the file is the new one
 * or the old one, never a part, and nothing is left beside it. The linker (--wrap) leads the library's calls here.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "slicewise/slicewise.h"

enum { NEW_SIZE = 100000, CALLS_MAX = 50 };

static int calls, failing, error_to_give;

static bool fails(void)
{
	if (++calls != failing)
		return false;
	errno = error_to_give;
	return true;
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_close(int fd);
int __wrap_close(int fd);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);

int __wrap_open(const char *path, int flags, ...)
{
	va_list args;
	int mode;

	va_start(args, flags);
	mode = va_arg(args, int); /* of no meaning, and harmless, without O_CREAT */
	va_end(args);
	return fails() ? -1 : __real_open(path, flags, mode);
}

/* Half at a time, as a pipe or a full disk would. */
ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
	return fails() ? -1 : __real_write(fd, bytes, size > 1 ? size / 2 : size);
}

int __wrap_fsync(int fd)
{
	return fails() ? -1 : __real_fsync(fd);
}

/* The descriptor is gone even where close() fails. */
int __wrap_close(int fd)
{
	int result = __real_close(fd);

	return fails() ? -1 : result;
}

int __wrap_rename(const char *from, const char *to)
{
	return fails() ? -1 : __real_rename(from, to);
}

static char folder[] = "/tmp/slicewise-io-XXXXXX";

static int entries(void)
{
	DIR *dir = opendir(folder);
	int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		(void)closedir(dir);
	return n - 2;
}

static char content_of(const char *path, long *size)
{
	FILE *file = fopen(path, "rb");
	char first = '\0';

	*size = -1;
	if (!file)
		return first;
	(void)fread(&first, 1, 1, file);
	(void)fseek(file, 0, SEEK_END);
	*size = ftell(file);
	(void)fclose(file);
	return first;
}

/* One write with the n-th call failing; false where there are fewer calls. */
static bool write_failing_at(int n, const char *path, const char *bytes)
{
	struct sw_error err = {SW_OK, ""};
	enum sw_status st;
	bool replaced;
	long size;

	CHECK_INT(sw_file_replace(path, "old", 3, NULL), SW_OK);
	calls = 0;
	failing = n;
	st = sw_file_replace(path, bytes, NEW_SIZE, &err);
	failing = 0;
	replaced = content_of(path, &size) == 'n';
	CHECK_INT(size, replaced ? NEW_SIZE : 3);
	CHECK(st == (replaced ? SW_OK : SW_IO));
	CHECK(st == SW_OK || strstr(err.message, path));
	if (!CHECK(entries() == 1))
		printf("    call %d: %s\n", n, err.message);
	return calls >= n;
}

static void write_with(int error)
{
	static char bytes[NEW_SIZE];
	char path[64];
	int n = 1;

	error_to_give = error;
	memset(bytes, 'n', sizeof(bytes));
	(void)snprintf(path, sizeof(path), "%s/file", folder);
	while (n < CALLS_MAX && write_failing_at(n, path, bytes))
		n++;
	CHECK(n > 10 && n < CALLS_MAX);
}

TEST(an_interrupted_write_goes_on)
{
	static char bytes[NEW_SIZE];
	char path[64];
	long size;

	memset(bytes, 'n', sizeof(bytes));
	(void)snprintf(path, sizeof(path), "%s/file", folder);
	calls = 0;
	failing = 3; /* open, write, write */
	error_to_give = EINTR;
	CHECK_INT(sw_file_replace(path, bytes, NEW_SIZE, NULL), SW_OK);
	CHECK(content_of(path, &size) == 'n');
	CHECK_INT(size, NEW_SIZE);
	failing = 0;
}

TEST(a_disk_that_fails_leaves_the_old_file)
{
	write_with(EIO);
	write_with(ENOSPC);
}

int main(void)
{
	char path[64];
	int status;

	if (!mkdtemp(folder))
		return 1;
	status = check_main();
	(void)snprintf(path, sizeof(path), "%s/file", folder);
	(void)unlink(path);
	(void)rmdir(folder);
	return status;
}
