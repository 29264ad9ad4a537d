// SPDX-License-Identifier: Apache-2.0
#include "predict/played_rates.h"

#include "check.h"

static const struct sw__shared_values *usual(void)
{
	static struct sw__shared_values v;

	v = sw__shared_unmeasured();
	return &v;
}

static struct sw__played_engine on_gpu(double dram, double dram_bound)
{
	struct sw__played_engine e = {.state = SW__PLAYED_GPU, .next_ms = INFINITY};

	e.steps.sms = 0.5;
	e.step.dram = dram;
	e.step.dram_bound = dram_bound;
	e.step.traffic_part = 1;
	return e;
}

TEST(turns_go_round_and_cost_a_switch)
{
	struct sw__played_engine e[3] = {on_gpu(0, 0), on_gpu(0, 0), on_gpu(0, 0)};
	struct sw__played_turns t = {.owner = -1, .last = -1};

	sw__played_turn(&t, e, 3, usual(), 0, 0);
	CHECK_INT(t.owner, 0);
	CHECK_NEAR(e[0].rate, 1, 0);
	CHECK_NEAR(e[0].since_ms, 0, 0); /* the first one switches from nobody */
	CHECK_NEAR(t.until_ms, 2, 1e-12);
	sw__played_turn(&t, e, 3, usual(), 2, 2);
	CHECK_INT(t.owner, 1);
	CHECK_NEAR(e[0].rate + e[2].rate, 0, 0);
	CHECK_NEAR(e[0].gpu_total_ms, 2, 0);
	CHECK_NEAR(e[1].since_ms, 2.25, 1e-12);
	CHECK_NEAR(t.until_ms, 4.25, 1e-12);
	sw__played_turn(&t, e, 3, usual(), 2.1, 2.1); /* being switched: nobody takes it away */
	CHECK_INT(t.owner, 1);
	e[1].state = SW__PLAYED_HOST; /* gives its turn up */
	sw__played_turn(&t, e, 3, usual(), 3, 3);
	CHECK_INT(t.owner, 2);
	e[0].state = e[2].state = SW__PLAYED_IDLE;
	sw__played_turn(&t, e, 3, usual(), 4, 4);
	CHECK_INT(t.owner, -1);
}

TEST(who_is_alone_keeps_its_turn)
{
	struct sw__played_engine e[2] = {on_gpu(0, 0), {.state = SW__PLAYED_HOST}};
	struct sw__played_turns t = {.owner = -1, .last = -1};

	sw__played_turn(&t, e, 2, usual(), 0, 0);
	sw__played_turn(&t, e, 2, usual(), 50, 50);
	CHECK_INT(t.owner, 0);
	CHECK_NEAR(e[0].rate, 1, 0);
}

/* Until a moment, turn by turn: what rounds at once must come to. */
static void turn_by_turn(struct sw__played_turns *t, struct sw__played_engine *e, size_t n,
			 double to_ms)
{
	double now_ms = 0;

	sw__played_turn(t, e, n, usual(), now_ms, now_ms);
	while ((now_ms = t->until_ms) <= to_ms)
		sw__played_turn(t, e, n, usual(), now_ms, now_ms);
}

TEST(whole_rounds_at_once_are_the_same_as_turn_by_turn)
{
	static const double left_ms[] = {30, 11, 200};
	struct sw__played_engine slow[3], quick[3];
	struct sw__played_turns a = {.owner = -1, .last = 2}, b = a;

	for (int i = 0; i < 3; i++) {
		slow[i] = on_gpu(0, 0);
		slow[i].left_ms = left_ms[i];
		quick[i] = slow[i];
	}
	/* Five rounds of 6.75 ms; in the sixth turn of the second one it ends. */
	turn_by_turn(&a, slow, 3, 5 * 6.75);
	sw__played_turn(&b, quick, 3, usual(), 0, 1000);
	CHECK_INT(b.owner, a.owner);
	CHECK_NEAR(b.until_ms, a.until_ms, 1e-12);
	CHECK_NEAR(b.until_ms, 5 * 6.75 + 2.25, 1e-12);
	for (int i = 0; i < 3; i++) {
		CHECK_NEAR(quick[i].left_ms, left_ms[i] - 10, 1e-12);
		CHECK_NEAR(quick[i].left_ms, slow[i].left_ms, 1e-12);
		CHECK_NEAR(quick[i].gpu_total_ms, slow[i].gpu_total_ms, 1e-12);
	}
}

TEST(rounds_end_before_something_else_happens)
{
	struct sw__played_engine e[2] = {on_gpu(0, 0), on_gpu(0, 0)};
	struct sw__played_turns t = {.owner = -1, .last = 1};

	e[0].left_ms = e[1].left_ms = 100;
	sw__played_turn(&t, e, 2, usual(), 0, 13); /* rounds of 4.5 ms */
	CHECK_NEAR(e[0].left_ms, 96, 1e-12);
	CHECK_NEAR(e[1].left_ms, 96, 1e-12);
	CHECK_NEAR(e[0].since_ms, 9.25, 1e-12);
}

/* Two streams that each ask for all of DRAM get less than one half each. */
TEST(dram_is_shared_by_those_that_wait_for_it)
{
	struct sw__played_engine e[3] = {on_gpu(0.9, 1), on_gpu(0.9, 1), on_gpu(0.05, 0)};

	sw__played_overlap(e, 3, usual());
	CHECK(e[0].rate < 0.5 && e[0].rate > 0.35);
	CHECK_NEAR(e[0].rate, e[1].rate, 1e-12);
	CHECK_NEAR(e[2].rate, 1, 1e-12);
	e[1].state = SW__PLAYED_IDLE;
	e[2].state = SW__PLAYED_IDLE;
	sw__played_overlap(e, 3, usual());
	CHECK_NEAR(e[0].rate, 1, 1e-12);
	CHECK_NEAR(e[1].rate, 0, 0);
}

TEST(promised_twice_sms_are_halved)
{
	struct sw__played_engine e[2] = {on_gpu(0, 0), on_gpu(0, 0)};

	e[0].steps.sms = e[1].steps.sms = 1;
	e[0].step.compute_bound = 1;
	sw__played_overlap(e, 2, usual());
	CHECK_NEAR(e[0].rate, 0.5, 1e-12);
	CHECK_NEAR(e[1].rate, 1, 1e-12);
}

TEST(many_neighbours_are_near_their_mean)
{
	struct sw__played_engine e[6];

	for (int i = 0; i < 6; i++)
		e[i] = on_gpu(0.3, 1);
	sw__played_overlap(e, 6, usual());
	/* 1.8 of the bandwidth is asked for and 0.8 is there. */
	CHECK_NEAR(e[0].rate, 0.8 / 1.8, 0.02);
}

TEST_MAIN()
