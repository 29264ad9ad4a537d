// SPDX-License-Identifier: Apache-2.0
#include "control/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/text.h"

/* "1a2b3c4d 17 {...}": the checksum is of all that stands behind it. */
enum { CHECKSUM_DIGITS = 8, READ_BYTES = 1 << 16 };
static const size_t BYTES_MAX = (size_t)1 << 30;

struct sw__journal {
	char *path;
	int fd;
	size_t size; /* of whole records */
	unsigned long long next; /* number of the next record */
};

static enum sw_status fail_io(const sw__journal *j, const char *what, struct sw_error *err)
{
	return sw_fail(err, SW_IO, "%s: cannot %s: %s", j->path, what, strerror(errno));
}

static unsigned long checksum_of(const char *bytes, size_t size)
{
	return crc32(crc32(0, Z_NULL, 0), (const unsigned char *)bytes, (unsigned)size);
}

/* A line without its end. NULL: it is no record, or not the `number`-th. */
static json_t *read_line(const char *line, size_t size, unsigned long long number)
{
	char digits[CHECKSUM_DIGITS + 1], *end;
	unsigned long long found;
	const char *body = line + CHECKSUM_DIGITS + 1;

	if (size < CHECKSUM_DIGITS + 4 || line[CHECKSUM_DIGITS] != ' ')
		return NULL;
	memcpy(digits, line, CHECKSUM_DIGITS);
	digits[CHECKSUM_DIGITS] = '\0';
	if (strspn(digits, "0123456789abcdef") != CHECKSUM_DIGITS ||
	    strtoul(digits, NULL, 16) != checksum_of(body, size - CHECKSUM_DIGITS - 1))
		return NULL;
	found = strtoull(body, &end, 10);
	if (found != number || end == body || *end != ' ')
		return NULL;
	return json_loadb(end + 1, size - (size_t)(end + 1 - line), 0, NULL);
}

/* The line of a record, with its end. */
static void write_line(const json_t *record, unsigned long long number, struct sw_text *out)
{
	char *json = json_dumps(record, JSON_COMPACT);
	struct sw_text body = {0};

	if (json) {
		sw_text_addf(&body, "%llu %s", number, json);
		sw_text_addf(out, "%08lx ", checksum_of(sw_text_string(&body), body.size));
		sw_text_add(out, sw_text_string(&body), body.size);
		sw_text_puts(out, "\n");
	}
	out->failed |= !json || !sw_text_ok(&body);
	free(json);
	sw_text_free(&body);
}

static bool write_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes += n;
		size -= (size_t)n;
	}
	return true;
}

/* That a file is in its folder is on disk when the folder is. */
static bool sync_folder(const char *path)
{
	char *copy = strdup(path);
	int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		(void)close(fd);
	free(copy);
	return ok;
}

static enum sw_status read_file(const sw__journal *j, struct sw_text *out, struct sw_error *err)
{
	char room[READ_BYTES];
	ssize_t n;

	while ((n = read(j->fd, room, sizeof(room))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_io(j, "read", err);
		if (out->size + (size_t)n > BYTES_MAX)
			return sw_fail(err, SW_BAD_INPUT,
				       "%s: found more than %zu bytes, expected a journal", j->path,
				       BYTES_MAX);
		sw_text_add(out, room, (size_t)n);
	}
	return sw_text_ok(out) ? SW_OK : sw_fail(err, SW_NO_MEMORY, "%s", j->path);
}

/* Whether a whole record stands anywhere behind a damaged one, also where the end of a line is what was damaged. */
static bool any_record(const char *text, size_t size, unsigned long long after)
{
	const char *line_end = memchr(text, '\n', size);

	for (size_t i = 0; i < size && line_end; i++) {
		const char *at = text + i;

		if (at > line_end)
			line_end = memchr(at, '\n', size - i);
		for (unsigned long long n = after; line_end && n <= after + 1; n++) {
			json_t *record = read_line(at, (size_t)(line_end - at), n);

			json_decref(record);
			if (record)
				return true;
		}
	}
	return false;
}

/* Whole records in their order; what is left at the end is cut off. */
static enum sw_status read_records(sw__journal *j, const struct sw_text *text,
				   void (*record)(void *, const json_t *), void *context,
				   struct sw__journal_found *found, struct sw_error *err)
{
	const char *bytes = sw_text_string(text);
	const char *end;

