// SPDX-License-Identifier: Apache-2.0
#include "sim/turns.h"

#include "check.h"

static struct sw__turns two_ms(void)
{
	struct sw__turns t;

	sw__turns_start(&t, 2, 0.25); /* milliseconds, as good as seconds */
	return t;
}

TEST(alone_there_are_no_turns)
{
	struct sw__turns t = two_ms();
	const bool first[] = {true, false};

	CHECK(sw__turns_settle(&t, first, 2, 0));
	CHECK_INT(t.owner, 0);
	CHECK_NEAR(t.from_s, 0, 0); /* no context had to leave */
	CHECK_NEAR(sw__turns_next_s(&t, first, 2, 1), INFINITY, 0);
	CHECK(!sw__turns_settle(&t, first, 2, 100));
	CHECK_INT(t.owner, 0);
}

TEST(two_that_never_pause_alternate_and_pay_the_switch)
{
	struct sw__turns t = two_ms();
	const bool both[] = {true, true};
	double now = 0, worked[2] = {0, 0};

	(void)sw__turns_settle(&t, both, 2, now);
	for (int i = 0; i < 1000; i++) {
		double next = sw__turns_next_s(&t, both, 2, now);

		if (now >= t.from_s)
			worked[t.owner] += next - now;
		now = next;
		(void)sw__turns_settle(&t, both, 2, now);
	}
	CHECK_NEAR(worked[0] / now, 1 / 2.25, 0.01);
	CHECK_NEAR(worked[1] / now, 1 / 2.25, 0.01);
	CHECK_NEAR(worked[0] + worked[1], now * 2 / 2.25, 0.01);
}

TEST(who_pauses_gives_its_turn_up_at_once)
{
	struct sw__turns t = two_ms();
	const bool both[] = {true, true}, second[] = {false, true};

	(void)sw__turns_settle(&t, both, 2, 0);
	CHECK(sw__turns_settle(&t, second, 2, 0.5));
	CHECK_INT(t.owner, 1);
	CHECK_NEAR(t.from_s, 0.75, 1e-12);
	CHECK_NEAR(t.until_s, 2.75, 1e-12);
}

TEST(who_comes_late_waits_for_the_rest_of_a_slice_only)
{
	struct sw__turns t = two_ms();
	const bool both[] = {true, true}, first[] = {true, false};

	(void)sw__turns_settle(&t, first, 2, 0);
	(void)sw__turns_settle(&t, both, 2, 1.5);
	CHECK_INT(t.owner, 0);
	CHECK_NEAR(sw__turns_next_s(&t, both, 2, 1.5), 2, 0);
	/* A turn that has lasted longer than a slice ends as soon as somebody comes. */
	(void)sw__turns_settle(&t, first, 2, 2);
	CHECK(sw__turns_settle(&t, both, 2, 7));
	CHECK_INT(t.owner, 1);
}

TEST(turns_go_round)
{
	struct sw__turns t = two_ms();
	const bool all[] = {true, true, true}, without[] = {true, false, true};
	double now = 0;

	(void)sw__turns_settle(&t, all, 3, now);
	for (int i = 1; i < 7; i++) {
		now = t.until_s;
		(void)sw__turns_settle(&t, all, 3, now);
		CHECK_INT(t.owner, i % 3);
	}
	(void)sw__turns_settle(&t, without, 3, t.until_s);
	CHECK_INT(t.owner, 2);
}

TEST(coming_back_without_anybody_between_costs_nothing)
{
	struct sw__turns t = two_ms();
	const bool first[] = {true, false}, none[] = {false, false};

	(void)sw__turns_settle(&t, first, 2, 0);
	(void)sw__turns_settle(&t, none, 2, 1);
	CHECK_INT(t.owner, SW__NOBODY);
	CHECK(!sw__turns_settle(&t, first, 2, 3));
	CHECK_NEAR(t.from_s, 3, 0);
}

TEST_MAIN()
