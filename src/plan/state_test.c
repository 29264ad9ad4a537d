// SPDX-License-Identifier: Apache-2.0
#include "plan/state.h"

#include "check.h"

static struct sw_error err;

TEST(gpus_open_change_and_close)
{
	struct sw_fleet_entry fleet[2] = {{.count = 40, .price_per_hour = 2},
					  {.count = 1, .price_per_hour = 0.5}};
	struct sw_workload workloads[2] = {{.replicas = 0}};
	const struct sw_problem problem = {
		.n_fleet = 2, .fleet = fleet, .n_workloads = 2, .workloads = workloads};
	const struct sw__together large = {.fleet = 0, .n = 1, .share = 0.5};
	const struct sw__together small = {.fleet = 1, .n = 1, .share = 0.25};
	struct sw__state state, copy;
	struct sw__cost cost;

	CHECK_INT(sw__state_new(&problem, &state, &err), SW_OK);
	CHECK_INT(sw__state_new(&problem, &copy, &err), SW_OK);
	for (int i = 0; i < 40; i++) {
		CHECK(sw__state_has_another(&state, 0));
		CHECK_INT(sw__state_open(&state, &large, &err), SW_OK);
	}
	CHECK(!sw__state_has_another(&state, 0));
	CHECK_INT(sw__state_open(&state, &small, &err), SW_OK);
	state.replicas[1] = 4;
	state.unplaced[1] = 3;
	CHECK_INT(sw__state_copy(&copy, &state, &err), SW_OK);
	cost = sw__state_cost(&copy);
	CHECK_NEAR(cost.per_hour, 80.5, 1e-12);
	CHECK_NEAR(cost.gpus, 41, 0);
	CHECK_NEAR(cost.share, 20.25, 1e-12);
	CHECK_NEAR(cost.unplaced, 0.75, 0);
	sw__state_close(&state, 0);
	CHECK(state.gpu[39] == &small);
	CHECK(sw__state_has_another(&state, 0) && !sw__state_has_another(&state, 1));
	sw__state_replace(&state, 39, &large);
	CHECK(sw__state_has_another(&state, 1));
	CHECK_NEAR(sw__state_cost(&state).per_hour, 80, 1e-12);
	CHECK_INT(copy.n, 41);
	sw__state_free(&state);
	sw__state_free(&copy);
}

TEST(the_first_difference_of_costs_decides)
{
	const struct sw__cost base = {1, 10, 4, 3};
	static const struct {
		struct sw__cost other;
		bool less;
	} cases[] = {
		{{0, 99, 9, 9}, true},
		{{2, 1, 1, 1}, false},
		{{1, 9, 9, 9}, true},
		{{1, 10, 3, 9}, true},
		{{1, 10, 4, 2.9}, true},
		{{1, 10, 4, 3}, false},
		{{1, 10 * (1 + 1e-12), 4, 2.9}, true},
		{{1, 10, 4, 3 - 1e-12}, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK(sw__cost_less(&cases[i].other, &base) == cases[i].less);
}

TEST_MAIN()
