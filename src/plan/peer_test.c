// SPDX-License-Identifier: Apache-2.0
#include "plan/peer.h"

#include "plan/peer_fixture.h"

static struct sw__sizing sizing;
static struct sw__planning planning;

static void open_planning(void)
{
	planning = (struct sw__planning){.sizing = &sizing};
	CHECK_INT(sw__sizing_open(&fake_problem, &fake_oracle, &sizing, &err), SW_OK);
}

static void close_planning(void)
{
	sw__planning_close(&planning);
	sw__sizing_close(&sizing);
	CHECK_INT(fake_prepared, 0);
}

static struct sw__size *seen_size(unsigned replicas)
{
	struct sw__size *size = NULL;

	CHECK_INT(sw__size_get(sw__planning_seen(&planning), 0, 0, replicas, &size, &err), SW_OK);
	return size;
}

/* Within half of its limit the engine needs 0.5, within all of it 0.5 * 0.5^(1/0.7) = 0.1858; with bounds 1.1^(1/0.7) of it. */
TEST(limits_are_seen_in_part_until_all_is_clear)
{
	const struct sw__view half = {.points = true, .part_of_limits = 0.5};
	double limit;

	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2);
	peer_add(0.5, 0, 0.5);
	limit = fake_asked[0].slo.bound_ms[SW_TPOT][SW_P95];
	open_planning();
	CHECK(sw__planning_seen(&planning) == &sizing);
	CHECK_NEAR(sw__size_share(&sizing, seen_size(1), seen_size(1)->alone), 0.22, 1e-12);
	CHECK_INT(sw__peer_open(&planning, &half, &err), SW_OK);
	CHECK_NEAR(sw__size_share(sw__planning_seen(&planning), seen_size(1), seen_size(1)->alone),
		   0.5, 1e-12);
	CHECK_NEAR(seen_size(1)->tenant.slo.bound_ms[SW_TPOT][SW_P95], limit / 2, 1e-12);
	sw__peer_look_clear(planning.peer);
	CHECK_NEAR(seen_size(1)->tenant.slo.bound_ms[SW_TPOT][SW_P95], limit, 1e-12);
	CHECK_NEAR(planning.peer->problem.workloads[0].slo.bound_ms[SW_TPOT][SW_P95], limit, 1e-12);
	CHECK_NEAR(fake_asked[0].slo.bound_ms[SW_TPOT][SW_P95], limit, 0);
	close_planning();
}

static enum sw_status note_replicas(struct sw__planning *inner, struct sw__state *out,
				    struct sw_error *err_)
{
	(void)err_;
	CHECK_INT(inner->sizing->problem->workloads[0].replicas, 1);
	CHECK_INT(inner->sizing->problem->workloads[1].replicas, 0);
	CHECK_INT(inner->sizing->problem->workloads[2].replicas, 2);
	out->unplaced[1] = 3;
	return SW_OK;
}

/* One engine serves the first; none alone serves the second; the third has what the user said. */
TEST(a_search_gets_the_problem_as_it_is_seen)
{
	const struct sw__view one = {.one_replica = true};
	struct sw__state state;

	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2);
	(void)fake_add_share(0.5, 1);
	fake_add_workload((struct fake_workload){5, 0.01, 0.2, 3}, 240, 9.9);
	fake_add_share(0.5, 1)->replicas = 2;
	open_planning();
	CHECK_INT(sw__state_new(&fake_problem, &state, &err), SW_OK);
	CHECK_INT(sw__peer_search(&planning, &one, note_replicas, &state, &err), SW_OK);
	CHECK_INT(state.unplaced[1], 3);
	CHECK(state.problem == &fake_problem && planning.peer->lens.clear);
	CHECK_INT(planning.peer->problem.workloads[0].replicas, 0);
	sw__state_free(&state);
	close_planning();
}

TEST_MAIN()
