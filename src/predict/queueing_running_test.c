// SPDX-License-Identifier: Apache-2.0
#include "queueing_fixture.h"

#include "check.h"

/* Steps of about the same length whatever runs: the queue is then one of infinitely many servers. */
TEST(constant_steps_give_poisson_numbers)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();
	struct sw__traffic t =
		fixture_open(10, fixture_lengths(20, NAN), fixture_lengths(101, 300));
	struct sw__queue q = sw__queue_make(&c, &b, &t, 10);
	struct sw__running r = sw__running_open(&q);

	CHECK(!r.overload);
	CHECK_NEAR(r.decodes, 0.010 * 100 * 11.01, 0.01);
	CHECK_NEAR(r.variance / r.decodes, 1, 0.12);
	CHECK_NEAR(r.token_ms, 11.01, 0.01);
}

TEST(only_the_mean_of_output_lengths_counts)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();
	struct sw__lengths prompt = fixture_lengths(200, NAN);
	struct sw__traffic even = fixture_open(8, prompt, fixture_lengths(200, NAN));
	struct sw__traffic wild = fixture_open(8, prompt, fixture_lengths(200, 700));
	struct sw__queue qe = sw__queue_make(&c, &b, &even, 8),
			 qw = sw__queue_make(&c, &b, &wild, 8);

	CHECK_NEAR(sw__running_open(&qe).decodes, sw__running_open(&qw).decodes, 0.02);
}

TEST(a_light_load_leaves_the_engine_idle)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();
	struct sw__traffic t =
		fixture_open(0.1, fixture_lengths(200, NAN), fixture_lengths(11, NAN));
	struct sw__queue q = sw__queue_make(&c, &b, &t, 0.1);
	struct sw__running r = sw__running_open(&q);

	/* 1 + 20 ms for the prompt and ten steps of 11 ms, ten times in 100 s */
	CHECK_NEAR(1 - r.idle, 0.1e-3 * (21 + 10 * 11), 0.03);
	CHECK(r.full < 1e-12);
}

/* Gaps all equal keep requests apart: of few at a time each decodes by itself, as of random ones. */
TEST(even_arrivals_at_a_light_load_decode_alone)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();

	for (double rate = 0.01; rate < 9; rate *= 2) {
		struct sw__traffic t =
			fixture_open(rate, fixture_lengths(20, NAN), fixture_lengths(11, NAN));
		struct sw__queue q = sw__queue_make(&c, &b, &t, rate);

		t.burstiness = 0;
		CHECK_NEAR(sw__running_open(&q).token_ms, 11, 0.04);
	}
}

/* Bursts gather requests, and more of them gather more: no step of the sum shows where it begins to stride. */
TEST(bursts_make_no_jump_in_the_time_per_token)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();
	double last = 0;

	b.max_num_seqs = 256;
	for (double rate = 0.1; rate < 60; rate *= 1.1) {
		struct sw__traffic t =
			fixture_open(rate, fixture_lengths(20, NAN), fixture_lengths(21, NAN));
		struct sw__queue q = sw__queue_make(&c, &b, &t, rate);
		double ms;

		t.burstiness = 5;
		ms = sw__running_open(&q).token_ms;
		CHECK(ms > 0.97 * last && ms < (last > 0 ? 1.1 * last : 12));
		last = ms;
	}
}

TEST(fewer_seats_make_requests_wait)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();
	struct sw__traffic t = fixture_open(8, fixture_lengths(20, NAN), fixture_lengths(101, 300));
	struct sw__running wide, narrow;
	struct sw__queue q = sw__queue_make(&c, &b, &t, 8);

	wide = sw__running_open(&q);
	b.max_num_seqs = 11;
	q = sw__queue_make(&c, &b, &t, 8);
	narrow = sw__running_open(&q);
	CHECK(wide.full < 1e-6);
	CHECK(narrow.full > 0.2 && narrow.full < 0.7);
	CHECK(narrow.full_ms > 10);
}

TEST(many_sequences_are_summed_in_strides_without_a_jump)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();
	double last = 0;

	b.max_num_seqs = 1024;
	for (double rate = 2; rate < 20; rate *= 1.1) {
		struct sw__traffic t =
			fixture_open(rate, fixture_lengths(20, NAN), fixture_lengths(401, NAN));
		struct sw__queue q = sw__queue_make(&c, &b, &t, rate);
		struct sw__running r = sw__running_open(&q);

		CHECK(!r.overload && r.decodes > last * 1.05);
		CHECK_NEAR(r.decodes, rate * 1e-3 * 400 * r.token_ms, 1e-9);
		last = r.decodes;
	}
}

TEST(more_than_is_sustained_is_overload)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();
	struct sw__traffic t =
		fixture_open(50, fixture_lengths(1000, NAN), fixture_lengths(401, NAN));
	struct sw__queue q = sw__queue_make(&c, &b, &t, 50);

	CHECK(sw__running_open(&q).overload);
}

TEST_MAIN()
