// SPDX-License-Identifier: Apache-2.0
/* Plans with measured tables that run, against every plan there is, and beside language models. */
#include "plan/table_replan.h"

#include "plan/change_price.h"
#include "plan/greedy.h"
#include "plan/replan_fixture.h"
#include "plan/table_fixture.h"
#include "plan/table_rows.h"

static const double steps[] = {100, 220, 330, 450, 800};

/* A GPU of three compute and four memory slices: 1g may begin at 0, 1 and 2, 2g at 0 and 2, 3g at 0. */
static struct sw_fleet_entry *add_small(double price, double count)
{
	static const struct sw_mig_profile profiles[] = {
		{"1g", 1, 1, 10, 14, 3, 0x7},
		{"2g", 2, 2, 20, 28, 1, 0x5},
		{"3g", 3, 4, 39.5, 98, 1, 0x1},
	};
	struct sw_fleet_entry *entry = fake_add_gpu(SW_MIG, 98, 40, 1, price);

	entry->count = count;
	entry->gpu.mig_compute_slices = 3;
	entry->gpu.mig_memory_slices = 4;
	entry->gpu.n_mig = sizeof(profiles) / sizeof(profiles[0]);
	memcpy(entry->gpu.mig, profiles, sizeof(profiles));
	return entry;
}

/* Of each slice two rows: one that is late where limits are tight, with more throughput. */
static void add_thirds(double rate, const double *throughput, double latency_ms)
{
	double none[5] = {0};
	size_t w = fake_problem.n_workloads;
	struct sw_workload *asked = fake_add_table(rate, none);
	struct sw_table *table = &fake_tables[w];

	for (unsigned i = 0; i < 3; i++) {
		if (!(throughput[i] > 0))
			continue;
		table->rows[table->n++] = (struct sw_table_row){
			.batch = 4,
			.processes = 1,
			.share = (i + 1) / 3.0,
			.latency_ms = 10,
			.throughput = throughput[i],
			.memory_gib = NAN,
		};
		table->rows[table->n++] = (struct sw_table_row){
			.batch = 8,
			.processes = 1,
			.share = (i + 1) / 3.0,
			.latency_ms = 18,
			.throughput = 1.2 * throughput[i],
			.memory_gib = NAN,
		};
	}
	asked->latency_ms = latency_ms;
}

/* One engine on a slice, in a plan that may be. */
struct every_seat {
	size_t workload;
	unsigned profile, start;
};

enum { SLICES = 3, GPUS_MAX = 3, SETS_MAX = 400, WORKLOADS_MAX = 3 };

struct every_set {
	size_t n;
	struct every_seat on[SLICES];
};

struct every {
	const struct sw_plan_mixes *running;
	struct sw_replan_options options;
	size_t n_sets;
	struct every_set sets[SETS_MAX];
	size_t n_gpus; /* running ones first */
	/* Of each set on each GPU: what it costs but for engines that may come from elsewhere, and what it serves. */
	double money, best_money;
	unsigned best_lost;
};

/* Every set of engines that lie side by side. */
static void list_sets(struct every *b, struct every_set *set, unsigned compute, unsigned long taken,
		      unsigned from)
{
	const struct sw_gpu *gpu = &fake_fleet[0].gpu;

	b->sets[b->n_sets++] = *set;
	for (unsigned at = from; at < gpu->mig_memory_slices; at++)
		for (unsigned p = 0; p < gpu->n_mig; p++) {
			unsigned long slices = ((1UL << gpu->mig[p].memory_slices) - 1) << at;

			if (!(gpu->mig[p].starts >> at & 1) || (taken & slices) ||
			    compute + gpu->mig[p].compute_slices > gpu->mig_compute_slices)
				continue;
			for (size_t w = 0; w < fake_problem.n_workloads; w++) {
				set->on[set->n++] = (struct every_seat){w, p, at};
				list_sets(b, set, compute + gpu->mig[p].compute_slices,
					  taken | slices, at + 1);
				set->n--;
			}
		}
}

static double share_of(unsigned profile)
{
	return (profile + 1) / 3.0;
}

