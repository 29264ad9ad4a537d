// SPDX-License-Identifier: Apache-2.0
#include "queueing_fixture.h"

#include "check.h"

static struct sw__latency open_loop(double rate, double prompt, double output)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();
	struct sw__traffic t =
		fixture_open(rate, fixture_lengths(prompt, NAN), fixture_lengths(output, NAN));

	return sw__queue_latency(&c, &b, &t);
}

static struct sw__latency closed_loop(double clients, double prompt, double output)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();
	struct sw__traffic t =
		fixture_closed(clients, fixture_lengths(prompt, NAN), fixture_lengths(output, NAN));

	return sw__queue_latency(&c, &b, &t);
}

TEST(an_idle_engine_answers_in_its_own_time)
{
	struct sw__latency l = open_loop(1e-4, 300, 101);

	CHECK_NEAR(l.ttft_ms[SW_P50], 1 + 10 + 20, 5e-3);
	CHECK_NEAR(l.ttft_ms[SW_MEAN], 31, 5e-3);
	CHECK_NEAR(l.tpot_ms[SW_P50], 11.001, 5e-3);
	CHECK_NEAR(l.requests_per_s, 1e-4, 1e-12);
	CHECK(l.binds == SW_BINDS_NOTHING);
}

TEST(latency_rises_with_the_rate)
{
	struct sw__latency low = open_loop(1, 300, 101);

	for (double rate = 2; rate < 20; rate += 1) {
		struct sw__latency l = open_loop(rate, 300, 101);

		CHECK(!l.overload);
		for (int k = SW_MEAN; k <= SW_P99; k++) {
			CHECK(l.ttft_ms[k] > 0.97 * low.ttft_ms[k]);
			CHECK(l.tpot_ms[k] > 0.97 * low.tpot_ms[k]);
		}
		low = l;
	}
}

TEST(percentiles_are_in_order)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();

	for (double rate = 0.5; rate < 8; rate *= 1.5) {
		struct sw__traffic t =
			fixture_open(rate, fixture_lengths(400, 1500), fixture_lengths(150, 500));
		struct sw__latency l = sw__queue_latency(&c, &b, &t);

		CHECK(l.ttft_ms[SW_P50] < l.ttft_ms[SW_P95] &&
		      l.ttft_ms[SW_P95] < l.ttft_ms[SW_P99]);
		CHECK(l.tpot_ms[SW_P50] <= l.tpot_ms[SW_P95] &&
		      l.tpot_ms[SW_P95] <= l.tpot_ms[SW_P99]);
		CHECK(l.utilisation > 0 && l.utilisation <= 1 && l.gpu_busy < l.utilisation);
	}
}

TEST(the_largest_rate_separates_load_from_overload)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();
	struct sw__lengths prompt = fixture_lengths(400, 1500), output = fixture_lengths(150, 500);
	struct sw__traffic t = fixture_open(1, prompt, output);
	double most = sw__queue_max_rate(&c, &b, &t);
	struct sw__traffic below = fixture_open(0.97 * most, prompt, output);
	struct sw__traffic above = fixture_open(1.03 * most, prompt, output);
	struct sw__latency over = sw__queue_latency(&c, &b, &above);

	CHECK(!sw__queue_latency(&c, &b, &below).overload);
	CHECK(over.overload && over.binds == SW_BINDS_OVERLOAD);
	CHECK(isnan(over.ttft_ms[SW_MEAN]) && isnan(over.tpot_ms[SW_P99]));
	CHECK_NEAR(over.requests_per_s, most, 0.03);
}

TEST(one_client_never_waits)
{
	struct sw__latency l = closed_loop(1, 300, 101);

	CHECK_NEAR(l.ttft_ms[SW_MEAN], 31, 5e-3);
	CHECK_NEAR(l.ttft_ms[SW_P99], 31, 5e-3);
	CHECK_NEAR(l.tpot_ms[SW_MEAN], 11.001, 1e-3);
	CHECK_NEAR(l.requests_per_s, 1e3 / (31 + 100 * 11.001), 5e-3);
}

TEST(clients_beyond_the_seats_only_wait)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();
	struct sw__lengths prompt = fixture_lengths(300, 900), output = fixture_lengths(101, 300);
	struct sw__traffic some = fixture_closed(64, prompt, output),
			   more = fixture_closed(128, prompt, output);
	struct sw__latency a = sw__queue_latency(&c, &b, &some),
			   z = sw__queue_latency(&c, &b, &more);

	CHECK_NEAR(a.requests_per_s, z.requests_per_s, 0.1);
	CHECK_NEAR(z.ttft_ms[SW_MEAN], 64 / z.requests_per_s * 1e3, 0.2);
	CHECK(z.binds == SW_BINDS_SEQS);
}

