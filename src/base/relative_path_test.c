// SPDX-License-Identifier: Apache-2.0
#include "base/relative_path.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"

static char folder[] = "/tmp/slicewise-paths-XXXXXX";
static const char *const folders[] = {"a", "a/b", "ab"};

/* In a folder of its own, with a few more in it. */
static void enter(void)
{
	static bool made;

	if (made)
		return;
	made = CHECK(mkdtemp(folder)) && CHECK(chdir(folder) == 0);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		CHECK(mkdir(folders[i], 0700) == 0);
	CHECK(symlink("a/b", "link") == 0);
}

static const char *path_for(const char *into, const char *path)
{
	static char result[256];
	struct sw_text text = {0};

	enter();
	CHECK_INT(sw_file_path_for(into, path, &text, NULL), SW_OK);
	(void)snprintf(result, sizeof(result), "%s", sw_text_string(&text));
	sw_text_free(&text);
	return result;
}

TEST(a_file_beside_us_sees_what_we_see)
{
	CHECK_STR(path_for("plan.json", "t.csv"), "t.csv");
	CHECK_STR(path_for("plan.json", "../t.csv"), "../t.csv");
	CHECK_STR(path_for("a/plan.json", "/data/t.csv"), "/data/t.csv");
}

TEST(up_and_down)
{
	CHECK_STR(path_for("a/plan.json", "t.csv"), "../t.csv");
	CHECK_STR(path_for("a/plan.json", "a/t.csv"), "t.csv");
	CHECK_STR(path_for("a/plan.json", "a/b/t.csv"), "b/t.csv");
	CHECK_STR(path_for("a/b/plan.json", "a/t.csv"), "../t.csv");
	CHECK_STR(path_for("a/b/plan.json", "./ab/../ab/t.csv"), "../../ab/t.csv");
	CHECK_STR(path_for("ab/plan.json", "a/t.csv"), "../a/t.csv");
	CHECK_STR(path_for("link/plan.json", "ab/t.csv"), "../../ab/t.csv");
	CHECK_STR(path_for("./plan.json", "link/t.csv"), "a/b/t.csv");
}

TEST(what_is_written_is_found_again)
{
	struct sw_text text = {0};

	enter();
	CHECK_INT(sw_file_write("ab/t.csv", "x", 1, NULL), SW_OK);
	CHECK_INT(sw_file_beside("link/plan.json", path_for("link/plan.json", "ab/t.csv"), &text,
				 NULL),
		  SW_OK);
	CHECK(access(text.data, R_OK) == 0);
	sw_text_free(&text);
}

TEST(no_folder_and_no_file)
{
	CHECK_STR(path_for("nowhere/plan.json", "t.csv"), "t.csv");
	CHECK_STR(path_for("a/plan.json", "nowhere/t.csv"), "nowhere/t.csv");
	CHECK_STR(path_for("/dev/null", "t.csv"), "t.csv");
	CHECK(strncmp(path_for("/plan.json", "t.csv"), "tmp/", 4) == 0);
}

static void leave(void)
{
	(void)unlink("ab/t.csv");
	(void)unlink("link");
	for (size_t i = sizeof(folders) / sizeof(folders[0]); i-- > 0;)
		(void)rmdir(folders[i]);
	(void)rmdir(folder);
}

int main(void)
{
	int status = check_main();

	leave();
	return status;
}
