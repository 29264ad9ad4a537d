// SPDX-License-Identifier: Apache-2.0
/* The set that is worth most, against all sets. */
#include "plan/pricing.h"

#include "plan/brute_force.h"
#include "plan/search_fixture.h"

static struct sw__priced_item items[BRUTE_WORKLOADS];

static struct sw__priced_kind kind_of(size_t fleet)
{
	struct sw__priced_kind kind = {.fleet = fleet, .item = items};

	for (size_t w = 0; w < fake_problem.n_workloads; w++) {
		struct sw__size *size;

		CHECK_INT(sw__size_get(&sizing, w, fleet, 1, &size, &err), SW_OK);
		if (size->possible)
			items[kind.n++] = sw__priced_item(&sizing, size);
	}
	return kind;
}

/* Of all sets that fit by some levels. */
static double brute_worth(size_t fleet, const double *prices)
{
	double best = 0;

	for (unsigned set = 1; set < 1u << fake_problem.n_workloads; set++) {
		size_t who[BRUTE_WORKLOADS], n = 0;
		double memory = 0, worth = 0;

		for (size_t w = 0; w < fake_problem.n_workloads; w++)
			if (set >> w & 1) {
				who[n++] = w;
				memory += fake_workloads[w].weights_gib + 1;
				worth += prices[w];
			}
		if (worth > best && memory <= fake_fleet[fleet].gpu.visible_gib + 1e-9 &&
		    brute_levels(fleet, who, n))
			best = worth;
	}
	return best;
}

TEST(nothing_is_worth_more_than_what_it_finds)
{
	for (unsigned seed = 0; seed < 150; seed++) {
		double prices[BRUTE_WORKLOADS], best;
		struct sw__priced_kind kind;
		struct sw__priced found, early;

		random_problem(seed);
		for (size_t w = 0; w < BRUTE_WORKLOADS; w++)
			prices[w] = random_between(0.1, 1);
		open_all();
		kind = kind_of(0);
		best = brute_worth(0, prices);
		/* Not to be full of sets before the best: only what is worth nearly as much. */
		CHECK_INT(sw__price(&groups, &kind, prices, 0.99 * best, 100000, &found, &err),
			  SW_OK);
		CHECK_NEAR(best > 0 ? found.worth[0] : 0, best, 1e-9);
		CHECK_NEAR(found.bound, best, 1e-9);
		CHECK_INT(sw__price(&groups, &kind, prices, 0, 2, &early, &err), SW_OK);
		CHECK(early.bound >= best * (1 - 1e-9)); /* however early it ends */
		close_all();
	}
}

TEST_MAIN()
