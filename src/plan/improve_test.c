// SPDX-License-Identifier: Apache-2.0
#include "plan/improve.h"

#include "plan/search_fixture.h"

/* README.md's example: larger ones first leave 0.2 and 0.2 unused and open a third GPU. */
TEST(what_first_fit_decreasing_wastes_is_found_again)
{
	static const double shares[] = {0.45, 0.35, 0.35, 0.3, 0.3, 0.25};
	const struct sw__rule rule = {.joining = SW__JOIN_LEAST_EXTRA, .only_fleet = SW__ANY_FLEET};

	fake_reset();
	fake_add_gpu(SW_MPS, 200, 40, 1, 2);
	add_shares(shares, 6);
	open_all();
	CHECK_INT(sw__build(&groups, &state, &rule, &err), SW_OK);
	CHECK_INT(state.n, 3);
	CHECK_INT(sw__improve(&groups, &state, &err), SW_OK);
	CHECK_INT(state.n, 2); /* 0.45 + 0.3 + 0.25 and 0.35 + 0.35 + 0.3 */
	close_all();
}

/* Starting with everyone alone, and with a GPU that is too dear for what it does. */
TEST(gpus_are_emptied_and_exchanged_for_cheaper_ones)
{
	static const double shares[] = {0.3, 0.3, 0.3, 0.04};
	const struct sw__rule alone = {.joining = SW__JOIN_NONE, .only_fleet = 0};

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 7, 1, 2); /* memory for three */
	fake_add_gpu(SW_MPS, 100, 7, 0.2, 0.25);
	add_shares(shares, 4);
	open_all();
	CHECK_INT(sw__build(&groups, &state, &alone, &err), SW_OK);
	CHECK_NEAR(sw__state_cost(&state).per_hour, 8, 1e-12);
	CHECK_INT(sw__improve(&groups, &state, &err), SW_OK);
	CHECK_NEAR(sw__state_cost(&state).per_hour, 2.25, 1e-12);
	close_all();
}

/* One engine does not fit into what is left of two GPUs; two smaller ones do. */
TEST(a_workload_is_divided_where_that_saves_a_gpu)
{
	const struct sw__rule rule = {.joining = SW__JOIN_LEAST_EXTRA, .only_fleet = SW__ANY_FLEET};

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_share(0.6, 1)->replicas = 2;
	fake_add_workload((struct fake_workload){5, 0.01, 0, 1}, 50, 22);
	open_all();
	CHECK_INT(sw__build(&groups, &state, &rule, &err), SW_OK);
	CHECK_INT(state.n, 3);
	CHECK_INT(sw__improve(&groups, &state, &err), SW_OK);
	CHECK_INT(state.n, 2);
	CHECK_INT(state.replicas[1], 2);
	close_all();
}

/* The one GPU of the kind that w1 needs went to w0, which could be elsewhere for more. */
TEST(who_has_no_choice_gets_the_last_gpu)
{
	static char only[1][SW_NAME_MAX] = {"g0"};
	static const double shares[] = {0.6, 0.5};
	const struct sw__rule rule = {.joining = SW__JOIN_LEAST_EXTRA, .only_fleet = SW__ANY_FLEET};

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 1)->count = 1;
	fake_add_gpu(SW_MPS, 100, 40, 1, 3);
	add_shares(shares, 2);
	fake_asked[1].gpus = only;
	fake_asked[1].n_gpus = 1;
	open_all();
	CHECK_INT(sw__build(&groups, &state, &rule, &err), SW_OK);
	CHECK_INT(state.unplaced[1], 1);
	CHECK_INT(sw__improve(&groups, &state, &err), SW_OK);
	CHECK_NEAR(sw__state_cost(&state).unplaced, 0, 0);
	CHECK_NEAR(sw__state_cost(&state).per_hour, 4, 1e-12);
	close_all();
}

TEST(it_never_gets_worse)
{
	static const double shares[] = {0.9, 0.8, 0.7};
	const struct sw__rule rule = {.joining = SW__JOIN_LEAST_EXTRA, .only_fleet = SW__ANY_FLEET};
	struct sw__cost before, after;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2)->count = 2;
	add_shares(shares, 3);
	open_all();
	CHECK_INT(sw__build(&groups, &state, &rule, &err), SW_OK);
	before = sw__state_cost(&state);
	CHECK_INT(sw__improve(&groups, &state, &err), SW_OK);
	after = sw__state_cost(&state);
	CHECK(!sw__cost_less(&before, &after));
	CHECK_NEAR(after.unplaced, 1, 0);
	close_all();
}

TEST_MAIN()
