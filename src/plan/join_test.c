// SPDX-License-Identifier: Apache-2.0
#include "plan/join.h"

#include "plan/search_fixture.h"

/* Base 5 ms, or 6.25 without CUDA graphs; every bound is a tenth above. */
static const struct fake_workload steady = {5, 0.001, 0, 1};

static struct sw__size *size_of(size_t workload)
{
	struct sw__size *size = NULL;

	CHECK_INT(sw__size_get(&sizing, workload, 0, 1, &size, &err), SW_OK);
	return size;
}

static const struct sw__together *join(const struct sw__together *there, size_t workload)
{
	const struct sw__together *out = NULL;

	CHECK_INT(sw__join(&groups, there, size_of(workload), &out, &err), SW_OK);
	return out;
}

static bool graphs(const struct sw__together *t, size_t i)
{
	return t->engines[i]->tenant.engine.cuda_graphs;
}

static void start(void)
{
	fake_reset();
	fake_add_gpu(SW_HAMI, 100, 40, 1, 2);
}

TEST(what_binds_takes_less)
{
	const struct sw__together *t;

	start();
	fake_add_workload(steady, 1, 20);
	fake_add_workload(steady, 1, 20);
	open_all();
	t = join(NULL, 0);
	/* 1.1 x 6.25 / s^0.7 x (1 + 0.3 x 0.00125 / s) <= 20 from s = 0.22 on. */
	CHECK(t && !graphs(t, 0));
	CHECK_NEAR(t ? t->share : 0, 0.22, 1e-12);
	t = join(t, 1);
	CHECK(t && !graphs(t, 0) && !graphs(t, 1));
	CHECK_NEAR(t ? t->share : 0, 0.44, 1e-12);
	close_all();
}

/* Three that need 0.32 each leave four hundredths, which are four turns; an eighth engine is one too many for that. */
TEST(all_take_turns_where_shares_do_not_go_together)
{
	const struct sw__together *t = NULL;

	start();
	for (int i = 0; i < 8; i++)
		fake_add_workload(steady, 1, 15.4);
	open_all();
	for (size_t i = 0; i < 3; i++)
		t = join(t, i);
	CHECK(t && !graphs(t, 0) && !graphs(t, 1) && !graphs(t, 2));
	for (size_t i = 3; i < 7; i++)
		t = join(t, i);
	CHECK_NEAR(t ? t->bound : 0, 0.96, 1e-12);
	t = join(t, 7);
	CHECK(t && t->n == 8);
	for (size_t i = 0; t && i < t->n; i++)
		CHECK(graphs(t, i));
	CHECK_NEAR(t ? t->share : 0, 8 * 0.12, 1e-12);
	close_all();
}

/* Engines whose CUDA graphs are given stay as they are. */
TEST(what_is_given_stands)
{
	const struct sw__together *t;

	start();
	for (int i = 0; i < 2; i++) {
		struct sw_workload *w = fake_add_workload(steady, 1, 20);

		w->engine.given |= SW_KEY_CUDA_GRAPHS;
		w->engine.cuda_graphs = i == 0;
	}
	open_all();
	CHECK(!size_of(0)->other && !size_of(1)->other);
	t = join(join(NULL, 0), 1);
	CHECK(t && graphs(t, 0) && !graphs(t, 1));
	CHECK_NEAR(t ? t->share : 0, 1, 1e-12);
	CHECK_NEAR(t ? t->bound : 0, 0.22, 1e-12);
	close_all();
}

TEST(nothing_joins_what_it_does_not_fit)
{
	start();
	fake_add_workload((struct fake_workload){5, 0.6, 0, 1}, 1, 20);
	fake_add_workload((struct fake_workload){5, 0.6, 0, 1}, 1, 20);
	open_all();
	CHECK(join(NULL, 0));
	CHECK(!join(join(NULL, 0), 1));
	close_all();
}

TEST_MAIN()
