// SPDX-License-Identifier: Apache-2.0
#include "predict/tabled.h"

#include <math.h>

#include "predict/predict_fixture.h"

static sw_tabled *tabled_of(const struct fixture *f, enum sw_mechanism mechanism, double rate)
{
	struct sw_tenant t = fixture_tenant(f, "qwen3-1.7b", mechanism, 0.5, rate);
	sw_prepared *prepared = fixture_prepare(f, &t);
	sw_tabled *tabled = NULL;

	CHECK_INT(sw_tabled_make(mechanism, prepared, &tabled, NULL), SW_OK);
	sw_prepared_free(prepared);
	return tabled;
}

/* The row before an edge: where `over` of the next one and not of this one. The number of edges. */
static size_t edges(const sw_tabled *t, bool (*over)(const sw_tabled *t, size_t row), size_t *edge)
{
	size_t n = 0;

	for (size_t i = 0; i + 1 < t->n; i++) {
		if (over(t, i) != over(t, i + 1)) {
			*edge = i;
			n++;
		}
	}
	return n;
}

static bool overloaded(const sw_tabled *t, size_t row)
{
	return t->binds[row] == SW_BINDS_OVERLOAD;
}

static bool unbounded(const sw_tabled *t, size_t row)
{
	struct sw_prediction p;

	sw__row_read(&t->row[row], &p);
	return !isfinite(p.latency[SW_TTFT].hi[SW_MEAN]);
}

TEST(rows_go_up_from_alone_and_cells_know_theirs)
{
	static const enum sw_mechanism mechanisms[] = {SW_MPS, SW_TIMESLICE, SW_HAMI};
	struct fixture f = fixture_open("a100-sxm4-80gb");

	for (size_t m = 0; m < 3; m++) {
		sw_tabled *t = tabled_of(&f, mechanisms[m], 2);

		CHECK_NEAR(t->at[0], 1, 0);
		CHECK_NEAR(t->at[t->n - 1], 32, 0);
		CHECK(t->n < SW__ROWS_MAX);
		for (size_t i = 0; i + 1 < t->n; i++)
			CHECK(t->at[i] < t->at[i + 1]);
		for (size_t cell = 0; cell < SW__CELLS; cell++) {
			CHECK(t->at[t->first[cell]] <= sw__cell_begin(cell));
			CHECK(t->at[t->first[cell] + 1] > sw__cell_begin(cell));
		}
		sw_tabled_free(t);
	}
	fixture_close(&f);
}

TEST(both_edges_are_closed_in_upon)
{
	struct fixture f = fixture_open("l40s");
	sw_tabled *t = tabled_of(&f, SW_TIMESLICE, 2);
	size_t over = 0, bound = 0;

	CHECK_INT(edges(t, overloaded, &over), 1);
	CHECK_INT(edges(t, unbounded, &bound), 1);
	CHECK(bound < over);
	CHECK_NEAR(t->at[over + 1], t->at[over], 0x1p-15);
	CHECK_NEAR(t->at[bound + 1], t->at[bound], 0x1p-11);
	sw_tabled_free(t);
	fixture_close(&f);
}

/* What keeps the GPU busy does so more, the longer it takes; to the end of what there is. */
TEST(activity_grows_with_the_stretch)
{
	struct fixture f = fixture_open("l40s");
	sw_tabled *t = tabled_of(&f, SW_TIMESLICE, 2);

	CHECK_NEAR(t->activity[0].gpu, t->alone.gpu, 2e-3);
	for (size_t i = 0; i < SW__CELLS; i++) {
		CHECK(t->activity[i + 1].gpu >= t->activity[i].gpu * 0.998F);
		CHECK(t->activity[i].gpu <= 1 && t->activity[i].prefill <= t->activity[i].gpu);
	}
	sw_tabled_free(t);
	fixture_close(&f);
}

TEST(where_nobody_touches_anybody_two_rows_will_do)
{
	struct fixture f = fixture_open("h100-sxm");
	struct sw_tenant t = fixture_tenant(&f, "qwen3-1.7b", SW_MIG, 2.0 / 7, 1);
	sw_prepared *prepared;
	sw_tabled *tabled;

	t.slice.memory_gib = 19.5;
	prepared = fixture_prepare(&f, &t);
	CHECK_INT(sw_tabled_make(SW_MIG, prepared, &tabled, NULL), SW_OK);
	CHECK_INT(tabled->n, 2);
	sw_tabled_free(tabled);
	sw_tabled_free(NULL);
	sw_prepared_free(prepared);
	fixture_close(&f);
}

TEST_MAIN()
