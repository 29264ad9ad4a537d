// SPDX-License-Identifier: Apache-2.0
#include "predict/tabled.h"

#include <math.h>

#include "check.h"

static struct sw_prediction some(double scale)
{
	struct sw_prediction p = {.requests_per_s = 3 * scale,
				  .output_tokens_per_s = 5 * scale,
				  .slowdown = 7 * scale,
				  .running = 11 * scale,
				  .busy = 13 * scale,
				  .gpu_busy = 17 * scale};

	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
			p.latency[m].at[s] = scale * (100 + 10 * m + s);
			p.latency[m].hi[s] = scale * (200 + 10 * m + s);
		}
		p.latency[m].lo = scale * (50 + m);
	}
	return p;
}

static void check_same(const struct sw_prediction *p, const struct sw_prediction *q)
{
	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
			CHECK_NEAR(p->latency[m].at[s], q->latency[m].at[s], 1e-6);
			CHECK_NEAR(p->latency[m].hi[s], q->latency[m].hi[s], 1e-6);
		}
		CHECK_NEAR(p->latency[m].lo, q->latency[m].lo, 1e-6);
	}
	CHECK_NEAR(p->requests_per_s, q->requests_per_s, 1e-6);
	CHECK_NEAR(p->output_tokens_per_s, q->output_tokens_per_s, 1e-6);
	CHECK_NEAR(p->slowdown, q->slowdown, 1e-6);
	CHECK_NEAR(p->running, q->running, 1e-6);
	CHECK_NEAR(p->busy, q->busy, 1e-6);
	CHECK_NEAR(p->gpu_busy, q->gpu_busy, 1e-6);
}

TEST(a_prediction_becomes_a_row_and_comes_back)
{
	struct sw_prediction p = some(1), back = some(2);
	struct sw__row row;

	sw__row_of(&p, &row);
	sw__row_read(&row, &back);
	check_same(&back, &p);
}

TEST(between_two_rows_every_number_is_between_its_own)
{
	struct sw_prediction p = some(1), q = some(3), expected = some(1.5), found = some(0);
	struct sw__row a, b, between;

	sw__row_of(&p, &a);
	sw__row_of(&q, &b);
	sw__row_between(&a, &b, 0.25F, &between);
	sw__row_read(&between, &found);
	check_same(&found, &expected);
}

TEST(infinite_bounds_stay_so_and_what_does_not_exist_stays_out)
{
	struct sw_prediction p = some(1), q = some(3), found;
	struct sw__row a, b, between;

	q.latency[SW_TTFT].hi[SW_P95] = INFINITY;
	p.latency[SW_TTFT].hi[SW_P99] = q.latency[SW_TTFT].hi[SW_P99] = INFINITY;
	p.latency[SW_TPOT].lo = q.latency[SW_TPOT].lo = NAN;
	sw__row_of(&p, &a);
	sw__row_of(&q, &b);
	sw__row_between(&a, &b, 0.25F, &between);
	sw__row_read(&between, &found);
	CHECK(isinf(found.latency[SW_TTFT].hi[SW_P95]) && isinf(found.latency[SW_TTFT].hi[SW_P99]));
	CHECK(isnan(found.latency[SW_TPOT].lo));
	CHECK_NEAR(found.latency[SW_TTFT].hi[SW_P50], 1.5 * 201, 1e-6);
}

TEST(cells_follow_one_another_and_a_stretch_lies_in_its_own)
{
	CHECK_NEAR(sw__cell_begin(0), 1, 0);
	CHECK_NEAR(sw__cell_begin(SW__CELLS), 32, 0);
	for (size_t i = 0; i < SW__CELLS; i++) {
		float begin = sw__cell_begin(i), end = sw__cell_begin(i + 1);

		CHECK(begin < end);
		CHECK_INT(sw__cell_of(begin).cell, i);
		CHECK_NEAR(sw__cell_of(begin).part, 0, 0);
		CHECK_INT(sw__cell_of(begin + 0.75F * (end - begin)).cell, i);
		CHECK_NEAR(sw__cell_of(begin + 0.75F * (end - begin)).part, 0.75, 1e-6);
	}
	CHECK_INT(sw__cell_of(0.5F).cell, 0);
	CHECK_INT(sw__cell_of(1e9F).cell, SW__CELLS - 1);
	CHECK_INT(sw__cell_of(INFINITY).cell, SW__CELLS - 1);
}

TEST_MAIN()
