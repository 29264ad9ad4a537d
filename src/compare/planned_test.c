// SPDX-License-Identifier: Apache-2.0
#include "compare/planned.h"

#include "compare/compare_fixture.h"

static const char mps_fleet[] = "fleet:\n  - {gpu: l40s, mechanism: mps, price_per_hour: 0.86, "
				"gpus_per_node: 2}\n" TWO_WORKLOADS;

/* Every number that simulating needs, against what comes out of the plan's file. */
static void check_same(const struct sw_mix *a, const struct sw_mix *b)
{
	CHECK_STR(a->gpu.id, b->gpu.id);
	CHECK_INT(a->mechanism, b->mechanism);
	CHECK_INT(a->n, b->n);
	for (size_t i = 0; i < a->n && i < b->n; i++) {
		const struct sw_tenant *x = &a->tenants[i], *y = &b->tenants[i];

		CHECK_STR(x->name, y->name);
		CHECK_STR(x->model.id, y->model.id);
		CHECK_NEAR(x->slice.share, y->slice.share, 1e-8);
		CHECK_NEAR(x->slice.memory_gib, y->slice.memory_gib, 1e-8);
		CHECK_NEAR(x->load.rate, y->load.rate, 1e-8);
		CHECK_NEAR(x->load.concurrency, y->load.concurrency, 1e-8);
		CHECK_NEAR(x->load.burstiness, y->load.burstiness, 1e-7);
		CHECK_NEAR(x->load.prompt_tokens.p95, y->load.prompt_tokens.p95, 1e-8);
		CHECK_INT(x->engine.max_num_seqs, y->engine.max_num_seqs);
		CHECK_INT(x->engine.max_model_len, y->engine.max_model_len);
		CHECK_INT(x->engine.max_num_batched_tokens, y->engine.max_num_batched_tokens);
		CHECK_INT(x->engine.cuda_graphs, y->engine.cuda_graphs);
		CHECK_NEAR(x->engine.gpu_memory_utilization, y->engine.gpu_memory_utilization,
			   1e-8);
		CHECK_NEAR(x->slo.bound_ms[SW_TTFT][SW_P95], y->slo.bound_ms[SW_TTFT][SW_P95],
			   1e-8);
	}
}

static void check_plan_file(const struct compare_fixture *f, const struct sw_plan *plan)
{
	char path[] = "/tmp/slicewise-planned-XXXXXX";
	struct sw_plan_mixes *read = NULL;

	(void)close(mkstemp(path));
	CHECK_INT(sw_plan_save(f->problem, plan, path, NULL), SW_OK);
	CHECK_INT(sw_plan_mixes_load(f->catalog, path, &read, NULL), SW_OK);
	CHECK_INT(read ? read->n_gpus : 0, plan->n_gpus);
	for (size_t i = 0; read && i < read->n_gpus; i++) {
		struct sw__planned_gpu gpu;

		CHECK_INT(sw__planned_gpu(f->problem, plan, i, &gpu, NULL), SW_OK);
		check_same(&gpu.mix, read->gpus[i].mix);
		for (size_t k = 0; k < gpu.mix.n; k++)
			CHECK_INT(gpu.workload[k], read->gpus[i].workload[k]);
		sw__planned_free(&gpu);
	}
	sw_plan_mixes_free(read);
	(void)unlink(path);
}

TEST(the_same_mixes_as_by_way_of_a_plan_file)
{
	struct compare_fixture f;
	struct sw_plan *plan = NULL;

	compare_fixture_open(&f, mps_fleet);
	f.problem->workloads[0].replicas = 3;
	CHECK_INT(sw_plan_solve(f.catalog, f.problem, NULL, &plan, NULL), SW_OK);
	if (plan)
		check_plan_file(&f, plan);
	sw_plan_free(plan);
	compare_fixture_close(&f);
}

/* Two GPUs of a node of two, one of another kind: shares of 0.3 + 0.2, one that counts whole, 0.4. */
TEST(what_a_plan_uses_by_hand)
{
	struct sw_fleet_entry fleet[] = {
		{.mechanism = SW_HAMI, .price_per_hour = 2, .gpus_per_node = 2},
		{.mechanism = SW_MPS, .price_per_hour = 1, .gpus_per_node = 8},
	};
	struct sw_placement eager[] = {{.share = 0.3}, {.share = 0.2}};
	struct sw_placement graphs[] = {{.share = 0.5, .engine = {.cuda_graphs = true}}};
	struct sw_placement capped[] = {{.share = 0.4, .engine = {.cuda_graphs = true}}};
	struct sw_plan_gpu gpus[] = {{.fleet = 0, .n = 2, .tenants = eager},
				     {.fleet = 0, .n = 1, .tenants = graphs},
				     {.fleet = 1, .n = 1, .tenants = capped}};
	const struct sw_problem problem = {.n_fleet = 2, .fleet = fleet};
	const struct sw_plan plan = {.n_gpus = 3, .gpus = gpus};
	struct sw__usage usage;

	sw__plan_usage(&problem, &plan, &usage);
	CHECK_NEAR(usage.gpus, 3, 1e-12);
	CHECK_NEAR(usage.nodes, 2, 1e-12);
	CHECK_NEAR(usage.share, 0.5 + 1 + 0.4, 1e-12);
	CHECK_NEAR(usage.cost_per_hour, 5, 1e-12);
	fleet[1].gpus_per_node = NAN;
	/* Uncapped: all SMs to everyone. */
	eager[0].share = eager[1].share = 1;
	fleet[0].mechanism = SW_MPS;
	sw__plan_usage(&problem, &plan, &usage);
	CHECK(isnan(usage.nodes));
	CHECK_NEAR(usage.share, 1 + 0.5 + 0.4, 1e-12);
	fleet[0].mechanism = SW_TIMESLICE;
	eager[0].share = eager[1].share = graphs[0].share = 0.1;
	sw__plan_usage(&problem, &plan, &usage);
	CHECK_NEAR(usage.share, 1 + 1 + 0.4, 1e-12);
}

TEST(who_lacks_engines)
{
	struct sw_workload workloads[] = {{.load = {.rate = 3, .concurrency = NAN}},
					  {.load = {.rate = NAN, .concurrency = 4}}};
	struct sw_placement tenants[] = {{.workload = 0, .rate_or_concurrency = 1.5},
					 {.workload = 0, .rate_or_concurrency = 1.5},
					 {.workload = 1, .rate_or_concurrency = 4}};
	struct sw_plan_gpu gpu = {.n = 3, .tenants = tenants};
	const struct sw_problem problem = {.n_workloads = 2, .workloads = workloads};
	const struct sw_plan plan = {.n_gpus = 1, .gpus = &gpu, .n_workloads = 2};

	CHECK_INT(sw__plan_lacking(&problem, &plan), 2);
	tenants[2].rate_or_concurrency = 3;
	CHECK_INT(sw__plan_lacking(&problem, &plan), 1);
	tenants[1].rate_or_concurrency = 1.4;
	CHECK_INT(sw__plan_lacking(&problem, &plan), 0);
}

TEST_MAIN()
