// SPDX-License-Identifier: Apache-2.0
#include "plan/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "plan/miss.h"

/*
 * The batch limits that are tried where the user leaves them open. First the usual ones: most engines hold their limits
 * with them or with none. max_num_seqs is looked at coarsely for the slice and finely for the memory.
 */
static const unsigned token_budgets[] = {2048, 1024, 4096, 512, 8192};
static const unsigned coarse_seqs[] = {64, 16, 256};
static const unsigned fine_seqs[] = {4, 8, 16, 32, 64, 128, 256, 512};

enum { TRIALS_MAX = 48 };

/* Twice the sequences for hardly more memory: neighbours make requests stay longer, so more of them run at once. */
static const double cheap_memory_factor = 1.05;
/* Where no larger share can make up for a neighbour, room for more sequences is worth more. */
static const double cheap_memory_factor_without_shares = 1.25;

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* One choice of batch limits, and what was asked about it. */
struct trial {
	unsigned seqs, tokens;
	bool possible; /* settled */
	struct sw_tenant tenant;
	sw_prepared *prepared[SW__LEVELS_MAX];
	struct sw_prediction prediction; /* of the last level asked */
};

struct search {
	struct sw__sizing *sizing;
	struct sw__size *size;
	const struct sw__levels *levels;
	size_t top;
	size_t n;
	struct trial *trials;
	struct trial *best;
	size_t best_level;
	double nearest; /* smallest miss at the top level */
	struct sw_error *err;
	enum sw_status st; /* SW_NO_MEMORY ends the search */
};

/* The lists to try: what the user gave, or our own. */
struct options {
	const unsigned *budgets, *coarse, *fine;
	size_t n_budgets, n_coarse, n_fine;
};

static void note(struct search *s, enum sw_status st, const struct sw_error *why)
{
	if (st == SW_NO_MEMORY) {
		s->st = st;
		if (s->err)
			*s->err = *why;
	} else if (isinf(s->nearest) && !*s->size->why_not) {
		(void)sw_copy_name(s->size->why_not, sizeof(s->size->why_not), why->message);
	}
}

static struct trial *find_trial(struct search *s, unsigned seqs, unsigned tokens)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->trials[i].seqs == seqs && s->trials[i].tokens == tokens)
			return &s->trials[i];
	}
	return NULL;
}

/* The trial of these batch limits, or NULL where they do not go together or there were too many. */
static struct trial *trial_of(struct search *s, unsigned seqs, unsigned tokens)
{
	struct trial *trial = find_trial(s, seqs, tokens);
	struct sw_error why = {0};
	enum sw_status st;

	if (trial || seqs > tokens || s->n == TRIALS_MAX)
		return trial;
	trial = &s->trials[s->n++];
	*trial = (struct trial){.seqs = seqs, .tokens = tokens, .tenant = s->size->tenant};
	trial->tenant.engine.max_num_seqs = seqs;
	trial->tenant.engine.max_num_batched_tokens = tokens;
	trial->tenant.engine.given |= SW_KEY_MAX_NUM_SEQS | SW_KEY_MAX_NUM_BATCHED_TOKENS;
	st = s->sizing->oracle->settle(s->sizing->oracle->context, s->size->workload,
				       s->size->fleet, &trial->tenant, &why);
	trial->possible = st == SW_OK;
	if (st != SW_OK)
		note(s, st, &why);
	return trial;
}

static bool level_has_memory(const struct search *s, const struct trial *trial, size_t level)
{
	double comes_with_it = s->levels->level[level].memory_gib;

	return !sw_known(comes_with_it) || comes_with_it >= trial->tenant.slice.memory_gib;
}

static bool prepare_at(struct search *s, struct trial *trial, size_t level)
{
	const struct sw__level *at = &s->levels->level[level];
	struct sw_tenant tenant = trial->tenant;
	struct sw_error why = {0};
	enum sw_status st;

	if (trial->prepared[level])
		return true;
	if (s->size->share_matters)
		tenant.slice.share = at->share;
	if (sw_known(at->memory_gib))
		tenant.slice.memory_gib = at->memory_gib;
	s->sizing->prepared++;
	st = s->sizing->oracle->prepare(s->sizing->oracle->context, s->size->fleet, &tenant,
					&trial->prepared[level], &why);
	if (st != SW_OK) {
		trial->possible = false;
		note(s, st, &why);
	}
	return st == SW_OK;
}

