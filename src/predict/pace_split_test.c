// SPDX-License-Identifier: Apache-2.0
#include "predict/pace.h"

#include "check.h"

static double weights(const struct sw__pace_split *s)
{
	double sum = 0;

	for (size_t i = 0; i < s->n_levels; i++)
		sum += s->level[i].weight;
	for (size_t i = 0; i < s->n_lines; i++)
		sum += s->line[i].weight;
	return sum;
}

TEST(levels_within_the_capacity)
{
	struct sw__pace pace = {.n = 4, .factor = {0.5F, 1.5F, 1.5F, 0.5F}};
	struct sw__pace_split s;

	sw__pace_split(&pace, 10, 100, 7, &s);
	CHECK(s.n_levels == 2 && s.n_lines == 0);
	CHECK_NEAR(s.level[0].rate, 5, 1e-12);
	CHECK_NEAR(s.level[1].rate, 15, 1e-12);
	CHECK_NEAR(s.level[0].weight, 0.25, 1e-12);
	CHECK_NEAR(s.level[1].weight, 0.75, 1e-12);
	CHECK_NEAR(s.level[0].time, 0.5, 1e-12);
	CHECK_NEAR(s.line_time, 0, 0);
}

/* Two windows of 10 s at capacity 10: 15 per s come in the first, 5 per s in the second. The line grows to 50 and is gone
 * at the end of the second; whoever comes waits up to 5 s, evenly. */
TEST(a_line_grows_and_goes)
{
	struct sw__pace pace = {.n = 2, .factor = {1.5F, 0.5F}};
	struct sw__pace_split s;
	double mean = 0;

	sw__pace_split(&pace, 9.9999999, 10, 10, &s);
	CHECK(s.n_lines == SW__PACE_LINES);
	CHECK_NEAR(weights(&s), 1, 1e-6);
	CHECK_NEAR(s.line[s.n_lines - 1].high, 5, 1e-5);
	for (size_t i = 0; i < s.n_lines; i++) {
		CHECK_NEAR(s.line[i].weight, 1.0 / SW__PACE_LINES, 1e-5);
		mean += s.line[i].weight * 0.5 * (s.line[i].low + s.line[i].high);
	}
	CHECK_NEAR(mean, 2.5, 1e-5);
	CHECK_NEAR(s.line_time, 1, 1e-6);
}

/* The line of 50 is served at 10 - 2.5 per s: gone after 6.67 of 10 s; the rest of the window is steady. */
TEST(the_rest_of_a_window_is_steady)
{
	struct sw__pace pace = {.n = 2, .factor = {1.7142857F, 0.2857143F}};
	struct sw__pace_split s;

	sw__pace_split(&pace, 8.75, 10, 10, &s);
	CHECK_NEAR(s.line_time, 0.5 + 0.5 * 2 / 3, 1e-4);
	CHECK(s.n_levels == 1);
	CHECK_NEAR(s.level[0].rate, 2.5, 1e-4);
	CHECK_NEAR(s.level[0].time, 0.5 / 3, 1e-4);
	CHECK_NEAR(weights(&s), 1, 1e-6);
}

TEST(windows_without_requests)
{
	struct sw__pace pace = {.n = 3, .factor = {3, 0, 0}};
	struct sw__pace_split s;

	sw__pace_split(&pace, 1, 100, 1, &s);
	CHECK(s.n_levels == 1 && s.n_lines == 0);
	CHECK_NEAR(s.level[0].rate, 3, 1e-12);
	CHECK_NEAR(weights(&s), 1, 1e-12);
}

TEST_MAIN()
