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
	struct sw__played_engine e = {.state = SW__PLAYED_GPU};

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

	sw__played_turn(&t, e, 3, usual(), 0);
	CHECK_INT(t.owner, 0);
	CHECK_NEAR(e[0].rate, 1, 0); /* the first one switches from nobody */
	CHECK_NEAR(sw__played_turn_ms(&t, e, 3, 0), 2, 1e-12);
	sw__played_turn(&t, e, 3, usual(), 2);
	CHECK_INT(t.owner, 1);
	CHECK_NEAR(e[1].rate + e[0].rate + e[2].rate, 0, 0); /* being switched */
	CHECK_NEAR(sw__played_turn_ms(&t, e, 3, 2), 2.25, 1e-12);
	sw__played_turn(&t, e, 3, usual(), 2.25);
	CHECK_NEAR(e[1].rate, 1, 0);
	e[1].state = SW__PLAYED_HOST; /* gives its turn up */
	sw__played_turn(&t, e, 3, usual(), 3);
	CHECK_INT(t.owner, 2);
	e[0].state = e[2].state = SW__PLAYED_IDLE;
	sw__played_turn(&t, e, 3, usual(), 4);
	CHECK_INT(t.owner, -1);
	CHECK(isinf(sw__played_turn_ms(&t, e, 3, 4)));
}

TEST(who_is_alone_keeps_its_turn)
{
	struct sw__played_engine e[2] = {on_gpu(0, 0), {.state = SW__PLAYED_HOST}};
	struct sw__played_turns t = {.owner = -1, .last = -1};

	sw__played_turn(&t, e, 2, usual(), 0);
	sw__played_turn(&t, e, 2, usual(), 50);
	CHECK_INT(t.owner, 0);
	CHECK_NEAR(e[0].rate, 1, 0);
	CHECK(isinf(sw__played_turn_ms(&t, e, 2, 50)));
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
