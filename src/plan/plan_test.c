// SPDX-License-Identifier: Apache-2.0
/* The planner against brute force, with engines that are a line of arithmetic. */
#include "plan/planner.h"

#include "check.h"
#include "plan/brute_force.h"
#include "plan/fake_oracle.h"
#include "plan/levels.h"
#include "plan/verify.h"

static struct sw_error err;

static struct sw_plan *solve(const char *strategy, enum sw_status expected)
{
	struct sw_plan *plan;
	enum sw_status st = sw__plan_solve(&fake_problem, &fake_oracle, strategy, &plan, &err);

	if (!CHECK(st == expected))
		printf("    status %d: %s\n", st, st == SW_OK ? "" : err.message);
	CHECK_INT(fake_prepared, 0);
	return plan;
}

static const struct fake_workload small = {
	.base_ms = 5, .work = 0.01, .push = 0.2, .weights_gib = 3};

TEST(one_engine_gets_the_smallest_slice_that_holds)
{
	struct sw_plan *plan;
	const struct sw_placement *p;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_workload(small, 10, 20);
	plan = solve(NULL, SW_OK);
	if (!plan)
		return;
	CHECK_INT(plan->n_gpus, 1);
	p = &plan->gpus[0].tenants[0];
	/* 5.5 / s^0.7 * (1 + 0.03 / s) <= 20 from s = 0.188 on: 20 of 100 SMs in pairs, 0.2 of the share. */
	CHECK_NEAR(p->share, 0.2, 1e-12);
	CHECK_NEAR(p->memory_gib, 4, 1e-12);
	CHECK_STR(plan->gpus[0].id, "g0/0");
	CHECK(plan->workloads[0].met);
	CHECK_NEAR(plan->cost_per_hour, 2, 1e-12);
	CHECK_NEAR(plan->bound_cost_per_hour, 2, 1e-12);
	CHECK_NEAR(plan->gap, 0, 0);
	CHECK(strstr(p->binds, "tpot_p95 bound") &&
	      strstr(p->binds, "of 20 ms; at share 0.18 tpot_p95"));
	CHECK(strstr(plan->workloads[0].why, "on g0/0 alone: tpot_p95 bound"));
	sw_plan_free(plan);
}

TEST(neighbours_get_larger_slices_than_alone)
{
	struct sw_plan *plan;
	double alone;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_workload(small, 10, 20);
	plan = solve(NULL, SW_OK);
	alone = plan ? plan->total_share : NAN;
	sw_plan_free(plan);
	fake_add_workload(small, 10, 20);
	fake_add_workload(small, 10, 20);
	plan = solve(NULL, SW_OK);
	if (!plan)
		return;
	CHECK_INT(plan->n_gpus, 1);
	CHECK(plan->total_share > 3 * alone);
	CHECK_NEAR(plan->exclusive_gpus, 3, 0);
	CHECK_NEAR(plan->exclusive_cost_per_hour, 6, 1e-12);
	CHECK(strstr(plan->workloads[1].why, "beside w0, w2"));
	CHECK(strstr(plan->workloads[1].why, "neighbours slow it down"));
	sw_plan_free(plan);
}

TEST(a_heavy_load_is_divided)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_workload(small, 250, 40);
	plan = solve(NULL, SW_OK);
	if (!plan)
		return;
	CHECK_INT(plan->workloads[0].replicas, 3);
	CHECK_NEAR(plan->gpus[0].tenants[0].rate_or_concurrency, 250.0 / 3, 1e-12);
	CHECK(strstr(plan->workloads[0].why, "3 engines"));
	sw_plan_free(plan);
	fake_asked[0].load.rate = NAN;
	fake_asked[0].load.concurrency = 250;
	plan = solve(NULL, SW_OK);
	CHECK(plan && plan->gpus[0].tenants[0].rate_or_concurrency == 84);
	sw_plan_free(plan);
}

TEST(wishes_are_kept)
{
	static char only[1][SW_NAME_MAX] = {"g1"};
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_gpu(SW_TIMESLICE, 100, 40, 1, 5);
	fake_add_workload(small, 10, 20);
	fake_add_workload(small, 10, 20)->isolation = SW_ISOLATION_PROCESS;
	plan = solve(NULL, SW_OK);
	CHECK(plan && plan->n_gpus == 2);
	sw_plan_free(plan);
	fake_asked[1].isolation = SW_ISOLATION_SHARED;
	fake_asked[1].replicas = 2;
	fake_asked[1].spread = true;
	plan = solve(NULL, SW_OK);
	CHECK(plan && plan->n_gpus == 2 && plan->workloads[1].replicas == 2);
	sw_plan_free(plan);
	fake_asked[1].spread = false;
	plan = solve(NULL, SW_OK);
	CHECK(plan && plan->n_gpus == 1);
	sw_plan_free(plan);
	fake_fleet[0].gpus_per_node = 8;
	fake_fleet[0].cores_per_node = 32;
	plan = solve(NULL, SW_OK);
	CHECK(plan && plan->n_gpus == 2);
	sw_plan_free(plan);
	fake_asked[0].n_gpus = 1;
	fake_asked[0].gpus = only;
	plan = solve(NULL, SW_OK);
	CHECK(plan && plan->gpus[plan->n_gpus - 1].fleet == 1);
	sw_plan_free(plan);
}

