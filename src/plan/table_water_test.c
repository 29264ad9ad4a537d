// SPDX-License-Identifier: Apache-2.0
#include "plan/table_water.h"

#include "plan/planner.h"
#include "plan/table_fixture.h"

static struct sw_error err;

/* 100 a slice, 240 two: 500 take 2 + 2 + 1 = 5 slices of 7; on the other GPU one of two for 3 each. */
TEST(whole_slices_where_they_are_cheapest)
{
	static const double best_at_two[] = {100, 240, 330, 440, 700};
	struct sw__table_cover c;
	const bool served[] = {true, true}, one[] = {true, false};
	double per_hour;

	fake_reset();
	fake_add_mig(2);
	fake_add_gpu(SW_EXCLUSIVE, 100, 40, 1, 3);
	(void)fake_add_table(500, best_at_two);
	(void)fake_add_table(90, best_at_two);
	CHECK_INT(sw__table_cover_of(&fake_problem, NULL, &c, &err), SW_OK);
	CHECK_INT(sw__tables_water(&c, one, &per_hour, &err), SW_OK);
	CHECK_NEAR(per_hour, 2 * 5 / 7.0, 1e-9);
	CHECK_INT(sw__tables_water(&c, served, &per_hour, &err), SW_OK);
	CHECK_NEAR(per_hour, 2 * 6 / 7.0, 1e-9);
	sw__table_cover_free(&c);
}

/* Never above what the search finds. */
TEST(below_every_plan)
{
	unsigned seed = 9;

	for (int i = 0; i < 20; i++) {
		struct sw__table_cover c;
		bool served[3] = {true, true, true};
		struct sw_plan *plan = NULL;
		double per_hour = 0;

		fake_reset();
		fake_add_mig(2);
		for (int w = 0; w < 3; w++) {
			double t[5];

			for (int k = 0; k < 5; k++) {
				seed = seed * 1103515245U + 12345U;
				t[k] = 50 + (seed >> 16) % 400;
			}
			(void)fake_add_table(40 + (seed >> 8) % 900, t);
		}
		CHECK_INT(sw__plan_solve(&fake_problem, &fake_oracle, NULL, &plan, &err), SW_OK);
		CHECK_INT(sw__table_cover_of(&fake_problem, NULL, &c, &err), SW_OK);
		CHECK_INT(sw__tables_water(&c, served, &per_hour, &err), SW_OK);
		CHECK(plan && per_hour <= plan->cost_per_hour + 1e-9);
		CHECK(per_hour > 0);
		sw__table_cover_free(&c);
		sw_plan_free(plan);
	}
}

TEST_MAIN()
