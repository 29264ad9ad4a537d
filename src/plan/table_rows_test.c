// SPDX-License-Identifier: Apache-2.0
#include "plan/table_rows.h"

#include "check.h"

static struct sw_table_row rows[] = {
	{1, 1, 0.14, 5, 200, NAN}, {4, 1, 0.14, 10, 400, NAN}, {8, 1, 0.14, 30, 500, NAN},
	{4, 1, 0.29, 6, 700, NAN}, {4, 2, 0.29, 11, 700, 8},   {8, 4, 0.29, 9, 900, 12},
};
static char path[] = "t.csv";
static struct sw_table table = {path, sizeof(rows) / sizeof(rows[0]), rows};
static struct sw_workload w = {.table = &table};

static const struct sw_table_row *best(double limit_ms, double share, double memory_gib)
{
	w.latency_ms = limit_ms;
	return sw__row_best(&w, share, memory_gib);
}

/* 2 batches of 10 ms within 0.9 of the limit: 22.2 ms. */
TEST(the_row_that_serves_most_in_time)
{
	CHECK(best(22.3, 1 / 7.0, 5) == &rows[1]);
	CHECK(best(22.2, 1 / 7.0, 5) == &rows[0]);
	CHECK(best(NAN, 1 / 7.0, 5) == &rows[2]);
	CHECK(best(10, 1 / 7.0, 5) == NULL);
	CHECK(best(NAN, 0.1, 5) == NULL);
}

TEST(memory_narrows_where_it_is_known)
{
	CHECK(best(NAN, 2 / 7.0, 12) == &rows[5]);
	CHECK(best(NAN, 2 / 7.0, 10) == &rows[3]); /* as much as the next, and sooner */
	CHECK(best(NAN, 1, 5) == &rows[3]);
}

TEST(a_prediction_is_the_row_and_its_bound)
{
	struct sw_prediction p = sw__row_predict(&rows[1], 100);

	CHECK_NEAR(p.latency[SW_TTFT].hi[SW_P99], 2 * 10 / 0.9, 1e-12);
	CHECK_NEAR(p.latency[SW_TTFT].at[SW_MEAN], 10, 0);
	CHECK_NEAR(p.busy, 0.25, 1e-12);
	CHECK_NEAR(p.max_rate_per_s, 400, 0);
	CHECK(isnan(p.latency[SW_TPOT].hi[SW_P95]));
}

TEST_MAIN()
