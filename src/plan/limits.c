// SPDX-License-Identifier: Apache-2.0
#include "plan/limits.h"

#include <string.h>

#include "plan/miss.h"
#include "plan/rules.h"

/* Requests at once, about a third apart: a gateway's limit is felt in steps of that. Behind the last comes none. */
static const unsigned steps[] = {1,  2,  3,  4,  6,   8,   12,  16,  24,
				 32, 48, 64, 96, 128, 192, 256, 384, 512};

enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

/* Every how many limits are looked at for the least share that an engine needs alone. */
enum { EVERY_STEP = 4 };

static const double rounding = 1e-9;

/* Engines with limits and levels on their way to ones that hold. */
struct limiting {
	const struct sw__limits_ask *ask;
	struct sw__kept *kept;
	size_t n;
	struct sw__size *size[SW__TOGETHER_MAX];
	size_t at[SW__TOGETHER_MAX],
		top[SW__TOGETHER_MAX]; /* steps; at the top there is no limit */
	unsigned char level[SW__TOGETHER_MAX], from[SW__TOGETHER_MAX];
	struct sw_prediction predicted[SW__TOGETHER_MAX];
};

/*
 * How many steps are limits of an engine. In a closed loop whoever does not get in asks for less, which holds limits by refusing
 * the load: there are none.
 */
static size_t steps_of(const struct sw_tenant *tenant)
{
	size_t n = 0;

	if (sw_known(tenant->load.concurrency))
		return 0;
	while (n < STEPS && steps[n] < tenant->engine.max_num_seqs)
		n++;
	return n;
}

static enum sw_status size_at(const struct limiting *l, size_t i, size_t at, struct sw__size **out,
			      struct sw_error *err)
{
	return sw__kept_unmeasured(l->kept, l->ask->engine[i], l->ask->all.engines[i]->replicas,
				   at < l->top[i] ? steps[at] : 0, out, err);
}

static enum sw_status move_to(struct limiting *l, size_t i, size_t at, struct sw_error *err)
{
	l->at[i] = at;
	return size_at(l, i, at, &l->size[i], err);
}

static enum sw_status predict(struct limiting *l, struct sw_error *err)
{
	return sw__together_predict(l->kept->sizing, l->ask->all.fleet, l->size, l->level, l->n,
				    l->predicted, err);
}

static bool holds(const struct limiting *l, size_t i)
{
	return sw_prediction_meets(&l->predicted[i], &l->size[i]->tenant.slo);
}

static bool all_hold(const struct limiting *l)
{
	for (size_t i = 0; i < l->n; i++) {
		if (!holds(l, i))
			return false;
	}
	return true;
}

/* Whether what is missed is one of waiting, which more at once may shorten: a first token's, or all there is under overload. */
static bool waits(const struct sw_prediction *predicted, const struct sw_slo *slo)
{
	struct sw_slo tokens = *slo;

	if (sw_prediction_meets(predicted, slo))
		return false;
	for (int s = 0; s < SW_STATISTIC_COUNT; s++)
		tokens.bound_ms[SW_TTFT][s] = NAN;
	return isinf(sw__miss_of(predicted, &tokens).ratio) ||
	       sw_prediction_meets(predicted, &tokens);
}

/* The least step at which an engine with nobody beside it does not wait too long; the top where it does at every limit. */
static enum sw_status find_least(struct limiting *l, size_t i, struct sw_error *err)
{
	size_t low = 0, high = l->top[i];
	enum sw_status st = SW_OK;

	while (st == SW_OK && low < high) {
		size_t middle = low + (high - low) / 2;
		struct sw_prediction alone;

		st = move_to(l, i, middle, err);
		if (st == SW_OK)
			st = sw__together_predict(l->kept->sizing, l->ask->all.fleet, &l->size[i],
						  &l->level[i], 1, &alone, err);
		if (st == SW_OK && waits(&alone, &l->size[i]->tenant.slo))
			low = middle + 1;
		else
			high = middle;
	}
	return st == SW_OK ? move_to(l, i, low, err) : st;
}

/* The least level that an engine needs alone, without a limit or with one of every few. */
static enum sw_status least_alone(const struct limiting *l, size_t i, size_t *level,
				  struct sw_error *err)
{
	enum sw_status st = SW_OK;
	bool any = false;

