// SPDX-License-Identifier: Apache-2.0
#include "plan/greedy.h"

#include "plan/search_fixture.h"

TEST(larger_engines_are_placed_first_and_fill_the_gpus)
{
	static const double shares[] = {0.3, 0.6, 0.4, 0.7};
	const struct sw__rule rule = {.joining = SW__JOIN_LEAST_EXTRA, .only_fleet = SW__ANY_FLEET};

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	add_shares(shares, 4);
	open_all();
	CHECK_INT(sw__build(&groups, &state, &rule, &err), SW_OK);
	CHECK_INT(state.n, 2);
	CHECK_NEAR(state.gpu[0]->share, 1, 1e-9); /* 0.7 + 0.3 */
	CHECK_NEAR(state.gpu[1]->share, 1, 1e-9); /* 0.6 + 0.4 */
	close_all();
}

TEST(rules_open_and_join_differently)
{
	static const double shares[] = {0.3, 0.2};
	struct sw__rule rule = {.joining = SW__JOIN_NONE, .only_fleet = SW__ANY_FLEET};

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_gpu(SW_MPS, 100, 40, 0.4, 1.5);
	add_shares(shares, 2);
	open_all();
	CHECK_INT(sw__build(&groups, &state, &rule, &err), SW_OK);
	CHECK_INT(state.n, 2);
	CHECK_INT(state.gpu[0]->fleet, 0); /* 2 x 0.3 against 1.5 x 0.96 */
	close_all();
	rule.opening = SW__OPEN_CHEAPEST;
	open_all();
	CHECK_INT(sw__build(&groups, &state, &rule, &err), SW_OK);
	CHECK_INT(state.gpu[0]->fleet, 1);
	close_all();
	rule.opening = SW__OPEN_NONE;
	open_all();
	CHECK_INT(sw__build(&groups, &state, &rule, &err), SW_OK);
	CHECK_INT(state.n, 0);
	CHECK_NEAR(sw__state_cost(&state).unplaced, 2, 0);
	close_all();
	rule = (struct sw__rule){.joining = SW__JOIN_FIRST, .only_fleet = 1};
	open_all();
	CHECK_INT(sw__build(&groups, &state, &rule, &err), SW_OK);
	CHECK_INT(state.gpu[0]->fleet, 1);
	close_all();
}

TEST(a_fleet_that_is_used_up_leaves_engines_without_a_place)
{
	static const double shares[] = {0.6, 0.6, 0.6};
	const struct sw__rule rule = {.joining = SW__JOIN_LEAST_EXTRA, .only_fleet = SW__ANY_FLEET};

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2)->count = 2;
	add_shares(shares, 3);
	open_all();
	CHECK_INT(sw__build(&groups, &state, &rule, &err), SW_OK);
	CHECK_INT(state.n, 2);
	CHECK_INT(state.unplaced[2], 1);
	close_all();
}

TEST(random_numbers_are_the_same_everywhere)
{
	uint64_t random = 42;

	/* First outputs of splitmix64 from this state, worked out by hand calculators of arbitrary precision. */
	CHECK(sw__random(&random) == UINT64_C(13679457532755275413));
	CHECK(sw__random(&random) == UINT64_C(2949826092126892291));
}

TEST_MAIN()
