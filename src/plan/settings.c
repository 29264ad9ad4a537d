// SPDX-License-Identifier: Apache-2.0
#include "plan/settings.h"

#include <limits.h>
#include <string.h>

#include "base/error.h"
#include "plan/idle.h"
#include "plan/miss.h"
#include "plan/trials.h"

/*
 * The batch limits that are tried where the user leaves them open, the usual ones first: most engines hold their limits with
 * them or with none. From the first budget on they are in order, downwards and upwards. max_num_seqs is looked at coarsely for the slice and finely for the memory.
 */
static const unsigned token_budgets[] = {2048, 1024, 512, 4096, 8192};
static const unsigned coarse_seqs[] = {64, 16, 256};
static const unsigned fine_seqs[] = {4, 8, 16, 32, 64, 128, 256, 512};

static const double seqs_max = 4096; /* sequences; no engine runs more */

/* A limit of so many standard deviations (of a Poisson number) above the mean number of running sequences never binds. */
static const double free_deviations = 3;
static const double free_sequences = 2;
/* Running sequences where every step is as slow as bounds have it, about: exp(1.645 x 0.15). */
static const double running_in_bounds = 1.3;

/* Where the search for a slice begins when nothing is known: most engines need less than half of a GPU. */
static const double usual_share = 0.25;

/* Part of a GPU's memory for which a larger slice is worth a look. */
static const double memory_worth_trading = 0.1;

/* Twice the sequences for hardly more memory: neighbours make requests stay longer, so more of them run at once. */
static const double cheap_memory_factor = 1.05;
/* Where no larger share can make up for a neighbour, room for more sequences is worth more. */
static const double cheap_memory_factor_without_shares = 1.25;

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The lists to try: what the user gave, or our own. */
struct options {
	const unsigned *budgets, *coarse, *fine;
	size_t n_budgets, n_coarse, n_fine;
	unsigned only_seqs; /* 0: the lists stand */
};

struct search {
	struct sw__trials t;
	struct options o;
	struct sw__trial *best;
	size_t best_level;
	size_t start; /* a guess at the level, to begin with */
};

/*
 * In a closed loop all requests are meant to be in the batch: with fewer places the tokens of those that have one come sooner
 * and the rest wait, which holds a limit on TPOT by refusing the load.
 */
static unsigned closed_loop_seqs(const struct sw_load *load)
{
	return (unsigned)fmin(load->concurrency, seqs_max);
}

static void options_of(const struct sw_tenant *tenant, struct options *o)
{
	const struct sw_engine *given = &tenant->engine;

	*o = (struct options){
		.budgets = token_budgets,
		.n_budgets = COUNT(token_budgets),
		.coarse = coarse_seqs,
		.n_coarse = COUNT(coarse_seqs),
		.fine = fine_seqs,
		.n_fine = COUNT(fine_seqs),
	};
	if (given->given & SW_KEY_MAX_NUM_BATCHED_TOKENS) {
		o->budgets = &given->max_num_batched_tokens;
		o->n_budgets = 1;
	}
	o->only_seqs = given->given & SW_KEY_MAX_NUM_SEQS   ? given->max_num_seqs
		       : sw_known(tenant->load.concurrency) ? closed_loop_seqs(&tenant->load)
							    : 0;
	if (o->only_seqs) {
		o->coarse = o->fine = &o->only_seqs;
		o->n_coarse = o->n_fine = 1;
	}
}

static bool goes_on(const struct search *s)
{
	return s->t.st == SW_OK && !(s->best && s->best_level == 0);
}

/* A trial that holds the limits with a smaller slice than the best so far becomes the best. */
static bool look_for_smaller(struct search *s, struct sw__trial *trial)
{
	size_t to = s->best ? s->best_level - 1 : s->t.top;

	if (!trial)
		return false;
	if (!s->best) {
		if (!sw__trial_smallest(&s->t, trial, s->start, to, &s->best_level))
			return false;
	} else {
		if (!sw__trial_meets(&s->t, trial, to))
			return false;
		s->best_level = sw__trial_lowest(&s->t, trial, 0, to);
	}
	s->best = trial;
	return true;
}

/* Whether max_num_seqs never binds, so that others that do not either would give the same. */
static bool seqs_are_free(struct search *s, struct sw__trial *trial, size_t level, unsigned seqs)
{
	const struct sw_prediction *predicted = sw__trial_predicted(&s->t, trial, level);
	double running = predicted->running;

	/* Under overload there is no mean; then the sequences are what may be missing. */
	if (!sw_known(running) || predicted->binds == SW_BINDS_OVERLOAD)
		return false;
	return running + free_deviations * sqrt(running) + free_sequences <= seqs;
}

