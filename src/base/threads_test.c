// SPDX-License-Identifier: Apache-2.0
#include "base/threads.h"

#include <stdatomic.h>

#include "check.h"

enum { PIECES = 1000 };

struct counted {
	atomic_int times[PIECES];
	size_t last_told;
	bool fell;
};

static void count(void *context, size_t i)
{
	struct counted *c = context;

	(void)atomic_fetch_add(&c->times[i], 1);
}

static void told(void *context, size_t done)
{
	struct counted *c = context;

	c->fell = c->fell || done < c->last_told || done > PIECES;
	c->last_told = done;
}

static void check_once_each(unsigned threads)
{
	static struct counted c;
	const struct sw__pieces pieces = {PIECES, &c, count, told};
	int wrong = 0;

	memset(&c, 0, sizeof(c));
	sw__pieces_do(&pieces, threads);
	for (int i = 0; i < PIECES; i++)
		wrong += atomic_load(&c.times[i]) != 1;
	CHECK_INT(wrong, 0);
	CHECK(!c.fell);
}

TEST(every_piece_is_done_once_whatever_the_number_of_threads)
{
	check_once_each(1);
	check_once_each(2);
	check_once_each(7);
	check_once_each(0);
}

TEST(alone_every_piece_is_told_of)
{
	static struct counted c;
	const struct sw__pieces pieces = {PIECES, &c, count, told};

	sw__pieces_do(&pieces, 1);
	CHECK_INT(c.last_told, PIECES);
}

TEST(nothing_to_do_is_fine)
{
	const struct sw__pieces none = {0, NULL, count, told};

	sw__pieces_do(&none, 3);
	CHECK(true);
}

TEST_MAIN()
