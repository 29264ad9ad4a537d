// SPDX-License-Identifier: Apache-2.0
#include "plan/idle.h"

#include "check.h"
#include "plan/fake_oracle.h"

static struct sw_error err;
static struct sw__sizing sizing;

static struct sw__idle idle_at(size_t level)
{
	struct sw__idle idle = {.possible = false};

	CHECK_INT(sw__idle_of(&sizing, 0, 0, level, &idle, &err), SW_OK);
	CHECK_INT(fake_prepared, 0);
	return idle;
}

TEST(an_idle_engine_holds_what_a_busy_one_does_not)
{
	struct sw__size *size;
	struct sw__idle idle;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_workload((struct fake_workload){5, 0.01, 0, 3}, 90, 6);
	CHECK_INT(sw__sizing_open(&fake_problem, &fake_oracle, &sizing, &err), SW_OK);
	CHECK_INT(sw__size_get(&sizing, 0, 0, 1, &size, &err), SW_OK);
	CHECK(!size->possible);
	idle = idle_at(sizing.levels[0].n - 1);
	CHECK(idle.possible && idle.meets);
	CHECK_NEAR(idle.predicted.latency[SW_TPOT].at[SW_P95], 5, 1e-4);
	idle = idle_at(3);
	CHECK(idle.possible && !idle.meets);
	sw__sizing_close(&sizing);
}

TEST(closed_loops_and_too_little_memory)
{
	fake_reset();
	fake_add_gpu(SW_TIMESLICE, 100, 3, 1, 2);
	fake_add_workload((struct fake_workload){5, 0.01, 0, 1}, NAN, 6)->load.concurrency = 64;
	CHECK_INT(sw__sizing_open(&fake_problem, &fake_oracle, &sizing, &err), SW_OK);
	CHECK(idle_at(0).meets);
	sw__sizing_close(&sizing);
	fake_workloads[0].weights_gib = 3;
	CHECK_INT(sw__sizing_open(&fake_problem, &fake_oracle, &sizing, &err), SW_OK);
	CHECK(!idle_at(0).possible);
	sw__sizing_close(&sizing);
}

/* Never more sequences than tokens in a step, whichever of them was given. */
static enum sw_status settle_in_order(void *context, size_t workload, size_t fleet,
				      struct sw_tenant *tenant, struct sw_error *e)
{
	const struct sw_engine *engine = &tenant->engine;

	CHECK(engine->max_num_seqs >= 1 && engine->max_num_seqs <= engine->max_num_batched_tokens);
	CHECK_INT(engine->given & fake_asked[0].engine.given, fake_asked[0].engine.given);
	return fake_settle(context, workload, fleet, tenant, e);
}

TEST(batch_limits_go_with_what_was_given)
{
	struct sw__oracle oracle = fake_oracle;
	struct sw_engine *given;

	oracle.settle = settle_in_order;
	fake_reset();
	fake_add_gpu(SW_MPS, 100, 400, 1, 2);
	given = &fake_add_workload((struct fake_workload){5, 0.01, 0, 3}, 90, 60)->engine;
	CHECK_INT(sw__sizing_open(&fake_problem, &oracle, &sizing, &err), SW_OK);
	given->given = SW_KEY_MAX_NUM_BATCHED_TOKENS;
	given->max_num_batched_tokens = 2;
	CHECK(idle_at(0).possible);
	sw__sizing_close(&sizing);
	given->given = SW_KEY_MAX_NUM_SEQS;
	given->max_num_seqs = 10000;
	CHECK_INT(sw__sizing_open(&fake_problem, &oracle, &sizing, &err), SW_OK);
	CHECK(idle_at(0).possible);
	sw__sizing_close(&sizing);
}

TEST_MAIN()
