// SPDX-License-Identifier: Apache-2.0
#include "profile/sets.h"

#include "check.h"

TEST(sets_are_counted_and_listed_in_order)
{
	struct sw__set sets[20];

	CHECK_INT(sw__sets_count(6, 2), 15);
	CHECK_INT(sw__sets_count(6, 3), 20);
	CHECK_INT(sw__sets_count(6, 4), 15);
	CHECK_INT(sw__sets_count(32, 4), 35960);
	CHECK_INT(sw__sets_count(3, 4), 0);
	sw__sets_all(4, 2, sets);
	for (size_t i = 0, a = 0; a < 4; a++) {
		for (size_t b = a + 1; b < 4; b++, i++)
			CHECK(sets[i].size == 2 && sets[i].member[0] == a &&
			      sets[i].member[1] == b);
	}
	sw__sets_all(6, 3, sets);
	CHECK(sets[19].member[0] == 3 && sets[19].member[1] == 4 && sets[19].member[2] == 5);
	sw__sets_all(4, 4, sets);
	CHECK(sets[0].member[0] == 0 && sets[0].member[3] == 3);
}

/* Ten of the twenty triples of six models: every model in five of them, every pair in two, is possible and is found. */
TEST(a_sample_is_balanced)
{
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct sw__random random = sw__random_make(seed, 1);
		struct sw__set sets[20];
		unsigned used[6] = {0}, most = 0, least = 99;

		sw__sets_all(6, 3, sets);
		sw__sets_balance(sets, 20, 10, &random);
		for (size_t i = 0; i < 10; i++) {
			for (size_t k = 0; k < 3; k++)
				used[sets[i].member[k]]++;
		}
		for (size_t m = 0; m < 6; m++) {
			most = used[m] > most ? used[m] : most;
			least = used[m] < least ? used[m] : least;
		}
		CHECK(least >= 4 && most <= 6);
	}
}

TEST(a_sample_is_of_different_sets_and_all_of_them_stay)
{
	struct sw__random random = sw__random_make(3, 1);
	struct sw__set sets[15];
	bool seen[6][6] = {{false}};

	sw__sets_all(6, 2, sets);
	sw__sets_balance(sets, 15, 7, &random);
	for (size_t i = 0; i < 15; i++) {
		CHECK(!seen[sets[i].member[0]][sets[i].member[1]]);
		seen[sets[i].member[0]][sets[i].member[1]] = true;
	}
}

TEST(a_deck_deals_every_card_once_before_any_twice)
{
	struct sw__deck deck = sw__deck_make(6, 5, 1);

	for (int round = 0; round < 5; round++) {
		unsigned seen = 0;

		for (int i = 0; i < 6; i++)
			seen |= 1u << sw__deck_draw(&deck);
		CHECK_INT(seen, 63);
	}
}

TEST(parts_add_up_and_each_way_comes_as_often)
{
	struct sw__random random = sw__random_make(1, 1);
	unsigned part[4], first[10] = {0};

	for (int i = 0; i < 3000; i++) {
		sw__random_parts(&random, 20, 4, part);
		CHECK(part[0] && part[1] && part[2] && part[3]);
		CHECK_INT(part[0] + part[1] + part[2] + part[3], 20);
	}
	/* 5 in 2 parts: 1+4, 2+3, 3+2, 4+1; a quarter each, 4 standard deviations are 0.03. */
	for (int i = 0; i < 4000; i++) {
		sw__random_parts(&random, 5, 2, part);
		first[part[0]]++;
	}
	for (int i = 1; i <= 4; i++)
		CHECK(fabs(first[i] / 4000.0 - 0.25) < 0.03);
	sw__random_parts(&random, 3, 1, part);
	CHECK_INT(part[0], 3);
}

TEST_MAIN()