TEST(littles_law_holds_in_a_closed_loop)
{
	for (double clients = 2; clients <= 64; clients *= 2) {
		struct sw__latency l = closed_loop(clients, 300, 101);
		double cycle = l.ttft_ms[SW_MEAN] + 100 * l.tpot_ms[SW_MEAN];

		CHECK_NEAR(l.requests_per_s * cycle / 1e3, clients, 0.1);
	}
}

TEST(one_token_answers_have_no_time_per_token)
{
	struct sw__latency l = open_loop(5, 300, 1);

	CHECK(isnan(l.tpot_ms[SW_MEAN]) && isnan(l.tpot_ms[SW_P99]));
	CHECK(l.ttft_ms[SW_MEAN] >= 31);
}

TEST(scheduling_ahead_costs_arrivals_a_step)
{
	struct sw__step_curve c = fixture_curve();
	struct sw__batching b = fixture_batching();
	struct sw__traffic t =
		fixture_open(8, fixture_lengths(300, NAN), fixture_lengths(101, NAN));
	struct sw__latency at = sw__queue_latency(&c, &b, &t), ahead;

	b.schedule_ahead = true;
	ahead = sw__queue_latency(&c, &b, &t);
	CHECK(ahead.ttft_ms[SW_P50] > at.ttft_ms[SW_P50] + 8);
	CHECK_NEAR(ahead.tpot_ms[SW_MEAN], at.tpot_ms[SW_MEAN], 0.02);
}

static bool sound(const struct sw__latency *l, bool more_than_one_token)
{
	bool ok = isfinite(l->requests_per_s) && l->requests_per_s > 0;

	for (int k = SW_MEAN; k <= SW_P99 && !l->overload; k++) {
		ok = ok && isfinite(l->ttft_ms[k]) && l->ttft_ms[k] > 0;
		ok = ok && (!more_than_one_token || (isfinite(l->tpot_ms[k]) && l->tpot_ms[k] > 0));
	}
	return ok &&
	       (l->overload || (l->utilisation > 0 && l->utilisation <= 1 && l->gpu_busy >= 0));
}

TEST(edges_of_every_setting_give_numbers)
{
	static const double lengths[] = {1, 2, 50, 20000}, limits[] = {1, 3, 40, 1000};
	static const double caches[] = {10, 2000, INFINITY}, loads[] = {1e-6, 0.3, 0.97};
	static const double bursts[] = {0, 1, 40};
	struct sw__step_curve c = fixture_curve();

	for (unsigned i = 0; i < 4 * 4 * 4 * 4 * 3 * 3 * 3 * 2; i++) {
		unsigned at = i;
		struct sw__lengths prompt = fixture_lengths(lengths[at % 4], NAN);
		struct sw__lengths output = fixture_lengths(lengths[at / 4 % 4], NAN);
		struct sw__batching b = {i % 2 ? SW__PREFILL_FIRST : SW__MIXED_STEPS,
					 limits[at / 16 % 4], limits[at / 64 % 4],
					 caches[at / 256 % 3], i % 3 == 0};
		struct sw__traffic t = fixture_open(1, prompt, output);
		struct sw__traffic loop = fixture_closed(limits[at / 768 % 4], prompt, output);
		struct sw__latency l;

		t.rate_per_s = loads[at / 256 % 3] * sw__queue_max_rate(&c, &b, &t);
		t.burstiness = bursts[at / 768 % 3];
		l = sw__queue_latency(&c, &b, &t);
		CHECK(sound(&l, output.mean > 1));
		l = sw__queue_latency(&c, &b, &loop);
		CHECK(sound(&l, output.mean > 1));
	}
}

TEST(the_same_question_has_the_same_answer)
{
	struct sw__latency a = open_loop(7, 300, 101), b = open_loop(7, 300, 101);

	CHECK(memcmp(a.ttft_ms, b.ttft_ms, sizeof(a.ttft_ms)) == 0);
	CHECK(memcmp(a.tpot_ms, b.tpot_ms, sizeof(a.tpot_ms)) == 0);
}

TEST_MAIN()
