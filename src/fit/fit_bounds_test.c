// SPDX-License-Identifier: Apache-2.0
#include "fit/fit_bounds.h"

#include <stdlib.h>

#include "base/random.h"
#include "check.h"

TEST(the_bound_is_the_score_of_its_rank)
{
	double nineteen[19], few[] = {3, 1, 2};

	for (int i = 0; i < 19; i++)
		nineteen[i] = 19 - i;
	/* ceil(20 x 0.95) = 19: the largest of 19. */
	CHECK_NEAR(sw__conformal(nineteen, 19, 0.95), 19, 0);
	CHECK_NEAR(sw__conformal(nineteen, 19, 0.5), 10, 0);
	/* ceil(4 x 0.95) = 4 of 3: beyond the largest, by as much as that is from the middle. */
	CHECK_NEAR(sw__conformal(few, 3, 0.95), 4, 0);
	CHECK(isnan(sw__conformal(few, 0, 0.95)));
}

/* Of exchangeable scores the next one lies below with at least the probability asked for, whatever their distribution. */
TEST(the_next_score_lies_below_as_often_as_it_should)
{
	struct sw__random r = sw__random_make(5, 5);
	const int trials = 4000;
	int below = 0;

	for (int t = 0; t < trials; t++) {
		double scores[40];

		for (int i = 0; i < 40; i++)
			scores[i] = exp(2 * sw__random_normal(&r));
		below += exp(2 * sw__random_normal(&r)) <= sw__conformal(scores, 40, 0.95);
	}
	/* ceil(41 x 0.95) / 41 = 39 / 41 = 0.951; four standard deviations are 0.014. */
	CHECK(fabs((double)below / trials - 39.0 / 41) < 0.014);
}

/* A group of mixes of one engine under hami, `eager` of them without graphs, whose latencies are exp(spread x a number between -1 and
 * 1) times what is predicted: free ones by 0.1, held ones by 0.5. */
enum { MIXES = 100 };

struct grouped {
	struct sw_mix mix[MIXES];
	struct sw_tenant tenant[MIXES];
	struct sw__case_engine engine[MIXES];
	struct sw__logs measured[MIXES];
	struct sw__case at[MIXES];
	struct sw__vector_group vector_group;
	double without[MIXES * SW_TENANTS_MAX * SW_METRIC_COUNT];
};

static struct sw__cases grouped_cases(struct grouped *g, int eager)
{
	for (int i = 0; i < MIXES; i++) {
		bool held = i < eager;
		double away = (held ? 0.5 : 0.1) * ((i * 37 % MIXES) / (MIXES / 2.0) - 1);

		g->tenant[i].slice = (struct sw_slice){.mechanism = SW_HAMI, .share = 0.5};
		g->tenant[i].engine.cuda_graphs = !held;
		g->mix[i] = (struct sw_mix){.mechanism = SW_HAMI, .n = 1, .tenants = &g->tenant[i]};
		g->engine[i].measured = &g->measured[i];
		for (int m = 0; m < SW_METRIC_COUNT; m++)
			for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
				g->measured[i].at[m][s] = away;
				g->engine[i].difficulty[m][s] = 1;
				g->engine[i].quick_difficulty[m][s] = 0.5;
			}
		g->at[i] =
			(struct sw__case){.mix = &g->mix[i], .repeats = 1, .engine = &g->engine[i]};
	}
	return (struct sw__cases){
		.n = MIXES, .at = g->at, .vector = {.n_groups = 1, .group = &g->vector_group}};
}

static void bounds_of_grouped(int eager, struct sw__fit_group *out)
{
	struct grouped *g = calloc(1, sizeof(*g));
	struct sw__cases cases = grouped_cases(g, eager);
	sw_fit fit = {.n_groups = 1, .groups = out};
	struct sw_error err = {SW_OK, ""};

	*out = (struct sw__fit_group){.mechanism = SW_HAMI};
	CHECK_INT(sw__fit_bounds(&cases, g->without, &fit, NULL, &err), SW_OK);
	free(g);
}

TEST(engines_that_are_held_and_others_have_bounds_of_their_own)
{
	struct sw__fit_group group;

	bounds_of_grouped(50, &group);
	CHECK(group.bound[SW__BOUND_HELD][SW_TTFT][SW_P95].upper > 0.4);
	CHECK(group.bound[SW__BOUND_HELD][SW_TTFT][SW_P95].upper <= 0.5);
	CHECK(group.bound[SW__BOUND_FREE][SW_TTFT][SW_P95].upper > 0.08);
	CHECK(group.bound[SW__BOUND_FREE][SW_TTFT][SW_P95].upper <= 0.1);
	/* Half the difficulty, twice the factor. */
	CHECK_NEAR(group.quick_bound[SW__BOUND_HELD][SW_TPOT][SW_MEAN].upper,
		   2 * group.bound[SW__BOUND_HELD][SW_TPOT][SW_MEAN].upper, 1e-12);
	CHECK_INT(group.bound_rows, MIXES);
}

TEST(few_of_a_kind_have_the_bounds_of_all)
{
	struct sw__fit_group few, none;

	bounds_of_grouped(30, &few);
	bounds_of_grouped(0, &none);
	for (int s = 0; s < SW_STATISTIC_COUNT; s++)
		CHECK_NEAR(none.bound[SW__BOUND_HELD][SW_TTFT][s].upper,
			   none.bound[SW__BOUND_FREE][SW_TTFT][s].upper, 0);
	/* Of all, among them some far off. */
	CHECK(few.bound[SW__BOUND_HELD][SW_TTFT][SW_P95].upper > 0.15);
	CHECK(few.bound[SW__BOUND_FREE][SW_TTFT][SW_P95].upper <= 0.1);
}

TEST_MAIN()
