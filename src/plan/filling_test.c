// SPDX-License-Identifier: Apache-2.0
#include "plan/filling.h"

#include "plan/search_fixture.h"

static void check_all_placed(size_t engines)
{
	size_t placed = 0;

	for (size_t i = 0; i < state.n; i++) {
		CHECK(state.gpu[i]->fits);
		placed += state.gpu[i]->n;
	}
	CHECK_INT(placed, engines);
	CHECK_NEAR(sw__state_cost(&state).unplaced, 0, 0);
}

/* Shares that fill GPUs exactly, in an order that misleads. */
TEST(gpus_are_filled_by_what_complements)
{
	static const double shares[] = {0.6, 0.4, 0.7, 0.3, 0.5, 0.5, 0.8, 0.2};

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	add_shares(shares, 8);
	open_all();
	CHECK_INT(sw__fill(&groups, &state, &err), SW_OK);
	check_all_placed(8);
	CHECK_INT(state.n, 4);
	close_all();
}

/* Compute beside memory: two that ask for the one and two that ask for the other. */
TEST(resources_are_paired)
{
	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_share(0.7, 5);
	fake_add_share(0.7, 5);
	fake_add_share(0.2, 30);
	fake_add_share(0.2, 30);
	open_all();
	CHECK_INT(sw__fill(&groups, &state, &err), SW_OK);
	check_all_placed(4);
	CHECK_INT(state.n, 2);
	close_all();
}

/* Half as fast at a quarter of the price: small engines go there, those that need more than all of it do not. */
TEST(each_goes_where_its_part_costs_least)
{
	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 4);
	fake_add_gpu(SW_MPS, 100, 40, 0.5, 1);
	for (int i = 0; i < 4; i++) {
		fake_add_share(0.1, 1);
		fake_add_share(0.45, 1);
	}
	open_all();
	CHECK_INT(sw__fill(&groups, &state, &err), SW_OK);
	check_all_placed(8);
	CHECK(state.used[1] > 0);
	CHECK(sw__state_cost(&state).per_hour < 12);
	close_all();
}

TEST(a_fleet_that_ends_is_not_overdrawn)
{
	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 1)->count = 1;
	fake_add_gpu(SW_MPS, 100, 40, 1, 3)->count = 1;
	for (int i = 0; i < 6; i++)
		fake_add_share(0.45, 1);
	open_all();
	CHECK_INT(sw__fill(&groups, &state, &err), SW_OK);
	CHECK_INT(state.used[0], 1);
	CHECK_INT(state.used[1], 1);
	CHECK_NEAR(sw__state_cost(&state).unplaced, 2, 0);
	close_all();
}

TEST(replicas_are_spread_and_complete)
{
	struct sw_workload *w;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	w = fake_add_workload((struct fake_workload){4, 0.01, 0.1, 2}, 60, 40);
	w->replicas = 3;
	w->spread = true;
	fake_add_share(0.2, 1);
	open_all();
	CHECK_INT(sw__fill(&groups, &state, &err), SW_OK);
	check_all_placed(4);
	CHECK_INT(state.replicas[0], 3);
	CHECK(state.n >= 3);
	close_all();
}

TEST_MAIN()
