/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replan_fixture.h
 * For tests: plans of fake problems that run, and the cheapest way from there by looking at every plan there is.
 */
#ifndef SLICEWISE_PLAN_REPLAN_FIXTURE_H
#define SLICEWISE_PLAN_REPLAN_FIXTURE_H

#include "check.h"
#include "plan/brute_force.h"
#include "plan/planner.h"

static struct sw_error err;

static inline void run_engine(const struct sw_placement *p, struct sw_planned_gpu *to)
{
	struct sw_planned_row *row = &to->rows[to->n_rows];
	struct sw_tenant *t = &to->mix->tenants[to->mix->n];
	char name[SW_NAME_MAX];

	(void)snprintf(name, sizeof(name), "%.80s/%u", fake_asked[p->workload].name, p->replica);
	if (p->row) {
		*row = (struct sw_planned_row){.workload = p->workload,
					       .replica = p->replica,
					       .batch = p->row->batch,
					       .processes = p->row->processes,
					       .mig_start = p->mig_start,
					       .share = p->share,
					       .memory_gib = p->memory_gib,
					       .rate = p->rate_or_concurrency};
		memcpy(row->name, name, sizeof(name));
		to->n_rows++;
		return;
	}
	memcpy(t->name, name, sizeof(name));
	to->workload[to->mix->n] = p->workload;
	to->mig_start[to->mix->n] = p->mig_start;
	t->engine = p->engine;
	t->max_in_flight = p->max_in_flight;
	t->model = fake_asked[p->workload].model;
	t->slice = (struct sw_slice){to->mix->mechanism, p->share, p->memory_gib};
	t->load = fake_asked[p->workload].load;
	t->slo = fake_asked[p->workload].slo;
	to->mix->n++;
}

/** A plan as it would come back from its file. free_running(). */
static inline struct sw_plan_mixes *make_running(const struct sw_plan *plan)
{
	struct sw_plan_mixes *m = calloc(1, sizeof(*m));

	m->is_plan = true;
	m->n_gpus = plan->n_gpus;
	m->gpus = calloc(plan->n_gpus + 1, sizeof(*m->gpus));
	m->n_workloads = plan->n_workloads;
	m->workloads = calloc(plan->n_workloads + 1, sizeof(*m->workloads));
	for (size_t w = 0; w < m->n_workloads; w++) {
		memcpy(m->workloads[w].name, fake_asked[w].name, SW_NAME_MAX);
		m->workloads[w].is_table = fake_asked[w].table != NULL;
		m->workloads[w].replicas = plan->workloads[w].replicas;
		m->workloads[w].met = plan->workloads[w].met;
		m->workloads[w].load = fake_asked[w].load;
		m->workloads[w].slo = fake_asked[w].slo;
	}
	for (size_t i = 0; i < m->n_gpus; i++) {
		const struct sw_plan_gpu *from = &plan->gpus[i];
		struct sw_planned_gpu *to = &m->gpus[i];

		memcpy(to->id, from->id, sizeof(to->id));
		to->price_per_hour = fake_fleet[from->fleet].price_per_hour;
		to->workload = calloc(from->n, sizeof(*to->workload));
		to->mig_start = calloc(from->n, sizeof(*to->mig_start));
		to->rows = calloc(from->n, sizeof(*to->rows));
		to->mix = calloc(1, sizeof(*to->mix));
		to->mix->gpu = fake_fleet[from->fleet].gpu;
		to->mix->mechanism = fake_fleet[from->fleet].mechanism;
		to->mix->tenants = calloc(from->n, sizeof(*to->mix->tenants));
		for (size_t k = 0; k < from->n; k++)
			run_engine(&from->tenants[k], to);
	}
	return m;
}

static inline void free_running(struct sw_plan_mixes *m)
{
	for (size_t i = 0; i < m->n_gpus; i++) {
		free(m->gpus[i].mix->tenants);
		free(m->gpus[i].mix);
		free(m->gpus[i].workload);
		free(m->gpus[i].mig_start);
		free(m->gpus[i].rows);
	}
	free(m->gpus);
	free(m->workloads);
	free(m);
}

