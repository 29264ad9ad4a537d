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
			CHECK_INT(sw__priced_item(&sizing, size, &items[kind.n++], &err), SW_OK);
	}
	return kind;
}

static bool set_fits(size_t fleet, unsigned set)
{
	size_t who[BRUTE_WORKLOADS], n = 0;
	double memory = 0;

	for (size_t w = 0; w < fake_problem.n_workloads; w++)
		if (set >> w & 1) {
			who[n++] = w;
			memory += fake_workloads[w].weights_gib + 1;
		}
	return memory <= fake_fleet[fleet].gpu.visible_gib + 1e-9 && brute_levels(fleet, who, n);
}

/* Of all sets that fit by some levels. */
static double brute_worth(size_t fleet, const double *prices)
{
	double best = 0;

	for (unsigned set = 1; set < 1u << fake_problem.n_workloads; set++) {
		double worth = 0;

		for (size_t w = 0; w < fake_problem.n_workloads; w++)
			worth += set >> w & 1 ? prices[w] : 0;
		if (worth > best && set_fits(fleet, set))
			best = worth;
	}
	return best;
}

/* A random problem and prices; what the best set on its first kind of GPU is worth. */
static double start(unsigned seed, double *prices, struct sw__priced_kind *kind)
{
	random_problem(seed);
	for (size_t w = 0; w < BRUTE_WORKLOADS; w++)
		prices[w] = random_between(0.1, 1);
	open_all();
	*kind = kind_of(0);
	return brute_worth(0, prices);
}

TEST(nothing_is_worth_more_than_what_it_finds)
{
	for (unsigned seed = 0; seed < 150; seed++) {
		double prices[BRUTE_WORKLOADS], best;
		struct sw__priced_kind kind;
		struct sw__pricing asked = {
			.prices = prices, .most = 4, .looks = 100000, .nodes = 100000};
		struct sw__priced found;

		best = start(seed, prices, &kind);
		CHECK_INT(sw__price(&groups, &kind, &asked, &found, &err), SW_OK);
		CHECK(found.complete);
		CHECK_NEAR(best > 0 ? found.worth[0] : 0, best, 1e-9);
		CHECK_NEAR(found.bound, best, 1e-9);
		sw__priced_free(&found);
		close_all();
	}
}

/* However early it ends: few sets that the predictor is asked of, few that are looked at. */
TEST(an_early_end_leaves_a_bound)
{
	static const size_t ends[][2] = {{0, 100000}, {1, 100000}, {100000, 0}, {100000, 3}};

	for (unsigned seed = 0; seed < 150; seed++) {
		double prices[BRUTE_WORKLOADS], best;
		struct sw__priced_kind kind;

		best = start(seed, prices, &kind);
		for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
			const struct sw__pricing asked = {.prices = prices,
							  .most = 1,
							  .looks = ends[i][0],
							  .nodes = ends[i][1]};
			struct sw__priced found;

			CHECK_INT(sw__price(&groups, &kind, &asked, &found, &err), SW_OK);
			CHECK(found.bound >= best * (1 - 1e-9));
			sw__priced_free(&found);
		}
		close_all();
	}
}

/* All sets that hold their limits, each once. */
TEST(all_are_all)
{
	for (unsigned seed = 0; seed < 60; seed++) {
		const double prices[BRUTE_WORKLOADS] = {1, 1, 1, 1, 1};
		const struct sw__pricing asked = {
			.prices = prices, .looks = 100000, .nodes = 100000};
		struct sw__priced_kind kind;
		struct sw__priced found;
		size_t expected = 0;

		random_problem(seed);
		open_all();
		kind = kind_of(0);
		for (unsigned set = 1; set < 1u << fake_problem.n_workloads; set++)
			expected += set_fits(0, set);
		CHECK_INT(sw__price(&groups, &kind, &asked, &found, &err), SW_OK);
		CHECK(found.complete);
		CHECK_INT(found.n, expected);
		for (size_t i = 0; i < found.n; i++)
			for (size_t k = 0; k < i; k++)
				CHECK(found.set[i] != found.set[k]);
		sw__priced_free(&found);
		close_all();
	}
}

TEST_MAIN()
