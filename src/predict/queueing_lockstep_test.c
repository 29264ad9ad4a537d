// SPDX-License-Identifier: Apache-2.0
#include "queueing_fixture.h"

#include "check.h"

static struct sw__latency run(double clients, struct sw__lengths prompt, double output,
			      double budget, bool ahead)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();
	struct sw__traffic t = fixture_closed(clients, prompt, fixture_lengths(output, NAN));

	b.max_num_batched_tokens = budget;
	b.schedule_ahead = ahead;
	return sw__queue_latency(&c, &b, &t);
}

TEST(applies_to_equal_answers_in_a_closed_loop)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();
	struct sw__lengths prompt = fixture_lengths(300, NAN);
	struct sw__traffic equal = fixture_closed(8, prompt, fixture_lengths(101, NAN));
	struct sw__traffic mixed = fixture_closed(8, prompt, fixture_lengths(101, 300));
	struct sw__traffic open = fixture_open(8, prompt, fixture_lengths(101, NAN));
	struct sw__traffic long_ones =
		fixture_closed(8, fixture_lengths(1800, 4000), fixture_lengths(101, NAN));
	struct sw__queue q = sw__queue_make(&c, &b, &equal, NAN);

	CHECK(sw__lockstep_applies(&q));
	q = sw__queue_make(&c, &b, &mixed, NAN);
	CHECK(!sw__lockstep_applies(&q));
	q = sw__queue_make(&c, &b, &open, 8);
	CHECK(!sw__lockstep_applies(&q));
	q = sw__queue_make(&c, &b, &long_ones, NAN);
	CHECK(!sw__lockstep_applies(&q));
}

/* Four prompts of 300 fit one step: all come, are served and end together. */
TEST(all_prompts_in_one_step)
{
	struct sw__latency l = run(4, fixture_lengths(300, NAN), 101, 2048, false);
	double ttft = 1 + 10 + (1200 - 100) * 0.1, tpot = 11.004;

	CHECK_NEAR(l.ttft_ms[SW_P50], ttft, 0.01);
	CHECK_NEAR(l.ttft_ms[SW_P99], ttft, 0.01);
	CHECK_NEAR(l.tpot_ms[SW_MEAN], tpot, 0.01);
	CHECK_NEAR(l.requests_per_s, 4e3 / (ttft + 100 * tpot), 0.01);
}

/* Prompts of 400 in steps of 400 tokens and 8 decodes: who comes back meets the next one's step, then needs two. */
TEST(groups_follow_each_other_step_by_step)
{
	double full = 1 + 10 + (400 - 100) * 0.1;
	struct sw__latency l = run(8, fixture_lengths(400, NAN), 101, 400, false);
	struct sw__latency ahead = run(8, fixture_lengths(400, NAN), 101, 400, true);

	CHECK_NEAR(l.ttft_ms[SW_P50], 3 * full, 0.02);
	CHECK_NEAR(ahead.ttft_ms[SW_P50], 4 * full, 0.02);
	CHECK_NEAR(l.requests_per_s * 1e-3 * (l.ttft_ms[SW_MEAN] + 100 * l.tpot_ms[SW_MEAN]), 8,
		   0.01);
}

TEST(seats_beyond_are_waited_for)
{
	struct sw__latency some = run(64, fixture_lengths(20, NAN), 101, 2048, false);
	struct sw__latency more = run(96, fixture_lengths(20, NAN), 101, 2048, false);

	CHECK_NEAR(some.requests_per_s, more.requests_per_s, 0.1);
	CHECK(more.ttft_ms[SW_MEAN] > some.ttft_ms[SW_MEAN] + 0.9e3 * 32 / more.requests_per_s);
	CHECK(more.binds == SW_BINDS_SEQS);
}

TEST_MAIN()
