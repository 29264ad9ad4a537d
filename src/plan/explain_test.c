// SPDX-License-Identifier: Apache-2.0
#include "plan/explain.h"

#include "check.h"
#include "plan/fake_oracle.h"
#include "plan/planner.h"

static struct sw_error err;

static const struct fake_workload engine = {
	.base_ms = 5, .work = 0.01, .push = 0.2, .weights_gib = 3};

static struct sw_plan *solve(void)
{
	struct sw_plan *plan;

	(void)sw__plan_solve(&fake_problem, &fake_oracle, NULL, &plan, &err);
	CHECK_INT(fake_prepared, 0);
	return plan;
}

TEST(a_slice_is_explained_by_its_limit_and_by_what_less_would_do)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_workload(engine, 10, 20);
	plan = solve();
	CHECK_STR(plan ? plan->gpus[0].tenants[0].binds : "",
		  "tpot_p95 bound 19.51 of 20 ms; at share 0.18 tpot_p95 bound 21.31 of 20 ms");
	CHECK_STR(plan ? plan->workloads[0].why : "",
		  "on g0/0 alone: tpot_p95 bound 19.51 of 20 ms; at share 0.18 tpot_p95 bound "
		  "21.31 of 20 ms");
	sw_plan_free(plan);
	fake_fleet[0].mechanism = SW_TIMESLICE;
	plan = solve();
	CHECK_STR(plan ? plan->gpus[0].tenants[0].binds : "",
		  "tpot_p95 bound 5.665 of 20 ms; the share has no effect");
	sw_plan_free(plan);
	fake_fleet[0].mechanism = SW_EXCLUSIVE;
	fake_asked[0].slo.bound_ms[SW_TPOT][SW_P95] = NAN;
	plan = solve();
	CHECK_STR(plan ? plan->gpus[0].tenants[0].binds : "", "no limits");
	sw_plan_free(plan);
}

TEST(neighbours_are_named_up_to_a_number)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, 200, 40, 1, 2);
	for (int i = 0; i < 7; i++)
		fake_add_workload((struct fake_workload){5, 0.001, 0.05, 1}, 1, 60);
	plan = solve();
	CHECK(plan && strstr(plan->workloads[0].why, "beside w1, w2, w3, w4 and 2 more: "));
	CHECK(plan && strstr(plan->workloads[0].why, "neighbours slow it down 1.0"));
	sw_plan_free(plan);
}

TEST(reasons_for_what_has_no_place)
{
	static const struct {
		double rate, tpot, weights_gib;
		unsigned replicas;
		const char *why;
	} cases[] = {
		{10, 5, 3, 0,
		 "no GPU of the fleet can serve it; alone on a whole g0, nearly idle: tpot_p95 "
		 "bound 5.5 of 5 ms"},
		{10, 20, 50, 0,
		 "no GPU of the fleet can serve it; alone on a whole g0: w0 needs 51.00 GiB"},
		{300, 20, 3, 2,
		 "no GPU of the fleet can serve it; alone on a whole g0, with its load divided by "
		 "2: overload"},
		{90, 6.9, 3, 1,
		 "no GPU of the fleet can serve it; alone on a whole g0: tpot_p95 bound 6.985 of "
		 "6.9 ms"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake_workload w = engine;
		struct sw_plan *plan;

		w.weights_gib = cases[i].weights_gib;
		fake_reset();
		fake_add_gpu(SW_MPS, 100, 40, 1, 2);
		fake_add_workload(w, cases[i].rate, cases[i].tpot)->replicas = cases[i].replicas;
		plan = solve();
		CHECK_STR(plan ? plan->workloads[0].why : "", cases[i].why);
		sw_plan_free(plan);
	}
}

TEST(a_full_fleet_says_what_found_no_place)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2)->count = 1;
	fake_add_workload(engine, 10, 8);
	fake_add_workload(engine, 10, 20)->replicas = 2;
	plan = solve();
	/* One and a half of the workloads are more than one. */
	CHECK(plan && plan->workloads[0].met && !plan->workloads[1].met);
	CHECK(plan && strstr(plan->workloads[1].why,
			     "the fleet has no room left: of 2 engines (each share "));
	CHECK(plan && strstr(plan->workloads[1].why, "1 found a place"));
	sw_plan_free(plan);
}

TEST_MAIN()
