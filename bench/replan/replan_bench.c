// SPDX-License-Identifier: Apache-2.0
/*
 * Plans that run while traffic moves: how long one GPU's shares take to be solved anew, how long a whole plan takes, how much of it
 * changes, and what it costs beside a plan from nothing.
 *
 * usage: slicewise-replan-bench FOLDER RESULTS [MOST]
 *
 * Problems and plans go into FOLDER, RESULTS/replan.txt and replan.csv are written. MOST: workloads of the largest problem.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/chance.h"
#include "common/figures.h"
#include "plan-scale/random_problem.h"
#include "slicewise/slicewise.h"

enum { PATH = 4096, ENGINES_GROUPS = 4, SOLVES_MAX = 40000, SOLVES_PER_GPU = 50, TURNS = 9 };

static const size_t sizes[] = {12, 100, 1000};
static const double solve_limit_us = 1000;

struct bench {
	const sw_catalog *catalog;
	const char *folder;
	sw_fit *fit;
	struct figures figures;
};

/* Of this thread: others on the machine do not count, and neither planning nor solving waits for anything. */
static double cpu_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool failed(const struct sw_error *err)
{
	(void)fprintf(stderr, "slicewise-replan-bench: %s\n", err->message);
	return false;
}

/* A problem, its plan, and the plan as it comes back from its file. */
struct planned {
	struct sw_problem *problem;
	struct sw_plan *plan;
	struct sw_plan_mixes *running;
	double seconds;
};

static void release(struct planned *p)
{
	sw_plan_mixes_free(p->running);
	sw_plan_free(p->plan);
	sw_problem_free(p->problem);
	*p = (struct planned){0};
}