/* The running engine of which this one is the same: its capacity as it runs, else 0. */
static double kept_capacity(const struct sw_planned_gpu *gpu, const struct every_seat *seat)
{
	bool known;

	for (size_t k = 0; k < gpu->n_rows; k++) {
		const struct sw_planned_row *row = &gpu->rows[k];
		const struct sw_table_row *as;

		if (row->workload != seat->workload || row->mig_start != seat->start ||
		    fabs(row->share - share_of(seat->profile)) > 1e-6)
			continue;
		as = sw__row_as_run(&fake_asked[seat->workload], row->share, row->memory_gib,
				    row->batch, row->processes, &known);
		return as ? as->throughput : 0;
	}
	return 0;
}

/* What one set on one GPU costs and serves: a bit of `keep` for each that goes on as it runs. */
static bool add_set(struct every *b, size_t g, const struct every_set *set, unsigned keep,
		    double *serves, double *money)
{
	const struct sw_fleet_entry *entry = &fake_fleet[0];
	bool runs = g < b->running->n_gpus;
	unsigned left[WORKLOADS_MAX] = {0};

	if (set->n == 0)
		return true;
	*money += b->options.horizon_hours * entry->price_per_hour;
	*money += runs ? 0 : sw__price_of_opening(&b->options, entry);
	for (size_t k = 0; runs && k < b->running->gpus[g].n_rows; k++)
		left[b->running->gpus[g].rows[k].workload]++;
	for (size_t i = 0; i < set->n; i++)
		if (keep >> i & 1) {
			double each = runs ? kept_capacity(&b->running->gpus[g], &set->on[i]) : 0;

			if (each == 0)
				return false;
			serves[set->on[i].workload] += each;
			left[set->on[i].workload]--;
		}
	/* The larger ones first: for them a restart saves most. */
	for (unsigned profile = SLICES; profile-- > 0;)
		for (size_t i = 0; i < set->n; i++) {
			const struct every_seat *seat = &set->on[i];
			const struct sw_table_row *row =
				sw__row_best(&fake_asked[seat->workload], share_of(profile),
					     entry->gpu.mig[profile].memory_gib);

			if ((keep >> i & 1) || seat->profile != profile)
				continue;
			if (!row)
				return false;
			serves[seat->workload] += row->throughput;
			*money += left[seat->workload] ? sw__price_of_restart(&b->options, entry,
									      share_of(profile))
						       : sw__price_of_start(&b->options, entry,
									    share_of(profile));
			left[seat->workload] -= left[seat->workload] > 0;
		}
	return true;
}

static void judge(struct every *b, const double *serves, double money)
{
	unsigned lost = 0;

	for (size_t w = 0; w < fake_problem.n_workloads; w++)
		lost += serves[w] < fake_asked[w].load.rate * (1 - 1e-6);
	if (lost > b->best_lost || (lost == b->best_lost && money >= b->best_money))
		return;
	b->best_lost = lost;
	b->best_money = money;
}

/* GPU by GPU. */
static void walk(struct every *b, size_t g, const double *serves, double money)
{
	if (b->best_lost == 0 && money >= b->best_money)
		return;
	if (g == b->n_gpus) {
		judge(b, serves, money);
		return;
	}
	for (size_t s = 0; s < b->n_sets; s++)
		for (unsigned keep = 0; keep < 1U << b->sets[s].n; keep++) {
			double then[WORKLOADS_MAX], price = money;

			memcpy(then, serves, sizeof(then));
			if (add_set(b, g, &b->sets[s], keep, then, &price))
				walk(b, g + 1, then, price);
		}
}

static struct every every_best(const struct sw_plan_mixes *running,
			       const struct sw_replan_options *options)
{
	static struct every b;
	struct every_set none = {0};
	double serves[WORKLOADS_MAX] = {0};

	b = (struct every){.running = running,
			   .options = *options,
			   .best_lost = WORKLOADS_MAX + 1,
			   .best_money = INFINITY,
			   .n_gpus = (size_t)fake_fleet[0].count};
	list_sets(&b, &none, 0, 0, 0);
	CHECK(b.n_sets < SETS_MAX);
	walk(&b, 0, serves, 0);
	return b;
}

static double fraction(uint64_t *random)
{
	return (double)(sw__random(random) % 1000) / 1000;
}

static unsigned lost_of(const struct sw_plan *plan)
{
	unsigned lost = 0;

	for (size_t w = 0; w < plan->n_workloads; w++)
		lost += !plan->workloads[w].met;
	return lost;
}

