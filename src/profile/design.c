// SPDX-License-Identifier: Apache-2.0
/* From a campaign to a list of experiments. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "profile/experiment.h"
#include "profile/information.h"
#include "profile/sets.h"
#include "sharing/mechanism.h"

/* Streams of chance, each its own. */
enum { STREAM_SETS = 1, STREAM_SHARES, STREAM_ALONE = 1000, STREAM_TOGETHER = 2000 };

enum {
	EXPERIMENTS_MAX = 100000,
	ROUNDS_WITH_BUDGET = 4, /* levels that a budget may choose from, of each set of models */
	ROUNDS_MAX = 1000,
	SHARE_PARTS = 20, /* random shares are multiples of 5 % */
	MIG_PARTS = 7
};
/* Even shares are rounded down to this, so that they never add up to more than 1. */
static const double SHARE_GRAIN = 1e4;

/* A design while it is made. */
struct making {
	const sw_campaign *campaign;
	struct sw__workbench bench;
	struct sw_design *design;
	size_t room;
	struct sw__deck decks[SW__MODELS_MAX]; /* of levels of load together */
	struct sw__random sets, shares;
};

static void free_experiments(struct sw_experiment *experiments, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sw_mix_free(experiments[i].mix);
	free(experiments);
}

void sw_design_free(struct sw_design *design)
{
	if (!design)
		return;
	free_experiments(design->experiments, design->n);
	free(design);
}

static bool known(const struct sw_design *design, const char *name)
{
	for (size_t i = 0; i < design->n; i++) {
		if (strcmp(design->experiments[i].name, name) == 0)
			return true;
	}
	return false;
}

static enum sw_status make_room(struct making *m, struct sw_error *err)
{
	struct sw_design *d = m->design;
	size_t room = m->room ? 2 * m->room : 64;
	struct sw_experiment *more;

	if (d->n < m->room)
		return SW_OK;
	if (d->n >= EXPERIMENTS_MAX)
		return sw_fail(err, SW_BAD_INPUT, "%s: more than %d experiments", m->campaign->path,
			       EXPERIMENTS_MAX);
	more = realloc(d->experiments, room * sizeof(*more));
	if (!more)
		return sw_fail(err, SW_NO_MEMORY, "%zu experiments", room);
	d->experiments = more;
	m->room = room;
	return SW_OK;
}

/* One more experiment. *fits is false where it does not fit; the same one a second time is left out. */
static enum sw_status add(struct making *m, const struct sw__pick *picks, size_t n, bool *fits,
			  struct sw_error *err)
{
	struct sw_experiment e;
	struct sw_error inner;
	enum sw_status st = make_room(m, err);

	if (st != SW_OK)
		return st;
	st = sw__experiment_make(&m->bench, picks, n, &e, &inner);
	*fits = st != SW_INFEASIBLE;
	if (st == SW_INFEASIBLE)
		return SW_OK;
	if (st != SW_OK)
		return sw_fail(err, st, "%s:%d: models: %s: %s", m->campaign->path,
			       m->campaign->models[picks[0].model].line,
			       m->campaign->models[picks[0].model].name, inner.message);
	if (known(m->design, e.name))
		sw_mix_free(e.mix);
	else
		m->design->experiments[m->design->n++] = e;
	return SW_OK;
}

static struct sw__pick pick_of(size_t model, double share, const struct sw__load_levels *loads,
			       size_t level)
{
	return (struct sw__pick){
		.model = model, .share = share, .kind = loads->kind, .level = loads->level[level]};
}

/* One model: each share with each level of load, or with the level whose turn it is. */
static enum sw_status add_alone(struct making *m, size_t model, struct sw_error *err)
{
	const struct sw__alone *alone = &m->campaign->alone;
	const struct sw__load_levels *loads = &alone->loads;
	bool crossed =
		alone->crossed || m->campaign->budget_runs || m->campaign->budget_runs_per_model;
	struct sw__deck deck = sw__deck_make(loads->n, m->campaign->seed, STREAM_ALONE + model);
	enum sw_status st = SW_OK;

	for (size_t s = 0; st == SW_OK && s < alone->n_shares; s++) {
		for (size_t l = 0; st == SW_OK && l < (crossed ? loads->n : 1); l++) {
			size_t level = crossed ? l : sw__deck_draw(&deck);
			struct sw__pick pick = pick_of(model, alone->share[s], loads, level);
			bool fits;

			st = add(m, &pick, 1, &fits, err);
			m->design->unfit += st == SW_OK && !fits && s == 0 && l == 0;
		}
	}
	return st;
}

