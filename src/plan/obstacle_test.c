// SPDX-License-Identifier: Apache-2.0
#include "plan/obstacle.h"

#include "plan/search_fixture.h"

static const struct fake_workload quiet = {5, 0.001, 0, 3}, loud = {5, 0.001, 0.5, 3};

static struct sw__size *size_of(size_t workload)
{
	struct sw__size *size = NULL;

	CHECK_INT(sw__size_get(&sizing, workload, 0, 1, &size, &err), SW_OK);
	return size;
}

/* What stands against the first n workloads on one GPU of the first kind. */
static struct sw_obstacle of_first(size_t n)
{
	struct sw__size *engines[FAKE_WORKLOADS];
	const struct sw__together *set;
	struct sw_obstacle out;

	for (size_t i = 0; i < n; i++)
		engines[n - 1 - i] = size_of(i);
	CHECK_INT(sw__obstacle_of_set(&groups, 0, engines, n, &out, &set, &err), SW_OK);
	CHECK((set != NULL) == (out.kind == SW_OBSTACLE_NONE));
	return out;
}

static void check_words(const struct sw_obstacle *o, size_t self, const char *words)
{
	struct sw_text text = {0};

	sw__obstacle_say(&fake_problem, o, self, &text);
	CHECK_STR(sw_text_string(&text), words);
	sw_text_free(&text);
}

TEST(rules_are_named_with_their_numbers)
{
	struct sw_obstacle o;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 1)->max_tenants = 3;
	for (int i = 0; i < 4; i++)
		fake_add_share(0.2, 9);
	open_all();
	o = of_first(2);
	CHECK_INT(o.kind, SW_OBSTACLE_NONE);
	CHECK_NEAR(sw__obstacle_ratio(&o), 0, 0);
	o = of_first(4);
	CHECK_INT(o.kind, SW_OBSTACLE_TENANTS);
	check_words(&o, SW_NONE, "4 engines, at most 3");
	fake_fleet[0].max_tenants = 8;
	fake_fleet[0].gpu.visible_gib = 25;
	o = of_first(3);
	check_words(&o, SW_NONE, "30.0 of 25.0 GiB of memory");
	CHECK_NEAR(sw__obstacle_ratio(&o), 1.2, 1e-12);
	fake_fleet[0].gpus_per_node = 1;
	fake_fleet[0].cores_per_node = 3;
	o = of_first(2);
	check_words(&o, SW_NONE, "4 of 3 host cores");
	fake_asked[1].isolation = SW_ISOLATION_PROCESS;
	o = of_first(2);
	check_words(&o, SW_NONE, "w1: isolation was asked for");
	check_words(&o, 1, "isolation was asked for");
	CHECK(isinf(sw__obstacle_ratio(&o)));
	close_all();
}

TEST(shares_that_do_not_go_together_are_summed)
{
	struct sw_obstacle o;

	fake_reset();
	fake_add_gpu(SW_MPS, 200, 40, 1, 1);
	add_shares((const double[]){0.5, 0.7}, 2);
	open_all();
	o = of_first(2);
	check_words(&o, SW_NONE, "their least shares add up to 1.20");
	close_all();
}

TEST(an_engine_that_cannot_be_there_alone_says_why)
{
	static char other[1][SW_NAME_MAX] = {"g7"};
	struct sw_obstacle o;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 1);
	fake_add_workload(quiet, 1, 5); /* 5.5 at the least */
	fake_add_workload((struct fake_workload){5, 1, 0, 3}, 2, 50);
	fake_add_workload((struct fake_workload){5, 0.001, 0, 60}, 1, 50);
	fake_add_workload(quiet, 1, 20)->n_gpus = 1;
	fake_asked[3].gpus = other;
	open_all();
	o = of_first(1);
	CHECK_INT(o.kind, SW_OBSTACLE_LIMIT);
	CHECK_NEAR(o.allowed, 5, 0);
	CHECK_NEAR(o.found, 1.1 * 5 * (1 + 0.3 * 0.001), 1e-9);
	for (size_t i = 1; i < 4; i++) {
		static const enum sw_obstacle_kind kinds[] = {SW_OBSTACLE_NONE,
							      SW_OBSTACLE_OVERLOAD,
							      SW_OBSTACLE_ENGINE, SW_OBSTACLE_GPUS};
		struct sw__size *engine = size_of(i);
		const struct sw__together *set;

		CHECK_INT(sw__obstacle_of_set(&groups, 0, &engine, 1, &o, &set, &err), SW_OK);
		CHECK_INT(o.kind, kinds[i]);
		CHECK_INT(o.workload, i);
	}
	close_all();
}

/*
 * Brute force over all slices of two engines that hurt each other: the least that the worse of the two misses by. The attempt gives
 * slices to who misses most, so it comes near.
 */
static double least_miss(double rate, double limit)
{
	double best = INFINITY;

	for (int a = 1; a < 100; a++) {
		double worst = 0;

		for (int i = 0; i < 2; i++) {
			double share = (i ? 100 - a : a) / 100.0;
			double busy = rate * loud.work / share;
			double tpot = loud.base_ms / pow(share, 0.7) * (1 + 0.3 * busy) *
				      (1 + loud.push * (1 - share));

			worst = fmax(worst, 1.1 * tpot / limit);
		}
		best = fmin(best, worst);
	}
	return best;
}

TEST(the_best_attempt_breaks_a_limit_by_as_little_as_there_is)
{
	struct sw_obstacle o;

	fake_reset();
	fake_add_gpu(SW_MPS, 200, 40, 1, 1);
	fake_add_workload(loud, 1, 10);
	fake_add_workload(loud, 1, 10);
	open_all();
	CHECK(least_miss(1, 10) > 1);
	o = of_first(2);
	CHECK_INT(o.kind, SW_OBSTACLE_LIMIT);
	CHECK_NEAR(o.allowed, 10, 0);
	CHECK_NEAR(sw__obstacle_ratio(&o), least_miss(1, 10), 0.03);
	close_all();
}

TEST(where_turns_are_taken_nothing_can_be_raised)
{
	struct sw_obstacle o;

	fake_reset();
	fake_add_gpu(SW_TIMESLICE, 100, 40, 1, 1);
	fake_add_workload((struct fake_workload){5, 0.1, 0, 3}, 6, 50);
	fake_add_workload((struct fake_workload){5, 0.1, 0, 3}, 6, 50);
	open_all();
	o = of_first(2);
	CHECK_INT(o.kind, SW_OBSTACLE_OVERLOAD);
	check_words(&o, SW_NONE, "w0: overload");
	close_all();
}

TEST_MAIN()
