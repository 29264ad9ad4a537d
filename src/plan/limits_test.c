// SPDX-License-Identifier: Apache-2.0
#include "plan/limits.h"

#include "plan/replan_fixture.h"
#include "plan/verify.h"

/* Engines of which many requests at once are felt, by themselves and by their neighbours. */
static bool random_crowds(unsigned seed, size_t most, struct sw_plan_mixes **running)
{
	size_t n;

	random_state = seed * 2654435761u + 11;
	fake_reset();
	fake_add_gpu(SW_MPS, 10, random_between(20, 40), 1, 2);
	n = 2 + (size_t)random_between(0, (double)most - 1.001);
	for (size_t i = 0; i < n; i++) {
		random_workload(14, 20, 0.6, 8);
		fake_crowd[i] = random_between(0.2, 1);
		fake_asked[i].slo.bound_ms[SW_TTFT][SW_P95] =
			fake_asked[i].slo.bound_ms[SW_TPOT][SW_P95] * random_between(12, 60);
	}
	*running = plan_and_run();
	return *running;
}

struct tally {
	int plans, best, free_of_charge, limited;
};

static bool any_limit(const struct sw_plan *plan)
{
	for (size_t i = 0; i < plan->n_gpus; i++)
		for (size_t k = 0; k < plan->gpus[i].n; k++)
			if (plan->gpus[i].tenants[k].max_in_flight)
				return true;
	return false;
}

/* By looking at every plan with every limit, when loads have become up to `most` times what they were. */
static void compare_one(unsigned seed, size_t engines, double most, struct tally *t)
{
	struct sw_replan_options options = sw_replan_defaults();
	struct sw_plan_mixes *running;
	struct sw_plan *plan;
	enum sw_status st;
	double least;

	if (!random_crowds(seed, engines, &running))
		return;
	for (size_t w = 0; w < fake_problem.n_workloads; w++)
		fake_asked[w].load.rate *= random_between(0.5, most);
	options.least_saving = 0;
	least = brute_money(running, &options);
	plan = replan(running, &options, &st);
	CHECK_INT(st, isfinite(least) ? SW_OK : SW_INFEASIBLE);
	if (st == SW_OK && plan) {
		CHECK(money_of(plan) >= least * (1 - 1e-9));
		t->plans++;
		t->best += money_of(plan) <= least * (1 + 1e-9);
		t->limited += any_limit(plan);
		t->free_of_charge += any_limit(plan) && plan->replanned->changes_price <= 0;
	}
	sw_plan_free(plan);
	free_running(running);
}

TEST(hours_and_changes_cost_the_least_there_is_with_any_limits)
{
	struct tally t = {0};

	for (unsigned seed = 1; seed <= 300; seed++)
		compare_one(seed, 2, 2, &t);
	for (unsigned seed = 301; seed <= 360; seed++)
		compare_one(seed, 3, 2, &t);
	(void)printf("%d of %d at the optimum, %d with limits, %d of them free\n", t.best, t.plans,
		     t.limited, t.free_of_charge);
	CHECK(t.plans > 150 && t.best * 100 >= t.plans * 97);
	CHECK(t.free_of_charge > 10);
}

/* Planned again with the same traffic, nothing is to be done: no limit comes and goes. */
TEST(a_plan_with_limits_stays)
{
	int plans = 0;

	for (unsigned seed = 1; seed <= 300; seed++) {
		struct sw_plan_mixes *running, *next;
		struct sw_plan *plan, *again;
		enum sw_status st;

		if (!random_crowds(seed, 3, &running))
			continue;
		for (size_t w = 0; w < fake_problem.n_workloads; w++)
			fake_asked[w].load.rate *= random_between(0.5, 2);
		plan = replan(running, NULL, &st);
		free_running(running);
		if (st == SW_OK && any_limit(plan)) {
			CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_OK);
			next = make_running(plan);
			again = replan(next, NULL, &st);
			CHECK_INT(st, SW_OK);
			CHECK(again && again->replanned->n_changes == 0);
			plans++;
			sw_plan_free(again);
			free_running(next);
		}
		sw_plan_free(plan);
	}
	(void)printf("%d plans with limits\n", plans);
	CHECK(plans > 20);
}

/*
 * Two engines on one GPU, the first of which pushes the second. Of the first many requests at once are felt, and it may wait; of the
 * second nothing is but its tokens.
 */