static void deal_shares(struct making *m, size_t n, double *shares)
{
	const struct sw__together *t = &m->campaign->together;
	unsigned parts = m->campaign->mechanism == SW_MIG ? MIG_PARTS : SHARE_PARTS;
	unsigned part[SW__TOGETHER_MAX];

	if (t->shares == SW__SHARES_RANDOM)
		sw__random_parts(&m->shares, parts, n, part);
	for (size_t i = 0; i < n; i++) {
		if (t->shares == SW__SHARES_RANDOM)
			shares[i] = (double)part[i] / parts;
		else if (t->shares == SW__SHARES_FIXED)
			shares[i] = t->share;
		else if (m->campaign->mechanism == SW_MIG)
			shares[i] = floor(MIG_PARTS / (double)n) / MIG_PARTS;
		else
			shares[i] = floor(SHARE_GRAIN / (double)n) / SHARE_GRAIN;
	}
}

static enum sw_status add_set(struct making *m, const struct sw__set *set, struct sw_error *err)
{
	const struct sw__load_levels *loads = &m->campaign->together.loads;
	struct sw__pick picks[SW__TOGETHER_MAX];
	double shares[SW__TOGETHER_MAX];
	bool fits;
	enum sw_status st;

	deal_shares(m, set->size, shares);
	for (size_t i = 0; i < set->size; i++) {
		size_t model = set->member[i];

		picks[i] = pick_of(model, shares[i], loads, sw__deck_draw(&m->decks[model]));
	}
	st = add(m, picks, set->size, &fits, err);
	m->design->unfit += st == SW_OK && !fits;
	return st;
}

/* Whether a set's models have room beside each other at all. */
static enum sw_status set_fits(const struct making *m, const struct sw__set *set, bool *fits,
			       struct sw_error *err)
{
	struct sw__pick picks[SW__TOGETHER_MAX];
	struct sw_experiment e;
	enum sw_status st;

	for (size_t i = 0; i < set->size; i++)
		picks[i] =
			(struct sw__pick){.model = set->member[i],
					  .share = floor(MIG_PARTS / (double)set->size) / MIG_PARTS,
					  .kind = SW__CONCURRENCY,
					  .level = 1};
	st = sw__experiment_make(&m->bench, picks, set->size, &e, err);
	*fits = st != SW_INFEASIBLE;
	if (st == SW_OK)
		sw_mix_free(e.mix);
	return st == SW_INFEASIBLE ? SW_OK : st;
}

/* The sets that fit, to the front; *n is their number. */
static enum sw_status leave_out_unfit(struct making *m, struct sw__set *sets, size_t *n,
				      struct sw_error *err)
{
	size_t kept = 0;
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && i < *n; i++) {
		bool fits;

		st = set_fits(m, &sets[i], &fits, err);
		if (fits)
			sets[kept++] = sets[i];
	}
	m->design->unfit += *n - kept;
	*n = kept;
	return st;
}

/* `wanted` experiments with the first sets of the list, round after round. */
static enum sw_status add_rounds(struct making *m, struct sw__set *sets, size_t n, size_t wanted,
				 struct sw_error *err)
{
	size_t begun = m->design->n;
	enum sw_status st = SW_OK;

	for (int round = 0; st == SW_OK && n && round < ROUNDS_MAX; round++) {
		size_t left = wanted - (m->design->n - begun);

		if (left == 0)
			break;
		sw__sets_balance(sets, n, left, &m->sets);
		for (size_t i = 0; st == SW_OK && i < n && i < left; i++)
			st = add_set(m, &sets[i], err);
	}
	return st;
}

static enum sw_status add_sets(struct making *m, size_t size, struct sw_error *err)
{
	const sw_campaign *c = m->campaign;
	unsigned asked = c->together.sets[size];
	bool budget = c->budget_runs || c->budget_runs_per_model;
	size_t n = sw__sets_count(c->n_models, size), wanted;
	struct sw__set *sets;
	enum sw_status st;

