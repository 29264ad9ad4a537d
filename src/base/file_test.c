// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "check.h"

static char folder[] = "/tmp/slicewise-file-XXXXXX";

static const char *path_of(const char *name)
{
	static char path[256];
	static bool made;

	if (!made && !mkdtemp(folder))
		abort();
	made = true;
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static int entries(void)
{
	DIR *dir = opendir(folder);
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

TEST(what_is_written_is_read_and_nothing_is_left_beside_it)
{
	struct sw_text text = {0};

	CHECK_INT(sw_file_write(path_of("a"), "one", 3, NULL), SW_OK);
	CHECK_INT(sw_file_write(path_of("a"), "two!", 4, NULL), SW_OK);
	CHECK_INT(sw_file_read(path_of("a"), 100, &text, NULL), SW_OK);
	CHECK_STR(text.data, "two!");
	CHECK_INT(entries(), 1);
	sw_text_free(&text);
	unlink(path_of("a"));
}

TEST(gzip_is_recognised_by_content)
{
	struct sw_text text = {0};
	gzFile file = gzopen(path_of("plain-name"), "wb");

	gzputs(file, "packed");
	gzclose(file);
	CHECK_INT(sw_file_read(path_of("plain-name"), 100, &text, NULL), SW_OK);
	CHECK_STR(text.data, "packed");
	sw_text_free(&text);
	unlink(path_of("plain-name"));
}

TEST(a_packed_file_that_ends_early_is_refused)
{
	struct sw_text text = {0}, packed = {0};
	gzFile file = gzopen(path_of("cut"), "wb");
	struct sw_error err;
	char chunk[4096];
	FILE *raw;

	for (int i = 0; i < 2000; i++)
		gzprintf(file, "%d\n", i * 7919 % 1000);
	gzclose(file);
	raw = fopen(path_of("cut"), "rb");
	sw_text_add(&packed, chunk, fread(chunk, 1, sizeof(chunk), raw));
	fclose(raw);
	CHECK(packed.size > 1000);
	/* The last bytes are a checksum and a length: everything before them can be unpacked. */
	CHECK_INT(sw_file_write(path_of("cut"), packed.data, packed.size - 8, NULL), SW_OK);
	CHECK_INT(sw_file_read(path_of("cut"), 1 << 20, &text, &err), SW_BAD_INPUT);
	CHECK(strstr(err.message, "ends early"));
	CHECK_STR(sw_text_string(&text), "");
	packed.data[packed.size - 6] ^= 1;
	CHECK_INT(sw_file_write(path_of("cut"), packed.data, packed.size, NULL), SW_OK);
	CHECK_INT(sw_file_read(path_of("cut"), 1 << 20, &text, &err), SW_BAD_INPUT);
	CHECK(strstr(err.message, "cut: damaged gzip data: incorrect data check"));
	sw_text_free(&packed);
	sw_text_free(&text);
	unlink(path_of("cut"));
}

static mode_t mode_of(const char *name)
{
	struct stat info = {0};

	(void)lstat(path_of(name), &info);
	return info.st_mode;
}

TEST(a_link_stays_and_an_old_file_keeps_its_permissions)
{
	struct sw_text text = {0};
	mode_t mask = umask(022);

	CHECK_INT(sw_file_write(path_of("target"), "old", 3, NULL), SW_OK);
	CHECK_INT(mode_of("target") & 0777, 0644);
	CHECK_INT(chmod(path_of("target"), 0600), 0);
	CHECK_INT(symlink("target", path_of("link")), 0);
	CHECK_INT(sw_file_write(path_of("link"), "new", 3, NULL), SW_OK);
	CHECK(S_ISLNK(mode_of("link")));
	CHECK_INT(mode_of("target") & 0777, 0600);
	CHECK_INT(sw_file_read(path_of("target"), 100, &text, NULL), SW_OK);
	CHECK_STR(text.data, "new");
	CHECK_INT(entries(), 2);
	(void)umask(mask);
	sw_text_free(&text);
	unlink(path_of("link"));
	unlink(path_of("target"));
}

TEST(too_large_and_missing_files_are_told_apart)
{
	struct sw_text text = {0};
	struct sw_error err;

	sw_text_puts(&text, "kept");
	CHECK_INT(sw_file_write(path_of("b"), "12345", 5, NULL), SW_OK);
	CHECK_INT(sw_file_read(path_of("b"), 4, &text, &err), SW_BAD_INPUT);
	CHECK_STR(text.data, "kept");
	unlink(path_of("b"));
	CHECK_INT(sw_file_read(path_of("b"), 4, &text, &err), SW_IO);
	CHECK(strstr(err.message, "No such file"));
	CHECK_INT(sw_file_read("/tmp", 4, &text, &err), SW_IO);
	sw_text_free(&text);
}

TEST(a_write_that_fails_leaves_nothing)
{
	struct sw_error err;

	CHECK_INT(sw_file_write("/nonexistent-folder/x", "1", 1, &err), SW_IO);
	CHECK_INT(mkdir(path_of("sub"), 0777), 0);
	CHECK_INT(sw_file_write(path_of("sub"), "1", 1, &err), SW_IO);
	CHECK_INT(entries(), 1);
	CHECK_INT(sw_file_write("/dev/null", "1", 1, &err), SW_OK);
	CHECK_INT(sw_file_write("/dev/full", "1", 1, &err), SW_IO);
	rmdir(path_of("sub"));
	rmdir(folder);
}

TEST(a_path_beside_a_file)
{
	struct sw_text text = {0};

	sw_file_beside("a/b.yaml", "c.csv", &text, NULL);
	CHECK_STR(text.data, "a/c.csv");
	sw_text_free(&text);
	sw_file_beside("b.yaml", "c.csv", &text, NULL);
	CHECK_STR(text.data, "c.csv");
	sw_text_free(&text);
	sw_file_beside("a/b.yaml", "/c.csv", &text, NULL);
	CHECK_STR(text.data, "/c.csv");
	sw_text_free(&text);
}

TEST_MAIN()
