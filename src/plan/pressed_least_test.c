// SPDX-License-Identifier: Apache-2.0
#include "plan/pressed_least.h"

#include "plan/brute_force.h"
#include "plan/pressed_division.h"
#include "plan/search_fixture.h"

enum { KINDS = FAKE_FLEET * SW__PRESSURES };

static struct sw__kind_weight weight[KINDS];
static bool no_compute[FAKE_FLEET];

static void random_weights(void)
{
	for (size_t k = 0; k < KINDS; k++) {
		double sum = 0;

		for (int r = 0; r < SW__PARTS; r++)
			sum += weight[k].of[r] = random_between(0, 1);
		for (int r = 0; r < SW__PARTS; r++)
			weight[k].of[r] /= sum;
	}
	for (size_t f = 0; f < FAKE_FLEET; f++)
		no_compute[f] = random_between(0, 1) < 0.3;
}

/* All bins of one way to serve a workload. */
static double price_of_way(struct sw__size *size)
{
	struct sw__parts parts[SW__PRESSURES];
	double least = INFINITY;

	CHECK_INT(sw__pressed_parts(&sizing, size, SW__PRESSURES, parts, &err), SW_OK);
	for (size_t bin = 0; bin < SW__PRESSURES; bin++) {
		const struct sw__kind_weight *w = &weight[size->fleet * SW__PRESSURES + bin];
		double sum = 0;

		if (isinf(parts[bin].of[0]))
			continue;
		for (int r = no_compute[size->fleet]; r < SW__PARTS; r++)
			sum += w->of[r] * parts[bin].of[r];
		least = fmin(least, sum * fake_fleet[size->fleet].price_per_hour);
	}
	return least;
}

/* All ways to serve it on a kind of GPU, each looked at whole. */
static double price_on(size_t workload, size_t fleet)
{
	struct sw__size *size, one;
	double least;

	CHECK_INT(sw__size_fewest(&sizing, workload, fleet, &size, &err), SW_OK);
	if (!size->possible)
		return INFINITY;
	least = price_of_way(size);
	for (unsigned more = 1; size->share_matters && more <= SW__MORE_ENGINES; more++) {
		bool holds = false;

		if (!sw__division_allowed(&fake_asked[workload], size->replicas + more))
			continue;
		CHECK_INT(sw__division_make(&sizing, size, size->replicas + more,
					    sizing.levels[fleet].n - 1, &one, &holds, &err),
			  SW_OK);
		if (holds)
			least = fmin(least, price_of_way(&one));
		sw__division_clear(&sizing, &one);
	}
	return least;
}

TEST(what_is_not_looked_at_is_never_less)
{
	int known = 0;

	for (unsigned seed = 1; seed <= 100; seed++) {
		size_t kind;

		random_problem(seed);
		random_weights();
		open_all();
		kind = seed % (fake_problem.n_fleet * SW__PRESSURES);
		for (size_t w = 0; w < fake_problem.n_workloads; w++) {
			double least = NAN, expected = INFINITY;

			CHECK_INT(sw__pressed_least(&sizing, w, weight, no_compute, &kind, &least,
						    &err),
				  SW_OK);
			for (size_t f = 0; f < fake_problem.n_fleet; f++)
				expected = fmin(expected, price_on(w, f));
			known += isfinite(expected);
			if (isinf(expected))
				CHECK(isinf(least));
			else
				CHECK_NEAR(least, expected, 1e-12);
		}
		close_all();
	}
	CHECK(known > 200);
}

TEST_MAIN()
