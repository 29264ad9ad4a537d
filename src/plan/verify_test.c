// SPDX-License-Identifier: Apache-2.0
/* A plan that holds, spoilt in one way at a time: the judge must see each. */
#include "plan/verify.h"

#include "check.h"
#include "plan/fake_oracle.h"
#include "plan/planner.h"

static struct sw_error err;

static const struct fake_workload engine = {
	.base_ms = 5, .work = 0.01, .push = 0.2, .weights_gib = 3};

/* Two GPUs, three workloads, one of them with two engines. */
static struct sw_plan *good_plan(void)
{
	struct sw_plan *plan = NULL;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 10, 1, 2)->count = 3;
	fake_add_workload(engine, 10, 20);
	fake_add_workload(engine, 10, 22);
	fake_add_workload(engine, 10, 24)->replicas = 2;
	CHECK_INT(sw__plan_solve(&fake_problem, &fake_oracle, NULL, &plan, &err), SW_OK);
	return plan;
}

static struct sw_placement *tenant(struct sw_plan *plan, size_t gpu, size_t k)
{
	return &plan->gpus[gpu].tenants[k];
}

static void more_share(struct sw_plan *p)
{
	tenant(p, 0, 0)->share = 0.95;
}

static void no_share(struct sw_plan *p)
{
	tenant(p, 0, 0)->share = 0;
}

static void less_share(struct sw_plan *p)
{
	p->total_share -= tenant(p, 0, 0)->share - 0.1;
	tenant(p, 0, 0)->share = 0.1;
}

static void less_memory(struct sw_plan *p)
{
	tenant(p, 0, 0)->memory_gib = 2;
}

static void more_memory(struct sw_plan *p)
{
	tenant(p, 0, 0)->memory_gib = 9;
}

static void other_seqs(struct sw_plan *p)
{
	tenant(p, 0, 0)->engine.max_num_seqs = 16;
}

static void less_load(struct sw_plan *p)
{
	tenant(p, 0, 0)->rate_or_concurrency = 5;
}

static void smaller_size(struct sw_plan *p)
{
	tenant(p, 0, 0)->sized_for = 5;
}

static void no_such_workload(struct sw_plan *p)
{
	tenant(p, 0, 0)->workload = 7;
}

static void same_names(struct sw_plan *p)
{
	memcpy(p->gpus[1].id, p->gpus[0].id, sizeof(p->gpus[0].id));
}

static void fewer_replicas(struct sw_plan *p)
{
	p->workloads[2].replicas = 1;
}

static void other_replica(struct sw_plan *p)
{
	tenant(p, 0, 0)->replica = 3;
}

static void cheaper(struct sw_plan *p)
{
	p->cost_per_hour -= 1;
}

static void higher_bound(struct sw_plan *p)
{
	p->bound_cost_per_hour = p->cost_per_hour + 1;
}

static void nicer_latency(struct sw_plan *p)
{
	tenant(p, 0, 0)->predicted.latency[SW_TPOT].hi[SW_P95] *= 0.9;
}

static void lose_a_gpu(struct sw_plan *p)
{
	free(p->gpus[p->n_gpus - 1].tenants);
	p->cost_per_hour -= 2;
	p->n_gpus--;
}

TEST(every_way_of_spoiling_a_plan_is_seen)
{
	static const struct {
		void (*spoil)(struct sw_plan *);
		const char *says;
	} cases[] = {
		{more_share, "shares add up to"},
		{no_share, "share 0"},
		{less_share, "predicted anew"},
		{less_memory, "w0 has 2 GiB"},
		{more_memory, "GiB of memory given away"},
		{other_seqs, "a setting that was given"},
		{less_load, "engines for 5 of a load of 10"},
		{smaller_size, "predicted anew"},
		{no_such_workload, "of no workload"},
		{same_names, "two GPUs are called"},
		{fewer_replicas, "2 engines, 1 said"},
		{other_replica, "out of turn"},
		{cheaper, "totals of"},
		{higher_bound, "less than its lower bound"},
		{nicer_latency, "predicted anew"},
		{lose_a_gpu, "engines"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sw_plan *plan = good_plan();

		if (!CHECK(plan && plan->n_gpus == 2))
			return;
		CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_OK);
		cases[i].spoil(plan);
		CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_INTERNAL);
		if (!CHECK(strstr(err.message, cases[i].says)))
			printf("    %zu: %s\n", i, err.message);
		CHECK_INT(fake_prepared, 0);
		sw_plan_free(plan);
	}
}

/* One engine by turns, one whose share binds, and what is said of the first one's is no saving. */
TEST(shares_without_effect_are_no_saving)
{
	struct sw_plan *plan = NULL;
	struct sw_placement *p;

	fake_reset();
	fake_add_gpu(SW_HAMI, 100, 10, 1, 2)->count = 1;
	fake_add_workload(engine, 10, 7)->engine.given |= SW_KEY_CUDA_GRAPHS;
	fake_asked[0].engine.cuda_graphs = true;
	CHECK_INT(sw__plan_solve(&fake_problem, &fake_oracle, NULL, &plan, &err), SW_OK);
	if (!plan)
		return;
	p = tenant(plan, 0, 0);
	CHECK_NEAR(p->share, 1, 0);
	p->share = plan->total_share = 0.5;
	CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_INTERNAL);
	CHECK(strstr(err.message, "add up to 0.5 though they bind only 0 of 1 engines"));
	sw_plan_free(plan);
}

