// SPDX-License-Identifier: Apache-2.0
#include "plan/by_play.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

/* Plans that are played: mostly two or three come back to where they were. */
enum { ROUNDS_MAX = 8 };

/* A plan while it may still change: its sets live in its groups, these in its sizing. Nothing of it may move. */
struct draft {
	struct sw__sizing sizing;
	struct sw__planning planning;
	struct sw__state state;
	char *words;
};

static void close_draft(struct draft *d)
{
	if (!d)
		return;
	sw__state_free(&d->state);
	sw__planning_close(&d->planning);
	sw__sizing_close(&d->sizing);
	free(d->words);
	free(d);
}

/* What is being planned for, and by what. */
struct asking {
	const struct sw_problem *problem;
	const struct sw__oracle *oracle;
	const struct sw__strategy *strategy;
	double parameter;
};

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *set_words(const struct sw__sizing *sizing, const struct sw__together *t)
{
	struct sw_text text = {0};

	sw_text_addf(&text, "%zu", t->fleet);
	for (size_t i = 0; i < t->n; i++) {
		struct sw_tenant tenant = sw__size_tenant(sizing, t->engines[i], t->level[i]);

		sw_text_addf(
			&text, ";%zu %.9g %.9g %u %u %d %.9g", t->engines[i]->workload,
			tenant.slice.share, tenant.slice.memory_gib, tenant.engine.max_num_seqs,
			tenant.engine.max_num_batched_tokens, tenant.engine.cuda_graphs,
			sw_known(tenant.load.rate) ? tenant.load.rate : tenant.load.concurrency);
	}
	if (sw_text_ok(&text))
		return text.data;
	sw_text_free(&text);
	return NULL;
}

/* A state, whatever the order of its GPUs. NULL: no memory. */
static char *state_words(const struct sw__sizing *sizing, const struct sw__state *state)
{
	char **sets = calloc(state->n + 1, sizeof(*sets));
	struct sw_text text = {0};
	bool ok = sets != NULL;

	for (size_t i = 0; ok && i < state->n; i++)
		ok = (sets[i] = set_words(sizing, state->gpu[i])) != NULL;
	if (ok)
		qsort(sets, state->n, sizeof(*sets), by_text);
	sw_text_puts(&text, "");
	for (size_t i = 0; ok && i < state->n; i++)
		sw_text_addf(&text, "%s\n", sets[i]);
	for (size_t i = 0; sets && i < state->n; i++)
		free(sets[i]);
	free(sets);
	if (ok && sw_text_ok(&text))
		return text.data;
	sw_text_free(&text);
	return NULL;
}

static enum sw_status fill_draft(const struct asking *ask, struct draft *d, struct sw_error *err)
{
	enum sw_status st;

	d->planning = (struct sw__planning){.sizing = &d->sizing, .parameter = ask->parameter};
	sw__groups_open(&d->sizing, SW__NEIGHBOURS_COUNT, &d->planning.groups);
	st = sw__state_new(ask->problem, &d->state, err);
	if (st == SW_OK)
		st = sw__plan_search(&d->planning, ask->strategy, &d->state, err);
	if (st != SW_OK)
		return st;
	d->words = state_words(&d->sizing, &d->state);
	return d->words ? SW_OK : sw_fail(err, SW_NO_MEMORY, "a plan");
}

static enum sw_status open_draft(const struct asking *ask, struct draft **out, struct sw_error *err)
{
	struct draft *d = calloc(1, sizeof(*d));
	enum sw_status st = d ? sw__sizing_open(ask->problem, ask->oracle, &d->sizing, err)
			      : sw_fail(err, SW_NO_MEMORY, "a plan");

	*out = NULL;
	if (st != SW_OK) {
		free(d);
		return st;
	}
	st = fill_draft(ask, d, err);
	if (st == SW_OK)
		*out = d;
	else
		close_draft(d);
	return st;
}

static void fill_job(const struct sw__sizing *sizing, const struct sw__together *t,
		     struct sw__play_job *job)
{
	job->fleet = t->fleet;
	job->n = t->n;
	for (size_t i = 0; i < t->n; i++) {
		const struct sw__size *size = t->engines[i];
		struct sw_tenant *tenant = &job->tenants[i];

		*tenant = sw__size_tenant(sizing, size, t->level[i]);
		(void)memcpy(tenant->name, sizing->problem->workloads[size->workload].name,
			     sizeof(tenant->name));
	}
}

static enum sw_status play_set(const struct sw__sizing *sizing, const struct sw__together *t,
			       struct sw_prediction *played, struct sw_error *err)
{
	struct sw__play_job job;

	fill_job(sizing, t, &job);
	return sizing->oracle->play(sizing->oracle->context, &job, played, err);
}

static enum sw_status play_ahead(const struct draft *d, struct sw_error *err)
{
	struct sw__play_job *jobs = calloc(d->state.n + 1, sizeof(*jobs));
	enum sw_status st = SW_OK;