static bool plan_from_nothing(const struct bench *b, size_t n, struct planned *out)
{
	char problem[PATH], plan[PATH];
	struct sw_error err = {0};
	double begun;

	(void)snprintf(problem, sizeof(problem), "%s/replan-%zu.yaml", b->folder, n);
	(void)snprintf(plan, sizeof(plan), "%s/replan-%zu.json", b->folder, n);
	if (!random_problem_write(b->catalog, n, 1, problem) ||
	    sw_problem_load(b->catalog, problem, &out->problem, &err) != SW_OK)
		return failed(&err);
	out->problem->fit = b->fit;
	begun = cpu_s();
	if (sw_plan_solve(b->catalog, out->problem, NULL, &out->plan, &err) != SW_OK)
		return failed(&err);
	out->seconds = cpu_s() - begun;
	if (sw_plan_save(out->problem, out->plan, plan, &err) != SW_OK ||
	    sw_plan_mixes_load(b->catalog, plan, &out->running, &err) != SW_OK)
		return failed(&err);
	return true;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Times of solves, by the number of engines on the GPU. */
struct times {
	size_t n, solved;
	double us[SOLVES_MAX];
};

static double quantile(struct times *t, double q)
{
	qsort(t->us, t->n, sizeof(t->us[0]), by_value);
	return t->n ? t->us[(size_t)(q * (double)(t->n - 1))] : (double)NAN;
}

static void add_time(struct times *t, double seconds, enum sw_status st)
{
	if (t->n < SOLVES_MAX)
		t->us[t->n++] = 1e6 * seconds;
	t->solved += st == SW_OK;
}

static bool time_gpu(const struct bench *b, const struct sw_planned_gpu *gpu,
		     struct sw__random *random, struct times *first, struct times *again)
{
	double load[SW_TENANTS_MAX], share[SW_TENANTS_MAX], begun;
	struct sw_error err = {0};
	sw_shares *shares;

	if (sw_shares_open(gpu, b->fit, &shares, &err) != SW_OK)
		return failed(&err);
	for (int i = 0; i <= SOLVES_PER_GPU; i++) {
		enum sw_status st;

		for (size_t k = 0; k < gpu->mix->n; k++)
			load[k] = gpu->mix->tenants[k].load.rate *
				  chance_log_between(random, 0.6, 1.1);
		begun = cpu_s();
		st = sw_shares_solve(shares, load, share, NULL, &err);
		add_time(i ? again : first, cpu_s() - begun, st);
	}
	sw_shares_free(shares);
	return true;
}

static size_t group_of(size_t engines)
{
	return engines <= 2 ? 0 : engines <= 4 ? 1 : engines <= 8 ? 2 : 3;
}

static void report_times(struct bench *b, const char *row, struct times *t, bool limited)
{
	if (!t->n)
		return;
	figures_at_most(&b->figures, row, "median us", quantile(t, 0.5),
			limited ? solve_limit_us : (double)NAN);
	figures_at_most(&b->figures, row, "p95 us", quantile(t, 0.95),
			limited ? solve_limit_us : (double)NAN);
	figures_at_most(&b->figures, row, "most us", quantile(t, 1), NAN);
}

static bool time_shares(struct bench *b, const struct planned *p)
{
	static const char *const rows[][2] = {
		{"1-2 engines, first", "1-2 engines, again"},
		{"3-4 engines, first", "3-4 engines, again"},
		{"5-8 engines, first", "5-8 engines, again"},
		{"9-16 engines, first", "9-16 engines, again"},
	};
	struct times(*t)[2] = calloc(ENGINES_GROUPS, sizeof(*t));
	struct sw__random random = sw__random_make(3, 1);
	bool ok = t;

	figures_section(
		&b->figures, "shares",
		"One GPU's shares for loads that move, 0.6 to 1.1 times what they were: all "
		"GPUs of a plan of 100 random\nworkloads under mps. First: nothing is "
		"prepared yet; again: 50 loads more. CPU time.\n");
	for (size_t i = 0; ok && i < p->running->n_gpus; i++) {
		struct times *of = t[group_of(p->running->gpus[i].mix->n)];

		ok = time_gpu(b, &p->running->gpus[i], &random, &of[0], &of[1]);
	}
	for (size_t g = 0; ok && g < ENGINES_GROUPS; g++) {
		figures_say(&b->figures, "%s: %zu solves, %zu of them hold\n", rows[g][1],
			    t[g][1].n, t[g][1].solved);
		report_times(b, rows[g][0], &t[g][0], false);
		report_times(b, rows[g][1], &t[g][1], true);
	}
	free(t);
	return ok;
}

/* Every load times a number of its own; `part` of them. */
static void move_loads(struct sw_problem *problem, const double *usual, double part, double low,
		       double high, uint64_t seed)
{
	struct sw__random random = sw__random_make(seed, 2);

	for (size_t w = 0; w < problem->n_workloads; w++) {
		double factor = chance_log_between(&random, low, high);

		problem->workloads[w].load.rate =
			usual[w] * (chance_between(&random, 0, 1) < part ? factor : 1);
	}
}

struct replanned {
	double seconds, changes, price, per_hour;
	bool ok;
};

static struct replanned replan(const struct bench *b, const struct planned *p)
{
	struct replanned r = {0};
	struct sw_error err = {0};
	struct sw_plan *plan;
	double begun = cpu_s();
	enum sw_status st = sw_replan(b->catalog, p->problem, p->running, NULL, &plan, &err);

	r.seconds = cpu_s() - begun;
	r.ok = st == SW_OK || st == SW_INFEASIBLE ? true : failed(&err);
	if (plan) {
		r.changes = (double)plan->replanned->n_changes;
		r.price = plan->replanned->changes_price;
		r.per_hour = plan->cost_per_hour;
	}
	sw_plan_free(plan);
	return r;
}

static double new_cost(const struct bench *b, const struct planned *p)
{
	struct sw_error err = {0};
	struct sw_plan *plan;
	double cost = NAN;

	(void)sw_plan_solve(b->catalog, p->problem, NULL, &plan, &err);
	if (plan)
		cost = plan->cost_per_hour;
	sw_plan_free(plan);
	return cost;
}

/* Loads that move in one way, several times from the same plan. */
static bool move(struct bench *b, struct planned *p, const double *usual, const char *what,
		 double part, double low, double high)
{
	double seconds[TURNS], changes = 0, price = 0, per_hour = 0, fresh = 0;
	char row[64];

	for (int i = 0; i < TURNS; i++) {
		struct replanned r;

		move_loads(p->problem, usual, part, low, high, (uint64_t)i + 1);
		r = replan(b, p);
		if (!r.ok)
			return false;
		seconds[i] = r.seconds;
		changes += r.changes / TURNS;
		price += r.price / TURNS;
		per_hour += r.per_hour / TURNS;
		/* Noise is taken for what it is, and a plan from nothing for each is not the point. */
		if (p->problem->n_workloads <= sizes[1])
			fresh += new_cost(b, p) / TURNS;
	}
	qsort(seconds, TURNS, sizeof(seconds[0]), by_value);
	(void)snprintf(row, sizeof(row), "%zu, %s", p->problem->n_workloads, what);
	figures_at_most(&b->figures, row, "seconds", seconds[TURNS / 2], NAN);
	figures_at_most(&b->figures, row, "changes", changes, part <= 0 ? 0 : (double)NAN);
	figures_at_most(&b->figures, row, "price once", price, NAN);
	figures_at_most(&b->figures, row, "per hour", per_hour, NAN);
	if (fresh > 0)
		figures_at_most(&b->figures, row, "per hour from nothing", fresh, NAN);
	return true;
}

static bool time_plans(struct bench *b, struct planned *p)
{
	size_t n = p->problem->n_workloads;
	double *usual = calloc(n, sizeof(*usual));
	char row[64];
	bool ok = usual;

	for (size_t w = 0; ok && w < n; w++)
		usual[w] = p->problem->workloads[w].load.rate;
	(void)snprintf(row, sizeof(row), "%zu, from nothing", n);
	figures_at_most(&b->figures, row, "seconds", p->seconds, NAN);
	figures_at_most(&b->figures, row, "per hour", p->plan->cost_per_hour, NAN);
	ok = ok && move(b, p, usual, "noise of 5 %", 1, 0.955, 1.045) &&
	     move(b, p, usual, "a tenth of them", 0.1, 0.5, 2) &&
	     move(b, p, usual, "all less", 1, 0.5, 0.8) &&
	     move(b, p, usual, "all more", 1, 1.1, 1.3);
	free(usual);
	return ok;
}

static bool run(struct bench *b, size_t most)
{
	struct planned p = {0};
	bool ok = plan_from_nothing(b, sizes[1], &p) && time_shares(b, &p);

	release(&p);
	figures_section(
		&b->figures, "plans",
		"Plans made anew from a running one, the library's call alone, CPU time; the mean "
		"of "
		"nine turns, of times the median.\nnoise: every rate within 5 %; a tenth of "
		"them: 0.5 to 2 times, the others as before.\n");
	for (size_t i = 0; ok && i < sizeof(sizes) / sizeof(sizes[0]) && sizes[i] <= most; i++) {
		ok = plan_from_nothing(b, sizes[i], &p) && time_plans(b, &p);
		release(&p);
	}
	return ok;
}

int main(int argc, char **argv)
{
	size_t most = argc > 3 ? strtoul(argv[3], NULL, 10) : SIZE_MAX;
	struct sw_error err = {0};
	struct bench b = {0};
	sw_catalog *catalog;
	bool ok;

	if (argc < 3) {
		(void)fputs("usage: slicewise-replan-bench FOLDER RESULTS [MOST]\n", stderr);
		return 2;
	}
	b.folder = argv[1];
	if (sw_catalog_open(&catalog, &err) != SW_OK || sw_fit_open(NULL, &b.fit, &err) != SW_OK)
		return failed(&err) ? 0 : 1;
	b.catalog = catalog;
	if (!figures_open(argv[2], "replan", figures_columns, &b.figures))
		return 1;
	ok = run(&b, most);
	ok = figures_close(&b.figures) && ok;
	sw_fit_free(b.fit);
	sw_catalog_free(catalog);
	return ok ? 0 : 1;
}
