// SPDX-License-Identifier: Apache-2.0
#include "plan/together.h"

#include "check.h"
#include "plan/fake_oracle.h"

static struct sw_error err;
static struct sw__sizing sizing;
static struct sw__groups groups;

static void open_all(enum sw__neighbours neighbours)
{
	CHECK_INT(sw__sizing_open(&fake_problem, &fake_oracle, &sizing, &err), SW_OK);
	sw__groups_open(&sizing, neighbours, &groups);
}

static void close_all(void)
{
	sw__groups_close(&groups);
	sw__sizing_close(&sizing);
	CHECK_INT(fake_prepared, 0);
}

static struct sw__size *size_of(size_t workload)
{
	struct sw__size *size = NULL;

	CHECK_INT(sw__size_get(&sizing, workload, 0, 1, &size, &err), SW_OK);
	return size;
}

static const struct sw__together *get(const size_t *workloads, size_t n)
{
	const struct sw__together *t = NULL;
	struct sw__size *sizes[8];

	for (size_t i = 0; i < n; i++)
		sizes[i] = size_of(workloads[i]);
	CHECK_INT(sw__together_get(&groups, 0, sizes, n, &t, &err), SW_OK);
	return t;
}

static void four_workloads(double push)
{
	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	for (int i = 0; i < 4; i++)
		fake_add_workload((struct fake_workload){5, 0.01, push, 3}, 10, 18 + i);
}

TEST(the_order_does_not_matter_and_a_set_is_worked_out_once)
{
	const struct sw__together *a, *b;
	size_t predicted;

	four_workloads(0.3);
	open_all(SW__NEIGHBOURS_COUNT);
	a = get((size_t[]){0, 2, 1}, 3);
	predicted = sizing.predicted;
	b = get((size_t[]){1, 0, 2}, 3);
	CHECK(a && a == b);
	CHECK_INT(sizing.predicted, predicted);
	CHECK(a && a->fits && a->share > 0.2 * 3);
	CHECK_NEAR(a ? a->memory_gib : 0, 12, 1e-12);
	close_all();
}

/* No engine could have one level less while the others stay: nothing is given away. */
TEST(slices_are_no_larger_than_they_must_be)
{
	const struct sw__together *t;
	struct sw_prediction predicted[4];

	four_workloads(0.5);
	open_all(SW__NEIGHBOURS_COUNT);
	t = get((size_t[]){0, 1, 2}, 3);
	if (CHECK(t && t->fits)) {
		unsigned char level[3];

		for (size_t i = 0; i < 3; i++) {
			bool broken = false;

			memcpy(level, t->level, 3);
			CHECK(level[i] > t->engines[i]->alone);
			level[i]--;
			CHECK_INT(sw__together_predict(&sizing, 0, t->engines, level, 3, predicted,
						       &err),
				  SW_OK);
			for (size_t k = 0; k < 3; k++)
				broken |= !sw_prediction_meets(&predicted[k],
							       &t->engines[k]->tenant.slo);
			CHECK(broken);
		}
	}
	close_all();
}

TEST(rules_forbid_at_once_and_limits_after_a_look)
{
	const struct sw__together *t;

	four_workloads(3);
	open_all(SW__NEIGHBOURS_COUNT);
	t = get((size_t[]){0, 1, 2, 3}, 4);
	CHECK(t && !t->fits);
	close_all();
	four_workloads(0.1);
	fake_fleet[0].gpu.visible_gib = 11;
	open_all(SW__NEIGHBOURS_COUNT);
	CHECK(get((size_t[]){0, 1}, 2));
	CHECK(!get((size_t[]){0, 1, 2}, 3));
	close_all();
	fake_fleet[0].gpu.visible_gib = 40;
	fake_fleet[0].max_tenants = 2;
	open_all(SW__NEIGHBOURS_COUNT);
	CHECK(!get((size_t[]){0, 1, 2}, 3));
	CHECK(!get((size_t[]){0, 0, 0}, 3));
	close_all();
}

TEST(many_sets_are_kept_apart)
{
	four_workloads(0.05);
	open_all(SW__NEIGHBOURS_COUNT);
	for (size_t a = 0; a < 4; a++) {
		for (size_t b = 0; b < 4; b++) {
			for (size_t c = 0; c < 4; c++) {
				const struct sw__together *t = get((size_t[]){a, b, c}, 3);
				size_t sum = 0;

				for (size_t i = 0; t && i < 3; i++)
					sum += t->engines[i]->workload;
				CHECK(!t || sum == a + b + c);
			}
		}
	}
	CHECK_INT(groups.n, 20); /* multisets of 3 out of 4 */
	close_all();
}

/* By turns everyone has an equal part; beside an eager engine under HAMi, of what its limit leaves. */
TEST(shares_that_have_no_effect_are_equal_parts)
{
	const struct sw__together *t;

	four_workloads(0.1);
	fake_fleet[0].mechanism = SW_TIMESLICE;
	open_all(SW__NEIGHBOURS_COUNT);
	t = get((size_t[]){0, 1, 2}, 3);
	CHECK(t && t->fits);
	CHECK_NEAR(t ? sw__together_share(&sizing, t, 1) : 0, 0.33, 1e-12);
	CHECK_NEAR(t ? t->share : 0, 0.99, 1e-12);
	close_all();
	fake_fleet[0].mechanism = SW_HAMI;
	fake_asked[2].engine.given |= SW_KEY_CUDA_GRAPHS;
	open_all(SW__NEIGHBOURS_IGNORE);
	t = get((size_t[]){0, 1, 2}, 3);
	if (CHECK(t && t->fits)) {
		double eager = sw__together_share(&sizing, t, 2);

		CHECK_NEAR(eager, sw__size_share(&sizing, t->engines[2], t->level[2]), 1e-12);
		CHECK_NEAR(sw__together_share(&sizing, t, 0),
			   floor(100 * (1 - eager) / 2 + 1e-6) / 100, 1e-12);
	}
	close_all();
}

TEST(neighbours_may_be_taken_for_nothing)
{
	const struct sw__together *t;

	four_workloads(3);
	open_all(SW__NEIGHBOURS_IGNORE);
	t = get((size_t[]){0, 1, 2, 3}, 4);
	CHECK(t && t->fits && t->level[0] == t->engines[0]->alone);
	close_all();
	open_all(SW__NEIGHBOURS_EVEN);
	groups.parts = &(const unsigned){4};
	t = get((size_t[]){0, 1, 2, 3}, 4);
	CHECK(t && t->fits && sw__size_share(&sizing, t->engines[2], t->level[2]) == 0.24);
	close_all();
	open_all(SW__NEIGHBOURS_EVEN);
	groups.parts = &(const unsigned){7};
	t = get((size_t[]){0, 1, 2, 3}, 4);
	CHECK(t && !t->fits);
	close_all();
}

TEST_MAIN()