	if (asked == 0 || n == 0)
		return SW_OK;
	sets = calloc(n, sizeof(*sets));
	if (!sets)
		return sw_fail(err, SW_NO_MEMORY, "%zu sets of models", n);
	sw__sets_all(c->n_models, size, sets);
	st = leave_out_unfit(m, sets, &n, err);
	wanted = asked == UINT_MAX ? n * (budget ? ROUNDS_WITH_BUDGET : 1) : asked;
	if (st == SW_OK)
		st = add_rounds(m, sets, n, wanted, err);
	free(sets);
	return st;
}

static enum sw_status add_all(struct making *m, struct sw_error *err)
{
	const sw_campaign *c = m->campaign;
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < c->n_models; i++)
		m->decks[i] = sw__deck_make(c->together.loads.n, c->seed, STREAM_TOGETHER + i);
	m->sets = sw__random_make(c->seed, STREAM_SETS);
	m->shares = sw__random_make(c->seed, STREAM_SHARES);
	for (size_t i = 0; st == SW_OK && i < c->n_models; i++)
		st = add_alone(m, i, err);
	for (size_t size = 2; st == SW_OK && size <= SW__TOGETHER_MAX; size++)
		st = add_sets(m, size, err);
	return st;
}

/* Keep what a budget pays for, in the order of choice. */
static enum sw_status keep_chosen(struct making *m, const size_t *order, const double *gain,
				  size_t wanted, struct sw_error *err)
{
	struct sw_design *d = m->design;
	struct sw_experiment *kept = calloc(wanted, sizeof(*kept));

	if (!kept)
		return sw_fail(err, SW_NO_MEMORY, "%zu experiments", wanted);
	for (size_t k = 0; k < wanted; k++) {
		kept[k] = d->experiments[order[k]];
		kept[k].gain = gain[k];
		d->experiments[order[k]].mix = NULL;
	}
	free_experiments(d->experiments, d->n);
	d->candidates = d->n;
	d->experiments = kept;
	d->n = wanted;
	return SW_OK;
}

static enum sw_status choose(struct making *m, size_t wanted, struct sw_error *err)
{
	struct sw__sensitivity sensitivity = {0};
	size_t *order = calloc(wanted, sizeof(*order));
	double *gain = calloc(wanted, sizeof(*gain));
	enum sw_status st =
		order && gain ? SW_OK : sw_fail(err, SW_NO_MEMORY, "%zu experiments", wanted);

	if (st == SW_OK)
		st = sw__sensitivity_open(&m->bench, &sensitivity, err);
	if (st == SW_OK)
		st = sw__choose(&sensitivity, m->design->experiments, m->design->n, wanted, order,
				gain, err);
	if (st == SW_OK)
		st = keep_chosen(m, order, gain, wanted, err);
	sw__sensitivity_close(&sensitivity);
	free(order);
	free(gain);
	return st;
}

static enum sw_status spend_budget(struct making *m, struct sw_error *err)
{
	const sw_campaign *c = m->campaign;
	size_t runs = c->budget_runs ? c->budget_runs : c->budget_runs_per_model * c->n_models;
	size_t wanted = runs / c->repeats ? runs / c->repeats : 1;

	if (runs == 0)
		return SW_OK;
	if (wanted > m->design->n)
		wanted = m->design->n;
	return choose(m, wanted, err);
}

enum sw_status sw_design_make(const sw_campaign *campaign, const sw_fit *fit,
			      struct sw_design **out, struct sw_error *err)
{
	struct making m = {.campaign = campaign};
	enum sw_status st = sw__workbench_open(campaign, fit, &m.bench, err);

	*out = NULL;
	if (st != SW_OK)
		return st;
	m.design = calloc(1, sizeof(*m.design));
	if (m.design)
		m.design->repeats = campaign->repeats;
	st = m.design ? add_all(&m, err) : sw_fail(err, SW_NO_MEMORY, "a design");
	if (st == SW_OK && m.design->n == 0)
		st = sw_fail(err, SW_BAD_INPUT, "%s: no experiment fits the memory of %s",
			     campaign->path, campaign->gpu.id);
	if (st == SW_OK)
		st = spend_budget(&m, err);
	sw__workbench_close(&m.bench);
	if (st != SW_OK)
		sw_design_free(m.design);
	else
		*out = m.design;
	return st;
}

double sw_experiment_load_s(const struct sw_experiment *experiment)
{
	return 2 * experiment->warm_up_s + experiment->duration_s;
}