/* What follows upon a plan that was reached is that plan. */
static void check_rest(const struct sw_plan *plan, const struct sw_replan_options *options)
{
	struct sw_plan_mixes *running = make_running(plan);
	enum sw_status st;
	struct sw_plan *next = replan(running, options, &st);

	CHECK(next && next->replanned->n_changes == 0);
	CHECK(next && next->n_gpus == plan->n_gpus);
	CHECK(next && next->cost_per_hour == plan->cost_per_hour);
	sw_plan_free(next);
	free_running(running);
}

static void compare(const struct sw_plan_mixes *running, const struct sw_replan_options *options,
		    unsigned *compared)
{
	struct every best = every_best(running, options);
	enum sw_status st;
	struct sw_plan *plan = replan(running, options, &st);

	if (!CHECK(plan))
		return;
	CHECK_INT(lost_of(plan), best.best_lost);
	CHECK_INT(st, best.best_lost ? SW_INFEASIBLE : SW_OK);
	if (best.best_lost == 0) {
		CHECK_NEAR(money_of(plan), best.best_money, 1e-6);
		check_rest(plan, options);
		++*compared;
	}
	sw_plan_free(plan);
}

/* All there is on up to three GPUs, from plans that ran with other loads, some with another limit. */
TEST(as_cheap_as_the_best_of_all_plans)
{
	struct sw_replan_options options = sw_replan_defaults();
	uint64_t random = 5;
	unsigned compared = 0;

	options.least_saving = 0;
	for (int i = 0; i < 120; i++) {
		size_t tables = i % 7 == 0 ? 3 : 1 + (size_t)(i % 2);
		struct sw_plan_mixes *running;

		fake_reset();
		(void)add_small(2, tables == 3 ? 2 : 2 + i % 2);
		for (size_t w = 0; w < tables; w++) {
			double one = 80 + 60 * fraction(&random);
			double each[] = {one, one * (1.5 + fraction(&random)),
					 one * (2.2 + 1.2 * fraction(&random))};

			add_thirds(40 + 200 * fraction(&random), each, i % 3 ? 100 : 30);
		}
		running = plan_and_run();
		if (!running)
			continue;
		options.horizon_hours = i % 4 ? 1 : 0.05;
		for (size_t w = 0; w < tables; w++) {
			fake_asked[w].load.rate *= 0.3 + 1.9 * fraction(&random);
			if (i % 5 == 0)
				fake_asked[w].latency_ms = i % 10 ? 30 : 100;
		}
		compare(running, &options, &compared);
		free_running(running);
	}
	CHECK(compared > 70);
}

/* The same with the usual least saving: no dearer than by that. */
TEST(what_saves_little_is_left)
{
	struct sw_replan_options options = sw_replan_defaults();
	struct sw_plan_mixes *running;
	struct sw_plan *plan;
	enum sw_status st;

	fake_reset();
	fake_add_mig(2);
	(void)fake_add_table(1500, steps);
	running = plan_and_run(); /* two GPUs */
	CHECK_INT(running->n_gpus, 2);
	fake_asked[0].load.rate = 300;
	plan = replan(running, &options, &st);
	CHECK(plan && plan->n_gpus == 1 && plan->replanned->n_changes > 0);
	CHECK(plan && plan->replanned->changes_price == 0);
	CHECK_NEAR(plan ? plan->replanned->running_per_hour : 0, 4, 1e-12);
	sw_plan_free(plan);
	options.least_saving = 1.5; /* of the GPU that is closed */
	plan = replan(running, &options, &st);
	CHECK(plan && plan->n_gpus == 1); /* it costs nothing, and pays all the same */
	sw_plan_free(plan);
	free_running(running);
}

/*
 * Engines that go on keep GPU, place and number, and the new one has a number that nobody had: a seventh for four minutes, where two
 * sevenths in place of one took longer. At half the price it is the other way round.
 */
