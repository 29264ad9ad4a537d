// SPDX-License-Identifier: Apache-2.0
/* Plans of one workload, written by hand: what is left after a loss, worked out on paper. */
#include "check.h"
#include "plan/fake_oracle.h"
#include "plan/verify_checks.h"

enum { MOST = 4 };

static struct sw_error err;
static struct sw_placement placement[MOST];
static struct sw_plan_gpu gpu[MOST];
static struct sw_plan_workload planned;
static struct sw_plan plan;
static struct sw_workload *w;

/* Engines with these parts and sizes, each on a GPU of its own, two of which are a node. */
static void start(size_t n, const double *parts, const double *sizes)
{
	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2)->gpus_per_node = 2;
	w = fake_add_workload((struct fake_workload){5, 0.001, 0, 1}, 12, 40);
	for (size_t i = 0; i < n; i++) {
		placement[i] = (struct sw_placement){.replica = (unsigned)i,
						     .rate_or_concurrency = parts[i],
						     .sized_for = sizes[i]};
		gpu[i] =
			(struct sw_plan_gpu){.node = (long)i / 2, .n = 1, .tenants = &placement[i]};
	}
	planned = (struct sw_plan_workload){.replicas = (unsigned)n, .met = true};
	plan = (struct sw_plan){.n_gpus = n, .gpus = gpu, .n_workloads = 1, .workloads = &planned};
}

static bool refused(const char *why)
{
	const struct checking c = {&fake_problem, &fake_oracle, &plan, &err};

	err.message[0] = '\0';
	if (sw__verify_parts(&c) == SW_OK)
		return false;
	if (CHECK(strstr(err.message, why)))
		return true;
	printf("    %s\n", err.message);
	return true;
}

static bool accepted(void)
{
	return !refused("");
}

TEST(parts_are_all_of_the_load_and_equal)
{
	start(3, (const double[]){4, 4, 4}, (const double[]){4, 4, 4});
	CHECK(accepted());
	placement[1].rate_or_concurrency = 3;
	CHECK(refused("engines for 11 of a load of 12"));
	placement[0].rate_or_concurrency = 5;
	placement[0].sized_for = 5;
	CHECK(refused("a part of 5, one of 3 is 4 without a router with weights"));
	w->router = SW_ROUTER_WEIGHTED;
	CHECK(accepted());
	planned.met = false;
	placement[1].rate_or_concurrency = 0;
	CHECK(accepted()); /* it does not claim to hold anything */
}

TEST(room_is_held)
{
	start(2, (const double[]){6, 6}, (const double[]){6, 6});
	w->room = 0.1;
	CHECK(refused("engine 0 is sized for 6; with 0 GPUs lost it gets 6.6"));
	placement[0].sized_for = placement[1].sized_for = 6.6;
	CHECK(accepted());
}

/* 6 a second in 300 s: 1800 requests, give or take 2 x 42.4; bursts of a variability of 3, half of them elsewhere: 1 + 8 / 2. */
TEST(busy_windows_are_held)
{
	start(2, (const double[]){6, 6}, (const double[]){6, 6});
	w->window_s = 300;
	w->load.prompt_tokens.p95 = w->load.output_tokens.p95 = NAN;
	w->load.burstiness = 1;
	CHECK(refused("engine 0 is sized for 6; with 0 GPUs lost it gets 6.28"));
	placement[0].sized_for = placement[1].sized_for = 6 + 2 * sqrt(6 / 300.0);
	CHECK(accepted());
	CHECK_NEAR(sw__verify_mean(w, placement[0].sized_for), 6, 1e-9);
	w->load.burstiness = 3;
	CHECK(refused("engine 0 is sized for 6.28"));
	placement[0].sized_for = placement[1].sized_for = 6 + 2 * sqrt(5 * 6 / 300.0);
	CHECK(accepted());
	CHECK_NEAR(sw__verify_mean(w, placement[0].sized_for), 6, 1e-9);
}

TEST(what_is_left_holds_all)
{
	start(4, (const double[]){3, 3, 3, 3}, (const double[]){4, 4, 4, 4});
	w->survive.gpus = 1;
	CHECK(accepted());
	w->survive.gpus = 2;
	CHECK(refused("sized for 4; with 2 GPUs lost it gets 6"));
	w->survive = (struct sw_survive){.nodes = 1};
	CHECK(refused("sized for 4; with 1 node lost it gets 6"));
	for (size_t i = 0; i < 4; i++)
		gpu[i].node = (long)i;
	CHECK(accepted());
}

/* The largest may be lost, and then the others get more by as much; it itself only if another is. */
TEST(unequal_parts_grow_by_what_the_largest_leaves)
{
	start(3, (const double[]){6, 4, 2}, (const double[]){9, 8, 4});
	w->router = SW_ROUTER_WEIGHTED;
	w->survive.gpus = 1;
	CHECK(accepted()); /* 12 x 6 / 8, 12 x 4 / 6, 12 x 2 / 6 */
	placement[0].sized_for = 8.9;
	CHECK(refused("engine 0 is sized for 8.9; with 1 GPU lost it gets 9"));
	placement[0].sized_for = 9;
	placement[2].sized_for = 3.9;
	CHECK(refused("engine 2 is sized for 3.9; with 1 GPU lost it gets 4"));
}

TEST(two_on_one_gpu_are_lost_together)
{
	static struct sw_placement both[2];

	start(3, (const double[]){4, 4, 4}, (const double[]){12, 12, 12});
	w->survive.gpus = 1;
	CHECK(accepted());
	both[0] = placement[0];
	both[1] = placement[1];
	gpu[0].tenants = both;
	gpu[0].n = 2;
	gpu[1].tenants = &placement[2];
	plan.n_gpus = 2;
	CHECK(accepted());
	placement[2].sized_for = 6;
	CHECK(refused("engine 2 is sized for 6; with 1 GPU lost it gets 12"));
	plan.n_gpus = 1;
	planned.replicas = 2;
	both[0].rate_or_concurrency = both[1].rate_or_concurrency = 6;
	CHECK(refused("w0 is on 1 GPUs, 1 of which may be lost"));
}

TEST(requests_in_flight_are_whole)
{
	start(3, (const double[]){4, 4, 4}, (const double[]){5, 5, 5});
	w->load.rate = NAN;
	w->load.concurrency = 10;
	w->survive.gpus = 1;
	CHECK(accepted());
	w->room = 0.1;
	CHECK(refused("sized for 5; with 1 GPU lost it gets 6"));
}

TEST_MAIN()
