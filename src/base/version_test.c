// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "slicewise/slicewise.h"

TEST(the_version_is_the_projects)
{
	CHECK_STR(sw_version(), SW_VERSION);
}

TEST(the_nearest_word_is_named_and_a_far_one_is_not)
{
	static const char *const words[] = {"catalog", "plan", "predict", "step"};

	CHECK_STR(sw_nearest("plna", words, 4), "plan");
	CHECK_STR(sw_nearest("predcit", words, 4), "predict");
	CHECK_STR(sw_nearest("catalogue", words, 4), "catalog");
	CHECK(sw_nearest("x", words, 4) == NULL);
	CHECK(sw_nearest("daemon", words, 4) == NULL);
	CHECK(sw_nearest("plan", words, 0) == NULL);
}

TEST(a_file_is_replaced_whole_or_not_at_all)
{
	char path[] = "/tmp/slicewise-replace-XXXXXX";
	char text[8] = "";
	struct sw_error err = {0};
	int fd = mkstemp(path);
	FILE *file;

	CHECK(fd >= 0 && close(fd) == 0);
	CHECK_INT(sw_file_replace(path, "new", 3, NULL), SW_OK);
	file = fopen(path, "r");
	CHECK(file && fgets(text, sizeof(text), file));
	CHECK_STR(text, "new");
	if (file)
		(void)fclose(file);
	CHECK_INT(sw_file_replace("/nonexistent/plan.json", "x", 1, &err), SW_IO);
	CHECK(strstr(err.message, "/nonexistent/plan.json"));
	unlink(path);
}

TEST_MAIN()
