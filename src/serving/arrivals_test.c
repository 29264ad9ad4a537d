// SPDX-License-Identifier: Apache-2.0
#include "serving/arrivals.h"

#include "check.h"

enum { DRAWS = 100000 };

static struct sw_load open_load(double rate, double burstiness)
{
	return (struct sw_load){.rate = rate,
				.concurrency = NAN,
				.burstiness = burstiness,
				.prompt_tokens = {800, 3000},
				.output_tokens = {200, 700}};
}

static sw__arrivals *make(const struct sw_load *load, uint64_t seed, bool repeat)
{
	struct sw__arrivals_ask ask = {load, seed, 1000000, repeat};
	sw__arrivals *a;

	CHECK_INT(sw__arrivals_new(&ask, &a, NULL), SW_OK);
	return a;
}

struct seen {
	double rate, variation, prompt, output, prompts_above;
};

static struct seen look(const struct sw_load *load)
{
	sw__arrivals *a = make(load, 3, false);
	double last = 0, square = 0, prompts = 0, outputs = 0, above = 0, mean;
	struct sw__arrival x;

	for (int i = 0; i < DRAWS; i++) {
		CHECK(sw__arrivals_next(a, 0, &x));
		CHECK(x.at_s >= last);
		square += (x.at_s - last) * (x.at_s - last);
		last = x.at_s;
		prompts += x.prompt_tokens;
		outputs += x.output_tokens;
		above += x.prompt_tokens > 3000;
	}
	sw__arrivals_free(a);
	mean = last / DRAWS;
	return (struct seen){1 / mean, sqrt(square / DRAWS / (mean * mean) - 1), prompts / DRAWS,
			     outputs / DRAWS, above / DRAWS};
}

TEST(a_poisson_stream_with_the_lengths_asked_for)
{
	struct sw_load load = open_load(4, 1);
	struct seen s = look(&load);

	CHECK_NEAR(s.rate, 4, 0.01);
	CHECK_NEAR(s.variation, 1, 0.02);
	CHECK_NEAR(s.prompt, 800, 0.02);
	CHECK_NEAR(s.output, 200, 0.02);
	CHECK_NEAR(s.prompts_above, 0.05, 0.05);
}

TEST(bursts_and_even_gaps)
{
	struct sw_load burst = open_load(4, 3), even = open_load(4, 0);

	CHECK_NEAR(look(&burst).variation, 3, 0.05);
	CHECK_NEAR(look(&burst).rate, 4, 0.03);
	CHECK_NEAR(look(&even).variation + 1, 1, 1e-6);
}

TEST(another_rate_gets_the_same_lengths)
{
	struct sw_load slow = open_load(1, 1), fast = open_load(9, 2);
	sw__arrivals *a = make(&slow, 3, false), *b = make(&fast, 3, false);
	struct sw__arrival x, y;

	for (int i = 0; i < 100; i++) {
		sw__arrivals_next(a, 0, &x);
		sw__arrivals_next(b, 0, &y);
		CHECK(x.prompt_tokens == y.prompt_tokens && x.output_tokens == y.output_tokens);
		CHECK(x.at_s != y.at_s);
	}
	sw__arrivals_free(a);
	sw__arrivals_free(b);
}

TEST(clients_send_when_they_are_answered)
{
	struct sw_load load = {.rate = NAN,
			       .concurrency = 2,
			       .prompt_tokens = {100, NAN},
			       .output_tokens = {5, NAN},
			       .prefix_hit_ratio = 0.5};
	sw__arrivals *a = make(&load, 1, false);
	struct sw__arrival x;

	CHECK(sw__arrivals_closed(a));
	sw__arrivals_next(a, 0, &x);
	CHECK(x.at_s == 0 && x.prompt_tokens == 100 && x.output_tokens == 5);
	CHECK_INT(x.cached_tokens, 50);
	sw__arrivals_next(a, 7.5, &x);
	CHECK_NEAR(x.at_s, 7.5, 0);
	sw__arrivals_free(a);
}

