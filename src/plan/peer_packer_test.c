// SPDX-License-Identifier: Apache-2.0
#include "plan/peer_packer.h"

#include "plan/peer_fixture.h"

static struct sw__sizing sizing;

/* Likes the GPU with the most engines, and takes what is allowed. */
static enum sw_status crowd(const struct sw__packer *packer, struct sw__seating *seating,
			    bool *stays, double *dislike, struct sw_error *err_)
{
	(void)packer, (void)err_;
	*stays = true;
	*dislike = -(double)seating->before->n;
	return SW_OK;
}

static enum sw_status refuse(const struct sw__packer *packer, struct sw__seating *seating,
			     bool *stays, double *dislike, struct sw_error *err_)
{
	(void)packer, (void)seating, (void)err_;
	*stays = false;
	*dislike = 0;
	return SW_OK;
}

static void pack(const struct sw__packer *packer, struct sw__board *board)
{
	CHECK_INT(sw__sizing_open(&fake_problem, &fake_oracle, &sizing, &err), SW_OK);
	CHECK_INT(sw__pack(packer, &sizing, board, &err), SW_OK);
}

static void close_all(struct sw__board *board)
{
	sw__board_close(board);
	sw__sizing_close(&sizing);
	CHECK_INT(fake_prepared, 0);
}

static const struct sw__packer crowding = {
	.need = sw__need_alone, .first_level = sw__level_alone, .settle = crowd};
static const struct sw__packer refusing = {
	.need = sw__need_alone, .first_level = sw__level_alone, .settle = refuse};

/* 0.7 and 0.2 on one, 0.5 alone, 0.1 to the two of them. */
TEST(larger_first_where_it_is_liked_best)
{
	static const double shares[] = {0.1, 0.2, 0.5, 0.7};
	struct sw__board board;

	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2);
	for (size_t i = 0; i < 4; i++)
		(void)fake_add_share(shares[i], 1);
	pack(&crowding, &board);
	if (CHECK(board.n == 2)) {
		CHECK_INT(board.gpu[0].n, 3);
		CHECK_INT(board.gpu[0].engine[0]->workload, 0);
		CHECK_INT(board.gpu[1].engine[0]->workload, 2);
	}
	close_all(&board);
}

TEST(refused_by_all_it_opens_another_while_there_are_any)
{
	struct sw__board board;

	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2)->count = 2;
	for (int i = 0; i < 3; i++)
		(void)fake_add_share(0.1, 1);
	pack(&refusing, &board);
	CHECK_INT(board.n, 2);
	CHECK(board.unplaced[2] == 1 && sw__board_cost(&board).unplaced == 1);
	close_all(&board);
}

/* Of two kinds the large one takes all four for 2, four small ones cost 2.8, and mixed it is no cheaper. */
TEST(the_cheapest_of_several_ways)
{
	struct sw__board board;

	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2);
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 0.5, 0.7);
	for (int i = 0; i < 4; i++)
		(void)fake_add_share(0.25, 1);
	pack(&crowding, &board);
	CHECK_NEAR(sw__board_cost(&board).per_hour, 2, 1e-12);
	close_all(&board);
}

/* A load that takes three engines gets three, on GPUs of their own where they are to be spread. */
TEST(replicas_are_placed_one_by_one)
{
	struct sw__board board;

	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2);
	fake_add_workload((struct fake_workload){5, 0.01, 0.2, 3}, 240, 9.9)->spread = true;
	pack(&crowding, &board);
	CHECK_INT(board.replicas[0], 3);
	CHECK_INT(board.n, 3);
	close_all(&board);
}

TEST_MAIN()