	while ((end = memchr(bytes + j->size, '\n', text->size - j->size))) {
		size_t line = (size_t)(end - (bytes + j->size));
		json_t *read = read_line(bytes + j->size, line, j->next);

		if (!read)
			break;
		record(context, read);
		json_decref(read);
		j->size += line + 1;
		j->next++;
	}
	found->records = (size_t)j->next - 1;
	found->cut_bytes = text->size - j->size;
	if (found->cut_bytes > 0 &&
	    (any_record(bytes + j->size, found->cut_bytes, j->next) || j->next == 1))
		return sw_fail(err, SW_BAD_INPUT,
			       "%s:%llu: found a damaged record, expected number %llu and its "
			       "checksum; the file is left as it is",
			       j->path, j->next, j->next);
	return SW_OK;
}

static enum sw_status cut(const sw__journal *j, struct sw_error *err)
{
	if (ftruncate(j->fd, (off_t)j->size) != 0 || fsync(j->fd) != 0)
		return fail_io(j, "cut", err);
	return lseek(j->fd, 0, SEEK_END) < 0 ? fail_io(j, "seek", err) : SW_OK;
}

/* The lock is the file's: it goes with the process, however that ends. */
static enum sw_status lock(const sw__journal *j, struct sw_error *err)
{
	if (flock(j->fd, LOCK_EX | LOCK_NB) == 0)
		return SW_OK;
	return errno == EWOULDBLOCK
		       ? sw_fail(err, SW_USAGE, "%s: another process has this journal", j->path)
		       : fail_io(j, "lock", err);
}

static enum sw_status open_file(sw__journal *j, struct sw_error *err)
{
	j->fd = open(j->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (j->fd < 0)
		return fail_io(j, "open", err);
	return sync_folder(j->path) ? lock(j, err) : fail_io(j, "keep its folder", err);
}

enum sw_status sw__journal_open(const char *path,
				void (*record)(void *context, const json_t *record), void *context,
				sw__journal **out, struct sw__journal_found *found,
				struct sw_error *err)
{
	struct sw__journal_found own = {0};
	struct sw_text text = {0};
	sw__journal *j = calloc(1, sizeof(*j));
	enum sw_status st;

	*out = NULL;
	if (!j)
		return sw_fail(err, SW_NO_MEMORY, "%s", path);
	*j = (sw__journal){.path = strdup(path), .fd = -1, .next = 1};
	st = j->path ? open_file(j, err) : sw_fail(err, SW_NO_MEMORY, "%s", path);
	if (st == SW_OK)
		st = read_file(j, &text, err);
	if (st == SW_OK)
		st = read_records(j, &text, record, context, &own, err);
	if (st == SW_OK && own.cut_bytes > 0)
		st = cut(j, err);
	sw_text_free(&text);
	if (st != SW_OK) {
		sw__journal_close(j);
		return st;
	}
	if (found)
		*found = own;
	*out = j;
	return SW_OK;
}

enum sw_status sw__journal_append(sw__journal *j, const json_t *record, struct sw_error *err)
{
	struct sw_text line = {0};
	enum sw_status st = SW_OK;

	write_line(record, j->next, &line);
	if (!sw_text_ok(&line)) {
		st = sw_fail(err, SW_NO_MEMORY, "%s", j->path);
	} else if (!write_all(j->fd, sw_text_string(&line), line.size) || fdatasync(j->fd) != 0) {
		st = fail_io(j, "write", err);
		/* Half a record in the middle would make the file a damaged one. */
		(void)cut(j, NULL);
	} else {
		j->size += line.size;
		j->next++;
	}
	sw_text_free(&line);
	return st;
}

static enum sw_status write_anew(sw__journal *fresh, const struct sw_text *line, const char *path,
				 struct sw_error *err)
{
	fresh->fd = open(fresh->path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	if (fresh->fd < 0)
		return fail_io(fresh, "open", err);
	if (!write_all(fresh->fd, sw_text_string(line), line->size) || fsync(fresh->fd) != 0)
		return fail_io(fresh, "write", err);
	/* Locked before it has the name, so that nobody can come between. */
	if (flock(fresh->fd, LOCK_EX | LOCK_NB) != 0)
		return fail_io(fresh, "lock", err);
	if (rename(fresh->path, path) != 0)
		return fail_io(fresh, "rename", err);
	return SW_OK;
}

enum sw_status sw__journal_restart(sw__journal *j, const json_t *record, struct sw_error *err)
{
	struct sw_text line = {0}, name = {0};
	sw__journal fresh = {.fd = -1};
	enum sw_status st;

	write_line(record, 1, &line);
	sw_text_addf(&name, "%s.new", j->path);
	fresh.path = name.data;
	st = sw_text_ok(&line) && sw_text_ok(&name) ? write_anew(&fresh, &line, j->path, err)
						    : sw_fail(err, SW_NO_MEMORY, "%s", j->path);
	if (st == SW_OK) {
		(void)sync_folder(j->path);
		(void)close(j->fd);
		j->fd = fresh.fd;
		j->size = line.size;
		j->next = 2;
	} else if (fresh.fd >= 0) {
		(void)close(fresh.fd);
		(void)unlink(fresh.path);
	}
	sw_text_free(&line);
	sw_text_free(&name);
	return st;
}

size_t sw__journal_size(const sw__journal *j)
{
	return j->size;
}

void sw__journal_close(sw__journal *j)
{
	if (!j)
		return;
	if (j->fd >= 0)
		(void)close(j->fd);
	free(j->path);
	free(j);
}
