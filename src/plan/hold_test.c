// SPDX-License-Identifier: Apache-2.0
#include "plan/hold.h"

#include "plan/search_fixture.h"

static struct sw__held held;

static struct sw__size *size_of(size_t workload)
{
	struct sw__size *size = NULL;

	CHECK_INT(sw__size_get(&sizing, workload, 0, 1, &size, &err), SW_OK);
	return size;
}

/* The set of all workloads, of which each runs at a level (SW__NONE: it does not). */
static const struct sw__together *hold(const size_t stay[3])
{
	struct sw__held_ask ask = {.fleet = 0, .n = 3};
	const struct sw__together *t = NULL;

	CHECK_INT(fake_problem.n_workloads, ask.n);
	for (size_t i = 0; i < 3; i++) {
		ask.engines[i] = size_of(i);
		ask.stay[i] = stay[i];
	}
	CHECK_INT(sw__hold(&held, &ask, &t, &err), SW_OK);
	return t;
}

/* Level i is (i + 1) percent of 200 SMs. */
static void open_shares(const double *shares, size_t n)
{
	fake_reset();
	fake_add_gpu(SW_MPS, 200, 40, 1, 2);
	add_shares(shares, n);
	open_all();
	sw__held_open(&groups, &held);
}

static void close_held(void)
{
	sw__held_close(&held);
	close_all();
}

TEST(what_runs_and_holds_stays_although_it_is_too_much)
{
	const struct sw__together *t;

	open_shares((double[]){0.2, 0.3, 0.1}, 3);
	t = hold((size_t[]){39, 29, 9});
	if (CHECK(t && t->fits)) {
		CHECK_INT(t->level[0], 39);
		CHECK_INT(t->level[1], 29);
		CHECK_INT(t->level[2], 9);
		CHECK_NEAR(t->share, 0.8, 1e-9);
	}
	close_held();
}

TEST(who_misses_is_raised_and_the_others_stay)
{
	const struct sw__together *t;

	open_shares((double[]){0.2, 0.3, 0.1}, 3);
	t = hold((size_t[]){39, 24, 9});
	if (CHECK(t && t->fits)) {
		CHECK_INT(t->level[0], 39);
		CHECK_INT(t->level[1], 29);
		CHECK_INT(t->level[2], 9);
	}
	close_held();
}

/* 0.3 has no room beside 0.75: the smaller of those who have too much gives way. */
TEST(room_is_taken_where_there_is_too_much)
{
	const struct sw__together *t;

	open_shares((double[]){0.2, 0.3, 0.1}, 3);
	t = hold((size_t[]){49, SW__NONE, 24});
	if (CHECK(t && t->fits)) {
		CHECK_INT(t->level[0], 49);
		CHECK_INT(t->level[1], 29);
		CHECK_INT(t->level[2], 9);
	}
	close_held();
}

TEST(what_does_not_go_together_is_no_set)
{
	open_shares((double[]){0.5, 0.4, 0.2}, 3);
	CHECK(!hold((size_t[]){49, 39, 9}));
	close_held();
}

TEST_MAIN()
