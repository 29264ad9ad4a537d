// SPDX-License-Identifier: Apache-2.0
#include "plan/sizing.h"

#include "check.h"
#include "plan/fake_oracle.h"
#include "plan/parts.h"
#include "plan/places.h"

static struct sw_error err;
static struct sw__sizing sizing;

static const struct fake_workload engine = {
	.base_ms = 5, .work = 0.01, .push = 0.2, .weights_gib = 3};

static struct sw__size *get(size_t fleet, unsigned replicas)
{
	struct sw__size *size = NULL;

	CHECK_INT(sw__size_get(&sizing, 0, fleet, replicas, &size, &err), SW_OK);
	return size;
}

static struct sw__size *fewest(size_t fleet)
{
	struct sw__size *size = NULL;

	CHECK_INT(sw__size_fewest(&sizing, 0, fleet, &size, &err), SW_OK);
	return size;
}

static void start(enum sw_mechanism mechanism, double rate, double tpot)
{
	fake_reset();
	fake_add_gpu(mechanism, 100, 40, 1, 2);
	fake_add_workload(engine, rate, tpot);
	CHECK_INT(sw__sizing_open(&fake_problem, &fake_oracle, &sizing, &err), SW_OK);
}

static void done(void)
{
	sw__sizing_close(&sizing);
	CHECK_INT(fake_prepared, 0);
}

TEST(a_size_is_computed_once)
{
	struct sw__size *size;
	const sw_prepared *a, *b;
	size_t prepared;

	start(SW_MPS, 10, 20);
	size = get(0, 1);
	prepared = sizing.prepared;
	CHECK(get(0, 1) == size);
	CHECK_INT(sizing.prepared, prepared);
	CHECK(get(0, 2) != size);
	CHECK_INT(sw__size_prepared(&sizing, size, 40, &a, &err), SW_OK);
	CHECK_INT(sw__size_prepared(&sizing, size, 40, &b, &err), SW_OK);
	CHECK(a == b);
	done();
}

TEST(what_a_slice_says_under_each_mechanism)
{
	struct sw__size *size;

	start(SW_MPS, 10, 20);
	size = get(0, 1);
	CHECK(size->share_matters);
	CHECK_NEAR(sw__size_share(&sizing, size, size->alone), 0.2, 1e-12);
	CHECK_NEAR(sw__size_tenant(&sizing, size, size->alone + 1).slice.share, 0.22, 1e-12);
	done();
	start(SW_TIMESLICE, 10, 20);
	size = get(0, 1);
	CHECK(!size->share_matters);
	CHECK_NEAR(sw__size_share(&sizing, size, size->alone), 1, 0); /* by turns, all of it */
	done();
	start(SW_EXCLUSIVE, 10, 20);
	size = get(0, 1);
	CHECK_NEAR(sw__size_share(&sizing, size, size->alone), 1, 0);
	CHECK_NEAR(sw__size_memory_gib(&sizing, size, size->alone), 40, 0);
	done();
}

/* HAMi's limiter sees launches, not graphs: only an eager engine is held by its share. */
TEST(a_share_under_hami_matters_to_eager_engines)
{
	start(SW_HAMI, 10, 20);
	CHECK(!get(0, 1)->share_matters);
	done();
	start(SW_HAMI, 10, 20);
	fake_asked[0].engine.given |= SW_KEY_CUDA_GRAPHS;
	CHECK(get(0, 1)->share_matters);
	done();
}

TEST(the_fewest_replicas_are_found)
{
	for (double rate = 30; rate < 2000; rate *= 1.7) {
		unsigned n;

		start(SW_MPS, rate, 20);
		n = fewest(0)->replicas;
		CHECK(fewest(0)->possible);
		CHECK(n == 1 || !get(0, n - 1)->possible);
		CHECK_NEAR(fewest(0)->tenant.load.rate, rate / n, 1e-12);
		done();
	}
}

TEST(what_no_number_of_replicas_holds_is_said_of_an_idle_engine)
{
	start(SW_MPS, 300, 5.2);
	CHECK(!fewest(0)->possible && fewest(0)->hopeless);
	CHECK_STR(fewest(0)->why_not, "tpot_p95 bound 5.5 of 5.2 ms");
	done();
	start(SW_MPS, 300, 20);
	fake_asked[0].replicas = 2;
	CHECK(!fewest(0)->possible && fewest(0)->replicas == 2);
	CHECK_STR(fewest(0)->why_not, "overload");
	done();
	start(SW_MPS, NAN, 20);
	fake_asked[0].load.concurrency = 130;
	CHECK_NEAR(sw__load_to_hold(&fake_asked[0], 3).concurrency, 44, 0);
	CHECK(fewest(0)->possible && fewest(0)->replicas > 1);
	done();
}

TEST(only_the_gpus_that_are_allowed)
{
	static char other[1][SW_NAME_MAX] = {"g7"};

	start(SW_MPS, 10, 20);
	fake_asked[0].gpus = other;
	fake_asked[0].n_gpus = 1;
	CHECK(!sw__may_run(&fake_problem, 0, 0));
	CHECK_STR(fewest(0)->why_not, "not among the GPUs it may use");
	done();
}

/* With CUDA graphs first; without them a quarter slower, and the share binds. */
TEST(where_cuda_graphs_are_open_there_are_two_sizes)
{
	struct sw__size *size;

	start(SW_HAMI, 10, 20);
	size = get(0, 1);
	CHECK(size->possible && !size->share_matters && size->tenant.engine.cuda_graphs);
	if (!CHECK(size->other))
		return;
	CHECK(size->other->possible && size->other->share_matters && size->other->other == size);
	CHECK(!size->other->tenant.engine.cuda_graphs);
	CHECK(sw__size_with(size, false) == size->other &&
	      sw__size_with(size->other, true) == size);
	done();
	start(SW_HAMI, 10, 5.8); /* 5.5 x 1.03 with them */
	size = get(0, 1);
	CHECK(size->possible && !size->other && size->tenant.engine.cuda_graphs);
	done();
	start(SW_MPS, 10, 20);
	CHECK(!get(0, 1)->other);
	done();
}

static enum sw_status graphs_need_more(void *context, size_t workload, size_t fleet,
				       struct sw_tenant *tenant, struct sw_error *e)
{
	if (tenant->engine.cuda_graphs)
		return sw_fail(e, SW_INFEASIBLE, "no memory for CUDA graphs");
	return fake_settle(context, workload, fleet, tenant, e);
}

TEST(where_only_one_of_them_is_possible_that_is_the_size)
{
	struct sw__oracle oracle = fake_oracle;
	struct sw__size *size;

	oracle.settle = graphs_need_more;
	start(SW_HAMI, 250, 40);
	sizing.oracle = &oracle;
	size = get(0, 4);
	CHECK(size->possible && !size->other && size->share_matters);
	CHECK_INT(fewest(0)->replicas, 4);
	done();
}

TEST_MAIN()
