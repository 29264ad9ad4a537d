// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <string.h>

#include "check.h"

TEST(text_grows_and_stays_terminated)
{
	struct sw_text text = {0};

	CHECK_STR(sw_text_string(&text), "");
	for (int i = 0; i < 1000; i++)
		sw_text_addf(&text, "%d,", i % 10);
	CHECK(sw_text_ok(&text));
	CHECK_INT(text.size, 2000);
	CHECK_INT(strlen(text.data), 2000);
	sw_text_fill(&text, '-', 3);
	CHECK_STR(text.data + 1998, "9,---");
	sw_text_free(&text);
	CHECK_INT(text.capacity, 0);
}

TEST(names_that_do_not_fit_are_refused)
{
	char name[4];

	CHECK(sw_copy_name(name, sizeof(name), "abc"));
	CHECK(!sw_copy_name(name, sizeof(name), "abcd"));
	CHECK_STR(name, "abc");
}

TEST(decimal_numbers_and_nothing_else)
{
	static const char *const not_numbers[] = {"",   "nan", "inf", "0x10", " 1",
						  "1 ", "1-2", "e",   "+",    "."};
	double x = 0;

	CHECK(sw_decimal("-1.5e3", &x));
	CHECK_NEAR(x, -1500, 0);
	CHECK(sw_decimal("1e999", &x) && isinf(x));
	for (size_t i = 0; i < sizeof(not_numbers) / sizeof(not_numbers[0]); i++)
		CHECK(!sw_decimal(not_numbers[i], &x));
}

TEST(plain_text_has_no_control_characters)
{
	CHECK(sw_is_plain(""));
	CHECK(sw_is_plain("qwen3 \xc3\xa4"));
	CHECK(!sw_is_plain("a\nb"));
	CHECK(!sw_is_plain("\033[31m"));
	CHECK(!sw_is_plain("\x7f"));
}

TEST(edit_distance_by_hand)
{
	CHECK_INT(sw_edit_distance("", ""), 0);
	CHECK_INT(sw_edit_distance("abc", ""), 3);
	CHECK_INT(sw_edit_distance("kitten", "sitting"), 3);
	CHECK_INT(sw_edit_distance("rate", "raet"), 1);
	CHECK_INT(sw_edit_distance("share", "shares"), 1);
	CHECK_INT(sw_edit_distance("ca", "abc"), 3);
}

TEST_MAIN()
