// SPDX-License-Identifier: Apache-2.0
#include "plan/product_book.h"

#include <string.h>

#include "check.h"

static struct sw__step_setting setting_of(double sms, double weight_bytes)
{
	return (struct sw__step_setting){.dev = {.sms = sms, .gpu_sms = 108, .element_bytes = 2},
					 .weight_bytes = weight_bytes};
}

static struct sw_model model_of(unsigned hidden)
{
	return (struct sw_model){
		.layers = 32, .hidden = hidden, .heads = 32, .kv_heads = 8, .head_dim = 128};
}

/* Models by their dimensions: two files may call different ones the same. */
TEST(engines_alike_share_a_page_and_no_others_do)
{
	struct sw__product_book book = {0};
	struct sw_model llama = model_of(4096), wide = model_of(5120);
	struct sw__step_setting half = setting_of(54, 2), whole = setting_of(108, 2),
				narrow = setting_of(54, 1);
	struct sw__steps_known page = sw__product_book_get(&book, 0, &llama, &half);

	CHECK(page.products && page.linear);
	half.kv_bytes = 1; /* products know nothing of it */
	(void)strcpy(llama.id, "the same");
	CHECK(sw__product_book_get(&book, 0, &llama, &half).products == page.products);
	CHECK(sw__product_book_get(&book, 0, &llama, &half).linear == page.linear);
	CHECK(sw__product_book_get(&book, 1, &llama, &half).products != page.products);
	CHECK(sw__product_book_get(&book, 0, &wide, &half).products != page.products);
	CHECK(sw__product_book_get(&book, 0, &llama, &whole).products != page.products);
	CHECK(sw__product_book_get(&book, 0, &llama, &narrow).products != page.products);
	CHECK_INT(book.n, 5);
	sw__product_book_clear(&book);
}

TEST(pages_stay_where_they_are_while_the_book_grows)
{
	struct sw__product_book book = {0};
	struct sw__known_products *page[1000];

	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 1000; i++) {
			struct sw__step_setting setting = setting_of(1 + i % 108, 2);
			struct sw_model model = model_of(1024 + 128 * (unsigned)(i / 108));
			struct sw__known_products *now =
				sw__product_book_get(&book, 0, &model, &setting).products;

			if (round == 0)
				page[i] = now;
			CHECK(now && now == page[i]);
		}
	CHECK_INT(book.n, 1000);
	sw__product_book_clear(&book);
}

TEST_MAIN()