TEST(a_trace_as_it_is_or_stretched_once_or_again)
{
	double at[] = {0, 1, 3}, in[] = {10, 20, 30}, out[] = {1, 2, 3};
	struct sw_trace trace = {NULL, 3, at, in, out};
	struct sw_load load = {.rate = 2, .concurrency = NAN, .burstiness = 1, .trace = &trace};
	sw__arrivals *a = make(&load, 1, true);
	struct sw__arrival x;

	sw__arrivals_next(a, 0, &x);
	sw__arrivals_next(a, 0, &x);
	CHECK_NEAR(x.at_s, 1.0 / 3,
		   1e-12); /* two gaps in 3 s are 0.667 per s, three times slower */
	sw__arrivals_next(a, 0, &x);
	CHECK(x.prompt_tokens == 30 && x.output_tokens == 3);
	CHECK(sw__arrivals_next(a, 0, &x));
	CHECK_NEAR(x.at_s, 1.5, 1e-12);
	CHECK_INT(x.prompt_tokens, 10);
	sw__arrivals_free(a);
	a = make(&load, 1, false);
	for (int i = 0; i < 3; i++)
		CHECK(sw__arrivals_next(a, 0, &x));
	CHECK(!sw__arrivals_next(a, 0, &x));
	sw__arrivals_free(a);
}

TEST(a_replica_gets_its_part_of_a_trace_at_the_pace_of_the_whole)
{
	double at[] = {0, 1, 3}, in[] = {10, 20, 30}, out[] = {1, 2, 3};
	struct sw_trace trace = {NULL, 3, at, in, out};
	/* The whole is played twice as fast, 4 / 3 per s; a quarter of it comes here. */
	struct sw_load load = {.rate = 1.0 / 3,
			       .concurrency = NAN,
			       .burstiness = 1,
			       .trace = &trace,
			       .trace_stretch = 0.5};
	sw__arrivals *a = make(&load, 1, true);
	struct sw__arrival x;
	double last = -1;

	for (int i = 0; i < DRAWS; i++) {
		double lap = 4.5 * 0.5, within;

		CHECK(sw__arrivals_next(a, 0, &x));
		CHECK(x.at_s > last);
		last = x.at_s;
		within = fmod(x.at_s + 1e-6, lap);
		if (!CHECK(fabs(within - at[x.output_tokens - 1] * 0.5) < 1e-3))
			break;
	}
	CHECK_NEAR(DRAWS / last, 1.0 / 3, 0.01);
	sw__arrivals_free(a);
	a = make(&load, 1, false);
	while (sw__arrivals_next(a, 0, &x))
		CHECK(x.at_s <= 1.5);
	CHECK(!sw__arrivals_next(a, 0, &x));
	sw__arrivals_free(a);
}

TEST(long_requests_are_cut)
{
	struct sw_load load = {.rate = 1,
			       .concurrency = NAN,
			       .burstiness = 1,
			       .prompt_tokens = {900, NAN},
			       .output_tokens = {500, NAN}};
	struct sw__arrivals_ask ask = {&load, 1, 1000, false};
	struct sw__arrival x;
	sw__arrivals *a;

	CHECK_INT(sw__arrivals_new(&ask, &a, NULL), SW_OK);
	sw__arrivals_next(a, 0, &x);
	CHECK(x.prompt_tokens == 900 && x.output_tokens == 100);
	sw__arrivals_free(a);
	ask.max_tokens = 800;
	CHECK_INT(sw__arrivals_new(&ask, &a, NULL), SW_OK);
	sw__arrivals_next(a, 0, &x);
	CHECK(x.prompt_tokens == 799 && x.output_tokens == 1);
	sw__arrivals_free(a);
	ask.max_tokens = 1;
	CHECK_INT(sw__arrivals_new(&ask, &a, NULL), SW_BAD_INPUT);
}

TEST(refuses_what_is_no_load)
{
	struct sw_load none = {.rate = NAN, .concurrency = NAN}, both = open_load(1, 1),
		       all_cached = open_load(1, 1);
	struct sw__arrivals_ask ask = {&none, 1, 1000, false};
	sw__arrivals *a;

	both.concurrency = 3;
	all_cached.prefix_hit_ratio = 1;
	CHECK_INT(sw__arrivals_new(&ask, &a, NULL), SW_BAD_INPUT);
	ask.load = &both;
	CHECK_INT(sw__arrivals_new(&ask, &a, NULL), SW_BAD_INPUT);
	ask.load = &all_cached;
	CHECK_INT(sw__arrivals_new(&ask, &a, NULL), SW_BAD_INPUT);
}

TEST_MAIN()
