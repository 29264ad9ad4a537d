// SPDX-License-Identifier: Apache-2.0
#include "plan/replan_fixture.h"
#include "plan/verify.h"

/* Two to four workloads with one engine each on one or two kinds of GPU with ten slices. */
static bool random_running(unsigned seed, struct sw_plan_mixes **running)
{
	size_t n;

	random_state = seed * 2654435761u + 7;
	fake_reset();
	fake_add_gpu(SW_MPS, 10, random_between(20, 40), 1, 2);
	if (random_between(0, 1) < 0.6)
		random_second_gpu(12);
	n = 2 + (size_t)random_between(0, 2.999);
	for (size_t i = 0; i < n; i++)
		random_workload(14, 20, 0.6, 8);
	*running = plan_and_run();
	return *running;
}

static void move_loads(double low, double high)
{
	for (size_t w = 0; w < fake_problem.n_workloads; w++)
		fake_asked[w].load.rate *= random_between(low, high);
}

TEST(nothing_changes_where_nothing_changed)
{
	int plans = 0;

	for (unsigned seed = 1; seed <= 100; seed++) {
		struct sw_plan_mixes *running;
		struct sw_plan *plan;
		enum sw_status st;

		if (!random_running(seed, &running))
			continue;
		plan = replan(running, NULL, &st);
		CHECK_INT(st, SW_OK);
		CHECK(plan && plan->replanned->n_changes == 0);
		for (size_t i = 0; plan && i < plan->n_gpus; i++)
			CHECK_STR(plan->gpus[i].id, running->gpus[i].id);
		plans++;
		sw_plan_free(plan);
		free_running(running);
	}
	CHECK(plans > 60);
}

struct tally {
	int plans, best;
};

/* By looking at every plan, when loads have become up to `most` times what they were. */
static void compare_one(unsigned seed, double most, struct tally *t)
{
	struct sw_replan_options options = sw_replan_defaults();
	struct sw_plan_mixes *running;
	struct sw_plan *plan;
	enum sw_status st;
	double least;

	if (!random_running(seed, &running))
		return;
	move_loads(0.5, most);
	options.horizon_hours = seed % 3 ? 1 : 0.1;
	options.least_saving = 0;
	least = brute_money(running, &options);
	plan = replan(running, &options, &st);
	CHECK_INT(st, isfinite(least) ? SW_OK : SW_INFEASIBLE);
	if (st == SW_OK && plan) {
		CHECK(money_of(plan) >= least * (1 - 1e-9));
		t->plans++;
		t->best += money_of(plan) <= least * (1 + 1e-9);
	}
	sw_plan_free(plan);
	free_running(running);
}

/* The search is not exact; how often it is the cheapest is what is tested. */
TEST(hours_and_changes_cost_the_least_there_is)
{
	struct tally t = {0};

	for (unsigned seed = 1; seed <= 200; seed++)
		compare_one(seed, 2, &t);
	(void)printf("%d of %d at the optimum\n", t.best, t.plans);
	CHECK(t.plans > 100 && t.best * 100 >= t.plans * 97);
}

/* Three new GPUs of one kind for four engines. */
TEST(and_where_nearly_everyone_needs_a_new_gpu)
{
	static const unsigned seeds[] = {338, 605, 748, 2348, 3695, 4511};
	struct tally t = {0};

	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++)
		compare_one(seeds[i], 4, &t);
	CHECK_INT(t.best, sizeof(seeds) / sizeof(seeds[0]));
}

