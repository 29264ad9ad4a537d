// SPDX-License-Identifier: Apache-2.0
#include "plan/parvagpu_tables.h"

#include "plan/planner.h"
#include "plan/table_fixture.h"

static struct sw_error err;

static struct sw_plan *solve(const char *strategy)
{
	struct sw_plan *plan = NULL;

	CHECK_INT(sw__plan_solve(&fake_problem, &fake_oracle, strategy, &plan, &err), SW_OK);
	return plan;
}

/* Best per slice: 2g with 120 a slice. 500 = 2 x 240 and the rest of 20 on 1g. */
TEST(segments_by_throughput_per_slice_and_a_smaller_last)
{
	static const double best_at_two[] = {100, 240, 330, 440, 700};
	struct sw_plan *plan;
	unsigned twos = 0, ones = 0;

	fake_reset();
	fake_add_mig(2);
	(void)fake_add_table(500, best_at_two);
	plan = solve("parvagpu");
	if (!plan)
		return;
	CHECK_INT(plan->n_gpus, 1);
	for (size_t k = 0; k < plan->gpus[0].n; k++) {
		twos += fabs(plan->gpus[0].tenants[k].share - 2.0 / 7) < 1e-9;
		ones += fabs(plan->gpus[0].tenants[k].share - 1.0 / 7) < 1e-9;
	}
	CHECK_INT(twos, 2);
	CHECK_INT(ones, 1);
	CHECK_INT(plan->gpus[0].n, 3);
	sw_plan_free(plan);
}

/* Three tables that want 3g each: not two of them on one GPU, where a slice would be lost, unless the last is cut smaller. */
TEST(a_hardly_used_gpu_is_cut_smaller_for_the_gaps)
{
	static const double best_at_three[] = {100, 200, 400, 500, 700};
	struct sw_plan *plan;

	fake_reset();
	fake_add_mig(2);
	for (int i = 0; i < 3; i++)
		(void)fake_add_table(390, best_at_three);
	plan = solve("parvagpu");
	CHECK(plan && plan->n_gpus == 2);
	sw_plan_free(plan);
}

/* Never better than the search, on problems of any kind. */
TEST(the_search_needs_no_more)
{
	unsigned seed = 5, fewer = 0;

	for (int i = 0; i < 25; i++) {
		struct sw_plan *theirs, *ours;

		fake_reset();
		fake_add_mig(2);
		for (int w = 0; w < 4; w++) {
			double t[5], each = 80;

			for (int k = 0; k < 5; k++) {
				static const double slices[] = {1, 2, 3, 4, 7};

				seed = seed * 1103515245U + 12345U;
				t[k] = each * slices[k] * (0.7 + (seed >> 16) % 100 / 150.0);
			}
			seed = seed * 1103515245U + 12345U;
			(void)fake_add_table(50 + (seed >> 16) % 700, t);
		}
		theirs = solve("parvagpu");
		ours = solve("slicewise");
		if (!CHECK(theirs && ours))
			return;
		CHECK(ours->n_gpus <= theirs->n_gpus);
		CHECK(theirs->bound_cost_per_hour <= ours->cost_per_hour + 1e-9);
		fewer += ours->n_gpus < theirs->n_gpus;
		sw_plan_free(theirs);
		sw_plan_free(ours);
	}
	CHECK(fewer > 0);
}

TEST_MAIN()
