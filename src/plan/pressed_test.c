// SPDX-License-Identifier: Apache-2.0
#include "plan/pressed.h"

#include "plan/search_fixture.h"

/* The least level at which an engine holds beside neighbours that push so much, by trying all. */
static size_t lowest_level(const struct sw__size *size, double total)
{
	const struct fake_workload *w = &fake_workloads[size->workload];
	const struct sw__levels *levels = &sizing.levels[size->fleet];

	for (size_t level = 0; level < levels->n; level++) {
		double share = levels->level[level].share, own = w->push * share;
		double busy = size->tenant.load.rate * w->work / share;
		double tpot = w->base_ms / pow(share, 0.7) * (1 + 0.3 * busy) *
			      (1 + fmax(0, total - own));

		if (busy < 1 && 1.1 * tpot <= size->tenant.slo.bound_ms[SW_TPOT][SW_P95])
			return level;
	}
	return levels->n;
}

TEST(slices_grow_with_the_pressure_as_far_as_they_must)
{
	struct sw__parts parts[SW__PRESSURES];
	struct sw__size *size;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	for (int i = 0; i < 6; i++)
		fake_add_workload((struct fake_workload){4 + i, 0.005, 0.3 * i, 2}, 10, 18 + 2 * i);
	open_all();
	for (size_t w = 0; w < fake_problem.n_workloads; w++) {
		CHECK_INT(sw__size_fewest(&sizing, w, 0, &size, &err), SW_OK);
		if (!CHECK(size->possible))
			continue;
		CHECK_INT(sw__pressed_parts(&sizing, size, SW__PRESSURES, parts, &err), SW_OK);
		for (size_t bin = 0; bin < SW__PRESSURES; bin++) {
			size_t level = lowest_level(size, sw__pressure_edge(bin));

			if (level < sizing.levels[0].n)
				CHECK_NEAR(parts[bin].of[0], sizing.levels[0].level[level].share,
					   1e-12);
			else
				CHECK(isinf(parts[bin].of[0]));
		}
		CHECK_NEAR(parts[0].of[1], 3.0 / 40, 1e-12);
		CHECK_NEAR(parts[0].of[2], 1.0 / 8, 1e-12);
		CHECK_NEAR(parts[0].of[3],
			   fake_workloads[w].push * parts[0].of[0] / sw__pressure_edge(1), 1e-9);
		CHECK_NEAR(parts[SW__PRESSURES - 1].of[3], 0, 0);
	}
	close_all();
}

TEST(bins_that_are_not_looked_at_ask_for_no_less)
{
	struct sw__parts looked[SW__PRESSURES], alone[SW__PRESSURES];
	struct sw__size *size;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_workload((struct fake_workload){5, 0.005, 0.5, 2}, 10, 22);
	open_all();
	CHECK_INT(sw__size_fewest(&sizing, 0, 0, &size, &err), SW_OK);
	CHECK_INT(sw__pressed_parts(&sizing, size, SW__PRESSURES, looked, &err), SW_OK);
	CHECK_INT(sw__pressed_parts(&sizing, size, 1, alone, &err), SW_OK);
	for (size_t bin = 0; bin < SW__PRESSURES; bin++) {
		CHECK_NEAR(alone[bin].of[0], alone[0].of[0], 0);
		CHECK(alone[bin].of[0] <= looked[bin].of[0]);
	}
	close_all();
}

TEST_MAIN()
