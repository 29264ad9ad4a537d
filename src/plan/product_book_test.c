// SPDX-License-Identifier: Apache-2.0
#include "plan/product_book.h"

#include <stdio.h>

#include "check.h"

static struct sw__step_setting setting_of(double sms, double weight_bytes)
{
	return (struct sw__step_setting){.dev = {.sms = sms, .gpu_sms = 108, .element_bytes = 2},
					 .weight_bytes = weight_bytes};
}

TEST(engines_alike_share_a_page_and_no_others_do)
{
	struct sw__product_book book = {0};
	struct sw__step_setting half = setting_of(54, 2), whole = setting_of(108, 2),
				narrow = setting_of(54, 1);
	struct sw__known_products *page = sw__product_book_get(&book, 0, "llama", &half);

	CHECK(page);
	half.kv_bytes = 1; /* products know nothing of it */
	CHECK(sw__product_book_get(&book, 0, "llama", &half) == page);
	CHECK(sw__product_book_get(&book, 1, "llama", &half) != page);
	CHECK(sw__product_book_get(&book, 0, "llama2", &half) != page);
	CHECK(sw__product_book_get(&book, 0, "llama", &whole) != page);
	CHECK(sw__product_book_get(&book, 0, "llama", &narrow) != page);
	CHECK_INT(book.n, 5);
	sw__product_book_clear(&book);
}

TEST(pages_stay_where_they_are_while_the_book_grows)
{
	struct sw__product_book book = {0};
	struct sw__known_products *page[1000];
	char model[32];

	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 1000; i++) {
			struct sw__step_setting setting = setting_of(1 + i % 108, 2);
			struct sw__known_products *now;

			(void)snprintf(model, sizeof(model), "model-%d", i / 108);
			now = sw__product_book_get(&book, 0, model, &setting);
			if (round == 0)
				page[i] = now;
			CHECK(now && now == page[i]);
		}
	CHECK_INT(book.n, 1000);
	sw__product_book_clear(&book);
}

TEST_MAIN()
