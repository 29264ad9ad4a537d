// SPDX-License-Identifier: Apache-2.0
#include "plan/partial.h"

#include "plan/search_fixture.h"

/* Put engines of a workload on GPUs of their own, without asking anybody. */
static void open_alone(size_t workload, unsigned engines)
{
	for (unsigned i = 0; i < engines; i++) {
		const struct sw__together *set = NULL;
		struct sw__size *size;

		CHECK_INT(sw__size_get(&sizing, workload, 0, state.replicas[workload], &size, &err),
			  SW_OK);
		CHECK_INT(sw__together_add(&groups, NULL, size, &set, &err), SW_OK);
		CHECK_INT(sw__state_open(&state, set, &err), SW_OK);
	}
	state.unplaced[workload] = state.replicas[workload] - engines;
}

static unsigned engines_there(size_t workload)
{
	unsigned n = 0;

	for (size_t i = 0; i < state.n; i++) {
		for (size_t k = 0; k < state.gpu[i]->n; k++)
			n += state.gpu[i]->engines[k]->workload == workload;
	}
	return n;
}

TEST(whole_workloads_come_before_parts_of_others)
{
	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 1)->count = 3;
	fake_add_share(0.9, 3)->replicas = 5;
	fake_add_share(0.9, 3);
	fake_add_share(0.9, 3)->replicas = 2;
	open_all();
	state.replicas[0] = 5;
	state.replicas[1] = 1;
	state.replicas[2] = 2;
	open_alone(0, 3); /* all there is, for a part of one */
	state.unplaced[1] = 1;
	state.unplaced[2] = 2;
	CHECK_INT(sw__partial(&groups, &state, &err), SW_OK);
	CHECK_INT(state.unplaced[0], 5);
	CHECK_INT(state.unplaced[1], 0);
	CHECK_INT(state.unplaced[2], 0);
	CHECK_INT(engines_there(0), 0);
	CHECK_INT(engines_there(1), 1);
	CHECK_INT(engines_there(2), 2);
	close_all();
}

TEST(what_is_left_goes_to_parts)
{
	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 1)->count = 3;
	fake_add_share(0.9, 3)->replicas = 5;
	fake_add_share(0.9, 3);
	open_all();
	state.replicas[0] = 5;
	state.replicas[1] = 1;
	open_alone(0, 3);
	state.unplaced[1] = 1;
	CHECK_INT(sw__partial(&groups, &state, &err), SW_OK);
	CHECK_INT(state.unplaced[0], 3);
	CHECK_INT(engines_there(0), 2);
	CHECK_INT(state.unplaced[1], 0);
	close_all();
}

/* Three engines are needed on the small kind, of which there is one; one does on the large kind. No two fit a memory. */
TEST(a_load_is_divided_as_the_gpus_that_are_left_ask_for)
{
	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 1)->count = 1;
	fake_add_gpu(SW_MPS, 100, 40, 3, 9)->count = 1;
	fake_add_workload((struct fake_workload){5, 0.01, 0, 30}, 220, 11);
	open_all();
	state.replicas[0] = 3;
	open_alone(0, 1);
	CHECK_INT(sw__partial(&groups, &state, &err), SW_OK);
	CHECK_INT(state.unplaced[0], 0);
	CHECK_INT(state.replicas[0], 1);
	CHECK_INT(state.n, 1);
	CHECK_INT(state.gpu[0]->fleet, 1);
	close_all();
}

TEST(where_nothing_is_won_nothing_changes)
{
	const struct sw__together *first;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 1)->count = 2;
	fake_add_share(0.9, 3)->replicas = 5;
	fake_add_share(0.9, 3);
	open_all();
	state.replicas[0] = 5;
	state.replicas[1] = 1;
	open_alone(1, 1);
	open_alone(0, 1);
	first = state.gpu[0];
	CHECK_INT(sw__partial(&groups, &state, &err), SW_OK);
	CHECK_INT(state.n, 2);
	CHECK(state.gpu[0] == first);
	CHECK_INT(state.unplaced[0], 4);
	close_all();
}

TEST_MAIN()
