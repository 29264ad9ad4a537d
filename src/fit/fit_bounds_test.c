// SPDX-License-Identifier: Apache-2.0
#include "fit/fit_bounds.h"

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

TEST_MAIN()
