// SPDX-License-Identifier: Apache-2.0
#include "plan/compute_sums.h"

#include "plan/search_fixture.h"

static void add(bool given, bool cuda_graphs)
{
	struct sw_workload *w = fake_add_share(0.2, 1);

	w->engine.given |= given ? SW_KEY_CUDA_GRAPHS : 0;
	w->engine.cuda_graphs = cuda_graphs;
}

static bool both_on(size_t fleet, bool first, bool second)
{
	const bool placed[] = {first, second};
	bool both[FAKE_FLEET] = {false};

	open_all();
	CHECK_INT(sw__compute_sums(&sizing, placed, both, &err), SW_OK);
	close_all();
	return both[fleet];
}

TEST(there_are_two_sums_where_a_limiter_sees_some_and_others_not)
{
	fake_reset();
	fake_add_gpu(SW_HAMI, 100, 40, 1, 2);
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	add(true, false);
	add(false, false);
	CHECK(both_on(0, true, true));
	CHECK(!both_on(1, true, true));
	CHECK(!both_on(0, true, false));
	CHECK(!both_on(0, false, true));
	/* Without CUDA graphs both are held to their shares. */
	fake_asked[1].engine.given |= SW_KEY_CUDA_GRAPHS;
	CHECK(!both_on(0, true, true));
}

TEST(each_leaves_out_the_others)
{
	const struct sw__size held = {.share_matters = true}, by_turns = {.share_matters = false};

	CHECK(sw__sum_leaves_out(SW__SUM_OF_TURNS, &held));
	CHECK(!sw__sum_leaves_out(SW__SUM_OF_SHARES, &held));
	CHECK(sw__sum_leaves_out(SW__SUM_OF_SHARES, &by_turns));
	CHECK(!sw__sum_leaves_out(SW__SUM_OF_TURNS, &by_turns));
}

TEST_MAIN()
