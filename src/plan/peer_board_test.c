// SPDX-License-Identifier: Apache-2.0
#include "plan/peer_board.h"

#include "plan/peer_fixture.h"

static struct sw__sizing sizing;

static struct sw__size *size_of(size_t workload)
{
	struct sw__size *size = NULL;

	CHECK_INT(sw__size_get(&sizing, workload, 0, 1, &size, &err), SW_OK);
	CHECK(size->possible);
	return size;
}

static void open_three(enum sw_mechanism mechanism)
{
	fake_reset();
	fake_add_gpu(mechanism, PEER_SMS, 10, 1, 2);
	for (int i = 0; i < 3; i++)
		(void)fake_add_share(0.4, 2);
	CHECK_INT(sw__sizing_open(&fake_problem, &fake_oracle, &sizing, &err), SW_OK);
}

static void close_three(struct sw__board *board)
{
	sw__board_close(board);
	sw__sizing_close(&sizing);
	CHECK_INT(fake_prepared, 0);
}

TEST(seats_are_in_the_order_of_workloads_and_limited)
{
	struct sw__board_gpu gpu = {0};
	struct sw__board board;

	open_three(SW_MPS);
	CHECK_INT(sw__board_open(&sizing, false, &board, &err), SW_OK);
	CHECK(sw__board_seat(&gpu, size_of(2), 20) && sw__board_seat(&gpu, size_of(0), 10));
	CHECK_INT(gpu.engine[0]->workload, 0);
	CHECK_INT(gpu.level[0], 10);
	CHECK_INT(gpu.engine[1]->workload, 2);
	CHECK_INT(gpu.level[1], 20);
	while (gpu.n < SW__TOGETHER_MAX)
		CHECK(sw__board_seat(&gpu, size_of(1), 1));
	CHECK(!sw__board_seat(&gpu, size_of(1), 1));
	CHECK(!sw__board_allows(&board, &gpu)); /* 16 on a GPU of at most 8 */
	close_three(&board);
}

/* 0.6 and 0.6 do not add up under a cap; three of 3 GiB fit 10 GiB, four do not. */
TEST(caps_need_not_add_up_where_there_are_none)
{
	struct sw__board_gpu gpu = {0};
	struct sw__board board;

	open_three(SW_MPS);
	CHECK_INT(sw__board_open(&sizing, false, &board, &err), SW_OK);
	(void)sw__board_seat(&gpu, size_of(0), 59);
	(void)sw__board_seat(&gpu, size_of(1), 59);
	CHECK(!sw__board_allows(&board, &gpu));
	CHECK_NEAR(sw__board_share(&board, &gpu), 1, 0);
	board.uncapped = true;
	CHECK(sw__board_allows(&board, &gpu));
	(void)sw__board_seat(&gpu, size_of(2), 59);
	CHECK(sw__board_allows(&board, &gpu));
	(void)sw__board_seat(&gpu, size_of(2), 59);
	CHECK(!sw__board_allows(&board, &gpu));
	close_three(&board);
}

TEST(a_board_becomes_a_state)
{
	struct sw__made made = {0};
	struct sw__state state;
	struct sw__board board;
	struct sw__cost cost;

	open_three(SW_MPS);
	CHECK_INT(sw__board_open(&sizing, false, &board, &err), SW_OK);
	for (size_t w = 0; w < 2; w++) {
		struct sw__board_gpu gpu = {0};

		(void)sw__board_seat(&gpu, size_of(w), 39 + 10 * w);
		board.replicas[w] = 1;
		CHECK_INT(sw__board_add(&board, &gpu, &err), SW_OK);
	}
	board.replicas[2] = board.unplaced[2] = 1;
	CHECK_INT(sw__state_new(&fake_problem, &state, &err), SW_OK);
	CHECK_INT(sw__board_hand_over(&board, &made, &state, &err), SW_OK);
	cost = sw__state_cost(&state);
	CHECK(cost.unplaced == 1 && cost.per_hour == 4 && cost.gpus == 2);
	CHECK_NEAR(cost.share, 0.4 + 0.5, 1e-12);
	CHECK_NEAR(sw__board_cost(&board).share, cost.share, 1e-12);
	CHECK_INT(state.gpu[1]->engines[0]->workload, 1);
	CHECK_NEAR(state.gpu[1]->memory_gib, 3, 1e-12);
	sw__state_free(&state);
	sw__made_free(&made);
	close_three(&board);
}

/* 5 requests a second of 0.04 GPU seconds each: 0.2 of the time of a whole GPU, whatever slice it has. */
TEST(how_busy_a_whole_gpu_is)
{
	struct sw__board board;
	size_t predicted;
	double busy = 0;

	open_three(SW_MPS);
	fake_workloads[1].work = 0.04;
	fake_asked[1].load.rate = 5;
	CHECK_INT(sw__board_open(&sizing, false, &board, &err), SW_OK);
	CHECK_INT(sw__board_busy(&board, size_of(1), &busy, &err), SW_OK);
	CHECK_NEAR(busy, 0.2, 1e-12);
	predicted = sizing.predicted;
	CHECK_INT(sw__board_busy(&board, size_of(1), &busy, &err), SW_OK);
	CHECK_NEAR(busy, 0.2, 1e-12);
	CHECK_INT(sizing.predicted, predicted);
	close_three(&board);
}

/* Two that may be on one GPU alone, the same: a GPU of its own for each there is not, and one for both there is. */
TEST(pins_leave_no_place)
{
	static char only[1][SW_NAME_MAX] = {"g0/0"};
	struct sw__board_gpu first = {0}, second = {0}, both = {0};
	struct sw__board board;
	bool takes = true;

	open_three(SW_MPS);
	for (size_t w = 0; w < 2; w++) {
		fake_asked[w].n_gpus = 1;
		fake_asked[w].gpus = only;
		(void)sw__board_seat(&both, size_of(w), 39);
	}
	(void)sw__board_seat(&first, size_of(0), 39);
	(void)sw__board_seat(&second, size_of(1), 39);
	CHECK_INT(sw__board_open(&sizing, false, &board, &err), SW_OK);
	CHECK(board.places_matter);
	CHECK_INT(sw__board_takes(&board, SW__NEW_GPU, &first, &takes, &err), SW_OK);
	CHECK(takes);
	CHECK_INT(sw__board_add(&board, &first, &err), SW_OK);
	CHECK_INT(sw__board_takes(&board, SW__NEW_GPU, &second, &takes, &err), SW_OK);
	CHECK(!takes);
	CHECK_INT(sw__board_takes(&board, 0, &both, &takes, &err), SW_OK);
	CHECK(takes);
	close_three(&board);
}

TEST_MAIN()
