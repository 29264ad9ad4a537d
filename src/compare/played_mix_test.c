// SPDX-License-Identifier: Apache-2.0
#include "compare/played_mix.h"

#include "compare/compare_fixture.h"
#include "formats/trace.h"

static struct compare_fixture f;
static struct sw_plan *plan;
static struct sw__planned_gpu gpu;
static struct sw__play_ask ask;

static void open_all(void)
{
	compare_fixture_open(&f, "fleet:\n  - {gpu: l40s, mechanism: mps}\n" TWO_WORKLOADS);
	CHECK_INT(sw_plan_solve(f.catalog, f.problem, NULL, &plan, NULL), SW_OK);
	CHECK_INT(sw__planned_gpu(f.problem, plan, 0, &gpu, NULL), SW_OK);
	ask = (struct sw__play_ask){
		.problem = f.problem, .gpu = &gpu, .seed = 9, .seeds = 3, .duration_s = 60};
}

static void close_all(void)
{
	sw__planned_free(&gpu);
	sw_plan_free(plan);
	compare_fixture_close(&f);
}

TEST(the_same_ask_is_answered_alike_and_another_world_otherwise)
{
	struct sw__played a, b, c;

	open_all();
	CHECK_INT(sw__play_mix(&ask, &a, NULL), SW_OK);
	CHECK_INT(sw__play_mix(&ask, &b, NULL), SW_OK);
	CHECK(memcmp(&a, &b, sizeof(a)) == 0);
	ask.world = 1;
	CHECK_INT(sw__play_mix(&ask, &c, NULL), SW_OK);
	CHECK(a.events != c.events);
	close_all();
}

/* In bursts more is late than at regular intervals. */
TEST(bursts_are_later)
{
	struct sw__other_load even = {.burstiness = 0}, bursts = {.burstiness = 6};
	struct sw__played a, b;

	open_all();
	ask.duration_s = 600;
	ask.other = &even;
	CHECK_INT(sw__play_mix(&ask, &a, NULL), SW_OK);
	ask.other = &bursts;
	CHECK_INT(sw__play_mix(&ask, &b, NULL), SW_OK);
	CHECK(b.late[0] > a.late[0] + 0.02);
	close_all();
}

/* Two requests together, then nothing for a long time: at the workload's rate of 2 per second a pair every second. */
TEST(arrivals_of_a_trace_at_the_workloads_rate)
{
	enum { PAIRS = 500 };
	static double arrival_s[2 * PAIRS], prompts[2 * PAIRS], outputs[2 * PAIRS];
	const struct sw_trace trace = {NULL, 2 * PAIRS, arrival_s, prompts, outputs};
	struct sw__other_load other = {.trace = &trace, .burstiness = NAN};
	struct sw__played a, b;

	open_all();
	for (int i = 0; i < 2 * PAIRS; i++) {
		int pair = i / 2;

		arrival_s[i] = 100.0 * pair;
		prompts[i] = outputs[i] = 1;
	}
	ask.other = &other;
	CHECK_INT(sw__play_mix(&ask, &a, NULL), SW_OK);
	CHECK(a.events > 1000);
	CHECK(a.late[0] >= 0 && a.late[0] < 0.5);
	/* Repetitions begin elsewhere in the trace, so more of them are not the same again. */
	ask.seeds = 1;
	CHECK_INT(sw__play_mix(&ask, &b, NULL), SW_OK);
	CHECK(fabs(a.events - 3 * b.events) > 0.5);
	close_all();
}

TEST_MAIN()