TEST(what_runs_goes_on_and_one_is_added)
{
	struct sw_replan_options options = sw_replan_defaults();
	struct sw_plan_mixes *running;
	struct sw_plan *plan;
	enum sw_status st;

	fake_reset();
	fake_add_mig(2);
	(void)fake_add_table(95, steps);
	(void)fake_add_table(320, steps);
	running = plan_and_run();
	CHECK_INT(running->n_gpus, 1);
	fake_asked[0].load.rate = 190;
	plan = replan(running, NULL, &st);
	CHECK(plan && plan->replanned->n_changes == 1);
	CHECK(plan && plan->replanned->changes[0].kind == SW_CHANGE_MEMORY);
	CHECK_NEAR(plan ? plan->replanned->changes_price : 0, 2 * 60.0 / 3600 * 2 / 7, 1e-9);
	sw_plan_free(plan);
	options.restart_s = 130;
	plan = replan(running, &options, &st);
	if (!CHECK(plan && plan->replanned->n_changes == 1))
		return;
	CHECK_INT(plan->replanned->changes[0].kind, SW_CHANGE_START);
	CHECK_INT(plan->replanned->changes[0].replica, 1);
	CHECK_STR(plan->replanned->changes[0].why,
		  "2 engines in place of 1: as they run its engines serve 100 of 190 requests/s");
	CHECK_NEAR(plan->replanned->changes_price, 240.0 / 3600 * 2 / 7, 1e-9);
	for (size_t k = 0; k < running->gpus[0].n_rows; k++) {
		const struct sw_planned_row *was = &running->gpus[0].rows[k];
		bool found = false;

		for (size_t i = 0; i < plan->gpus[0].n; i++)
			found |= plan->gpus[0].tenants[i].workload == was->workload &&
				 plan->gpus[0].tenants[i].replica == was->replica &&
				 plan->gpus[0].tenants[i].mig_start == was->mig_start;
		CHECK(found);
	}
	CHECK_NEAR(plan->gpus[0].tenants[0].rate_or_concurrency, 95, 1e-9);
	sw_plan_free(plan);
	free_running(running);
}

/* A row that is no longer in the table: the engine is started anew as another. */
TEST(a_row_that_is_gone)
{
	struct sw_plan_mixes *running;
	struct sw_plan *plan;
	enum sw_status st;

	fake_reset();
	fake_add_mig(2);
	(void)fake_add_table(95, steps);
	running = plan_and_run();
	for (size_t i = 0; i < fake_tables[0].n; i++)
		fake_rows[0][i].batch = 5;
	plan = replan(running, NULL, &st);
	if (!CHECK(plan && plan->replanned->n_changes == 1))
		return;
	CHECK_INT(plan->replanned->changes[0].kind, SW_CHANGE_BATCH);
	CHECK_INT(plan->replanned->changes[0].from.batch, 4);
	CHECK_INT(plan->replanned->changes[0].to.batch, 5);
	CHECK_STR(plan->replanned->changes[0].why,
		  "no row of t.csv with batches of 4 by 1 process on a share of 0.14 any more");
	CHECK_NEAR(plan->replanned->changes_price, 60.0 / 3600 * 2 / 7, 1e-9);
	sw_plan_free(plan);
	fake_asked[0].latency_ms = 20;
	for (size_t i = 0; i < fake_tables[0].n; i++)
		fake_rows[0][i].batch = 4;
	plan = replan(running, NULL, &st);
	CHECK_INT(st, SW_INFEASIBLE);
	CHECK(plan && plan->replanned->changes[0].kind == SW_CHANGE_STOP);
	CHECK(plan && strstr(plan->replanned->changes[0].why, "is not in time"));
	sw_plan_free(plan);
	free_running(running);
}

/* Wishes that are new: fewer engines, or apart; and what is not wanted any more stops. */
TEST(wishes_of_today_count)
{
	struct sw_plan_mixes *running;
	struct sw_plan *plan;
	enum sw_status st;

	fake_reset();
	fake_add_mig(2);
	(void)fake_add_table(150, steps);
	fake_asked[0].replicas = 3;
	running = plan_and_run();
	fake_asked[0].replicas = 2;
	plan = replan(running, NULL, &st);
	CHECK(plan && plan->workloads[0].met && plan->workloads[0].replicas == 2);
	CHECK(plan && plan->replanned->n_changes == 1);
	CHECK(plan && plan->replanned->changes[0].kind == SW_CHANGE_STOP);
	sw_plan_free(plan);
	fake_asked[0].replicas = 3;
	fake_asked[0].spread = true;
	plan = replan(running, NULL, &st);
	CHECK(plan && plan->workloads[0].met && plan->n_gpus == 3);
	sw_plan_free(plan);
	(void)snprintf(fake_asked[0].name, SW_NAME_MAX, "other");
	fake_asked[0].spread = false;
	plan = replan(running, NULL, &st);
	CHECK(plan && plan->workloads[0].met);
	CHECK(plan && strstr(plan->replanned->changes[plan->replanned->n_changes - 1].why,
			     "no longer among the workloads"));
	sw_plan_free(plan);
	free_running(running);
}