/* Two engines without caps are 1 and 1, and take one GPU; one with a cap and one without is nobody's plan. */
TEST(without_caps_shares_need_not_add_up)
{
	struct sw_plan *plan = NULL;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_workload(engine, 1, 60);
	fake_add_workload(engine, 1, 60);
	CHECK_INT(sw__plan_solve(&fake_problem, &fake_oracle, "packed", &plan, &err), SW_OK);
	if (!CHECK(plan && plan->n_gpus == 1))
		return;
	CHECK(tenant(plan, 0, 0)->share == 1 && tenant(plan, 0, 1)->share == 1);
	plan->total_share = 2;
	CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_INTERNAL);
	CHECK(strstr(err.message, "totals of"));
	plan->total_share = 1;
	fake_fleet[0].mechanism = SW_HAMI;
	CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_INTERNAL);
	CHECK(strstr(err.message, "shares add up to 2"));
	fake_fleet[0].mechanism = SW_MPS;
	tenant(plan, 0, 1)->share = 0.5;
	CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_INTERNAL);
	CHECK(strstr(err.message, "shares add up to 1.5"));
	sw_plan_free(plan);
}

/* The same plan against a problem that asks for more. */
TEST(wishes_are_judged_too)
{
	static char other[1][SW_NAME_MAX] = {"g9"};
	struct sw_plan *plan = good_plan();
	struct sw_workload *w = &fake_asked[plan ? plan->gpus[0].tenants[0].workload : 0];

	if (!plan)
		return;
	w->isolation = SW_ISOLATION_HARDWARE;
	CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_INTERNAL);
	CHECK(strstr(err.message, "is not isolated"));
	w->isolation = SW_ISOLATION_SHARED;
	w->n_gpus = 1;
	w->gpus = other;
	CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_INTERNAL);
	CHECK(strstr(err.message, "may not run on"));
	w->n_gpus = 0;
	fake_fleet[0].count = 1;
	CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_INTERNAL);
	CHECK(strstr(err.message, "the fleet has 1"));
	fake_fleet[0].count = 3;
	fake_fleet[0].max_tenants = 1;
	CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_INTERNAL);
	fake_fleet[0].max_tenants = 8;
	fake_fleet[0].gpus_per_node = fake_fleet[0].cores_per_node = 2;
	CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_INTERNAL);
	CHECK(strstr(err.message, "no node -1"));
	for (size_t i = 0; i < plan->n_gpus; i++)
		plan->gpus[i].node = (long)i / 2;
	CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_INTERNAL);
	CHECK(strstr(err.message, "host cores"));
	fake_fleet[0].cores_per_node = NAN;
	fake_asked[2].slo.bound_ms[SW_TTFT][SW_P99] = 1;
	CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_INTERNAL);
	CHECK(strstr(err.message, "breaks a limit"));
	sw_plan_free(plan);
}

/* Engines that need 3, 3 and 1 of 7 slices: as a sum one A100, by its placements two. */
static struct sw_plan *mig_plan(void)
{
	static const double shares[] = {3.0 / 7, 3.0 / 7, 1.0 / 7};
	struct sw_fleet_entry *entry;
	struct sw_plan *plan = NULL;
	sw_catalog *catalog = NULL;

	fake_reset();
	entry = fake_add_gpu(SW_MIG, 108, 79, 1, 2);
	CHECK_INT(sw_catalog_open(&catalog, &err), SW_OK);
	CHECK_INT(sw_catalog_gpu(catalog, "a100-sxm4-80gb", &entry->gpu, &err), SW_OK);
	sw_catalog_free(catalog);
	for (size_t i = 0; i < 3; i++)
		(void)fake_add_share(shares[i], 1);
	CHECK_INT(sw__plan_solve(&fake_problem, &fake_oracle, NULL, &plan, &err), SW_OK);
	return plan;
}

TEST(mig_instances_lie_where_the_gpu_has_places)
{
	struct sw_plan *plan = mig_plan();
	struct sw_placement *first;

	if (!CHECK(plan && plan->n_gpus == 2))
		return;
	first = plan->gpus[0].n == 2 ? plan->gpus[0].tenants : plan->gpus[1].tenants;
	CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_OK);
	first[0].mig_start += 1;
	CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_INTERNAL);
	CHECK(strstr(err.message, "cannot lie at memory slice"));
	first[0].mig_start = first[1].mig_start;
	CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_INTERNAL);
	first[0].mig_start = 99;
	CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_INTERNAL);
	sw_plan_free(plan);
}

TEST_MAIN()
