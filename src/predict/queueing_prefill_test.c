// SPDX-License-Identifier: Apache-2.0
#include "queueing_fixture.h"

#include "check.h"

static struct sw__queue make(const struct sw__step_curve *c, const struct sw__batching *b,
			     const struct sw__traffic *t, double rate)
{
	return sw__queue_make(c, b, t, rate);
}

TEST(a_prompt_alone_costs_the_difference_of_two_steps)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();
	struct sw__traffic t = fixture_open(1, fixture_lengths(300, NAN), fixture_lengths(10, NAN));
	struct sw__queue q = make(&c, &b, &t, 1e-6);
	struct sw__prefill p = sw__prefill_beside(&q, 20);
	struct sw__step_batch with = {20, 20 * 300, 1, 300, 0}, without = {20, 20 * 300, 0, 0, 0};

	CHECK_NEAR(p.own_ms[0], sw__step_ms(&c, &with) - sw__step_ms(&c, &without), 1e-9);
	CHECK_NEAR(p.shared_ms[0], p.own_ms[0], 1e-9);
	CHECK_NEAR(p.decode_ms, 11.02, 1e-9);
	CHECK_NEAR(p.room, 2048 - 20, 1e-12);
}

TEST(prompts_that_share_a_step_share_its_free_tokens)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();
	struct sw__traffic t = fixture_open(1, fixture_lengths(50, NAN), fixture_lengths(2, NAN));
	struct sw__queue few = make(&c, &b, &t, 1), many = make(&c, &b, &t, 150);

	CHECK_NEAR(sw__prefill_beside(&few, 1).mean_ms, 0,
		   1e-9); /* 51 tokens take no longer than one */
	CHECK(sw__prefill_beside(&many, 1).mean_ms > 0.5);
	CHECK(sw__prefill_beside(&many, 1).mean_ms < 50 * 0.1);
}

TEST(a_long_prompt_pays_for_full_steps_and_a_rest)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();
	struct sw__traffic t =
		fixture_open(1, fixture_lengths(5000, NAN), fixture_lengths(10, NAN));
	struct sw__queue q = make(&c, &b, &t, 1e-6);
	struct sw__prefill p = sw__prefill_beside(&q, 0);

	/* 2048 + 2048 + 904 tokens: 204.8 + 204.8 + 90.4 ms of linear part */
	CHECK_NEAR(p.own_ms[0], 204.8 + 204.8 + 90.4, 1e-9);
	CHECK_NEAR(p.chunk_ms2, 2 * 204.8 * 204.8 + 90.4 * 90.4, 1e-9);
	CHECK_NEAR(p.capped_ms, 204.8, 1e-9);
}

TEST(steps_of_their_own_cost_a_host_round_each)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();
	struct sw__traffic t = fixture_open(1, fixture_lengths(300, NAN), fixture_lengths(10, NAN));
	struct sw__queue q;

	b.policy = SW__PREFILL_FIRST;
	q = make(&c, &b, &t, 1e-6);
	CHECK_NEAR(sw__prefill_beside(&q, 20).own_ms[0], 1 + 10 + 20, 1e-9);
	CHECK_NEAR(sw__prefill_beside(&q, 20).carry_ms, 0, 0);
}

TEST(kv_cache_limits_seats)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();
	struct sw__traffic t =
		fixture_open(1, fixture_lengths(1000, NAN), fixture_lengths(101, NAN));
	struct sw__queue q;

	b.kv_cache_tokens = 10580; /* ten times 1000 + 50 + half a block */
	q = make(&c, &b, &t, 1);
	CHECK(q.kv_binds);
	CHECK_NEAR(q.seats, 10, 1e-9);
}

TEST_MAIN()