	for (size_t at = l->top[i] % EVERY_STEP; st == SW_OK && at <= l->top[i]; at += EVERY_STEP) {
		struct sw__size *size;

		st = sw__kept_size(l->kept, l->ask->engine[i], l->ask->all.engines[i]->replicas,
				   at < l->top[i] ? steps[at] : 0, &size, err);
		if (st != SW_OK || !size->possible || (any && size->alone >= *level))
			continue;
		*level = size->alone;
		any = true;
	}
	return st;
}

/* Where an engine's level begins: at the one that runs, or the least. */
static enum sw_status first_level(struct limiting *l, size_t i, bool least, struct sw_error *err)
{
	size_t level = l->ask->all.stay[i];
	enum sw_status st = SW_OK;

	if (level == SW__NONE)
		level = l->ask->all.engines[i]->alone;
	else if (least)
		st = least_alone(l, i, &level, err);
	l->level[i] = l->from[i] = (unsigned char)level;
	return st;
}

static enum sw_status begin(struct limiting *l, const struct sw__limits_ask *ask, bool least,
			    struct sw_error *err)
{
	enum sw_status st = SW_OK;

	*l = (struct limiting){.ask = ask, .kept = ask->kept, .n = ask->all.n};
	for (size_t i = 0; st == SW_OK && i < l->n; i++) {
		l->size[i] = ask->all.engines[i];
		l->top[i] = ask->engine[i] == SW__NONE ? 0 : steps_of(&l->size[i]->tenant);
		st = first_level(l, i, least, err);
		if (st == SW_OK && ask->engine[i] != SW__NONE)
			st = find_least(l, i, err);
	}
	return st;
}

/* Who waits too long is let in more, who is late otherwise gets more share; *more false: there is no more of it. */
static enum sw_status raise_missing(struct limiting *l, bool leap, bool *more, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	*more = true;
	for (size_t i = 0; st == SW_OK && *more && i < l->n; i++) {
		unsigned char level = l->level[i];

		if (holds(l, i))
			continue;
		if (l->at[i] < l->top[i] && waits(&l->predicted[i], &l->size[i]->tenant.slo)) {
			st = move_to(l, i, l->at[i] + 1, err);
			continue;
		}
		l->level[i] = sw__raised_level(l->kept->sizing, l->size[i], level, &l->predicted[i],
					       leap);
		*more = l->level[i] != level;
	}
	return st;
}

static bool allowed(const struct limiting *l)
{
	return sw__rules_allow_levels(l->kept->sizing, l->ask->all.fleet, l->size, l->level, l->n);
}

/* From below, until all hold; leaps that were too long for the GPU are taken back and made as steps. */
static enum sw_status ascend(struct limiting *l, bool *found, struct sw_error *err)
{
	bool leap = true, more = true;
	enum sw_status st = allowed(l) ? predict(l, err) : SW_OK;

	*found = st == SW_OK && allowed(l) && all_hold(l);
	while (st == SW_OK && !*found && allowed(l)) {
		struct limiting was = *l;

		st = raise_missing(l, leap, &more, err);
		if (st != SW_OK)
			break;
		if (!more || !allowed(l)) {
			*l = was;
			if (!leap)
				break;
			leap = false;
			continue;
		}
		st = predict(l, err);
		*found = st == SW_OK && all_hold(l);
	}
	return st;
}

/* Whether all hold with engine i at another step; it stays there only where they do. */
static enum sw_status try_step(struct limiting *l, size_t i, size_t at, bool *fits,
			       struct sw_error *err)
{
	size_t was = l->at[i];
	enum sw_status st = move_to(l, i, at, err);

	*fits = false;
	if (st == SW_OK)
		st = predict(l, err);
	*fits = st == SW_OK && all_hold(l);
	return st == SW_OK && !*fits ? move_to(l, i, was, err) : st;
}

/* What leaps gave too much. */
static enum sw_status lower(struct limiting *l, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < l->n; i++) {
		while (st == SW_OK && l->level[i] > l->from[i]) {
			l->level[i]--;
			st = predict(l, err);
			if (st == SW_OK && !all_hold(l)) {
				l->level[i]++;
				break;
			}
		}
	}
	return st;
}

