// SPDX-License-Identifier: Apache-2.0
/* Every relaxation is taken at its word: the changed problem is planned again, and one step less is not enough. */
#include "plan/relax.h"

#include "check.h"
#include "plan/fake_oracle.h"
#include "plan/greedy.h"
#include "plan/planner.h"

/* The search is no proof: of a hundred answers one may be missed. */
#define CHECK_OF(wrong, tried) CHECK((wrong)*100 <= (tried))

static struct sw_error err;

static const struct fake_workload engine = {
	.base_ms = 5, .work = 0.01, .push = 0.2, .weights_gib = 3};

static struct sw_plan *solve(enum sw_status expected)
{
	struct sw_plan *plan;

	CHECK_INT(sw__plan_solve(&fake_problem, &fake_oracle, NULL, &plan, &err), expected);
	CHECK_INT(fake_prepared, 0);
	return plan;
}

static bool holds(void)
{
	struct sw_plan *plan;
	enum sw_status st = sw__plan_solve(&fake_problem, &fake_oracle, NULL, &plan, &err);

	sw_plan_free(plan);
	return st == SW_OK;
}

/* Take a relaxation at its word. */
static void apply(const struct sw_relaxation *r, double to)
{
	struct sw_workload *w = &fake_asked[r->workload == SW_NONE ? 0 : r->workload];

	if (r->kind == SW_RELAX_LIMIT)
		w->slo.bound_ms[r->metric][r->statistic] = to;
	for (int i = 0; r->kind == SW_RELAX_LIMITS && i < SW_METRIC_COUNT * SW_STATISTIC_COUNT; i++)
		(&w->slo.bound_ms[0][0])[i] *= to;
	if (r->kind == SW_RELAX_LOAD)
		w->load.rate = to;
	if (r->kind == SW_RELAX_GPUS)
		fake_fleet[r->fleet].count = to;
	if (r->kind == SW_RELAX_REPLICAS)
		w->replicas = 0;
	if (r->kind == SW_RELAX_WISH && strstr(r->words, "without max_num_seqs"))
		w->engine.given &= ~(unsigned)SW_KEY_MAX_NUM_SEQS;
	if (r->kind == SW_RELAX_WISH && strstr(r->words, "without max_num_batched_tokens"))
		w->engine.given &= ~(unsigned)SW_KEY_MAX_NUM_BATCHED_TOKENS;
}

/* Each of the plan's relaxations alone makes the problem feasible; `less` of its change does not. */
static void take_at_their_word(const struct sw_plan *plan, double less)
{
	for (size_t i = 0; i < plan->n_relaxations; i++) {
		const struct sw_relaxation *r = &plan->relaxations[i];
		struct sw_workload asked[FAKE_WORKLOADS];
		struct sw_fleet_entry fleet[FAKE_FLEET];
		double nearly =
			r->kind == SW_RELAX_GPUS ? r->to - 1 : r->to * pow(r->from / r->to, less);

		memcpy(asked, fake_asked, sizeof(asked));
		memcpy(fleet, fake_fleet, sizeof(fleet));
		if (r->kind != SW_RELAX_WISH && r->kind != SW_RELAX_REPLICAS) {
			apply(r, nearly);
			if (!CHECK(!holds()))
				printf("    less than: %s\n", r->words);
			memcpy(fake_asked, asked, sizeof(asked));
			memcpy(fake_fleet, fleet, sizeof(fleet));
		}
		apply(r, r->to);
		if (!CHECK(holds()))
			printf("    not enough: %s\n", r->words);
		memcpy(fake_asked, asked, sizeof(asked));
		memcpy(fake_fleet, fleet, sizeof(fleet));
	}
}

static const struct sw_relaxation *find(const struct sw_plan *plan, enum sw_relaxation_kind kind)
{
	for (size_t i = 0; plan && i < plan->n_relaxations; i++) {
		if (plan->relaxations[i].kind == kind)
			return &plan->relaxations[i];
	}
	return NULL;
}