/* Whether an engine with nearly nothing to do and the whole GPU breaks a limit: then no batch limits hold it. */
static bool nothing_helps(struct search *s)
{
	const struct sw__size *size = s->t.size;
	struct sw__idle idle;

	if (s->t.st != SW_OK)
		return true;
	s->t.st = sw__idle_of(s->t.sizing, size->workload, size->fleet, s->t.levels->n - 1, &idle,
			      s->t.err);
	return s->t.st != SW_OK || (idle.possible && !idle.meets);
}

/*
 * Any batch limits that hold the limits with the whole GPU: the usual ones; other numbers of sequences where theirs bind; the
 * extreme budgets.
 */
static void look_for_any(struct search *s)
{
	const struct options *o = &s->o;
	unsigned usual = o->budgets[0];
	struct sw__trial *first = sw__trial_of(&s->t, o->coarse[0], usual);

	(void)look_for_smaller(s, first);
	if (!s->best && nothing_helps(s))
		return;
	if (!s->best && first &&
	    seqs_are_free(s, first, s->t.top, (unsigned)(first->seqs / running_in_bounds))) {
		for (size_t b = 1; b < o->n_budgets && !s->best && goes_on(s); b++)
			(void)look_for_smaller(s, sw__trial_of(&s->t, first->seqs, o->budgets[b]));
		return;
	}
	for (size_t i = 1; i < o->n_coarse && !s->best && goes_on(s); i++)
		(void)look_for_smaller(s, sw__trial_of(&s->t, o->coarse[i], usual));
	for (size_t i = 0; i < o->n_coarse && !s->best && goes_on(s); i++)
		(void)look_for_smaller(
			s, sw__trial_of(&s->t, o->coarse[i], o->budgets[o->n_budgets - 1]));
	/* Where even the coarse choices are too large for the memory, the finest decide. */
	for (size_t i = 0; i < o->n_fine && !s->best && goes_on(s) && !first; i++)
		(void)look_for_smaller(s, sw__trial_of(&s->t, o->fine[i], usual));
	/* A given limit beyond all of the other's list serves for both. */
	if (!s->best && s->t.n == 0 && goes_on(s)) {
		unsigned both = o->n_budgets == 1 ? usual : o->coarse[0];

		(void)look_for_smaller(s, sw__trial_of(&s->t, both, both));
	}
}

/* From the budget of the best one towards smaller or larger ones, as long as each is better than the one before. */
static void look_along_budgets(struct search *s, bool larger)
{
	const struct options *o = &s->o;
	unsigned start = s->best->tokens;

	for (size_t b = 0; b < o->n_budgets && goes_on(s); b++) {
		if (larger ? o->budgets[b] <= start : o->budgets[b] >= start)
			continue;
		if (!look_for_smaller(s, sw__trial_of(&s->t, s->best->seqs, o->budgets[b])))
			return;
	}
}

/*
 * The level that shows what stands against a smaller slice: the one below the best, on which a limit breaks. On the best itself all
 * may hold by far, since close to overload a percent less makes requests wait.
 */
static size_t telling_level(const struct search *s)
{
	bool memory_is_free = !sw_known(s->t.levels->level[s->best_level].memory_gib);

	return s->best_level > 0 && memory_is_free && !s->t.sizing->economical ? s->best_level - 1
									       : s->best_level;
}

static enum sw_metric telling_metric(struct search *s)
{
	return sw__miss_of(sw__trial_predicted(&s->t, s->best, telling_level(s)),
			   &s->t.size->tenant.slo)
		.metric;
}

/* More sequences help those who wait for a place, fewer those whose tokens come slowly; neither where none are missed. */
static bool seqs_may_help(struct search *s, unsigned seqs)
{
	size_t level = telling_level(s);

	/* A limit is held by its bound, which knows of slower steps: more are running then. */
	if (seqs > s->best->seqs)
		return telling_metric(s) == SW_TTFT &&
		       !seqs_are_free(s, s->best, level,
				      (unsigned)(s->best->seqs / running_in_bounds));
	return seqs < s->best->seqs && telling_metric(s) == SW_TPOT &&
	       !seqs_are_free(s, s->best, level, seqs);
}

/* Other budgets, and other numbers of sequences where those bind. */
static void look_around(struct search *s)
{
	const struct options *o = &s->o;
	bool larger = telling_metric(s) != SW_TPOT;

	/* Smaller steps let tokens come sooner, larger ones answers begin sooner; by waiting for either it may be the other way round. */
	look_along_budgets(s, larger);
	if (!s->t.sizing->economical)
		look_along_budgets(s, !larger);
	for (size_t i = 0; i < o->n_coarse && goes_on(s); i++) {
		if (seqs_may_help(s, o->coarse[i]))
			(void)look_for_smaller(s,
					       sw__trial_of(&s->t, o->coarse[i], s->best->tokens));
	}
}

