// SPDX-License-Identifier: Apache-2.0
#include "sim/duration.h"

#include "sim/sim_fixture.h"

static const char *const small = "qwen2.5-0.5b";

static double duration_and_events(const struct sim_fixture *f, uint64_t *events)
{
	struct sw__repetition_ask ask = {.mix = &f->mix, .seed = 1, .duration_s = NAN};
	double duration_s = NAN;

	CHECK_INT(sw__simulate_duration(&ask, &duration_s, events, NULL), SW_OK);
	return duration_s;
}

static double duration(const struct sim_fixture *f)
{
	uint64_t events;

	return duration_and_events(f, &events);
}

TEST(two_hundred_requests_of_every_engine)
{
	struct sim_fixture f;
	uint64_t events = 1;

	sim_fixture_open(&f, "l4", SW_MPS);
	sim_fixture_open_loop(&f, small, 0.3, 2);
	CHECK_NEAR(duration_and_events(&f, &events), 100, 1e-12);
	CHECK_INT(events, 0); /* nothing had to be simulated for it */
	sim_fixture_open_loop(&f, small, 0.3, 0.5);
	sim_fixture_open_loop(&f, small, 0.3, 1);
	CHECK_NEAR(duration(&f), 400, 1e-12);
	sim_fixture_close(&f);
}

TEST(between_a_minute_and_an_hour)
{
	struct sim_fixture f;

	sim_fixture_open(&f, "l4", SW_MPS);
	sim_fixture_open_loop(&f, small, 0.3, 1000);
	CHECK_NEAR(duration(&f), 60, 1e-12);
	sim_fixture_open_loop(&f, small, 0.3, 1e-3);
	CHECK_NEAR(duration(&f), 3600, 1e-12);
	sim_fixture_close(&f);
}

TEST(limits_are_judged_in_whole_windows)
{
	struct sim_fixture f;

	sim_fixture_open(&f, "l4", SW_MPS);
	sim_fixture_open_loop(&f, small, 0.3, 10)->slo.bound_ms[SW_TTFT][SW_P95] = 500;
	CHECK_NEAR(duration(&f), 300, 1e-12);
	sim_fixture_open_loop(&f, small, 0.3, 0.5);
	CHECK_NEAR(duration(&f), 600, 1e-12);
	sim_fixture_close(&f);
}

/* One client is answered once per what an answer takes: the rate of a repetition says how long that is. */
TEST(a_closed_loop_is_tried)
{
	struct sim_fixture f;
	struct sw__repetition r;
	uint64_t events;
	double found, again;

	sim_fixture_open(&f, "a100-sxm4-80gb", SW_EXCLUSIVE);
	sim_fixture_closed_loop(&f, "llama-7b", 1, 1);
	found = duration_and_events(&f, &events);
	CHECK(events > 0);
	CHECK_INT(
		sw__repetition_run(
			&(struct sw__repetition_ask){.mix = &f.mix, .seed = 3, .duration_s = found},
			&r, NULL),
		SW_OK);
	/* Known to the pilot's last ten seconds. */
	CHECK(found > 60 && r.n_records > 180 && r.n_records < 230);
	sw__repetition_clear(&r);
	again = duration(&f);
	CHECK_NEAR(again, found, 0);
	f.tenants[0].load.concurrency = 16;
	CHECK_NEAR(duration(&f), 60, 1e-12); /* 16 times as often */
	sim_fixture_close(&f);
}

static double prompts[1000], outputs[1000], arrivals[1000];

/* n requests, evenly. */
static struct sw_trace even_trace(size_t n, double gap_s)
{
	for (size_t i = 0; i < n; i++) {
		arrivals[i] = gap_s * (double)i;
		prompts[i] = 100;
		outputs[i] = 10;
	}
	return (struct sw_trace){
		.n = n, .arrival_s = arrivals, .prompt_tokens = prompts, .output_tokens = outputs};
}

TEST(a_trace_once_to_its_last_request)
{
	struct sim_fixture f;
	struct sw_trace trace = even_trace(11, 0.5);

	sim_fixture_open(&f, "l4", SW_MPS);
	sim_fixture_trace(sim_fixture_add(&f, small, 0.3), &trace, NAN);
	CHECK(duration(&f) > 5 && duration(&f) < 5.01);
	sim_fixture_open_loop(&f, small, 0.3, 0.1); /* the trace is what was asked for */
	CHECK(duration(&f) > 5 && duration(&f) < 5.01);
	sim_fixture_close(&f);
}

/* Half of the time, where the backlog is compared with that at the end, must be the same moment of the trace. */
TEST(a_trace_again_and_again)
{
	struct sim_fixture f;
	struct sw_trace trace = even_trace(1000, 0.7);

	sim_fixture_open(&f, "l4", SW_MPS);
	sim_fixture_trace(sim_fixture_add(&f, small, 0.3), &trace, 2);
	CHECK_NEAR(duration(&f), 2 * 500, 1e-12);
	sim_fixture_trace(&f.tenants[0], &trace, 200); /* laps of 5 s */
	CHECK_NEAR(duration(&f), 60, 1e-12);
	sim_fixture_trace(&f.tenants[0], &trace, 40); /* of 25 s */
	CHECK_NEAR(duration(&f), 100, 1e-12);
	sim_fixture_trace(&f.tenants[0], &trace, 0.2); /* of 5000 s: two would be too long */
	CHECK_NEAR(duration(&f), 5000, 1e-12);
	sim_fixture_trace(&f.tenants[0], &trace, 0.01);
	CHECK_NEAR(duration(&f), 7200, 1e-12);
	sim_fixture_trace(&f.tenants[0], &trace, 2);
	sim_fixture_open_loop(&f, small, 0.3, 0.1); /* 2000 s */
	CHECK_NEAR(duration(&f), 2000, 1e-12);
	f.tenants[1].load.rate = 0.08; /* 2500 s: three laps and a pair more */
	CHECK_NEAR(duration(&f), 3000, 1e-12);
	sim_fixture_close(&f);
}

TEST_MAIN()
