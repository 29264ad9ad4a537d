// SPDX-License-Identifier: Apache-2.0
/* https://www.sqlite.org/fileformat2.html, section 1.3: numbers are big-endian. */
#include "dataset/store_header.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "dataset/schema.h"

enum {
	HEADER_BYTES = 100,
	AT_PAGE_SIZE = 16,
	AT_CHANGES = 24,
	AT_PAGES = 28,
	AT_USER_VERSION = 60,
	AT_APPLICATION_ID = 68,
	AT_VALID_FOR = 92,
	PAGE_SIZE_OF_1 = 65536 /* which does not fit its two bytes */
};

/* With the NUL at its end. */
static const char magic[16] = "SQLite format 3";

static uint32_t number_at(const unsigned char *header, int at, int bytes)
{
	uint32_t number = 0;

	for (int i = 0; i < bytes; i++)
		number = number << 8 | header[at + i];
	return number;
}

static enum sw_status read_header(const char *path, unsigned char *header, long long *size,
				  struct sw_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat info;
	ssize_t got = -1;

	if (fd < 0)
		return sw_fail(err, SW_IO, "%s: cannot open: %s", path, strerror(errno));
	if (fstat(fd, &info) == 0)
		got = read(fd, header, HEADER_BYTES);
	if (got < 0) {
		int why = errno;

		(void)close(fd);
		return sw_fail(err, SW_IO, "%s: cannot read: %s", path, strerror(why));
	}
	(void)close(fd);
	*size = info.st_size;
	if (got == HEADER_BYTES && memcmp(header, magic, sizeof(magic)) == 0)
		return SW_OK;
	return sw_fail(err, SW_BAD_INPUT, "%s: found %s, expected a data set (an SQLite file)",
		       path, got == 0 ? "an empty file" : "something else");
}

bool sw__store_has_journal(const char *path)
{
	struct sw_text journal = {0};
	struct stat info;
	bool has;

	sw_text_addf(&journal, "%s-journal", path);
	has = sw_text_ok(&journal) && stat(journal.data, &info) == 0 && info.st_size > 0;
	sw_text_free(&journal);
	return has;
}

static enum sw_status check_size(const char *path, const unsigned char *header, long long size,
				 struct sw_error *err)
{
	long long page = number_at(header, AT_PAGE_SIZE, 2), pages = number_at(header, AT_PAGES, 4);

	if (page == 1)
		page = PAGE_SIZE_OF_1;
	/* The number of pages counts only where the version of SQLite that wrote last kept it. */
	if (number_at(header, AT_CHANGES, 4) != number_at(header, AT_VALID_FOR, 4) || pages == 0)
		return SW_OK;
	if (size >= page * pages || sw__store_has_journal(path))
		return SW_OK;
	return sw_fail(err, SW_BAD_INPUT,
		       "%s: found %lld bytes, expected %lld: the data set was cut short", path,
		       size, page * pages);
}

enum sw_status sw__store_header(const char *path, int *version, struct sw_error *err)
{
	unsigned char header[HEADER_BYTES];
	long long size = 0;
	enum sw_status st = read_header(path, header, &size, err);
	uint32_t found;

	if (st != SW_OK)
		return st;
	found = number_at(header, AT_APPLICATION_ID, 4);
	*version = (int)number_at(header, AT_USER_VERSION, 4);
	if (found != SW__APPLICATION_ID)
		return sw_fail(err, SW_BAD_INPUT,
			       "%s: found the SQLite file of another application (application_id "
			       "0x%08x), expected a data set (0x%08x)",
			       path, found, (unsigned)SW__APPLICATION_ID);
	if (*version < 1 || *version > SW__SCHEMA_VERSION)
		return sw_fail(err, SW_BAD_INPUT,
			       "%s: found a data set of version %d, expected one of 1 to %d", path,
			       *version, SW__SCHEMA_VERSION);
	return check_size(path, header, size, err);
}