/* As many as everybody holds with engine i at more than now; at its top it is known not to hold. */
static enum sw_status loosen_one(struct limiting *l, size_t i, struct sw_error *err)
{
	size_t high = l->top[i];
	enum sw_status st = SW_OK;
	bool fits;

	while (st == SW_OK && l->at[i] + 1 < high) {
		size_t middle = l->at[i] + (high - l->at[i]) / 2;

		st = try_step(l, i, middle, &fits, err);
		high = fits ? high : middle;
	}
	return st;
}

/* No limit where everybody holds without it, else as many as everybody holds; again, as who waits less bears more of others. */
static enum sw_status loosen(struct limiting *l, struct sw_error *err)
{
	enum sw_status st = SW_OK;
	size_t was[SW__TOGETHER_MAX];
	bool fits, more = true;

	while (st == SW_OK && more) {
		(void)memcpy(was, l->at, sizeof(was));
		for (size_t i = 0; st == SW_OK && i < l->n; i++) {
			if (l->at[i] < l->top[i])
				st = try_step(l, i, l->top[i], &fits, err);
		}
		for (size_t i = 0; st == SW_OK && i < l->n; i++)
			st = loosen_one(l, i, err);
		more = memcmp(was, l->at, sizeof(was)) != 0;
	}
	return st;
}

/* The engines as they are, measured as those who read sets expect. */
static enum sw_status measured(const struct limiting *l, struct sw__held_ask *out, bool *possible,
			       struct sw_error *err)
{
	enum sw_status st = SW_OK;

	*out = l->ask->all;
	*possible = true;
	for (size_t i = 0; st == SW_OK && i < l->n; i++) {
		const struct sw__size *size = l->size[i];

		out->engines[i] = l->size[i];
		if (l->ask->engine[i] != SW__NONE)
			st = sw__kept_size(l->kept, l->ask->engine[i], size->replicas,
					   size->tenant.max_in_flight, &out->engines[i], err);
		*possible = *possible && out->engines[i]->possible;
	}
	return st;
}

static enum sw_status keep(const struct limiting *l, const struct sw__together **out,
			   struct sw_error *err)
{
	struct sw__held_ask as_it_is;
	bool possible;
	enum sw_status st = measured(l, &as_it_is, &possible, err);

	for (size_t i = 0; i < l->n; i++)
		as_it_is.stay[i] = l->level[i];
	return st == SW_OK && possible ? sw__hold_as_it_is(l->ask->held, &as_it_is, out, err) : st;
}

/* The largest of those that are not at their running level and were not tried; SW__NONE. */
static size_t next_to_restore(const struct limiting *l, const bool *tried)
{
	size_t found = SW__NONE;
	double most = -1;

	for (size_t i = 0; i < l->n; i++) {
		double share = sw__size_share(l->kept->sizing, l->size[i], l->level[i]);

		if (!tried[i] && l->ask->all.stay[i] != SW__NONE &&
		    l->ask->all.stay[i] != l->level[i] && share > most) {
			most = share;
			found = i;
		}
	}
	return found;
}

/* Back to the levels that run, where everything holds there too: they are not started anew. */
static enum sw_status restore(struct limiting *l, struct sw_error *err)
{
	bool tried[SW__TOGETHER_MAX] = {false};
	enum sw_status st = SW_OK;
	size_t i;

	while (st == SW_OK && (i = next_to_restore(l, tried)) != SW__NONE) {
		unsigned char was = l->level[i];
		bool fits;

		tried[i] = true;
		l->level[i] = (unsigned char)l->ask->all.stay[i];
		fits = allowed(l);
		if (fits)
			st = predict(l, err);
		if (st == SW_OK && !(fits && all_hold(l)))
			l->level[i] = was;
	}
	return st;
}

/* Of those that run, what is started anew with another share. */
static double started_share(const struct limiting *l)
{
	double share = 0;

	for (size_t i = 0; i < l->n; i++) {
		if (l->ask->all.stay[i] != SW__NONE && l->ask->all.stay[i] != l->level[i])
			share += sw__size_share(l->kept->sizing, l->size[i], l->level[i]);
	}
	return share;
}