TEST(what_cannot_be_held_leaves_the_best_partial_plan)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2)->count = 1;
	fake_add_workload(small, 10, 20);
	fake_add_workload(small, 10, 4);
	plan = solve(NULL, SW_INFEASIBLE);
	CHECK(strstr(err.message,
		     "no plan holds every limit: w1: no GPU of the fleet can serve it"));
	CHECK(strstr(err.message, "nearly idle: tpot_p95 bound 5.5"));
	CHECK(strstr(err.message, "of 4 ms"));
	CHECK(plan && plan->workloads[0].met && !plan->workloads[1].met && plan->n_gpus == 1);
	sw_plan_free(plan);
	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2)->count = 1;
	for (int i = 0; i < 9; i++)
		fake_add_workload(small, 10, 20);
	plan = solve(NULL, SW_INFEASIBLE);
	CHECK(strstr(err.message,
		     "the fleet has no room left: of 1 engine (each share 0.20 and 4 GiB on g0)"));
	CHECK(plan && plan->n_gpus == 1 && plan->gpus[0].n > 1);
	CHECK(plan && isnan(plan->exclusive_gpus));
	sw_plan_free(plan);
	fake_reset();
	fake_add_gpu(SW_MPS, 100, 3, 1, 2);
	fake_add_workload(small, 10, 20);
	plan = solve(NULL, SW_INFEASIBLE);
	CHECK(strstr(err.message, "w0 needs 4.00 GiB"));
	sw_plan_free(plan);
}

TEST(mig_profiles_are_packed_as_they_can_be_cut)
{
	static const struct sw_mig_profile profiles[] = {
		{"1g", 1, 1, 5, 14, 7, 0x7f},
		{"2g", 2, 2, 10, 28, 3, 0x15},
		{"3g", 3, 4, 20, 42, 2, 0x11},
		{"7g", 7, 8, 40, 98, 1, 1},
	};
	struct sw_fleet_entry *entry;
	struct sw_plan *plan;

	fake_reset();
	entry = fake_add_gpu(SW_MIG, 108, 40, 1, 2);
	entry->gpu.mig_compute_slices = 7;
	entry->gpu.mig_memory_slices = 8;
	entry->gpu.n_mig = 4;
	memcpy(entry->gpu.mig, profiles, sizeof(profiles));
	for (int i = 0; i < 4; i++)
		fake_add_workload(small, 10, 20);
	plan = solve(NULL, SW_OK);
	if (!plan)
		return;
	/* 2/7 holds what 1/7 does not; three instances of 2g on a GPU, so the fourth engine opens another. */
	CHECK_INT(plan->n_gpus, 2);
	CHECK_NEAR(plan->gpus[0].tenants[0].share, 2.0 / 7, 1e-12);
	CHECK_NEAR(plan->gpus[0].tenants[0].memory_gib, 10, 0);
	sw_plan_free(plan);
}

TEST(the_same_problem_gives_the_same_plan)
{
	struct sw_plan *a, *b;

	fake_reset();
	fake_add_gpu(SW_MPS, 60, 40, 1, 2);
	fake_add_gpu(SW_MPS, 30, 20, 0.5, 0.9);
	for (int i = 0; i < 14; i++)
		fake_add_workload((struct fake_workload){4 + i % 3, 0.01, 0.1 * (i % 5), 2 + i % 4},
				  5 + i, 20 + i);
	a = solve(NULL, SW_OK);
	b = solve(NULL, SW_OK);
	CHECK(a && b && a->n_gpus == b->n_gpus && a->total_share == b->total_share);
	for (size_t i = 0; a && b && i < a->n_gpus; i++) {
		CHECK_INT(a->gpus[i].n, b->gpus[i].n);
		for (size_t k = 0; k < a->gpus[i].n; k++) {
			CHECK_INT(a->gpus[i].tenants[k].workload, b->gpus[i].tenants[k].workload);
			CHECK_STR(a->gpus[i].tenants[k].binds, b->gpus[i].tenants[k].binds);
		}
	}
	sw_plan_free(a);
	sw_plan_free(b);
}

static void compare_with_brute_force(void (*make)(unsigned seed))
{
	size_t solved = 0, optimal = 0;

	for (unsigned seed = 0; seed < 300; seed++) {
		struct sw_plan *plan;
		double best;
		enum sw_status st;

		make(seed);
		best = brute_cost();
		st = sw__plan_solve(&fake_problem, &fake_oracle, NULL, &plan, &err);
		CHECK_INT(st, isfinite(best) ? SW_OK : SW_INFEASIBLE);
		if (st == SW_OK) {
			solved++;
			CHECK(plan->cost_per_hour >= best * (1 - 1e-9));
			CHECK(plan->bound_cost_per_hour <= best * (1 + 1e-9));
			optimal += plan->cost_per_hour <= best * (1 + 1e-9);
		}
		sw_plan_free(plan);
	}
	CHECK(solved > 200);
	CHECK_INT(optimal, solved);
}

TEST(brute_force_finds_nothing_cheaper)
{
	compare_with_brute_force(random_problem);
}

TEST(nor_where_cuda_graphs_are_open)
{
	compare_with_brute_force(random_hami_problem);
}

TEST(nor_where_some_are_told_to_have_them_or_not)
{
	compare_with_brute_force(random_graphs_problem);
}

TEST(nor_where_engines_must_survive_and_part)
{
	compare_with_brute_force(random_wishes_problem);
}

TEST_MAIN()