/* Remember the nearest miss at the largest slice: it is what a person must change. */
static void note_miss(struct search *s, const struct trial *trial, double ratio)
{
	if (!(ratio < s->nearest) && *s->size->why_not)
		return;
	s->nearest = ratio;
	s->size->miss = trial->prediction;
	sw__miss_say(&(struct sw__miss){.ratio = INFINITY}, s->size->why_not,
		     sizeof(s->size->why_not));
	if (isfinite(ratio)) {
		struct sw__miss miss = sw__miss_of(&trial->prediction, &s->size->tenant.slo);

		sw__miss_say(&miss, s->size->why_not, sizeof(s->size->why_not));
	}
}

/* Whether the limits hold with nobody else on the GPU. */
static bool meets(struct search *s, struct trial *trial, size_t level)
{
	const struct sw_tenant *tenant = &trial->tenant;
	double ratio;

	if (!trial->possible || !level_has_memory(s, trial, level) || !prepare_at(s, trial, level))
		return false;
	s->sizing->predicted++;
	s->sizing->oracle->predict(tenant->slice.mechanism,
				   (const sw_prepared *const *)&trial->prepared[level], 1,
				   &trial->prediction);
	if (sw_prediction_meets(&trial->prediction, &tenant->slo))
		return true;
	ratio = sw__miss_of(&trial->prediction, &tenant->slo).ratio;
	if (level == s->top)
		note_miss(s, trial, ratio);
	return false;
}

/* The lowest level in [from, to] at which the limits hold; `to` holds them. A larger slice never breaks a limit. */
static size_t lowest(struct search *s, struct trial *trial, size_t from, size_t to)
{
	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (meets(s, trial, middle))
			to = middle;
		else
			from = middle + 1;
	}
	return to;
}

/* A trial that holds the limits with a smaller slice than the best so far becomes the best. */
static void look_for_smaller(struct search *s, struct trial *trial)
{
	if (!trial || (s->best && s->best_level == 0))
		return;
	if (s->best ? !meets(s, trial, s->best_level - 1) : !meets(s, trial, s->top))
		return;
	s->best_level = lowest(s, trial, 0, s->best ? s->best_level - 1 : s->top);
	s->best = trial;
}

/* Share and memory of a GPU that a choice takes: what the next engine cannot have. */
static double footprint(const struct search *s, const struct trial *trial, size_t level)
{
	double gpu_gib = sw_gpu_visible_gib(&s->sizing->problem->fleet[s->size->fleet].gpu);
	double share = s->size->share_matters ? s->levels->level[level].share : 0;
	double comes_with_it = s->levels->level[level].memory_gib;

	return share +
	       (sw_known(comes_with_it) ? comes_with_it : trial->tenant.slice.memory_gib) / gpu_gib;
}

/* Fewer sequences take less memory and may need a larger slice: the smaller sum of both. */
static void look_for_less_memory(struct search *s, struct trial *trial, size_t least)
{
	double best = footprint(s, s->best, s->best_level);
	size_t to = s->top;

	if (!trial || trial == s->best || !trial->possible)
		return;
	while (to > least && footprint(s, trial, to) >= best)
		to--;
	if (footprint(s, trial, to) >= best || !meets(s, trial, to))
		return;
	to = lowest(s, trial, least, to);
	s->best = trial;
	s->best_level = to;
}

static void look_for_room(struct search *s, struct trial *trial)
{
	double factor =
		s->size->share_matters ? cheap_memory_factor : cheap_memory_factor_without_shares;
	double most = s->best->tenant.slice.memory_gib * factor;

	if (trial && trial->possible && trial->tenant.slice.memory_gib <= most &&
	    meets(s, trial, s->best_level))
		s->best = trial;
}

static struct options options_of(const struct sw_engine *given)
{
	struct options o = {
		.budgets = token_budgets,
		.n_budgets = COUNT(token_budgets),
		.coarse = coarse_seqs,
		.n_coarse = COUNT(coarse_seqs),
		.fine = fine_seqs,
		.n_fine = COUNT(fine_seqs),
	};

	if (given->given & SW_KEY_MAX_NUM_BATCHED_TOKENS) {
		o.budgets = &given->max_num_batched_tokens;
		o.n_budgets = 1;
	}
	if (given->given & SW_KEY_MAX_NUM_SEQS) {
		o.coarse = o.fine = &given->max_num_seqs;
		o.n_coarse = o.n_fine = 1;
	}
	return o;
}

/* Where the given limits leave no pair of the lists (a tiny budget, many sequences), the given one serves for both. */
static void try_given_pair(struct search *s, const struct options *o)
{
	if (s->n == 0 && s->st == SW_OK)
		look_for_smaller(s, o->n_budgets == 1 ? trial_of(s, o->budgets[0], o->budgets[0])
						      : trial_of(s, o->coarse[0], o->coarse[0]));
}

