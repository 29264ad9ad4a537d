// SPDX-License-Identifier: Apache-2.0
#include "plan/parts.h"

#include "check.h"

static struct sw_workload open_loop(double rate)
{
	return (struct sw_workload){
		.load = {.rate = rate, .concurrency = NAN, .burstiness = 3, .trace_stretch = 2}};
}

static struct sw_workload closed_loop(double in_flight)
{
	return (struct sw_workload){
		.load = {.rate = NAN, .concurrency = in_flight, .burstiness = 1}};
}

TEST(equal_parts)
{
	struct sw_workload w = open_loop(12);

	CHECK_NEAR(sw__weighted_part(&w, 1, 4), 3, 0);
	CHECK_NEAR(sw__load_to_hold(&w, 4).rate, 3, 0);
	CHECK_NEAR(sw__load_to_hold(&w, 4).trace_stretch, 2, 0);
	/* Of squared variability 9 one in four arrivals leaves 1 + 8 / 4. */
	CHECK_NEAR(sw__load_to_hold(&w, 4).burstiness, sqrt(3), 1e-12);
	w = closed_loop(10);
	CHECK_NEAR(sw__weighted_part(&w, 1, 3), 4, 0);
	CHECK_NEAR(sw__load_to_hold(&w, 3).concurrency, 4, 0);
	CHECK_NEAR(sw__most_replicas(&w), 10, 0);
}

TEST(those_that_are_left_hold_all_of_it)
{
	struct sw_workload w = open_loop(12);

	w.survive.gpus = 1;
	CHECK_INT(sw__least_replicas(&w), 2);
	CHECK(sw__apart(&w));
	CHECK_NEAR(sw__weighted_part(&w, 1, 4), 3, 0);
	CHECK_NEAR(sw__load_to_hold(&w, 4).rate, 4, 1e-12);
	w.survive.nodes = 2;
	CHECK_INT(sw__spare_replicas(&w), 2);
	CHECK_NEAR(sw__load_to_hold(&w, 4).rate, 6, 1e-12);
	w = closed_loop(10);
	w.survive.gpus = 1;
	CHECK_NEAR(sw__load_to_hold(&w, 3).concurrency, 5, 0);
	CHECK_NEAR(sw__most_replicas(&w), 11, 0);
}

TEST(room_is_growth_of_the_load)
{
	struct sw_workload w = open_loop(12);

	w.room = 0.25;
	CHECK_NEAR(sw__weighted_part(&w, 1, 2), 6, 0);
	CHECK_NEAR(sw__load_to_hold(&w, 2).rate, 7.5, 1e-12);
	/* The trace is played faster by as much, and as bursty as before. */
	CHECK_NEAR(sw__load_to_hold(&w, 2).trace_stretch, 1.6, 1e-12);
	CHECK_NEAR(sw__load_to_hold(&w, 2).burstiness, sqrt(5), 1e-12);
	w = closed_loop(10);
	w.room = 0.1;
	CHECK_NEAR(sw__load_to_hold(&w, 1).concurrency, 11, 0);
	CHECK_NEAR(sw__load_to_hold(&w, 2).concurrency, 6, 0);
}

TEST(a_busy_window_is_two_standard_deviations_above_the_mean)
{
	struct sw_workload w = open_loop(12);

	/* 12 a second in 300 s: 3600 requests. In the gaps' long run their count has a variance of 3² times that: 2 x 3 / 60. */
	w.window_s = 300;
	w.load.prompt_tokens.p95 = w.load.output_tokens.p95 = NAN;
	CHECK_NEAR(sw__window_growth(300, &w.load), 0.1, 1e-12);
	CHECK_NEAR(sw__load_to_hold(&w, 1).rate, 12 * 1.1, 1e-12);
	/* Of four engines each has 900 requests and a variance of 3 times that. */
	CHECK_NEAR(sw__load_to_hold(&w, 4).rate, 3 * (1 + 2 * sqrt(3) / 30), 1e-12);
	/* A lognormal with a deviation of 0.5 of its logarithm has a squared coefficient of variation of e^(1/4) - 1. */
	w.load.burstiness = 1;
	w.load.output_tokens.mean = 100;
	w.load.output_tokens.p95 = 100 * exp(1.6448536269514722 * 0.5 - 0.125);
	CHECK_NEAR(sw__window_growth(300, &w.load), 2 * sqrt(exp(0.25) / 3600), 1e-9);
	w.load.trace = &(struct sw_trace){.n = 0};
	CHECK_NEAR(sw__window_growth(300, &w.load), 0, 0);
	w = closed_loop(10);
	w.window_s = 300;
	CHECK_NEAR(sw__load_to_hold(&w, 1).concurrency, 10, 0);
}

TEST(only_who_asks_is_kept_apart)
{
	struct sw_workload w = open_loop(1);

	CHECK(!sw__apart(&w));
	CHECK_INT(sw__least_replicas(&w), 1);
	w.spread = true;
	CHECK(sw__apart(&w));
}

TEST(routers_with_weights_give_any_part)
{
	struct sw_workload w = open_loop(12);

	CHECK(!sw__parts_differ(&w));
	w.router = SW_ROUTER_WEIGHTED;
	CHECK(sw__parts_differ(&w));
	w.room = 0.5;
	CHECK_NEAR(sw__weighted_part(&w, 3, 8), 4.5, 1e-12);
	CHECK_NEAR(sw__weighted_load(&w, 3, 8).rate, 6.75, 1e-12);
	CHECK_NEAR(sw__weighted_load(&w, 3, 8).burstiness, 2, 1e-12); /* 1 + 8 x 3 / 8 */
	w.survive.gpus = 1;
	CHECK(!sw__parts_differ(&w));
	w = closed_loop(10);
	CHECK_NEAR(sw__weighted_part(&w, 3, 8), 4, 0);
	CHECK_NEAR(sw__weighted_load(&w, 3, 8).concurrency, 4, 0);
}

TEST_MAIN()
