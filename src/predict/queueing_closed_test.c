// SPDX-License-Identifier: Apache-2.0
#include "queueing_fixture.h"

#include "check.h"

static struct sw__latency run(double clients, struct sw__lengths prompt, struct sw__lengths output,
			      double budget)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();
	struct sw__traffic t = fixture_closed(clients, prompt, output);

	b.max_num_batched_tokens = budget;
	return sw__queue_latency(&c, &b, &t);
}

TEST(more_clients_mean_more_throughput_and_longer_waits)
{
	struct sw__lengths prompt = fixture_lengths(300, 900), output = fixture_lengths(150, 500);
	struct sw__latency last = run(1, prompt, output, 2048);

	for (double clients = 2; clients <= 64; clients *= 2) {
		struct sw__latency l = run(clients, prompt, output, 2048);

		CHECK(l.requests_per_s > 1.2 * last.requests_per_s);
		CHECK(l.ttft_ms[SW_MEAN] > last.ttft_ms[SW_MEAN]);
		CHECK(l.tpot_ms[SW_MEAN] > last.tpot_ms[SW_MEAN]);
		last = l;
	}
}

TEST(every_request_is_somewhere)
{
	struct sw__lengths prompt = fixture_lengths(300, 900), output = fixture_lengths(150, 500);

	for (double clients = 2; clients <= 64; clients *= 2) {
		struct sw__latency l = run(clients, prompt, output, 2048);

		CHECK_NEAR(l.running, clients, 1e-9);
		CHECK_NEAR(l.requests_per_s * 1e-3 *
				   (l.ttft_ms[SW_MEAN] + 149 * l.tpot_ms[SW_MEAN]),
			   clients, 0.08);
	}
}

/* Nobody else is there, so every answer takes as long per token as every other. */
TEST(one_client_meets_nobody)
{
	struct sw__latency l = run(1, fixture_lengths(300, NAN), fixture_lengths(150, NAN), 2048);

	CHECK_NEAR(l.tpot_ms[SW_MEAN], 11.001, 1e-3);
	CHECK_NEAR(l.tpot_ms[SW_P50], 11.001, 3e-3);
	CHECK_NEAR(l.tpot_ms[SW_P99], 11.001, 3e-3);
}

/* Every client is waiting for its first token, and more of them wait longer; who decodes first is no question. */
TEST(loops_of_one_token_answers_keep_littles_law)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching mixed = fixture_batching(), apart = mixed;
	struct sw__lengths prompt = fixture_lengths(220, 660), one = fixture_lengths(1, NAN);
	double last = 0;

	apart.policy = SW__PREFILL_FIRST;
	for (double clients = 1; clients <= 64; clients++) {
		struct sw__traffic t = fixture_closed(clients, prompt, one);
		struct sw__latency l = sw__queue_latency(&c, &mixed, &t);

		CHECK_NEAR(l.requests_per_s * 1e-3 * l.ttft_ms[SW_MEAN], clients, 0.01);
		CHECK(l.ttft_ms[SW_MEAN] >= last * 0.999);
		CHECK(isnan(l.tpot_ms[SW_MEAN]));
		last = l.ttft_ms[SW_MEAN];
		CHECK_NEAR(sw__queue_latency(&c, &apart, &t).ttft_ms[SW_MEAN], last, 0);
	}
}

/* 64 clients that ask for four tokens after prompts of 2000: full steps of 512 tokens serve one prompt in four. */
TEST(prefill_alone_sets_the_pace_where_every_step_is_full)
{
	struct sw__latency l = run(64, fixture_lengths(2000, 3000), fixture_lengths(5, 9), 512);
	double full_ms = 1 + 10 + (512 - 100) * 0.1;

	CHECK_NEAR(l.requests_per_s, 1e3 * 512 / 2000 / full_ms, 0.05);
	CHECK_NEAR(l.tpot_ms[SW_MEAN], full_ms, 0.05);
	CHECK(l.binds == SW_BINDS_QUEUE);
}

TEST_MAIN()
