// SPDX-License-Identifier: Apache-2.0
#include "predict/contention.h"

#include <math.h>
#include <string.h>

#include "check.h"

/* A closed loop that never pauses: 10 ms steps of which DRAM takes `dram_part`, `gb` of traffic each. */
static struct sw_prepared busy(double dram_part, double gb, double host_ms)
{
	struct sw_prepared p;

	memset(&p, 0, sizeof(p));
	p.steps.curve = (struct sw__step_curve){
		.n_knots = 2, .tokens = {1, 100}, .linear_ms = {10, 10}, .host_ms = host_ms};
	p.steps.waits = (struct sw__waits){.dram = {dram_part, dram_part},
					   .compute = {0.4, 0.4},
					   .kv_dram = dram_part,
					   .reads = 1};
	p.dram_together = 0.72;
	p.steps.traffic.weights_gb = gb;
	p.steps.duty = 1;
	p.steps.dram_gb_s = 1000;
	p.share = 0.5;
	p.batching.max_num_seqs = 64;
	p.batching.max_num_batched_tokens = 2048;
	p.batching.kv_cache_tokens = INFINITY;
	p.traffic.rate_per_s = NAN;
	p.traffic.concurrency = 4;
	p.traffic.output_tokens = 100;
	p.traffic.context_tokens = 100;
	p.alone = sw__mean_state(&p, &p.steps.curve, 1);
	return p;
}

static struct sw__stretch of_first(enum sw_mechanism mechanism, const struct sw_prepared *a,
				   const struct sw_prepared *b)
{
	const struct sw_prepared *tenants[] = {a, b};
	struct sw__stretch stretches[2];

	sw__contend(mechanism, tenants, b ? 2 : 1, stretches, NULL);
	return stretches[0];
}

TEST(nobody_is_slowed_down_alone_or_behind_walls)
{
	struct sw_prepared a = busy(0.9, 9, 0), b = busy(0.9, 9, 0);

	CHECK_NEAR(of_first(SW_MPS, &a, NULL).dram, 1, 0);
	CHECK_NEAR(of_first(SW_TIMESLICE, &a, NULL).whole, 1, 0);
	CHECK_NEAR(of_first(SW_MIG, &a, &b).whole, 1, 0);
	CHECK_NEAR(of_first(SW_MIG, &a, &b).dram, 1, 0);
}

TEST(two_that_never_pause_take_turns_and_pay_the_switch)
{
	struct sw_prepared a = busy(0.9, 9, 0), b = busy(0.1, 1, 0);

	CHECK_NEAR(of_first(SW_TIMESLICE, &a, &b).whole, 2 * 1.14, 0.01);
	CHECK_NEAR(of_first(SW_HAMI, &a, &b).whole, 2 * 1.14, 0.01);
	CHECK_NEAR(of_first(SW_TIMESLICE, &a, &b).dram, 1, 0);
}

TEST(a_neighbour_that_pauses_gives_up_turns)
{
	struct sw_prepared a = busy(0.9, 9, 0), graphs = busy(0.1, 1, 0), eager = busy(0.1, 1, 20);

	CHECK(of_first(SW_TIMESLICE, &a, &eager).whole <
	      of_first(SW_TIMESLICE, &a, &graphs).whole - 0.2);
}

/* Half of a step is gaps between launches: the GPU is a neighbour's meanwhile, and turns stretch the other half alone. */
TEST(gaps_between_launches_are_the_neighbours_time)
{
	struct sw_prepared a = busy(0.9, 9, 0), eager = busy(0.1, 1, 0);
	struct sw__stretch twice = {.dram = 1, .whole = 2};

	eager.steps.curve.gap_ms[0] = eager.steps.curve.gap_ms[1] = 5;
	eager.alone = sw__mean_state(&eager, &eager.steps.curve, 1);
	CHECK_NEAR(eager.alone.gpu_active, 0.5, 1e-12);
	CHECK_NEAR(sw__stretched(&eager, &twice).linear_ms[0], 5 + 2 * 5, 1e-12);
	/* Stretched itself, it has 10 of 15 ms on the GPU. */
	CHECK_NEAR(of_first(SW_TIMESLICE, &a, &eager).whole, (1 + 0.68) * (1 + 0.14 * 0.68), 0.02);
}

/* Whom HAMi lets run for 30 % of the time leaves the GPU to its neighbour for the rest. */
TEST(a_limited_neighbour_takes_no_more_than_its_share)
{
	struct sw_prepared a = busy(0.9, 9, 0), limited = busy(0.1, 1, 0);

	limited.steps.duty = 0.3;
	CHECK_NEAR(of_first(SW_HAMI, &a, &limited).whole, 1.36 * (1 + 0.14 * 0.36), 0.01);
	/* It rests for longer than its neighbour works: nothing is added to 1 / 0.3. */
	CHECK_NEAR(of_first(SW_HAMI, &limited, &a).whole, 1, 1e-9);
}