/* Planned again from where one is, with the same traffic: nothing more to do. And back, and forth. */
TEST(a_plan_that_was_reached_stays)
{
	int plans = 0;

	for (unsigned seed = 1; seed <= 100; seed++) {
		struct sw_plan_mixes *running, *next;
		struct sw_plan *plan, *again;
		enum sw_status st;

		if (!random_running(seed, &running))
			continue;
		move_loads(0.4, 2);
		plan = replan(running, NULL, &st);
		free_running(running);
		if (st == SW_OK) {
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
	CHECK(plans > 60);
}

/* The same from the same, to the last byte of what is printed. */
TEST(the_same_question_has_the_same_answer)
{
	for (unsigned seed = 1; seed <= 20; seed++) {
		struct sw_plan_mixes *running;
		char *text[2] = {NULL, NULL};

		if (!random_running(seed, &running))
			continue;
		move_loads(0.5, 1.6);
		for (int i = 0; i < 2; i++) {
			enum sw_status st;
			struct sw_plan *plan = replan(running, NULL, &st);

			CHECK_INT(sw_plan_to_json(&fake_problem, plan, &text[i], &err), SW_OK);
			sw_plan_free(plan);
		}
		CHECK_STR(text[0], text[1]);
		free(text[0]);
		free(text[1]);
		free_running(running);
	}
}

/* Engines that each need a given share of a GPU of speed 1, whatever is beside them. */
static struct sw_plan_mixes *run_shares(const double *shares, size_t n)
{
	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	for (size_t i = 0; i < n; i++)
		fake_add_share(shares[i], 1);
	return plan_and_run();
}

/* The limit that asks for this share from now on. */
static void ask_share(size_t workload, double share)
{
	fake_asked[workload].slo.bound_ms[SW_TPOT][SW_P95] = 5.5 / pow(share, 0.7) * 1.0001;
}

static const struct sw_change *only_change(const struct sw_plan *plan)
{
	CHECK_INT(plan->replanned->n_changes, 1);
	return &plan->replanned->changes[0];
}

TEST(a_limit_that_breaks_costs_one_restart)
{
	struct sw_plan_mixes *running = run_shares((double[]){0.5, 0.3}, 2);
	const struct sw_change *change;
	struct sw_plan *plan;
	enum sw_status st;

	ask_share(1, 0.4);
	plan = replan(running, NULL, &st);
	CHECK_INT(st, SW_OK);
	change = only_change(plan);
	CHECK_INT(change->kind, SW_CHANGE_SHARE);
	CHECK_STR(change->workload, "w1");
	CHECK_NEAR(change->from.share, 0.3, 1e-9);
	CHECK_NEAR(change->to.share, 0.4, 1e-9);
	CHECK_NEAR(change->price, 60.0 / 3600 * 0.4 * 2, 1e-9);
	CHECK(strstr(change->why, "tpot_p95 bound"));
	sw_plan_free(plan);
	free_running(running);
}

/* Room that is no longer needed is left: no GPU is saved by taking it back. */
TEST(shares_do_not_shrink_for_nothing)
{
	struct sw_plan_mixes *running = run_shares((double[]){0.5, 0.3}, 2);
	struct sw_plan *plan;
	enum sw_status st;

	ask_share(0, 0.2);
	plan = replan(running, NULL, &st);
	CHECK_INT(st, SW_OK);
	CHECK_INT(plan->replanned->n_changes, 0);
	CHECK_NEAR(plan->gpus[0].tenants[0].share, 0.5, 1e-9);
	sw_plan_free(plan);
	/* Where somebody needs it, it is taken. */
	ask_share(1, 0.7);
	plan = replan(running, NULL, &st);
	CHECK_INT(st, SW_OK);
	CHECK_INT(plan->n_gpus, 1);
	CHECK_INT(plan->replanned->n_changes, 2);
	sw_plan_free(plan);
	free_running(running);
}

/* Two GPUs that would fit on one: 0.16 of one is moved, within the horizon or not. */
TEST(a_gpu_is_closed_where_that_pays_within_the_horizon)
{
	struct sw_plan_mixes *running = run_shares((double[]){0.7, 0.6}, 2);
	struct sw_replan_options options = sw_replan_defaults();
	struct sw_plan *plan;
	enum sw_status st;

	CHECK_INT(running->n_gpus, 2);
	ask_share(1, 0.16);
	plan = replan(running, NULL, &st);
	CHECK_INT(plan->n_gpus, 1);
	CHECK_INT(plan->replanned->n_changes, 2);
	CHECK_INT(plan->replanned->changes[0].kind, SW_CHANGE_MOVE);
	CHECK_INT(plan->replanned->changes[1].kind, SW_CHANGE_CLOSE);
	CHECK_NEAR(plan->replanned->changes_price, 240.0 / 3600 * 0.16 * 2, 1e-9);
	sw_plan_free(plan);
	/* 2 per hour saved; 0.02 once. */
	options.horizon_hours = 0.009;
	plan = replan(running, &options, &st);
	CHECK_INT(plan->replanned->n_changes, 0);
	sw_plan_free(plan);
	options.horizon_hours = 0.011;
	plan = replan(running, &options, &st);
	CHECK_INT(plan->n_gpus, 1);
	sw_plan_free(plan);
	free_running(running);
}

TEST(workloads_come_and_go)
{
	struct sw_plan_mixes *running = run_shares((double[]){0.4, 0.3, 0.2}, 3);
	struct sw_plan *plan;
	enum sw_status st;

	/* The file no longer has the last, and the second is called otherwise. */
	fake_problem.n_workloads = 2;
	memcpy(fake_asked[1].name, "w9", 3);
	fake_workloads[9] = fake_workloads[1];
	plan = replan(running, NULL, &st);
	CHECK_INT(st, SW_OK);
	CHECK_INT(plan->replanned->n_changes, 3);
	CHECK_INT(plan->replanned->changes[0].kind, SW_CHANGE_START);
	CHECK_STR(plan->replanned->changes[0].workload, "w9");
	CHECK_STR(plan->replanned->changes[0].why, "new among the workloads");
	CHECK_STR(plan->replanned->changes[1].workload, "w1");
	CHECK_STR(plan->replanned->changes[2].workload, "w2");
	CHECK_STR(plan->replanned->changes[2].why, "no longer among the workloads");
	CHECK_STR(plan->gpus[0].id, "g0/0");
	sw_plan_free(plan);
	free_running(running);
}

TEST(a_gpu_that_is_gone_is_left_and_ids_have_gaps)
{
	struct sw_plan_mixes *running;
	struct sw_plan *plan;
	enum sw_status st;

	running = run_shares((double[]){0.7, 0.65, 0.6}, 3);
	CHECK_INT(running->n_gpus, 3);
	/* The middle one is not needed any more; the others keep their names. */
	ask_share(1, 0.25);
	plan = replan(running, NULL, &st);
	CHECK_INT(plan->n_gpus, 2);
	CHECK_STR(plan->gpus[0].id, "g0/0");
	CHECK_STR(plan->gpus[1].id, "g0/2");
	sw_plan_free(plan);
	/* Another kind in its place: everything must move, and why is said. */
	ask_share(1, 0.65);
	memcpy(fake_fleet[0].gpu.id, "h0", 3);
	plan = replan(running, NULL, &st);
	CHECK_INT(st, SW_OK);
	CHECK_INT(plan->replanned->n_changes, 9);
	CHECK_INT(plan->replanned->changes[3].kind, SW_CHANGE_MOVE);
	CHECK(strstr(plan->replanned->changes[3].why, "g0 under mps is in the fleet"));
	sw_plan_free(plan);
	/* One of three fewer: what does not fit is said, and the rest stays. */
	memcpy(fake_fleet[0].gpu.id, "g0", 3);
	fake_fleet[0].count = 2;
	plan = replan(running, NULL, &st);
	CHECK_INT(st, SW_INFEASIBLE);
	CHECK_INT(plan->n_gpus, 2);
	CHECK_INT(plan->replanned->n_changes, 2);
	CHECK(strstr(plan->replanned->changes[0].why, "the fleet has 2 g0, 3 run"));
	sw_plan_free(plan);
	free_running(running);
}

/* More traffic than one engine takes: another, with a number of its own; less again: which of them goes. */
TEST(replicas_keep_their_numbers)
{
	struct sw_replanned *kept;
	struct sw_plan_mixes *running, *next;
	struct sw_plan *plan;
	enum sw_status st;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_workload((struct fake_workload){5, 0.01, 0, 3}, 50, 12);
	running = plan_and_run();
	fake_asked[0].load.rate = 190;
	plan = replan(running, NULL, &st);
	CHECK_INT(st, SW_OK);
	CHECK(plan->workloads[0].replicas > 1);
	CHECK_INT(plan->gpus[0].tenants[0].replica, 0);
	next = make_running(plan);
	/* The first is taken away by hand; the second stays number 1. */
	next->gpus[0].mix->n = 0;
	next->workloads[0].replicas--;
	sw_plan_free(plan);
	fake_asked[0].load.rate = 50;
	plan = replan(next, NULL, &st);
	CHECK_INT(st, SW_OK);
	CHECK_INT(plan->n_gpus, 1);
	CHECK_INT(plan->gpus[0].tenants[0].replica, 1);
	CHECK_STR(plan->gpus[0].id, next->gpus[1].id);
	/* A plan from nothing has no gaps. */
	CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_OK);
	kept = plan->replanned;
	plan->replanned = NULL;
	CHECK_INT(sw__plan_verify(&fake_problem, &fake_oracle, plan, &err), SW_INTERNAL);
	plan->replanned = kept;
	sw_plan_free(plan);
	free_running(running);
	free_running(next);
}

/* No plan holds the limit: the engine goes on where it runs, the others as they are. */
TEST(what_cannot_be_held_is_not_stopped)
{
	struct sw_plan_mixes *running = run_shares((double[]){0.5, 0.3}, 2);
	struct sw_plan *plan;
	enum sw_status st;

	fake_asked[1].slo.bound_ms[SW_TPOT][SW_P95] = 0.1;
	plan = replan(running, NULL, &st);
	CHECK_INT(st, SW_INFEASIBLE);
	CHECK(strstr(err.message, "w1"));
	CHECK_INT(plan->replanned->n_changes, 0);
	CHECK_INT(plan->gpus[0].n, 2);
	CHECK(plan->workloads[0].met && !plan->workloads[1].met);
	sw_plan_free(plan);
	free_running(running);
}

TEST(what_is_no_plan_is_refused)
{
	struct sw_plan_mixes mix = {.is_plan = false};
	struct sw_replan_options options = sw_replan_defaults();
	struct sw_plan *plan;
	enum sw_status st;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	fake_add_share(0.5, 1);
	plan = replan(&mix, NULL, &st);
	CHECK(!plan);
	CHECK_INT(st, SW_BAD_INPUT);
	options.start_s = -1;
	CHECK_INT(sw_replan(NULL, &fake_problem, &mix, &options, &plan, &err), SW_USAGE);
	CHECK(strstr(err.message, "found -1"));
}

TEST_MAIN()