/* From the levels that run, or the least that engines need alone and from there back to those that run. */
static enum sw_status find_from(struct limiting *l, const struct sw__limits_ask *ask, bool least,
				bool *found, struct sw_error *err)
{
	enum sw_status st = begin(l, ask, least, err);

	*found = false;
	if (st == SW_OK)
		st = ascend(l, found, err);
	if (st == SW_OK && *found)
		st = lower(l, err);
	return st == SW_OK && *found && least ? restore(l, err) : st;
}

static enum sw_status find(struct limiting *l, const struct sw__limits_ask *ask, bool *found,
			   struct sw_error *err)
{
	struct limiting other;
	bool also;
	enum sw_status st = find_from(l, ask, false, found, err);

	if (st != SW_OK || (*found && started_share(l) <= 0))
		return st;
	st = find_from(&other, ask, true, &also, err);
	if (st == SW_OK && also &&
	    (!*found || started_share(&other) < started_share(l) - rounding)) {
		*l = other;
		*found = true;
	}
	return st;
}

enum sw_status sw__limits_hold(const struct sw__limits_ask *ask, const struct sw__together **out,
			       struct sw_error *err)
{
	struct limiting l;
	bool found = false;
	enum sw_status st;

	*out = NULL;
	if (!sw__rules_allow_beside(ask->kept->sizing, ask->all.fleet, ask->all.engines,
				    ask->all.n))
		return SW_OK;
	st = find(&l, ask, &found, err);
	if (st == SW_OK && found)
		st = loosen(&l, err);
	return st == SW_OK && found ? keep(&l, out, err) : st;
}

/* As it runs, with limits that may be of no list. */
static enum sw_status begin_as_it_runs(struct limiting *l, const struct sw__limits_ask *ask,
				       struct sw_error *err)
{
	enum sw_status st = SW_OK;

	*l = (struct limiting){.ask = ask, .kept = ask->kept, .n = ask->all.n};
	for (size_t i = 0; st == SW_OK && i < l->n; i++) {
		const struct sw_tenant *is = ask->kept->running->engines[ask->engine[i]].tenant;

		l->level[i] = (unsigned char)ask->all.stay[i];
		st = sw__kept_unmeasured(l->kept, ask->engine[i], ask->all.engines[i]->replicas,
					 is->max_in_flight, &l->size[i], err);
	}
	return st == SW_OK ? predict(l, err) : st;
}

enum sw_status sw__limits_lift(const struct sw__limits_ask *ask, const struct sw__together **out,
			       struct sw_error *err)
{
	struct limiting l;
	bool any = false;
	enum sw_status st = begin_as_it_runs(&l, ask, err);

	*out = NULL;
	for (size_t i = 0; st == SW_OK && i < l.n; i++) {
		struct sw__size *limited = l.size[i];

		if (!limited->tenant.max_in_flight || l.predicted[i].binds != SW_BINDS_SEQS)
			continue;
		l.size[i] = ask->all.engines[i];
		st = predict(&l, err);
		if (st == SW_OK && all_hold(&l)) {
			any = true;
			continue;
		}
		l.size[i] = limited;
		if (st == SW_OK)
			st = predict(&l, err);
	}
	return st == SW_OK && any ? keep(&l, out, err) : st;
}

enum sw_status sw__limits_possible(struct sw__kept *kept, size_t engine, unsigned replicas,
				   bool *possible, struct sw_error *err)
{
	struct sw__limits_ask ask = {.kept = kept, .all = {.n = 1}, .engine = {engine}};
	struct limiting l = {.ask = &ask, .kept = kept, .n = 1};
	struct sw__size *size;
	enum sw_status st = sw__kept_size(kept, engine, replicas, 0, &size, err);

	*possible = st == SW_OK && size && size->possible;
	if (st != SW_OK || *possible || !size || size->hopeless || !steps_of(&size->tenant))
		return st;
	ask.all.engines[0] = size;
	ask.all.fleet = size->fleet;
	l.top[0] = steps_of(&size->tenant);
	if (size->share_matters)
		l.level[0] = (unsigned char)(kept->sizing->levels[size->fleet].n - 1);
	st = find_least(&l, 0, err);
	if (st == SW_OK)
		st = sw__kept_size(kept, engine, replicas, l.size[0]->tenant.max_in_flight, &size,
				   err);
	*possible = st == SW_OK && size->possible;
	return st;
}
