// SPDX-License-Identifier: Apache-2.0
/* What is refuted holds by no levels; and what is not, by those that come out. */
#include "plan/least_levels.h"

#include "plan/brute_force.h"
#include "plan/search_fixture.h"

static size_t pick(unsigned set, size_t *who)
{
	size_t n = 0;

	for (size_t w = 0; w < fake_problem.n_workloads; w++)
		if (set >> w & 1)
			who[n++] = w;
	return n;
}

/* From the levels that they need alone; false: some cannot run there, or not together by these. */
static bool engines_of(const size_t *who, size_t n, struct sw__size **engines, unsigned char *level)
{
	double share = 0;

	for (size_t i = 0; i < n; i++) {
		CHECK_INT(sw__size_get(&sizing, who[i], 0, 1, &engines[i], &err), SW_OK);
		if (!engines[i]->possible)
			return false;
		level[i] = (unsigned char)engines[i]->alone;
		share += engines[i]->share_matters
				 ? sw__size_share(&sizing, engines[i], engines[i]->alone)
				 : 0;
	}
	return share <= 1;
}

TEST(it_agrees_with_all_levels)
{
	size_t refuted = 0, held = 0;

	for (unsigned seed = 0; seed < 100; seed++) {
		random_problem(seed);
		for (size_t w = 0; w < fake_problem.n_workloads; w++)
			fake_workloads[w].weights_gib = 1;
		open_all();
		for (unsigned set = 1; set < 1u << fake_problem.n_workloads; set++) {
			size_t who[BRUTE_WORKLOADS], n = pick(set, who);
			struct sw__size *engines[BRUTE_WORKLOADS];
			unsigned char level[BRUTE_WORKLOADS];
			bool holds;

			if (!engines_of(who, n, engines, level))
				continue;
			CHECK_INT(sw__least_levels(&sizing, 0, engines, level, n, &holds, &err),
				  SW_OK);
			CHECK_INT(holds, brute_levels(0, who, n));
			*(holds ? &held : &refuted) += 1;
		}
		close_all();
	}
	CHECK(refuted > 50 && held > 50);
}

TEST_MAIN()