/* Of a fleet that has fewer GPUs by now some are closed; what cannot be served is said, the others go on. */
TEST(a_smaller_fleet)
{
	struct sw_plan_mixes *running;
	struct sw_plan *plan;
	enum sw_status st;

	fake_reset();
	fake_add_mig(2);
	(void)fake_add_table(700, steps);
	(void)fake_add_table(750, steps);
	running = plan_and_run();
	CHECK_INT(running->n_gpus, 2);
	fake_fleet[0].count = 1;
	plan = replan(running, NULL, &st);
	CHECK_INT(st, SW_INFEASIBLE);
	CHECK(plan && plan->n_gpus == 1 && lost_of(plan) == 1);
	sw_plan_free(plan);
	free_running(running);
}

/* A language model keeps its place; the table is beside it, and makes way where the model grows. */
TEST(beside_a_language_model)
{
	struct sw_plan_mixes *running;
	struct sw_plan *plan;
	enum sw_status st;

	fake_reset();
	fake_add_mig(2);
	(void)fake_add_share(3.0 / 7, 1);
	(void)fake_add_table(400, steps);
	running = plan_and_run();
	CHECK_INT(running->n_gpus, 1);
	plan = replan(running, NULL, &st);
	CHECK_INT(st, SW_OK);
	CHECK(plan && plan->replanned->n_changes == 0 && plan->n_gpus == 1);
	sw_plan_free(plan);
	fake_asked[1].load.rate = 900;
	plan = replan(running, NULL, &st);
	CHECK_INT(st, SW_OK);
	if (plan) {
		CHECK_INT(plan->n_gpus, 2);
		CHECK(plan->workloads[0].met && plan->workloads[1].met);
		CHECK_INT(plan->replanned->changes[0].kind, SW_CHANGE_OPEN);
		check_rest(plan, NULL);
	}
	sw_plan_free(plan);
	/* Without the table the GPU is the model's; without the model its slices are the table's. */
	(void)snprintf(fake_asked[1].name, SW_NAME_MAX, "gone");
	fake_problem.n_workloads = 1;
	plan = replan(running, NULL, &st);
	CHECK(plan && st == SW_OK && plan->n_gpus == 1);
	CHECK(plan && plan->replanned->n_changes >= 1);
	CHECK(plan && plan->replanned->changes[0].kind == SW_CHANGE_STOP);
	sw_plan_free(plan);
	fake_reset();
	fake_add_mig(2);
	(void)fake_add_table(300, steps);
	(void)snprintf(fake_asked[0].name, SW_NAME_MAX, "w1");
	plan = replan(running, NULL, &st);
	CHECK(plan && st == SW_OK && plan->n_gpus == 1 && plan->workloads[0].met);
	CHECK(plan && plan->replanned->n_changes == 1);
	CHECK(plan && strcmp(plan->replanned->changes[0].workload, "w0") == 0);
	sw_plan_free(plan);
	free_running(running);
}

/* Elsewhere a table has the GPU to itself, and keeps it. */
TEST(whole_gpus)
{
	struct sw_plan_mixes *running;
	struct sw_plan *plan;
	enum sw_status st;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	(void)fake_add_share(0.2, 1);
	(void)fake_add_table(400, steps);
	running = plan_and_run();
	CHECK_INT(running->n_gpus, 2);
	fake_asked[1].load.rate = 900;
	plan = replan(running, NULL, &st);
	CHECK(plan && plan->n_gpus == 3 && plan->replanned->n_changes == 2);
	CHECK(plan && strcmp(plan->gpus[0].id, running->gpus[0].id) == 0);
	CHECK(plan && strcmp(plan->gpus[1].id, running->gpus[1].id) == 0);
	if (plan)
		check_rest(plan, NULL);
	sw_plan_free(plan);
	free_running(running);
}

TEST_MAIN()