static double gpu_gib(const struct search *s)
{
	return sw_gpu_visible_gib(&s->t.sizing->problem->fleet[s->t.size->fleet].gpu);
}

static double memory_of(const struct search *s, const struct sw__trial *trial, size_t level)
{
	double comes_with_it = s->t.levels->level[level].memory_gib;

	return sw_known(comes_with_it) ? comes_with_it : trial->tenant.slice.memory_gib;
}

/* Share and memory of a GPU that a choice takes: what the next engine cannot have. */
static double footprint(const struct search *s, const struct sw__trial *trial, size_t level)
{
	double share = s->t.size->share_matters ? s->t.levels->level[level].share : 0;

	return share + memory_of(s, trial, level) / gpu_gib(s);
}

/* Fewer sequences with the same slice; or with a larger one, where the memory saved is worth more than that. */
static bool look_for_less_memory(struct search *s, struct sw__trial *trial, size_t least)
{
	double best = footprint(s, s->best, s->best_level);
	size_t to = s->t.top;

	if (sw__trial_meets(&s->t, trial, s->best_level)) {
		s->best = trial;
		return true;
	}
	if (best - footprint(s, trial, s->best_level) < memory_worth_trading)
		return false;
	while (to > least && footprint(s, trial, to) >= best)
		to--;
	if (footprint(s, trial, to) >= best || !sw__trial_meets(&s->t, trial, to))
		return false;
	s->best_level = sw__trial_lowest(&s->t, trial, least, to);
	s->best = trial;
	return true;
}

/* The fewest sequences of the list that do not bind at the best level; UINT_MAX where none is free. */
static unsigned fewest_free_seqs(struct search *s)
{
	for (size_t i = 0; i < s->o.n_fine; i++) {
		if (s->o.fine[i] < s->best->seqs &&
		    seqs_are_free(s, s->best, s->best_level, s->o.fine[i]))
			return s->o.fine[i];
	}
	return UINT_MAX;
}

/* Where memory comes with the level: fewer sequences, as long as some of them have room on a lower one and hold the limits there. */
static void save_level(struct search *s)
{
	for (size_t i = s->o.n_fine; i-- > 0 && s->best_level > 0 && s->t.st == SW_OK;) {
		const struct sw__level *below = &s->t.levels->level[s->best_level - 1];
		struct sw__trial *trial;

		if (s->o.fine[i] >= s->best->seqs)
			continue;
		trial = sw__trial_of(&s->t, s->o.fine[i], s->best->tokens);
		if (trial && !look_for_smaller(s, trial) &&
		    trial->tenant.slice.memory_gib <= below->memory_gib)
			break; /* it is not for want of memory */
	}
}

/* Downwards from the best number of sequences, as long as that saves memory. */
static void save_memory(struct search *s)
{
	size_t least = s->best_level;
	unsigned free_seqs = fewest_free_seqs(s);

	if (sw_known(s->t.levels->level[least].memory_gib)) {
		save_level(s);
		return;
	}
	for (size_t i = s->o.n_fine; i-- > 0 && s->t.st == SW_OK;) {
		struct sw__trial *trial;

		/* What never binds is as good as what is there: the fewest of those first. */
		if (s->o.fine[i] >= s->best->seqs || s->o.fine[i] > free_seqs)
			continue;
		trial = sw__trial_of(&s->t, s->o.fine[i], s->best->tokens);
		if (!trial ||
		    memory_of(s, trial, s->best_level) >= memory_of(s, s->best, s->best_level))
			break;
		if (!look_for_less_memory(s, trial, least))
			break;
	}
}

/* Upwards, as long as that costs next to nothing. */
static void leave_room(struct search *s)
{
	double factor =
		s->t.size->share_matters ? cheap_memory_factor : cheap_memory_factor_without_shares;
	double most = memory_of(s, s->best, s->best_level) * factor;

	for (size_t i = 0; i < s->o.n_fine && s->t.st == SW_OK; i++) {
		struct sw__trial *trial;

		if (s->o.fine[i] <= s->best->seqs ||
		    seqs_are_free(s, s->best, s->best_level, s->best->seqs))
			continue;
		trial = sw__trial_of(&s->t, s->o.fine[i], s->best->tokens);
		if (!trial || memory_of(s, trial, s->best_level) > most ||
		    !sw__trial_meets(&s->t, trial, s->best_level))
			break;
		s->best = trial;
	}
}