	if (!jobs)
		return sw_fail(err, SW_NO_MEMORY, "%zu GPUs", d->state.n);
	for (size_t i = 0; i < d->state.n; i++)
		fill_job(&d->sizing, d->state.gpu[i], &jobs[i]);
	st = d->sizing.oracle->play_ahead(d->sizing.oracle->context, jobs, d->state.n, err);
	free(jobs);
	return st;
}

/* What the play of a set says beside the closed form; *holds: all its limits, by the play. */
static enum sw_status learn_set(struct draft *d, const struct sw__together *t, bool *holds,
				struct sw_error *err)
{
	const struct sw__oracle *oracle = d->sizing.oracle;
	struct sw_prediction closed[SW__TOGETHER_MAX], played[SW__TOGETHER_MAX];
	enum sw_status st = sw__together_predict_all(&d->sizing, t, closed, err);

	if (st == SW_OK)
		st = play_set(&d->sizing, t, played, err);
	for (size_t i = 0; st == SW_OK && i < t->n; i++) {
		const struct sw__size *size = t->engines[i];
		struct sw__correction *c = oracle->correction(
			oracle->context, size->workload, t->fleet, size->tenant.engine.cuda_graphs);

		if (c)
			sw__correction_add(c, sw__size_share(&d->sizing, size, t->level[i]),
					   &closed[i], &played[i]);
		*holds = *holds && sw_prediction_meets(&played[i], &size->tenant.slo);
	}
	return st;
}

static enum sw_status learn(struct draft *d, bool *holds, struct sw_error *err)
{
	enum sw_status st = play_ahead(d, err);

	*holds = true;
	for (size_t i = 0; i < d->state.n && st == SW_OK; i++)
		st = learn_set(d, d->state.gpu[i], holds, err);
	return st;
}

/* A kind of GPU that nothing was played on is first taken to be like another under the same mechanism: what comes of it is played. */
static void guess(const struct asking *ask, size_t w, size_t f, bool graphs)
{
	const struct sw__oracle *oracle = ask->oracle;
	struct sw__correction *c = oracle->correction(oracle->context, w, f, graphs);

	if (!c || (c->n > 0 && !c->guessed))
		return;
	for (size_t k = 0; k < ask->problem->n_fleet; k++) {
		const struct sw__correction *other =
			oracle->correction(oracle->context, w, k, graphs);

		if (other->n == 0 || other->guessed ||
		    ask->problem->fleet[k].mechanism != ask->problem->fleet[f].mechanism)
			continue;
		*c = *other;
		c->guessed = true;
		return;
	}
}

static void guess_all(const struct asking *ask)
{
	for (size_t w = 0; w < ask->problem->n_workloads; w++)
		for (size_t f = 0; f < ask->problem->n_fleet; f++) {
			guess(ask, w, f, false);
			guess(ask, w, f, true);
		}
}

static void forget(const struct asking *ask)
{
	for (size_t w = 0; w < ask->problem->n_workloads; w++)
		for (size_t f = 0; f < ask->problem->n_fleet; f++)
			for (int graphs = 0; graphs < 2; graphs++) {
				struct sw__correction *c = ask->oracle->correction(
					ask->oracle->context, w, f, graphs != 0);

				if (c)
					*c = (struct sw__correction){0};
			}
}

static size_t engines_of(const struct sw__state *state)
{
	size_t n = 0;

	for (size_t i = 0; i < state->n; i++)
		n += state->gpu[i]->n;
	return n;
}

static bool is_complete(const struct sw__state *state)
{
	for (size_t w = 0; w < state->problem->n_workloads; w++)
		if (state->unplaced[w] > 0)
			return false;
	return true;
}

static bool is_cheaper(const struct draft *a, const struct draft *b)
{
	struct sw__cost x, y;

	if (!b)
		return true;
	x = sw__state_cost(&a->state);
	y = sw__state_cost(&b->state);
	return sw__cost_less(&x, &y);
}

static bool was_there(char *const *seen, size_t n, const char *words)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(seen[i], words) == 0)
			return true;
	return false;
}

static bool is_over(const struct asking *ask, const struct draft *now, char *const *seen, size_t n)
{
	return !is_complete(&now->state) || engines_of(&now->state) > ask->problem->play_engines ||
	       was_there(seen, n, now->words);
}

/* A plan that was not there before, played. *better: it holds, and is the cheapest so far. */
static enum sw_status try_draft(struct draft *now, const struct draft *best, char **seen,
				bool *better, struct sw_error *err)
{
	bool holds = false;
	enum sw_status st = learn(now, &holds, err);

	*better = st == SW_OK && holds && is_cheaper(now, best);
	*seen = strdup(now->words);
	return *seen || st != SW_OK ? st : sw_fail(err, SW_NO_MEMORY, "a plan");
}

