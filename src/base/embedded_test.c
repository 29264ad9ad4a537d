// SPDX-License-Identifier: Apache-2.0
#include "base/embedded.h"

#include <string.h>

#include "check.h"

TEST(every_embedded_file_is_found_by_name_and_they_are_sorted)
{
	CHECK(sw__embedded_count > 0);
	for (size_t i = 0; i < sw__embedded_count; i++) {
		const struct sw__embedded *file = &sw__embedded_files[i];

		CHECK(sw__embedded_find(file->name) == file);
		CHECK_INT(strlen(file->text), file->size);
		CHECK(i == 0 || strcmp(sw__embedded_files[i - 1].name, file->name) < 0);
	}
	CHECK(!sw__embedded_find("gpus/none.json"));
}

TEST_MAIN()