static struct sw_plan_mixes *run_pusher(void)
{
	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_workload((struct fake_workload){5, 0.01, 0.4, 3}, 10, 12)
		->slo.bound_ms[SW_TTFT][SW_P95] = 300;
	fake_add_workload((struct fake_workload){5, 0.001, 0, 3}, 10, 16);
	fake_crowd[0] = 0.8;
	return plan_and_run();
}

static const struct sw_change *only_change(const struct sw_plan *plan)
{
	static const struct sw_change none = {.kind = SW_CHANGE_COUNT};

	return CHECK(plan && plan->replanned->n_changes == 1) ? &plan->replanned->changes[0]
							      : &none;
}

/* Then what runs becomes what was planned. */
static struct sw_plan_mixes *go_on(struct sw_plan_mixes *running, struct sw_plan *plan)
{
	struct sw_plan_mixes *next = make_running(plan);

	sw_plan_free(plan);
	free_running(running);
	return next;
}

TEST(what_a_restart_would_cost_a_gateway_does_for_nothing)
{
	struct sw_replan_options options = sw_replan_defaults();
	struct sw_plan_mixes *running = run_pusher();
	const struct sw_change *change;
	struct sw_plan *plan;
	enum sw_status st;

	fake_asked[1].slo.bound_ms[SW_TPOT][SW_P95] *= 0.97;
	plan = replan(running, NULL, &st);
	CHECK_INT(st, SW_OK);
	change = only_change(plan);
	CHECK_INT(change->kind, SW_CHANGE_LIMIT);
	CHECK_STR(change->workload, "w0");
	CHECK(change->price == 0 && plan->replanned->changes_price == 0);
	CHECK_INT(change->from.max_in_flight, 0);
	CHECK(change->to.max_in_flight > 1 && change->to.max_in_flight < 32);
	CHECK_INT(change->to.max_num_seqs, 32);
	CHECK(strstr(change->why, "for w1/0: as it runs tpot_p95 bound"));
	CHECK_INT(plan->gpus[0].tenants[0].max_in_flight, change->to.max_in_flight);
	CHECK_INT(plan->gpus[0].tenants[1].max_in_flight, 0);
	sw_plan_free(plan);
	/* Where nothing is in front of engines, one must be restarted. */
	options.no_gateway = true;
	plan = replan(running, &options, &st);
	CHECK_INT(st, SW_OK);
	CHECK_INT(only_change(plan)->kind, SW_CHANGE_SHARE);
	CHECK(plan->replanned->changes_price > 0);
	sw_plan_free(plan);
	free_running(running);
}

/* The next step of the list would not hold: it is as loose as it may be. */
TEST(a_limit_is_as_loose_as_everybody_holds)
{
	static const unsigned next_step[] = {[1] = 2,  [2] = 3,   [3] = 4,   [4] = 6,  [6] = 8,
					     [8] = 12, [12] = 16, [16] = 24, [24] = 32};
	struct sw_plan_mixes *running = run_pusher();
	struct sw_plan *plan;
	struct sw_prepared p[2];
	struct sw_prediction predicted[2];
	enum sw_status st;
	unsigned limit;

	fake_asked[1].slo.bound_ms[SW_TPOT][SW_P95] *= 0.95;
	plan = replan(running, NULL, &st);
	CHECK_INT(st, SW_OK);
	limit = plan->gpus[0].tenants[0].max_in_flight;
	CHECK(limit > 0 && limit < 32);
	for (size_t k = 0; k < 2; k++)
		p[k] = (struct sw_prepared){plan->gpus[0].tenants[k].share,
					    1,
					    fake_asked[k].load.rate,
					    false,
					    fake_workloads[k],
					    0};
	fake_let_in(&p[0], fake_crowd[0], next_step[limit]);
	fake_predict(SW_MPS, (const sw_prepared *const[]){&p[0], &p[1]}, 2, predicted);
	CHECK(sw_prediction_meets(&predicted[0], &fake_asked[0].slo));
	CHECK(!sw_prediction_meets(&predicted[1], &fake_asked[1].slo));
	sw_plan_free(plan);
	free_running(running);
}