/* From one plan to the next; *best is the cheapest that held by play, NULL where none did. */
static enum sw_status go_round(const struct asking *ask, struct draft **best, struct sw_error *err)
{
	char *seen[ROUNDS_MAX] = {NULL};
	size_t n = 0;
	bool over = false;
	enum sw_status st = SW_OK;

	while (st == SW_OK && !over && n < ROUNDS_MAX) {
		struct draft *now;
		bool better = false;

		st = open_draft(ask, &now, err);
		if (st != SW_OK)
			break;
		over = is_over(ask, now, seen, n);
		if (!over) {
			st = try_draft(now, *best, &seen[n++], &better, err);
			guess_all(ask);
		}
		if (better) {
			struct draft *worse = *best;

			*best = now;
			now = worse;
		}
		close_draft(now);
	}
	for (size_t i = 0; i < n; i++)
		free(seen[i]);
	return st;
}

static bool is_of_set(const struct sw__sizing *sizing, const struct sw_plan_gpu *gpu,
		      const struct sw__together *t)
{
	if (gpu->fleet != t->fleet || gpu->n != t->n)
		return false;
	for (size_t i = 0; i < t->n; i++)
		if (gpu->tenants[i].workload != t->engines[i]->workload ||
		    gpu->tenants[i].share != sw__together_share(sizing, t, i) ||
		    gpu->tenants[i].engine.max_num_seqs !=
			    t->engines[i]->tenant.engine.max_num_seqs)
			return false;
	return true;
}

static double factor_of(double played, double closed)
{
	return isfinite(played) && isfinite(closed) && closed > 0 ? played / closed : (double)NAN;
}

/* Predictions of a GPU as they were played, and beside the closed form's. */
static enum sw_status put_played(struct draft *d, const struct sw__together *t,
				 struct sw_plan_gpu *gpu, struct sw_error *err)
{
	struct sw_prediction closed[SW__TOGETHER_MAX], played[SW__TOGETHER_MAX];
	enum sw_status st = sw__together_predict_all(&d->sizing, t, closed, err);

	if (st == SW_OK)
		st = play_set(&d->sizing, t, played, err);
	for (size_t i = 0; st == SW_OK && i < t->n; i++) {
		gpu->tenants[i].predicted = played[i];
		for (int m = 0; m < SW_METRIC_COUNT; m++)
			for (int s = 0; s < SW_STATISTIC_COUNT; s++)
				gpu->tenants[i].played_over_closed[m][s] = factor_of(
					played[i].latency[m].hi[s], closed[i].latency[m].hi[s]);
	}
	return st;
}

static void judge(const struct sw_problem *problem, struct sw_plan *plan)
{
	for (size_t w = 0; w < plan->n_workloads; w++)
		plan->workloads[w].met = true;
	for (size_t i = 0; i < plan->n_gpus; i++)
		for (size_t k = 0; k < plan->gpus[i].n; k++) {
			const struct sw_placement *p = &plan->gpus[i].tenants[k];

			if (!sw_prediction_meets(&p->predicted,
						 &problem->workloads[p->workload].slo))
				plan->workloads[p->workload].met = false;
		}
}

/* Without corrections, so that the closed form is what it is to everybody. */
static enum sw_status put_all_played(const struct asking *ask, struct draft *d,
				     struct sw_plan *plan, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	forget(ask);
	for (size_t i = 0; i < plan->n_gpus && st == SW_OK; i++) {
		size_t k = 0;

		while (k < d->state.n && !is_of_set(&d->sizing, &plan->gpus[i], d->state.gpu[k]))
			k++;
		if (k == d->state.n)
			return sw_fail(err, SW_INTERNAL, "%s: its engines were not played",
				       plan->gpus[i].id);
		st = put_played(d, d->state.gpu[k], &plan->gpus[i], err);
	}
	plan->played = true;
	judge(ask->problem, plan);
	return st;
}

enum sw_status sw__plan_by_play(const struct sw_problem *problem, const struct sw__oracle *oracle,
				const struct sw__strategy *strategy, double parameter,
				struct sw_plan **out, struct sw_error *err)
{
	const struct asking ask = {problem, oracle, strategy, parameter};
	struct draft *best = NULL;
	bool holds;
	enum sw_status st = go_round(&ask, &best, err);

	*out = NULL;
	if (st == SW_OK && best) {
		/* Once more, for words with the numbers of plays. */
		st = learn(best, &holds, err);
		if (st == SW_OK)
			st = sw__plan_of_state(&best->planning, &best->state, true, NULL, out, err);
		if (st == SW_OK)
			st = put_all_played(&ask, best, *out, err);
	}
	forget(&ask);
	close_draft(best);
	if (st != SW_OK) {
		sw_plan_free(*out);
		*out = NULL;
	}
	return st;
}
