// SPDX-License-Identifier: Apache-2.0
#include "serving/kv_pages.h"

#include <stdlib.h>

#include "base/random.h"
#include "check.h"

static sw__kv_pages *make(uint64_t n)
{
	sw__kv_pages *p;

	CHECK_INT(sw__kv_pages_new(n, 16, &p, NULL), SW_OK);
	return p;
}

static bool reserve(sw__kv_pages *p, struct sw__kv_table *t, uint32_t tokens)
{
	bool fits;

	CHECK_INT(sw__kv_reserve(p, t, tokens, &fits, NULL), SW_OK);
	return fits;
}

TEST(blocks_by_tokens)
{
	sw__kv_pages *p = make(10);
	struct sw__kv_table a = {.owner = 1};

	CHECK(reserve(p, &a, 1) && a.n == 1);
	CHECK(reserve(p, &a, 16) && a.n == 1);
	CHECK(reserve(p, &a, 17) && a.n == 2);
	CHECK(reserve(p, &a, 3) && a.n == 2);
	CHECK_INT(sw__kv_blocks_free(p), 8);
	CHECK(!reserve(p, &a, 161) && a.n == 2);
	CHECK(reserve(p, &a, 160) && a.n == 10);
	sw__kv_release(p, &a, UINT32_MAX);
	CHECK_INT(sw__kv_blocks_free(p), 10);
	sw__kv_table_free(&a);
	sw__kv_pages_free(p);
}

TEST(a_preempted_sequence_takes_back_the_beginning)
{
	sw__kv_pages *p = make(6);
	struct sw__kv_table a = {.owner = 1}, b = {.owner = 2};
	uint32_t first;

	reserve(p, &a, 64);
	first = a.block[0];
	sw__kv_release(p, &a, UINT32_MAX);
	reserve(p, &b, 64); /* two were never used, two of the end of a */
	CHECK_INT(sw__kv_recall(p, &a), 2);
	CHECK_INT(a.block[0], first);
	CHECK_INT(sw__kv_blocks_free(p), 0);
	CHECK_INT(sw__kv_recall(p, &b), 4); /* of one that runs: nothing to take back */
	sw__kv_release(p, &a, UINT32_MAX);
	sw__kv_release(p, &b, UINT32_MAX);
	CHECK_INT(sw__kv_recall(p, &b), 4);
	sw__kv_release(p, &b, UINT32_MAX);
	sw__kv_table_free(&a);
	sw__kv_table_free(&b);
	sw__kv_pages_free(p);
}

TEST(nobody_takes_back_what_another_has_overwritten)
{
	sw__kv_pages *p = make(2);
	struct sw__kv_table a = {.owner = 1}, b = {.owner = 2};

	reserve(p, &a, 32);
	sw__kv_release(p, &a, UINT32_MAX);
	reserve(p, &b, 32);
	sw__kv_release(p, &b, UINT32_MAX);
	CHECK_INT(sw__kv_recall(p, &a), 0);
	CHECK_INT(sw__kv_recall(p, &a), 0);
	sw__kv_table_free(&a);
	sw__kv_table_free(&b);
	sw__kv_pages_free(p);
}

TEST(only_full_blocks_are_remembered)
{
	sw__kv_pages *p = make(4);
	struct sw__kv_table a = {.owner = 1};

	reserve(p, &a, 40);
	sw__kv_release(p, &a, 35);
	CHECK_INT(sw__kv_recall(p, &a), 2);
	sw__kv_release(p, &a, 15);
	CHECK_INT(sw__kv_recall(p, &a), 0);
	sw__kv_table_free(&a);
	sw__kv_pages_free(p);
}

TEST(refuses_what_is_no_cache)
{
	sw__kv_pages *p;

	CHECK_INT(sw__kv_pages_new(0, 16, &p, NULL), SW_BAD_INPUT);
	CHECK_INT(sw__kv_pages_new(10, 0, &p, NULL), SW_BAD_INPUT);
	CHECK_INT(sw__kv_pages_new((uint64_t)1 << 33, 16, &p, NULL), SW_BAD_INPUT);
	CHECK(!p);
}

/* However tables come and go, every block is free or in one table. */
TEST(no_block_is_lost_or_held_twice)
{
	enum { TABLES = 12, BLOCKS = 50 };
	sw__kv_pages *p = make(BLOCKS);
	struct sw__kv_table t[TABLES] = {{0}};
	struct sw__random random = sw__random_make(5, 0);

	for (uint64_t i = 0; i < TABLES; i++)
		t[i].owner = i + 1;
	for (int step = 0; step < 20000; step++) {
		struct sw__kv_table *x = &t[sw__random_below(&random, TABLES)];
		int held[BLOCKS] = {0};
		uint32_t sum;

		if (sw__random_below(&random, 3) == 0)
			sw__kv_release(p, x, (uint32_t)sw__random_below(&random, 200));
		else if (x->n == 0 && sw__random_below(&random, 2))
			sw__kv_recall(p, x);
		else
			reserve(p, x, (uint32_t)sw__random_below(&random, 200));
		sum = sw__kv_blocks_free(p);
		for (int i = 0; i < TABLES; i++) {
			sum += t[i].n;
			for (uint32_t k = 0; k < t[i].n; k++)
				held[t[i].block[k]]++;
		}
		if (!CHECK(sum == BLOCKS))
			break;
		for (int k = 0; k < BLOCKS; k++)
			CHECK(held[k] <= 1);
	}
	for (int i = 0; i < TABLES; i++)
		sw__kv_table_free(&t[i]);
	sw__kv_pages_free(p);
}

TEST_MAIN()