TEST(bandwidth_is_shared_by_what_is_asked)
{
	/* 6.7 GB in 10 ms: 670 of the 720 GB/s that engines reach together, or of 920 alone; two of them ask for 1340. */
	struct sw_prepared a = busy(1, 6.7, 0), b = busy(1, 6.7, 0);
	struct sw_prepared weak = busy(0.1, 2, 0), light = busy(0.1, 0.4, 0);
	double alone = pow(1 + pow(670.0 / 920, 8), 1.0 / 8);
	double together = pow(1 + pow(1340.0 / 720, 8), 1.0 / 8);

	CHECK_NEAR(of_first(SW_MPS, &a, &b).dram, together / alone, 1e-9);
	CHECK_NEAR(of_first(SW_MPS, &a, &b).whole, 1, 1e-9);
	CHECK_NEAR(of_first(SW_MPS, &a, &b).crowding, 0, 1e-9);
	/* Far below what there is nobody waits. */
	CHECK_NEAR(of_first(SW_MPS, &weak, &light).dram, 1, 1e-9);
}

TEST(who_reads_for_half_of_a_step_is_in_the_way_half_as_often)
{
	struct sw_prepared a = busy(1, 6.7, 0), b = busy(1, 6.7, 0);
	double always = of_first(SW_MPS, &a, &b).dram;

	/* As much in half of the time. */
	b.steps.waits.reads = 0.5;
	b.steps.traffic.weights_gb = 3.35;
	b.alone = sw__mean_state(&b, &b.steps.curve, 1);
	CHECK_NEAR(of_first(SW_MPS, &a, &b).dram, (1 + always) / 2, 1e-9);
}

/* Jensen: what it is beside one smooth neighbour of the same mean demand is no more than beside any. */
TEST(the_least_of_a_pressure)
{
	struct sw_prepared a = busy(1, 5, 0), b = busy(1, 6.7, 0);

	for (double reads = 0.1; reads <= 1; reads += 0.1) {
		struct sw__presence presence = sw__presence(&a);

		b.steps.waits.reads = reads;
		CHECK(sw__least_stretch(SW_MPS, &presence, sw__pressure(SW_MPS, &b)).dram <=
		      of_first(SW_MPS, &a, &b).dram + 1e-12);
	}
}

TEST(what_waits_for_neither_is_not_stretched)
{
	struct sw_prepared a = busy(0.3, 5, 0);
	struct sw__stretch stretch = {.dram = 2, .whole = 1, .crowding = 0.5};

	/* 0.3 of it twice as long, 0.4 of it half as long again. */
	CHECK_NEAR(sw__stretched(&a, &stretch).linear_ms[0], 10 * (1 + 0.3 + 0.2), 1e-12);
}

TEST(shares_beyond_the_gpu_are_fought_over)
{
	struct sw_prepared a = busy(0.1, 1, 0), b = busy(0.1, 1, 0);

	a.share = 1;
	b.share = 1;
	CHECK_NEAR(of_first(SW_MPS, &a, &b).crowding, 1, 0.02);
	CHECK_NEAR(of_first(SW_MPS, &a, &b).whole, 1, 0);
}

TEST(more_neighbours_never_help)
{
	struct sw_prepared all[6];
	const struct sw_prepared *tenants[6];
	static const enum sw_mechanism mechanisms[] = {SW_MPS, SW_TIMESLICE, SW_HAMI};

	for (int i = 0; i < 6; i++) {
		all[i] = busy(0.5, 2 + i, i);
		tenants[i] = &all[i];
	}
	for (int m = 0; m < 3; m++) {
		double before = 0;

		for (size_t n = 1; n <= 6; n++) {
			struct sw__stretch s[6];
			double together;

			sw__contend(mechanisms[m], tenants, n, s, NULL);
			together = s[0].dram * s[0].whole * (1 + s[0].crowding);
			CHECK(together >= before - 2e-3);
			before = together;
		}
	}
}

/* Little's law by hand: 2 requests a second of 100 tokens in steps of 10 ms. */
TEST(the_mean_state_of_an_open_loop)
{
	struct sw_prepared a = busy(0.5, 5, 0);
	struct sw__mean_state state;

	a.traffic.concurrency = NAN;
	a.traffic.rate_per_s = 2;
	state = sw__mean_state(&a, &a.steps.curve, 1);
	/* 2 sequences on average: in a step with probability 1 - exp(-2), 2 / 0.8647 of them then. */
	CHECK_NEAR(state.running, 2 / -expm1(-2), 1e-2);
	CHECK_NEAR(state.busy, -expm1(-2), 1e-2);
	CHECK_NEAR(state.steps_per_s * state.running, 200, 1e-2);
	CHECK(!state.overload);
	a.traffic.rate_per_s = 1000;
	CHECK(sw__mean_state(&a, &a.steps.curve, 1).overload);
}

TEST_MAIN()