/* With the most sequences that fit and the largest budget. 0: not known. */
static double least_work(struct search *s)
{
	bool open = sw_known(s->t.size->tenant.load.rate);

	for (size_t i = s->o.n_fine; i-- > 0 && open;) {
		struct sw__trial *trial =
			sw__trial_of(&s->t, s->o.fine[i], s->o.budgets[s->o.n_budgets - 1]);

		if (trial) {
			double work = sw__trial_least_work(&s->t, trial, s->t.top);

			return sw_known(work) ? fmin(1, work) : 0;
		}
	}
	return 0;
}

/* Lower bounds over all settings: the memory of a single sequence and the smallest budget, the work of the largest. */
static void bounds(struct search *s)
{
	static const size_t smallest_budget = 2; /* in token_budgets */
	struct sw__size *size = s->t.size;
	bool seqs_given = size->tenant.engine.given & SW_KEY_MAX_NUM_SEQS;

	(void)sw__trial_of(&s->t, seqs_given ? s->o.fine[0] : 1,
			   s->o.budgets[s->o.n_budgets > 1 ? smallest_budget : 0]);
	size->least_memory_gib = INFINITY;
	for (size_t i = 0; i < s->t.n; i++) {
		if (s->t.trial[i].possible)
			size->least_memory_gib =
				fmin(size->least_memory_gib, s->t.trial[i].tenant.slice.memory_gib);
	}
	if (size->share_matters)
		return;
	size->least_share = 0;
	size->least_work = least_work(s);
}

static void hand_over(struct search *s)
{
	s->t.size->tenant = s->best->tenant;
	s->t.size->alone = s->best_level;
	s->t.size->possible = true;
	(void)memcpy((void *)s->t.size->prepared, (const void *)s->best->prepared,
		     sizeof(s->best->prepared));
	(void)memset((void *)s->best->prepared, 0, sizeof(s->best->prepared));
}

/* The same engine on another kind of GPU, already sized; NULL: on none. */
static const struct sw__size *elsewhere(const struct sw__sizing *sizing,
					const struct sw__size *size)
{
	for (size_t f = sizing->problem->n_fleet; f-- > 0;) {
		const struct sw__size *other =
			sizing->first[size->workload * sizing->problem->n_fleet + f];

		while (other && (other->replicas != size->replicas || !other->possible ||
				 !other->share_matters))
			other = other->next;
		if (other && other != size)
			return other;
	}
	return NULL;
}

static struct sw__kind_ratio *ratio_of(const struct sw__sizing *sizing, const struct sw__size *from,
				       const struct sw__size *to)
{
	return &sizing->ratio[from->fleet * sizing->problem->n_fleet + to->fleet];
}

/* What the slice may be about: from that on another kind of GPU, as others' there went with theirs here. */
static size_t guess_level(const struct sw__sizing *sizing, const struct sw__size *size,
			  const struct sw__levels *levels)
{
	const struct sw__size *other = size->share_matters ? elsewhere(sizing, size) : NULL;
	const struct sw__kind_ratio *ratio = other ? ratio_of(sizing, other, size) : NULL;

	if (!ratio)
		return sw__level_for(levels, usual_share);
	return sw__level_for(levels, sw__size_share(sizing, other, other->alone) *
					     (ratio->n > 0 ? exp(ratio->sum / ratio->n) : 1));
}

static void learn_ratio(struct sw__sizing *sizing, const struct sw__size *size)
{
	const struct sw__size *other =
		size->possible && size->share_matters ? elsewhere(sizing, size) : NULL;
	struct sw__kind_ratio *ratio = other ? ratio_of(sizing, other, size) : NULL;

	if (!ratio)
		return;
	ratio->sum += log(sw__size_share(sizing, size, size->alone) /
			  sw__size_share(sizing, other, other->alone));
	ratio->n++;
}

enum sw_status sw__settings_choose(struct sw__sizing *sizing, struct sw__size *size,
				   struct sw_error *err)
{
	struct search s = {.best = NULL};
	enum sw_status st = sw__trials_open(sizing, size, &s.t, err);

	if (st != SW_OK)
		return st;
	options_of(&size->tenant, &s.o);
	s.start = guess_level(sizing, size, s.t.levels);
	look_for_any(&s);
	if (s.best) {
		look_around(&s);
		size->least_share = s.t.levels->level[s.best_level].share;
		save_memory(&s);
		leave_room(&s);
		bounds(&s);
		hand_over(&s);
		learn_ratio(sizing, size);
	}
	st = s.t.st;
	sw__trials_close(&s.t);
	return st;
}