static void run(struct search *s, const struct options *o)
{
	size_t least;

	for (size_t b = 0; b < o->n_budgets && s->st == SW_OK; b++) {
		for (size_t i = 0; i < o->n_coarse && s->st == SW_OK; i++)
			look_for_smaller(s, trial_of(s, o->coarse[i], o->budgets[b]));
	}
	try_given_pair(s, o);
	/* Where even the coarse choices are too large for the memory, the finest decide. */
	for (size_t i = 0; !s->best && i < o->n_fine && s->st == SW_OK; i++)
		look_for_smaller(s, trial_of(s, o->fine[i], o->budgets[0]));
	if (!s->best || s->st != SW_OK)
		return;
	least = s->best_level;
	s->size->least_share = s->levels->level[least].share;
	for (size_t i = 0; i < o->n_fine && s->st == SW_OK; i++)
		look_for_less_memory(s, trial_of(s, o->fine[i], s->best->tokens), least);
	for (size_t i = 0; i < o->n_fine && s->st == SW_OK; i++) {
		if (o->fine[i] > s->best->seqs)
			look_for_room(s, trial_of(s, o->fine[i], s->best->tokens));
	}
}

/* The most that a whole GPU sustains: with the most sequences that fit and the largest budget. */
static double most_rate(struct search *s, const struct options *o)
{
	for (size_t i = o->n_fine; i-- > 0;) {
		struct trial *trial = trial_of(s, o->fine[i], o->budgets[o->n_budgets - 1]);

		if (trial && trial->possible) {
			(void)meets(s, trial, s->top);
			return trial->prediction.max_rate_per_s;
		}
	}
	return NAN;
}

/* Lower bounds over all settings: the memory of a single sequence and the smallest budget, the work of the largest. */
static void bounds(struct search *s, const struct options *o)
{
	static const size_t smallest_budget = 3; /* in token_budgets */
	double rate = s->size->tenant.load.rate, work;

	(void)trial_of(s, o->n_fine > 1 ? 1 : o->fine[0],
		       o->budgets[o->n_budgets > 1 ? smallest_budget : 0]);
	s->size->least_memory_gib = INFINITY;
	for (size_t i = 0; i < s->n; i++) {
		double gib = s->trials[i].tenant.slice.memory_gib;

		if (s->trials[i].possible)
			s->size->least_memory_gib = fmin(s->size->least_memory_gib, gib);
	}
	if (s->size->share_matters)
		return;
	s->size->least_share = 0;
	work = rate / most_rate(s, o);
	s->size->least_work = sw_known(work) ? fmin(1, work) : 0;
}

static enum sw_status hand_over(struct search *s, struct sw__choice *out)
{
	s->size->possible = true;
	out->tenant = s->best->tenant;
	out->level = s->best_level;
	if (!meets(s, s->best, s->best_level)) /* fills the prediction of just this level again */
		return s->st == SW_OK ? sw_fail(s->err, SW_INTERNAL, "a slice no longer holds")
				      : s->st;
	out->prediction = s->best->prediction;
	(void)memcpy((void *)s->size->prepared, (const void *)s->best->prepared,
		     sizeof(s->best->prepared));
	(void)memset((void *)s->best->prepared, 0, sizeof(s->best->prepared));
	return SW_OK;
}

static void release_trials(struct search *s)
{
	for (size_t i = 0; i < s->n; i++) {
		for (size_t level = 0; level < s->levels->n; level++) {
			if (s->trials[i].prepared[level])
				s->sizing->oracle->release(s->trials[i].prepared[level]);
		}
	}
	free(s->trials);
}

enum sw_status sw__settings_choose(struct sw__sizing *sizing, struct sw__size *size,
				   struct sw__choice *out, struct sw_error *err)
{
	const struct sw__levels *levels = &sizing->levels[size->fleet];
	struct search s = {
		.sizing = sizing,
		.size = size,
		.levels = levels,
		/* Where the share has no effect, all levels are one: the whole GPU. */
		.top = size->share_matters ? levels->n - 1 : 0,
		.nearest = INFINITY,
		.err = err,
	};
	struct options options = options_of(&size->tenant.engine);

	s.trials = calloc(TRIALS_MAX, sizeof(*s.trials));
	if (!s.trials)
		return sw_fail(err, SW_NO_MEMORY, "workload %s", size->tenant.name);
	run(&s, &options);
	if (s.st == SW_OK && s.best) {
		bounds(&s, &options);
		s.st = hand_over(&s, out);
	}
	release_trials(&s);
	return s.st;
}
