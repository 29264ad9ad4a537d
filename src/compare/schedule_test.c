// SPDX-License-Identifier: Apache-2.0
#include "compare/schedule.h"

#include "check.h"

static struct sw_placement placements[2];
static struct sw_plan_gpu gpu = {.n = 2, .tenants = placements};
static struct sw_plan plan = {.n_gpus = 1, .gpus = &gpu};
static struct sw_workload workloads[2];
static const struct sw_problem problem = {.n_workloads = 2, .workloads = workloads};

/* Steps of 14 ms all the time, and of 28 ms half of the time: 1000 and 250 events a second. */
static void fill(void)
{
	for (size_t i = 0; i < 2; i++) {
		placements[i].workload = i;
		placements[i].rate_or_concurrency = 1;
		placements[i].predicted.busy = i ? 0.5 : 1;
		placements[i].predicted.latency[SW_TPOT].at[SW_MEAN] = i ? 28 : 14;
		workloads[i].load = (struct sw_load){.rate = 1, .concurrency = NAN};
	}
}

TEST(events_by_hand)
{
	fill();
	CHECK_NEAR(sw__events_per_s(&gpu), 1250, 1e-12);
	placements[0].predicted.latency[SW_TPOT].at[SW_MEAN] = NAN; /* overloaded */
	CHECK_NEAR(sw__events_per_s(&gpu), 14.0 * 50 + 250, 1e-12);
}

TEST(slow_engines_want_more_windows)
{
	fill();
	CHECK_INT(sw__windows_wanted(&gpu, &problem), 1);
	placements[1].rate_or_concurrency = 0.2;
	CHECK_INT(sw__windows_wanted(&gpu, &problem), 4); /* 1000 s */
	placements[1].rate_or_concurrency = 0.001;
	CHECK_INT(sw__windows_wanted(&gpu, &problem), 12);
	workloads[1].load.rate =
		NAN; /* in a closed loop requests come as fast as they are answered */
	CHECK_INT(sw__windows_wanted(&gpu, &problem), 1);
}

/* The longest that keep to the budget; a window where none does; candidates without a plan cost nothing. */
TEST(the_budget_is_kept)
{
	struct sw__candidate candidates[] = {{.complete = true, .plan = &plan},
					     {.complete = false}};
	const struct sw__contender contender = {.n = 2, .candidates = candidates};
	const double of_window = 1250 * SW__WINDOW_S;

	fill();
	placements[1].rate_or_concurrency = 0.001;
	CHECK_NEAR(sw__events_of_all(&problem, &contender, 1, 2), 2 * of_window, 1e-12);
	CHECK_INT(sw__windows_allowed(&problem, &contender, 1, 10, 10 * 3.5 * of_window), 3);
	CHECK_INT(sw__windows_allowed(&problem, &contender, 1, 10, 10 * 3 * of_window), 3);
	CHECK_INT(sw__windows_allowed(&problem, &contender, 1, 10, 10 * 2.9 * of_window), 2);
	CHECK_INT(sw__windows_allowed(&problem, &contender, 1, 10, 1), 1);
	CHECK_INT(sw__windows_allowed(&problem, &contender, 1, 10, 1e12), 12);
}

TEST_MAIN()
