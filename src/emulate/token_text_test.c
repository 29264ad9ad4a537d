// SPDX-License-Identifier: Apache-2.0
#include "emulate/token_text.h"

#include "check.h"

TEST(four_characters_are_a_token)
{
	CHECK_INT(sw__token_count("", 0), 1);
	CHECK_INT(sw__token_count("a", 1), 1);
	CHECK_INT(sw__token_count("abcd", 4), 1);
	CHECK_INT(sw__token_count("abcde", 5), 2);
	CHECK_INT(sw__token_count("\xc3\xa4\xc3\xb6\xc3\xbc\xe2\x82\xac", 9), 1);
	CHECK_INT(sw__token_count("\x80\x80", 2), 1);
}

TEST(an_answer_is_the_same_each_time_and_differs_from_the_next)
{
	struct sw_text a = {0}, b = {0};

	sw__token_words(&a, 3, 50);
	sw__token_words(&b, 3, 50);
	CHECK_STR(sw_text_string(&a), sw_text_string(&b));
	b.size = 0;
	sw__token_words(&b, 4, 50);
	CHECK(strcmp(sw_text_string(&a), sw_text_string(&b)) != 0);
	sw_text_free(&a);
	sw_text_free(&b);
}

TEST(every_token_is_one_word_and_needs_no_escape)
{
	struct sw_text text = {0};
	size_t spaces = 0;

	sw__token_words(&text, UINT64_MAX, 1000);
	for (size_t i = 0; i < text.size; i++) {
		spaces += text.data[i] == ' ';
		CHECK(text.data[i] == ' ' || (text.data[i] >= 'a' && text.data[i] <= 'z'));
	}
	CHECK_INT(spaces, 999);
	CHECK(text.data[0] != ' ');
	sw_text_free(&text);
}

TEST_MAIN()
