// SPDX-License-Identifier: Apache-2.0
#include "compare/score.h"

#include "check.h"

enum { WORLDS = 3 };

/* Workload 0 on both GPUs, a quarter and three quarters of its load; workload 1 on the second; 2 has no limits. */
static struct sw_placement first[] = {{.workload = 0, .rate_or_concurrency = 1}};
static struct sw_placement second[] = {{.workload = 0, .rate_or_concurrency = 3},
				       {.workload = 1, .rate_or_concurrency = 2},
				       {.workload = 2, .rate_or_concurrency = 5}};
static struct sw_plan_gpu gpus[] = {{.n = 1, .tenants = first}, {.n = 3, .tenants = second}};
static struct sw_plan plan = {.n_gpus = 2, .gpus = gpus};
static struct sw_workload workloads[] = {
	{.load = {.rate = 4}}, {.load = {.rate = NAN, .concurrency = 2}}, {.load = {.rate = 5}}};
static const struct sw_problem problem = {.n_workloads = 3, .workloads = workloads};
static struct sw__entry entries[2][WORLDS];
static struct sw__distinct mixes[] = {{.entries = entries[0]}, {.entries = entries[1]}};
static const struct sw__book book = {.loads = 1, .worlds = WORLDS, .n = 2, .mixes = mixes};
static size_t indices[] = {0, 1};
static const struct sw__candidate candidate = {.plan = &plan, .mixes = indices};

static void fill(void)
{
	for (int v = 0; v < WORLDS; v++) {
		entries[0][v] = (struct sw__entry){.done = true};
		entries[1][v] = (struct sw__entry){.done = true};
		entries[0][v].played.late[0] = 0.08 + 0.1 * v;
		entries[0][v].played.excess[0] = 0.04;
		entries[1][v].played.late[0] = 0.04;
		entries[1][v].played.excess[0] = 0;
		entries[1][v].played.late[1] = 0.02;
		entries[1][v].played.excess[1] = 0.03 * v;
		entries[1][v].played.late[2] = entries[1][v].played.excess[2] = NAN;
	}
}

TEST(replicas_count_by_their_load)
{
	struct sw__fate fates[3], worst;

	fill();
	CHECK_INT(sw__fates_of(&problem, &book, &candidate, 0, 0, fates), SW_OK);
	CHECK_NEAR(fates[0].late, (0.08 + 3 * 0.04) / 4, 1e-12);
	CHECK_NEAR(fates[0].excess, 0.01, 1e-12);
	CHECK_NEAR(fates[1].late, 0.02, 1e-12);
	CHECK(isnan(fates[2].late) && isnan(fates[2].excess));
	worst = sw__worst_fate(fates, 3);
	CHECK_NEAR(worst.late, 0.05, 1e-12);
	CHECK_NEAR(worst.excess, 0.01, 1e-12);
	CHECK(isnan(sw__worst_fate(fates + 2, 1).late));
}

/* The second workload is a table between two that are played: its figures are not those of the next. */
TEST(tables_are_not_played)
{
	static const struct sw_table_row row = {.batch = 4};
	struct sw__fate fates[3];

	fill();
	second[1].row = &row;
	entries[1][0].played.late[1] = entries[1][0].played.excess[1] = 0.5;
	CHECK_INT(sw__fates_of(&problem, &book, &candidate, 0, 0, fates), SW_OK);
	CHECK_NEAR(fates[0].excess, 0.01, 1e-12);
	CHECK(isnan(fates[1].late));
	CHECK_NEAR(fates[2].late, 0.5, 1e-12);
	second[1].row = NULL;
}

/* Worst excess of the worlds: 0.01, 0.03, 0.06. */
TEST(worlds_by_hand)
{
	struct sw_compared_lateness l;
	struct sw_compared_workload each[3] = {{.replicas = 2}};

	fill();
	CHECK_INT(sw__score(&problem, &book, &candidate, 0, &l, each, NULL), SW_OK);
	CHECK_NEAR(l.nominal_excess, 0.01, 1e-12);
	CHECK_NEAR(l.excess.value, 0.03, 1e-12);
	CHECK_NEAR(l.worst_decile.value, 0.06, 1e-12);
	CHECK_NEAR(l.late.value, (0.18 + 3 * 0.04) / 4, 1e-12);
	CHECK_NEAR(l.worlds_held, 0, 0);
	CHECK_INT(each[0].replicas, 2);
	CHECK_NEAR(each[0].excess, 0.01, 1e-12);
	CHECK_NEAR(each[1].worst_decile, 0.06, 1e-12);
	CHECK(isnan(each[2].excess));
	for (int v = 0; v < WORLDS; v++)
		entries[0][v].played.excess[0] = 0;
	CHECK_INT(sw__score(&problem, &book, &candidate, 0, &l, NULL, NULL), SW_OK);
	CHECK_NEAR(l.worlds_held, 1.0 / 3, 1e-12);
}

TEST(a_simulation_that_failed_is_not_known)
{
	struct sw_compared_lateness l;

	fill();
	entries[1][2].status = SW_BAD_INPUT;
	CHECK_INT(sw__score(&problem, &book, &candidate, 0, &l, NULL, NULL), SW_OK);
	CHECK(isnan(l.excess.value) && isnan(l.nominal_excess));
}

TEST_MAIN()