/* There and back: left while it is needed, lifted once it is not; where its own engine does not feel it, nobody does anything. */
TEST(a_limit_goes_when_it_is_needed_no_more)
{
	struct sw_plan_mixes *running = run_pusher();
	const double limit_ms = fake_asked[1].slo.bound_ms[SW_TPOT][SW_P95];
	struct sw_plan *plan;
	enum sw_status st;

	fake_asked[1].slo.bound_ms[SW_TPOT][SW_P95] = 0.97 * limit_ms;
	running = go_on(running, replan(running, NULL, &st));
	plan = replan(running, NULL, &st);
	CHECK_INT(plan->replanned->n_changes, 0);
	CHECK(plan->gpus[0].tenants[0].max_in_flight > 0);
	sw_plan_free(plan);
	fake_asked[1].slo.bound_ms[SW_TPOT][SW_P95] = limit_ms;
	plan = replan(running, NULL, &st);
	CHECK_INT(only_change(plan)->kind, SW_CHANGE_LIMIT);
	CHECK_INT(only_change(plan)->to.max_in_flight, 0);
	CHECK(only_change(plan)->price == 0);
	CHECK_STR(only_change(plan)->why, "all limits hold without it");
	running = go_on(running, plan);
	plan = replan(running, NULL, &st);
	CHECK_INT(plan->replanned->n_changes, 0);
	sw_plan_free(plan);
	/* 32 of 32: no limit that anybody feels. */
	running->gpus[0].mix->tenants[0].max_in_flight = 32;
	plan = replan(running, NULL, &st);
	CHECK_INT(plan->replanned->n_changes, 0);
	CHECK_INT(plan->gpus[0].tenants[0].max_in_flight, 32);
	sw_plan_free(plan);
	free_running(running);
}

/* More comes than the limit lets through in time; its neighbour has room by now. */
TEST(who_waits_too_long_for_its_own_limit_is_let_in)
{
	struct sw_plan_mixes *running = run_pusher();
	struct sw_plan *plan;
	enum sw_status st;

	running->gpus[0].mix->tenants[0].max_in_flight = 1;
	fake_asked[0].slo.bound_ms[SW_TTFT][SW_P95] = 160;
	plan = replan(running, NULL, &st);
	CHECK_INT(st, SW_OK);
	CHECK_INT(only_change(plan)->kind, SW_CHANGE_LIMIT);
	CHECK_INT(only_change(plan)->from.max_in_flight, 1);
	CHECK_INT(only_change(plan)->to.max_in_flight, 0);
	CHECK(strstr(only_change(plan)->why, "as it runs "));
	sw_plan_free(plan);
	free_running(running);
}

/* Of a closed loop fewer at once would be less load: no limit is set. */
TEST(a_closed_loop_has_no_limit)
{
	struct sw_plan_mixes *running = run_pusher();
	struct sw_plan *plan;
	enum sw_status st;

	fake_asked[0].load.concurrency = 10;
	fake_asked[0].load.rate = NAN;
	running->workloads[0].load = running->gpus[0].mix->tenants[0].load = fake_asked[0].load;
	fake_asked[1].slo.bound_ms[SW_TPOT][SW_P95] *= 0.97;
	plan = replan(running, NULL, &st);
	CHECK_INT(st, SW_OK);
	CHECK(!any_limit(plan));
	sw_plan_free(plan);
	free_running(running);
}

/* Every other limit than the one that was predicted is refused, and any before an engine runs. */
TEST(another_limit_is_refused)
{
	static const unsigned others[] = {0, 1, 31, 32, 33, 1000000, ~0U};
	struct sw_plan_mixes *running = run_pusher();
	struct sw_replanned *replanned;
	struct sw_plan *plan;
	enum sw_status st;
	unsigned *limit, was;

	fake_asked[1].slo.bound_ms[SW_TPOT][SW_P95] *= 0.97;
	plan = replan(running, NULL, &st);
	limit = &plan->gpus[0].tenants[0].max_in_flight;
	was = *limit;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]) + 2; i++) {
		*limit = i < 2 ? was - 1 + 2 * (unsigned)i : others[i - 2];
		CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_INTERNAL);
	}
	*limit = was;
	plan->gpus[0].tenants[1].max_in_flight = 33;
	CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_INTERNAL);
	CHECK(strstr(err.message, "33 requests in flight, at most 32 run"));
	plan->gpus[0].tenants[1].max_in_flight = 0;
	CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_OK);
	replanned = plan->replanned;
	plan->replanned = NULL;
	CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_INTERNAL);
	CHECK(strstr(err.message, "in flight before it runs"));
	plan->replanned = replanned;
	sw_plan_free(plan);
	free_running(running);
}

TEST_MAIN()