TEST(a_limit_below_an_idle_gpu_is_relaxed_to_what_it_can_do)
{
	const struct sw_relaxation *r;
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	/* A whole GPU with nothing to do: 1.1 x 5 ms. With a load of 10: busy 0.1, 1.1 x 5 x 1.03 = 5.665. */
	fake_add_workload(engine, 10, 4);
	plan = solve(SW_INFEASIBLE);
	r = find(plan, SW_RELAX_LIMIT);
	CHECK(plan && strstr(plan->workloads[0].why, "nearly idle: tpot_p95 bound 5.5"));
	if (!CHECK(r))
		return;
	CHECK_INT(r->workload, 0);
	CHECK_INT(r->metric, SW_TPOT);
	CHECK_INT(r->statistic, SW_P95);
	CHECK_NEAR(r->from, 4, 0);
	CHECK(r->to > 5.5 && r->to < 5.55);
	CHECK_NEAR(r->relative, r->to / 4 - 1, 1e-12);
	CHECK_INT(r->basis, SW_BASIS_PLANNED);
	CHECK(r->replicas > 1);
	/* One engine needs 5.665, three digits: 5.67. */
	r = &plan->relaxations[1];
	CHECK_STR(r->words, "tpot_p95_ms 5.67 instead of 4, with 1 engine; 2.00 per hour in all");
	CHECK_NEAR(r->to, 5.67, 1e-12);
	CHECK(!find(plan, SW_RELAX_GPUS) && !find(plan, SW_RELAX_LOAD));
	apply(&plan->relaxations[0], plan->relaxations[0].to);
	CHECK(holds());
	apply(&plan->relaxations[1], 5.664);
	fake_asked[0].replicas = 1;
	CHECK(!holds());
	apply(&plan->relaxations[1], 5.67);
	CHECK(holds());
	sw_plan_free(plan);
}

TEST(a_fleet_without_room_is_relaxed_in_every_way)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2)->count = 1;
	fake_add_workload(engine, 10, 8);
	fake_add_workload(engine, 20, 9);
	plan = solve(SW_INFEASIBLE);
	if (!CHECK(plan && plan->n_relaxations >= 2))
		return;
	CHECK(find(plan, SW_RELAX_LIMIT) && find(plan, SW_RELAX_GPUS));
	take_at_their_word(plan, 0.03);
	for (size_t i = 1; i < plan->n_relaxations; i++)
		CHECK(plan->relaxations[i - 1].relative <= plan->relaxations[i].relative);
	sw_plan_free(plan);
}

TEST(the_fewest_gpus_more_are_found)
{
	const struct sw_relaxation *r;
	struct sw_plan *plan;

	/* Busy 0.01 x 1000 / share: eleven engines, each with nearly a whole GPU, on two. */
	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2)->count = 2;
	fake_add_workload(engine, 1000, 8);
	plan = solve(SW_INFEASIBLE);
	r = find(plan, SW_RELAX_GPUS);
	if (!CHECK(r && r->to > 10))
		return;
	CHECK_INT(r->basis, SW_BASIS_PLANNED);
	CHECK_NEAR(r->relative, (r->to - 2) / 2, 1e-12);
	r = find(plan, SW_RELAX_LOAD);
	CHECK(r && r->to > 100 && r->to < 200);
	take_at_their_word(plan, 0.03);
	sw_plan_free(plan);
}

TEST(a_thousand_engines_are_counted_without_planning_them)
{
	const struct sw_relaxation *r;
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2)->count = 2;
	fake_add_workload(engine, 100000, 8);
	plan = solve(SW_INFEASIBLE);
	r = find(plan, SW_RELAX_GPUS);
	if (!CHECK(r && r->replicas > 1000 && r->basis == SW_BASIS_FREE))
		return;
	CHECK_NEAR(r->to, r->replicas, 0); /* one on each */
	CHECK(strstr(plan->workloads[0].why, "the fleet has no room left: of "));
	r = find(plan, SW_RELAX_LOAD);
	CHECK(r && r->to > 100 && r->to < 200);
	apply(r, r ? r->to : NAN);
	CHECK(holds());
	sw_plan_free(plan);
}

TEST(wishes_that_stand_in_the_way_are_named)
{
	const struct sw_relaxation *r;
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_workload(engine, 300, 20)->replicas = 2;
	plan = solve(SW_INFEASIBLE);
	r = find(plan, SW_RELAX_REPLICAS);
	if (!CHECK(r && r->to > 2))
		return;
	CHECK_NEAR(r->from, 2, 0);
	CHECK(strstr(r->words, "without replicas 2, with "));
	take_at_their_word(plan, 0.03);
	sw_plan_free(plan);
	/* The kind it may use is full; the other has room. */
	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2)->count = 1;
	fake_add_gpu(SW_MPS, 100, 40, 1, 3)->count = 1;
	fake_add_workload(engine, 10, 6);
	fake_add_workload(engine, 10, 6);
	for (int i = 0; i < 2; i++) {
		static char ids[1][SW_NAME_MAX] = {"g0"};

		fake_asked[i].n_gpus = 1;
		fake_asked[i].gpus = ids;
	}
	plan = solve(SW_INFEASIBLE);
	r = find(plan, SW_RELAX_WISH);
	CHECK(r && strstr(r->words, "without gpus, with 1 engine"));
	sw_plan_free(plan);
}

