// SPDX-License-Identifier: Apache-2.0
#include "predict/correction.h"

#include <math.h>
#include <string.h>

#include "check.h"

static struct sw_prediction with_bounds(double ttft, double tpot)
{
	struct sw_prediction p = {0};

	for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
		p.latency[SW_TTFT].at[s] = 1 + s;
		p.latency[SW_TPOT].at[s] = 1 + s;
		p.latency[SW_TTFT].hi[s] = ttft * (1 + s);
		p.latency[SW_TPOT].hi[s] = tpot * (1 + s);
	}
	return p;
}

TEST(nothing_known_changes_nothing)
{
	struct sw__correction c = {0};
	struct sw_prediction p = with_bounds(3, 2), before = p;

	sw__correction_apply(&c, 0.3, &p);
	CHECK(memcmp(&p, &before, sizeof(p)) == 0);
	CHECK_NEAR(sw__correction_at(&c, 0.3, SW_TTFT, SW_P95), 1, 0);
}

/* Where it was played, the closed form has the play's bounds; between two shares it lies between them. */
TEST(the_closed_form_says_what_was_played)
{
	struct sw__correction c = {0};
	struct sw_prediction closed = with_bounds(4, 3), played = with_bounds(2, 3.3), p;

	sw__correction_add(&c, 0.2, &closed, &played);
	p = closed;
	sw__correction_apply(&c, 0.2, &p);
	CHECK_NEAR(p.latency[SW_TTFT].hi[SW_P95], played.latency[SW_TTFT].hi[SW_P95], 1e-12);
	CHECK_NEAR(p.latency[SW_TPOT].hi[SW_P99], played.latency[SW_TPOT].hi[SW_P99], 1e-12);
	CHECK_NEAR(p.latency[SW_TTFT].at[SW_P95], closed.latency[SW_TTFT].at[SW_P95], 0);
	CHECK_NEAR(sw__correction_at(&c, 0.9, SW_TTFT, SW_MEAN), 0.5, 1e-12);

	/* At 0.8, by the correction so far, it says 4 x 0.5; a play says 4. */
	closed = with_bounds(2, 3.3);
	played = with_bounds(4, 3.3);
	sw__correction_add(&c, 0.8, &closed, &played);
	CHECK_NEAR(sw__correction_at(&c, 0.8, SW_TTFT, SW_MEAN), 1, 1e-12);
	CHECK_NEAR(sw__correction_at(&c, 0.4, SW_TTFT, SW_MEAN), sqrt(0.5), 1e-12);
	CHECK_NEAR(sw__correction_at(&c, 0.01, SW_TTFT, SW_MEAN), 0.5, 1e-12);
}

TEST(what_has_no_bound_keeps_what_is_known)
{
	struct sw__correction c = {0};
	struct sw_prediction closed = with_bounds(INFINITY, 2), played = with_bounds(2, INFINITY);

	sw__correction_add(&c, 0.5, &closed, &played);
	CHECK_NEAR(sw__correction_at(&c, 0.5, SW_TTFT, SW_P95), 1, 1e-12);
	CHECK_NEAR(sw__correction_at(&c, 0.5, SW_TPOT, SW_P95), 8, 1e-12); /* as much as any */
	played = with_bounds(NAN, NAN);
	closed = with_bounds(2, 2);
	sw__correction_add(&c, 0.5, &closed, &played);
	CHECK_NEAR(sw__correction_at(&c, 0.5, SW_TPOT, SW_P95), 8, 1e-12);
	CHECK_INT(c.n, 1);
}

/* What was guessed counts until something is known, and is in what the closed form said. */
TEST(a_guess_gives_way_to_what_is_played)
{
	struct sw__correction c = {.guessed = true, .n = 1, .at = {{.log_share = 0}}};
	struct sw_prediction closed = with_bounds(2, 2), played = with_bounds(3, 2);

	c.at[0].by[SW_TTFT][SW_MEAN] = log(0.5);
	sw__correction_add(&c, 0.2, &closed, &played);
	CHECK(!c.guessed);
	CHECK_INT(c.n, 1);
	CHECK_NEAR(sw__correction_at(&c, 1, SW_TTFT, SW_MEAN), 0.75, 1e-12);
}

TEST(many_shares_are_kept_in_order_and_some_give_way)
{
	struct sw__correction c = {0};

	for (int i = 0; i < 100; i++) {
		struct sw_prediction closed = with_bounds(4, 4), played = with_bounds(4, 4);

		sw__correction_add(&c, 0.01 + 0.0099 * (i * 37 % 100), &closed, &played);
	}
	CHECK_INT(c.n, SW__CORRECTIONS_MOST);
	for (size_t i = 1; i < c.n; i++)
		CHECK(c.at[i].log_share > c.at[i - 1].log_share);
}

TEST(factors_of_a_file_are_put_as_they_are)
{
	struct sw__correction c = {0};
	double factor[SW_METRIC_COUNT][SW_STATISTIC_COUNT] = {{0.5, 0.6, 0.7, NAN}, {2, 2, 2, 2}};
	struct sw_prediction p = with_bounds(4, 4);

	sw__correction_put(&c, 0.3, factor);
	CHECK_NEAR(sw__correction_at(&c, 0.3, SW_TTFT, SW_P95), 0.7, 1e-12);
	CHECK_NEAR(sw__correction_at(&c, 0.3, SW_TTFT, SW_P99), 1, 1e-12);
	sw__correction_apply(&c, 0.3, &p);
	CHECK_NEAR(p.latency[SW_TPOT].hi[SW_MEAN], 8, 1e-12);
	for (int s = SW_P95; s <= SW_P99; s++)
		CHECK(p.latency[SW_TTFT].hi[s] >= p.latency[SW_TTFT].hi[s - 1]);
	/* Half of a bound is below what the closed form expects, which then is too high itself. */
	p = with_bounds(1.1, 1.1);
	sw__correction_apply(&c, 0.3, &p);
	CHECK_NEAR(p.latency[SW_TTFT].hi[SW_MEAN], 0.55, 1e-12);
	CHECK_NEAR(p.latency[SW_TTFT].at[SW_MEAN], 0.55, 1e-12);
}

TEST_MAIN()
