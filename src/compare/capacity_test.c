// SPDX-License-Identifier: Apache-2.0
#include "compare/capacity.h"

#include "compare/compare_fixture.h"

static const char fleet[] = "fleet:\n"
			    "  - {gpu: l40s, mechanism: mps, price_per_hour: 0.86}\n"
			    "  - {gpu: l4, mechanism: mps, price_per_hour: 100}\n" TWO_WORKLOADS;

static bool planned_at(const struct compare_fixture *f, size_t workload, double amount)
{
	struct sw_workload one = f->problem->workloads[workload];
	struct sw_problem problem = *f->problem;
	struct sw_plan *plan = NULL;
	enum sw_status st;

	one.replicas = 1;
	one.window_s = 0;
	one.load = sw__load_of_amount(&one.load, amount);
	problem.n_workloads = problem.n_fleet = 1;
	problem.workloads = &one;
	st = sw_plan_solve(f->catalog, &problem, "exclusive", &plan, NULL);
	sw_plan_free(plan);
	return st == SW_OK;
}

/* A hundredth more is too much, a hundredth less is not. */
TEST(one_gpu_holds_it_and_hardly_more)
{
	struct sw_compared_capacity capacity[2];
	struct compare_fixture f;

	compare_fixture_open(&f, fleet);
	CHECK_INT(sw__capacities(f.catalog, f.problem, 2, capacity, NULL), SW_OK);
	CHECK_INT(capacity[0].fleet, 0);
	CHECK(planned_at(&f, 0, 0.99 * capacity[0].amount));
	CHECK(!planned_at(&f, 0, 1.01 * capacity[0].amount));
	CHECK(capacity[1].amount == floor(capacity[1].amount));
	CHECK(planned_at(&f, 1, capacity[1].amount));
	CHECK(!planned_at(&f, 1, capacity[1].amount + 1));
	compare_fixture_close(&f);
}

TEST(it_does_not_depend_on_where_one_begins)
{
	struct compare_fixture f;
	double from_here = 0, from_far = 0;

	compare_fixture_open(&f, fleet);
	CHECK_INT(sw__capacity_on(f.catalog, f.problem, 0, 0, &from_here, NULL), SW_OK);
	f.problem->workloads[0].load.rate = 500;
	CHECK_INT(sw__capacity_on(f.catalog, f.problem, 0, 0, &from_far, NULL), SW_OK);
	CHECK_NEAR(from_far, from_here, 2e-3);
	compare_fixture_close(&f);
}

TEST(what_is_never_held_has_none)
{
	struct compare_fixture f;
	double amount = 1;

	compare_fixture_open(&f, fleet);
	f.problem->workloads[0].slo.bound_ms[SW_TPOT][SW_P95] = 0.01;
	CHECK_INT(sw__capacity_on(f.catalog, f.problem, 0, 0, &amount, NULL), SW_OK);
	CHECK_NEAR(amount, 0, 0);
	f.problem->workloads[1].slo.bound_ms[SW_TTFT][SW_P95] = 0.01;
	CHECK_INT(sw__capacity_on(f.catalog, f.problem, 1, 0, &amount, NULL), SW_OK);
	CHECK_NEAR(amount, 0, 0);
	compare_fixture_close(&f);
}

TEST(loads_of_another_amount)
{
	const struct sw_trace trace = {0};
	const struct sw_load poisson = {.rate = 2, .concurrency = NAN};
	const struct sw_load closed = {.rate = NAN, .concurrency = 8};
	const struct sw_load traced = {.rate = 2,
				       .concurrency = NAN,
				       .trace = &trace,
				       .trace_once = true,
				       .trace_stretch = 3};
	struct sw_load out = sw__load_of_amount(&traced, 6);

	CHECK_NEAR(sw__load_of_amount(&poisson, 6).rate, 6, 0);
	CHECK_NEAR(sw__load_of_amount(&closed, 2.6).concurrency, 3, 0);
	CHECK_NEAR(sw__load_of_amount(&closed, 0.2).concurrency, 1, 0);
	CHECK_NEAR(out.trace_stretch, 1, 1e-12);
	CHECK(!out.trace_once && out.rate == 6);
}

TEST_MAIN()
