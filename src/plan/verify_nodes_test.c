// SPDX-License-Identifier: Apache-2.0
/* A plan on two nodes, put on other nodes by hand. */
#include "check.h"
#include "plan/fake_oracle.h"
#include "plan/planner.h"
#include "plan/verify_checks.h"

static struct sw_error err;
static struct sw_plan *plan;

static enum sw_status judge(void)
{
	const struct checking c = {&fake_problem, &fake_oracle, plan, &err};

	return sw__verify_nodes(&c);
}

/* Three GPUs with four engines each, of two host cores; nodes of two GPUs and 16 cores. */
static bool start(void)
{
	fake_reset();
	fake_add_gpu(SW_MPS, 100, 8, 1, 2)->count = 4;
	fake_fleet[0].gpus_per_node = 2;
	fake_fleet[0].cores_per_node = 16;
	for (int i = 0; i < 12; i++)
		fake_add_workload((struct fake_workload){5, 0.001, 0, 1}, 1, 40);
	CHECK_INT(sw__plan_solve(&fake_problem, &fake_oracle, NULL, &plan, &err), SW_OK);
	return CHECK(plan && plan->n_gpus == 3);
}

TEST(nodes_have_their_gpus_and_cores)
{
	if (!start())
		return;
	CHECK_INT(judge(), SW_OK);
	for (size_t i = 0; i < 3; i++)
		plan->gpus[i].node = 0;
	CHECK_INT(judge(), SW_INTERNAL);
	CHECK(strstr(err.message, "more than 2 GPUs"));
	plan->gpus[2].node = 2;
	CHECK_INT(judge(), SW_INTERNAL);
	CHECK(strstr(err.message, "no node 2"));
	plan->gpus[2].node = 1;
	CHECK_INT(judge(), SW_OK);
	plan->gpus[0].tenants[0].engine.cores = 4;
	CHECK_INT(judge(), SW_INTERNAL);
	CHECK(strstr(err.message, "18 host cores wanted of node 0, 16 there"));
	sw_plan_free(plan);
}

/* Alone it makes do with its GPU's part, unless the user said what it needs. */
TEST(an_engine_alone)
{
	if (!start())
		return;
	fake_fleet[0].cores_per_node = 1;
	for (size_t i = 0; i < 3; i++)
		plan->gpus[i].n = 1;
	CHECK_INT(judge(), SW_OK);
	plan->gpus[0].tenants[0].engine.cores = 1;
	CHECK_INT(judge(), SW_INTERNAL);
	sw_plan_free(plan);
}

TEST_MAIN()