/** The fake problem planned from nothing, running. NULL where there is no plan. */
static inline struct sw_plan_mixes *plan_and_run(void)
{
	struct sw_plan *plan = NULL;
	struct sw_plan_mixes *running = NULL;

	if (sw__plan_solve(&fake_problem, &fake_oracle, NULL, &plan, &err) == SW_OK)
		running = make_running(plan);
	sw_plan_free(plan);
	return running;
}

/** The next plan after the running one, or NULL; infeasible ones too. */
static inline struct sw_plan *replan(const struct sw_plan_mixes *running,
				     const struct sw_replan_options *options, enum sw_status *st)
{
	struct sw_replan_options usual = sw_replan_defaults();
	struct sw_plan *plan = NULL;

	*st = sw__replan(&fake_problem, &fake_oracle, running, options ? options : &usual, &plan,
			 &err);
	CHECK_INT(fake_prepared, 0);
	return plan;
}

/** What is minimised. */
static inline double money_of(const struct sw_plan *plan)
{
	return plan->cost_per_hour * plan->replanned->horizon_hours +
	       plan->replanned->changes_price;
}

/* Where engine w runs: its GPU and share; every workload has one engine. */
struct brute_home {
	size_t gpu;
	double share;
};

/* A GPU that may be in a plan: a running one, or a new one of some kind. */
struct brute_gpu_choice {
	size_t fleet;
	bool runs;
};

/* Running ones, and of two kinds a new one for each engine. */
enum { BRUTE_CHOICES = 3 * BRUTE_WORKLOADS };

struct brute_replan {
	const struct sw_replan_options *options;
	struct brute_home home[BRUTE_WORKLOADS];
	size_t n_choices;
	struct brute_gpu_choice choice[BRUTE_CHOICES];
	double money[BRUTE_CHOICES]
		    [1 << BRUTE_WORKLOADS]; /* of a set on a choice; INFINITY: does not hold */
};

/* What it costs that engine w has this share there. */
static inline double brute_change(const struct brute_replan *b, size_t choice, size_t w,
				  double share)
{
	double price = fake_fleet[b->choice[choice].fleet].price_per_hour / 3600;
	const struct brute_home *home = &b->home[w];

	if (home->gpu != choice)
		return b->options->start_s * share * price;
	return fabs(home->share - share) > 1e-9 ? b->options->restart_s * share * price : 0;
}

/* What a gateway may let in of the 32 that run; 0: all. */
static const unsigned brute_limits[] = {0, 1, 2, 3, 4, 6, 8, 12, 16, 24};

enum { BRUTE_LIMITS = sizeof(brute_limits) / sizeof(brute_limits[0]) };

/* Engines on a choice, each with a level and a limit. */
struct brute_try {
	size_t choice, n;
	size_t who[BRUTE_WORKLOADS], at[BRUTE_WORKLOADS], limits[BRUTE_WORKLOADS];
	struct sw__levels levels;
};

/* The next of all ways; false behind the last. A way is a level and one of so many limits. */
static inline bool brute_next(struct brute_try *t)
{
	size_t i = 0;

	while (i < t->n && ++t->at[i] == t->levels.n * t->limits[i])
		t->at[i++] = 0;
	return i < t->n;
}

static inline double brute_share(const struct brute_try *t, size_t i)
{
	return t->levels.level[t->at[i] / t->limits[i]].share;
}

static inline bool brute_way_holds(const struct brute_replan *b, const struct brute_try *t)
{
	struct sw_prepared engines[BRUTE_WORKLOADS];
	const sw_prepared *prepared[BRUTE_WORKLOADS];
	struct sw_prediction predicted[BRUTE_WORKLOADS];
	bool holds = true;

	for (size_t i = 0; i < t->n; i++) {
		size_t w = t->who[i];
		unsigned limit = brute_limits[t->at[i] % t->limits[i]];

		engines[i] = (struct sw_prepared){
			brute_share(t, i),       fake_speed[b->choice[t->choice].fleet],
			fake_asked[w].load.rate, false,
			fake_workloads[w],       0};
		if (limit)
			fake_let_in(&engines[i], fake_crowd[w], limit);
		prepared[i] = &engines[i];
	}
	fake_predict(SW_MPS, prepared, t->n, predicted);
	for (size_t i = 0; i < t->n && holds; i++)
		holds = sw_prediction_meets(&predicted[i], &fake_asked[t->who[i]].slo);
	return holds;
}

