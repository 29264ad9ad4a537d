// SPDX-License-Identifier: Apache-2.0
/* The exact search against brute force. */
#include "plan/exact.h"

#include "plan/brute_force.h"
#include "plan/greedy.h"
#include "plan/search_fixture.h"

static const struct sw__effort effort = {.rounds = 50, .looks = 5000, .nodes = 1000};

static void one_gpu_each(void)
{
	static const struct sw__rule rule = {.joining = SW__JOIN_NONE,
					     .opening = SW__OPEN_CHEAPEST,
					     .only_fleet = SW__ANY_FLEET};

	CHECK_INT(sw__build(&groups, &state, &rule, &err), SW_OK);
}

/* From a plan in which nothing is shared. */
static void compare_with_brute_force(void (*make)(unsigned seed))
{
	size_t solved = 0, optimal = 0, proved = 0;

	for (unsigned seed = 0; seed < 300; seed++) {
		double best, bound, cost;

		make(seed);
		best = brute_cost();
		if (isinf(best))
			continue;
		open_all();
		one_gpu_each();
		CHECK_INT(sw__exact(&groups, &state, &effort, &bound, &err), SW_OK);
		cost = sw__state_cost(&state).per_hour;
		CHECK(cost >= best * (1 - 1e-9));
		CHECK(bound <= best * (1 + 1e-9));
		CHECK(sw__state_cost(&state).unplaced == 0);
		solved++;
		optimal += cost <= best * (1 + 1e-9);
		proved += bound >= best * (1 - 1e-6);
		close_all();
	}
	CHECK(solved > 200);
	CHECK_INT(optimal, solved);
	CHECK(proved > solved / 2);
}

TEST(it_finds_and_proves_what_brute_force_finds)
{
	compare_with_brute_force(random_problem);
}

TEST(and_where_cuda_graphs_are_open)
{
	compare_with_brute_force(random_hami_problem);
}

TEST(and_where_engines_must_survive_and_part)
{
	compare_with_brute_force(random_wishes_problem);
}

TEST_MAIN()