TEST(two_limits_that_both_fail_are_relaxed_together)
{
	const struct sw_relaxation *r;
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_workload(engine, 10, 4)->slo.bound_ms[SW_TTFT][SW_P95] = 40;
	plan = solve(SW_INFEASIBLE);
	r = find(plan, SW_RELAX_LIMITS);
	CHECK(plan && !find(plan, SW_RELAX_LIMIT));
	if (CHECK(r))
		take_at_their_word(plan, 0.03);
	sw_plan_free(plan);
}

TEST(several_that_find_no_room_need_so_many_gpus_together)
{
	const struct sw_relaxation *r = NULL;
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2)->count = 1;
	for (int i = 0; i < 3; i++)
		fake_add_workload(engine, 10, 6);
	fake_add_workload(engine, 10, 1); /* that nothing serves */
	plan = solve(SW_INFEASIBLE);
	for (size_t i = 0; plan && i < plan->n_relaxations; i++)
		r = plan->relaxations[i].workload == SW_NONE ? &plan->relaxations[i] : r;
	if (CHECK(r)) {
		CHECK_INT(r->kind, SW_RELAX_GPUS);
		CHECK_NEAR(r->to, 3, 0);
		CHECK_STR(r->words, "2 more g0; 6.00 per hour in all");
		fake_problem.n_workloads = 3;
		CHECK(!holds());
		apply(r, 2);
		CHECK(!holds());
		apply(r, 3);
		CHECK(holds());
	}
	sw_plan_free(plan);
}

static double between(uint64_t *random, double low, double high)
{
	return low + (high - low) * (double)(sw__random(random) >> 40) / (1 << 24);
}

/* A few workloads on two kinds of GPU with numbers. */
static void random_problem(uint64_t *random)
{
	fake_reset();
	for (int f = 0; f < 2; f++) {
		double speed = between(random, 0.6, 1.6);

		fake_add_gpu(f ? SW_TIMESLICE : SW_MPS, 100, 24, speed,
			     speed * between(random, 0.8, 1.3))
			->count = floor(between(random, 1, 3));
	}
	for (int w = (int)between(random, 2, 6); w > 0; w--)
		(void)fake_add_workload((struct fake_workload){between(random, 3, 6), 0.01,
							       between(random, 0, 0.6),
							       between(random, 2, 15)},
					between(random, 5, 120), between(random, 6, 14));
}

/* Of problems with one workload that does not hold: what is said to be enough is, and little less is not. */
TEST(random_problems_are_feasible_as_relaxed)
{
	uint64_t random = 7;
	int tried = 0, not_enough = 0, too_much = 0;

	for (int i = 0; i < 150; i++) {
		struct sw_workload asked[FAKE_WORKLOADS];
		struct sw_fleet_entry fleet[FAKE_FLEET];
		struct sw_plan *plan = NULL;
		size_t unmet = 0;

		random_problem(&random);
		memcpy(asked, fake_asked, sizeof(asked));
		memcpy(fleet, fake_fleet, sizeof(fleet));
		(void)sw__plan_solve(&fake_problem, &fake_oracle, NULL, &plan, &err);
		for (size_t w = 0; plan && w < plan->n_workloads; w++)
			unmet += !plan->workloads[w].met;
		for (size_t k = 0; unmet == 1 && k < plan->n_relaxations; k++) {
			const struct sw_relaxation *r = &plan->relaxations[k];

			if (r->basis == SW_BASIS_ALONE)
				continue;
			apply(r, r->to);
			tried++;
			not_enough += !holds();
			memcpy(fake_asked, asked, sizeof(asked));
			memcpy(fake_fleet, fleet, sizeof(fleet));
			/* Precision is a hundredth; of a limit a second stands for one engine only. */
			apply(r, r->kind == SW_RELAX_GPUS ? r->to - 1
				 : r->from > r->to        ? r->to * 1.015
							  : r->to / 1.015);
			too_much +=
				r->kind != SW_RELAX_WISH && r->relative > 0.02 && k == 0 && holds();
			memcpy(fake_asked, asked, sizeof(asked));
			memcpy(fake_fleet, fleet, sizeof(fleet));
		}
		sw_plan_free(plan);
	}
	CHECK(tried > 60);
	if (!CHECK_OF(not_enough, tried) || !CHECK_OF(too_much, tried))
		printf("    of %d relaxations %d were not enough, %d too much\n", tried, not_enough,
		       too_much);
}

TEST(a_plan_that_holds_has_none)
{
	struct sw_plan *plan;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_workload(engine, 10, 8);
	plan = solve(SW_OK);
	CHECK(plan && plan->n_relaxations == 0);
	sw_plan_free(plan);
}

TEST_MAIN()
