// SPDX-License-Identifier: Apache-2.0
#include "plan/cover.h"

#include "plan/search_fixture.h"

static bool wanted[FAKE_WORKLOADS];
static double worth[FAKE_WORKLOADS], rent[FAKE_FLEET];
static struct sw__duals duals = {worth, rent};

static struct sw__cover *cover_of(void)
{
	struct sw__cover *cover;

	for (size_t w = 0; w < fake_problem.n_workloads; w++)
		wanted[w] = true;
	CHECK_INT(sw__cover_new(&fake_problem, wanted, &cover, &err), SW_OK);
	return cover;
}

/* A set of workloads, each by one engine. */
static const struct sw__together *set_of(size_t fleet, const size_t *who, size_t n)
{
	struct sw__size *engines[4];
	const struct sw__together *set = NULL;

	for (size_t i = 0; i < n; i++)
		CHECK_INT(sw__size_get(&sizing, who[i], fleet, 1, &engines[i], &err), SW_OK);
	CHECK_INT(sw__together_get(&groups, fleet, engines, n, &set, &err), SW_OK);
	CHECK(set && set->fits);
	return set;
}

static void add(struct sw__cover *cover, size_t fleet, const size_t *who, size_t n)
{
	CHECK_INT(sw__cover_add(cover, set_of(fleet, who, n), NULL, &err), SW_OK);
}

/* Three workloads of which any two go on one GPU: three halves of a GPU, and in whole numbers two. */
TEST(halves_are_cheaper_than_wholes)
{
	static const size_t pairs[][2] = {{0, 1}, {1, 2}, {0, 2}};
	struct sw__cover *cover;
	unsigned times[3] = {0};
	double value;
	bool found, proved;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	for (int i = 0; i < 3; i++)
		fake_add_share(0.4, 1);
	open_all();
	cover = cover_of();
	add(cover, 0, pairs[0], 2);
	CHECK_INT(sw__cover_solve(cover, &value, &duals, &err), SW_INFEASIBLE);
	add(cover, 0, pairs[1], 2);
	add(cover, 0, pairs[2], 2);
	CHECK_INT(sw__cover_solve(cover, &value, &duals, &err), SW_OK);
	CHECK_NEAR(value, 3, 1e-9);
	for (int w = 0; w < 3; w++)
		CHECK_NEAR(worth[w], 1, 1e-9);
	CHECK_INT(sw__cover_whole(cover, 100, 1000, times, &found, &proved, &err), SW_OK);
	CHECK(found && proved);
	CHECK_INT(times[0] + times[1] + times[2], 2);
	CHECK_INT(sw__cover_whole(cover, 4, 1000, times, &found, &proved, &err), SW_OK);
	CHECK(!found && proved); /* nothing is cheaper than 4 */
	sw__cover_free(cover);
	close_all();
}

TEST(a_kind_that_is_scarce_has_a_rent)
{
	static const size_t first[] = {0}, second[] = {1};
	struct sw__cover *cover;
	double value;
	bool added;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 1)->count = 1;
	fake_add_gpu(SW_MPS, 100, 40, 1, 3);
	fake_add_share(0.6, 1);
	fake_add_share(0.6, 1);
	open_all();
	cover = cover_of();
	for (size_t f = 0; f < 2; f++) {
		add(cover, f, first, 1);
		add(cover, f, second, 1);
	}
	CHECK_INT(sw__cover_add(cover, set_of(0, first, 1), &added, &err), SW_OK);
	CHECK(!added);
	CHECK_INT(sw__cover_columns(cover), 4);
	CHECK_INT(sw__cover_solve(cover, &value, &duals, &err), SW_OK);
	CHECK_NEAR(value, 4, 1e-9);
	CHECK_NEAR(rent[0], -2, 1e-9); /* one more would save the dearer one */
	CHECK_NEAR(rent[1], 0, 0);
	sw__cover_free(cover);
	close_all();
}

TEST_MAIN()