static inline double brute_way(const struct brute_replan *b, const struct brute_try *t)
{
	const struct sw_fleet_entry *entry = &fake_fleet[b->choice[t->choice].fleet];
	double money = entry->price_per_hour * b->options->horizon_hours, share = 0;

	if (!b->choice[t->choice].runs)
		money += b->options->open_s * entry->price_per_hour / 3600;
	for (size_t i = 0; i < t->n; i++) {
		share += brute_share(t, i);
		money += brute_change(b, t->choice, t->who[i], brute_share(t, i));
	}
	return share <= 1 + 1e-9 ? money : (double)INFINITY;
}

/* The cheapest shares and limits for a set on a choice: all of them are tried. Only what runs there has a gateway. */
static inline double brute_set(const struct brute_replan *b, size_t choice, unsigned set)
{
	const struct sw_fleet_entry *entry = &fake_fleet[b->choice[choice].fleet];
	struct brute_try t = {.choice = choice};
	double best = INFINITY, memory = 0;

	sw__levels_of(entry, &t.levels);
	for (size_t w = 0; w < fake_problem.n_workloads; w++) {
		if (!(set >> w & 1))
			continue;
		t.limits[t.n] = fake_crowd[w] > 0 && b->home[w].gpu == choice ? BRUTE_LIMITS : 1;
		t.who[t.n++] = w;
		memory += fake_workloads[w].weights_gib + 1;
	}
	if (!t.n)
		return 0;
	if (memory > entry->gpu.visible_gib + 1e-9)
		return INFINITY;
	do {
		double money = brute_way(b, &t);

		if (money < best && brute_way_holds(b, &t))
			best = money;
	} while (brute_next(&t));
	return best;
}

static inline double brute_rest(const struct brute_replan *b, size_t choice, unsigned rest)
{
	double best = INFINITY;

	if (choice == b->n_choices)
		return rest ? (double)INFINITY : 0;
	for (unsigned set = rest;; set = (set - 1) & rest) {
		if (isfinite(b->money[choice][set]))
			best = fmin(best,
				    b->money[choice][set] + brute_rest(b, choice + 1, rest & ~set));
		if (!set)
			break;
	}
	return best;
}

/**
 * The least that hours and changes cost within the horizon, over all plans with one engine per workload on mps GPUs of one or two
 * kinds: the running ones and as many new ones as there are engines. Batch limits must be given as 32.
 */
static inline double brute_money(const struct sw_plan_mixes *running,
				 const struct sw_replan_options *options)
{
	struct brute_replan b = {.options = options};
	unsigned sets = 1u << fake_problem.n_workloads;

	for (size_t w = 0; w < BRUTE_WORKLOADS; w++)
		b.home[w].gpu = BRUTE_CHOICES;
	for (size_t g = 0; g < running->n_gpus; g++) {
		const struct sw_mix *mix = running->gpus[g].mix;

		for (size_t k = 0; k < mix->n; k++)
			b.home[running->gpus[g].workload[k]] =
				(struct brute_home){g, mix->tenants[k].slice.share};
		b.choice[b.n_choices++] = (struct brute_gpu_choice){fake_index(mix->gpu.id), true};
	}
	for (size_t f = 0; f < fake_problem.n_fleet; f++) {
		for (size_t i = 0; i < fake_problem.n_workloads && b.n_choices < BRUTE_CHOICES; i++)
			b.choice[b.n_choices++] = (struct brute_gpu_choice){f, false};
	}
	for (size_t c = 0; c < b.n_choices; c++) {
		/* A second new one is like the first. */
		bool again = c > 0 && !b.choice[c].runs && !b.choice[c - 1].runs &&
			     b.choice[c].fleet == b.choice[c - 1].fleet;

		for (unsigned set = 0; set < sets; set++)
			b.money[c][set] = again ? b.money[c - 1][set] : brute_set(&b, c, set);
	}
	return brute_rest(&b, 0, sets - 1);
}

#endif
