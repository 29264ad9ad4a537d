// SPDX-License-Identifier: Apache-2.0
#include "plan/trials.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "plan/miss.h"

/* Ratios stand for "fails" above 1; what is worse than this teaches interpolation nothing. */
static const double ratio_max = 1e6;

/* Looks guided by a power law before halving takes over. */
enum { GUESSES = 6 };

/* An engine that would sustain more than so many times its load is not looked at more closely. */
enum { SUSTAINED_FACTOR_MAX = 4096 };
static const double sustained_precision = 1.01;

enum sw_status sw__trials_open(struct sw__sizing *sizing, struct sw__size *size,
			       struct sw__trials *out, struct sw_error *err)
{
	const struct sw__levels *levels = &sizing->levels[size->fleet];

	*out = (struct sw__trials){
		.sizing = sizing,
		.size = size,
		.levels = levels,
		/* Where the share has no effect, all levels are one: the whole GPU. */
		.top = size->share_matters ? levels->n - 1 : 0,
		.nearest = INFINITY,
		.err = err,
		.trial = sizing->trials,
	};
	if (!sizing->trials)
		out->trial = sizing->trials = malloc(SW__TRIALS_MAX * sizeof(*out->trial));
	return out->trial ? SW_OK : sw_fail(err, SW_NO_MEMORY, "workload %s", size->tenant.name);
}

void sw__trials_close(struct sw__trials *trials)
{
	for (size_t i = 0; i < trials->n; i++) {
		for (size_t level = 0; level < trials->levels->n; level++) {
			if (trials->trial[i].prepared[level])
				trials->sizing->oracle->release(trials->trial[i].prepared[level]);
		}
	}
	trials->n = 0;
}

/*
 * Why something is not possible, for a person: of the fewest sequences, which ask for least. Out of memory ends the search.
 */
static void note(struct sw__trials *t, unsigned seqs, enum sw_status st, const struct sw_error *why)
{
	if (st == SW_NO_MEMORY) {
		t->st = st;
		if (t->err)
			*t->err = *why;
	} else if (isinf(t->nearest) && (!*t->size->why_not || seqs < t->noted)) {
		t->noted = seqs;
		(void)sw_copy_name(t->size->why_not, sizeof(t->size->why_not), why->message);
	}
}

static struct sw__trial *settle(struct sw__trials *t, unsigned seqs, unsigned tokens)
{
	const struct sw__oracle *oracle = t->sizing->oracle;
	struct sw__trial *trial = &t->trial[t->n++];
	struct sw_error why = {0};
	enum sw_status st;

	*trial = (struct sw__trial){.seqs = seqs, .tokens = tokens, .tenant = t->size->tenant};
	trial->tenant.engine.max_num_seqs = seqs;
	trial->tenant.engine.max_num_batched_tokens = tokens;
	trial->tenant.engine.given |= SW_KEY_MAX_NUM_SEQS | SW_KEY_MAX_NUM_BATCHED_TOKENS;
	st = oracle->settle(oracle->context, t->size->workload, t->size->fleet, &trial->tenant,
			    &why);
	trial->possible = st == SW_OK;
	if (st != SW_OK)
		note(t, seqs, st, &why);
	return trial;
}

struct sw__trial *sw__trial_of(struct sw__trials *t, unsigned seqs, unsigned tokens)
{
	struct sw__trial *trial = NULL;

	for (size_t i = 0; i < t->n && !trial; i++) {
		if (t->trial[i].seqs == seqs && t->trial[i].tokens == tokens)
			trial = &t->trial[i];
	}
	if (!trial && seqs <= tokens && t->n < SW__TRIALS_MAX)
		trial = settle(t, seqs, tokens);
	return trial && trial->possible ? trial : NULL;
}

static bool level_has_memory(const struct sw__trials *t, const struct sw__trial *trial,
			     size_t level)
{
	double comes_with_it = t->levels->level[level].memory_gib;

	return !sw_known(comes_with_it) || comes_with_it >= trial->tenant.slice.memory_gib;
}

static bool prepare_at(struct sw__trials *t, struct sw__trial *trial, size_t level)
{
	const struct sw__level *at = &t->levels->level[level];
	const struct sw__oracle *oracle = t->sizing->oracle;
	struct sw_tenant tenant = trial->tenant;
	struct sw_error why = {0};
	enum sw_status st;

	if (trial->prepared[level])
		return true;
	if (t->size->share_matters)
		tenant.slice.share = at->share;
	if (sw_known(at->memory_gib))
		tenant.slice.memory_gib = at->memory_gib;
	t->sizing->prepared++;
	st = oracle->prepare(oracle->context, t->size->workload, t->size->fleet, &tenant,
			     &trial->prepared[level], &why);
	if (st != SW_OK) {
		trial->possible = false;
		note(t, trial->seqs, st, &why);
	}
	return st == SW_OK;
}

static void predict_at(struct sw__trials *t, struct sw__trial *trial, size_t level)
{
	t->sizing->predicted++;
	trial->last = level;
	t->sizing->oracle->predict(trial->tenant.slice.mechanism,
				   (const sw_prepared *const *)&trial->prepared[level], 1,
				   &trial->prediction);
}

/* Remember the nearest miss at the largest slice: it is what a person must change. */
static void note_miss(struct sw__trials *t, const struct sw__trial *trial,
		      const struct sw__miss *miss)
{
	if (!(miss->ratio < t->nearest) && *t->size->why_not)
		return;
	t->nearest = miss->ratio;
	t->size->miss = trial->prediction;
	sw__miss_say(miss, t->size->why_not, sizeof(t->size->why_not));
}

bool sw__trial_meets(struct sw__trials *t, struct sw__trial *trial, size_t level)
{
	struct sw__miss miss;

	if (trial->ratio[level] > 0)
		return trial->ratio[level] <= 1;
	if (!level_has_memory(t, trial, level) || !prepare_at(t, trial, level)) {
		trial->ratio[level] = (float)ratio_max;
		return false;
	}
	predict_at(t, trial, level);
	miss = sw__miss_of(&trial->prediction, &t->size->tenant.slo);
	if (sw_prediction_meets(&trial->prediction, &t->size->tenant.slo)) {
		/* Without limits the ratio is 0, which stands for "not asked". */
		trial->ratio[level] = (float)fmin(1, fmax(miss.ratio, 1e-6));
		return true;
	}
	trial->ratio[level] = (float)fmin(ratio_max, fmax(miss.ratio, 1.0 + 1e-6));
	if (level == t->top)
		note_miss(t, trial, &miss);
	return false;
}

/* What the looks so far say about a trial: latency falls about as a power of the share, until there is overload. */
struct slope {
	double share, ratio; /* of the look nearest to its limit */
	double power; /* of the ratio in the share; negative */
	double overload; /* largest share with which the engine did not keep up */
};

static const double usual_power = -0.8; /* between 0 (host-bound) and -1 (compute-bound) */
static const double least_power = -0.2;
static const double most_power = -4; /* close to overload queues grow faster than any share */

static void learn(struct slope *slope, double share, double ratio)
{
	bool nearer = !(fabs(log(ratio)) > fabs(log(slope->ratio)));
	double power = log(ratio / slope->ratio) / log(share / slope->share);

	if (ratio >= ratio_max || slope->ratio <= 0) {
		slope->overload = fmax(slope->overload, share);
		return;
	}
	if (sw_known(power))
		slope->power = fmin(least_power, fmax(most_power, power));
	if (nearer) {
		slope->share = share;
		slope->ratio = ratio;
	}
}

/* The level at which the limits should just hold, within [from, to). */
static size_t guess(const struct sw__trials *t, const struct slope *slope, size_t from, size_t to)
{
	double share = slope->share * pow(slope->ratio, -1 / slope->power);
	size_t at = sw__level_for(t->levels, fmax(share, slope->overload));

	return at < from ? from : at >= to ? to - 1 : at;
}

size_t sw__trial_lowest(struct sw__trials *t, struct sw__trial *trial, size_t from, size_t to)
{
	const struct sw__level *level = t->levels->level;
	struct slope slope = {level[to].share, trial->ratio[to], usual_power, 0};
	bool overloaded = false;

	for (int i = 0; from < to; i++) {
		/* Overload says only "more", and guesses may not close in: then halving does. */
		size_t at = overloaded || i >= GUESSES ? from + (to - from) / 2
						       : guess(t, &slope, from, to);

		if (sw__trial_meets(t, trial, at))
			to = at;
		else
			from = at + 1;
		overloaded = trial->ratio[at] >= ratio_max;
		learn(&slope, level[at].share, trial->ratio[at]);
	}
	return to;
}

/* Where to look after a miss, while no level is known to hold: what the slope says; under overload twice the share. */
static size_t look_higher(const struct sw__trials *t, const struct slope *slope, size_t missed,
			  bool overloaded, int looks, size_t top)
{
	double twice = 2 * t->levels->level[missed].share;

	if (looks >= GUESSES)
		return top;
	if (overloaded) {
		size_t at = sw__level_for(t->levels, twice);

		return at <= missed ? missed + 1 : at > top ? top : at;
	}
	return guess(t, slope, missed + 1, top + 1);
}

bool sw__trial_smallest(struct sw__trials *t, struct sw__trial *trial, size_t start, size_t top,
			size_t *level)
{
	struct slope slope = {0, 0, usual_power, 0};
	size_t at = start < top ? start : top, missed = SIZE_MAX;

	for (int looks = 1; !sw__trial_meets(t, trial, at); looks++) {
		double share = t->levels->level[at].share, ratio = trial->ratio[at];

		if (at == top || t->st != SW_OK)
			return false;
		if (ratio < ratio_max && slope.ratio <= 0)
			slope = (struct slope){share, ratio, usual_power, slope.overload};
		else
			learn(&slope, share, ratio);
		missed = at;
		at = look_higher(t, &slope, missed, ratio >= ratio_max, looks, top);
	}
	*level = sw__trial_lowest(t, trial, missed == SIZE_MAX ? 0 : missed + 1, at);
	return true;
}

const struct sw_prediction *sw__trial_predicted(struct sw__trials *t, struct sw__trial *trial,
						size_t level)
{
	if ((trial->last != level || trial->ratio[level] <= 0) && prepare_at(t, trial, level))
		predict_at(t, trial, level);
	return &trial->prediction;
}

static struct sw_prediction at_rate(const struct sw__trials *t, const struct sw__trial *trial,
				    size_t level, double rate)
{
	sw_prepared *prepared = trial->prepared[level];
	struct sw_prediction predicted;

	t->sizing->oracle->set_rate(prepared, rate);
	t->sizing->predicted++;
	t->sizing->oracle->predict(trial->tenant.slice.mechanism,
				   (const sw_prepared *const *)&prepared, 1, &predicted);
	return predicted;
}

static bool sustains(const struct sw_prediction *predicted)
{
	return predicted->binds != SW_BINDS_OVERLOAD;
}

double sw__trial_least_work(struct sw__trials *t, struct sw__trial *trial, size_t level)
{
	double offered = trial->tenant.load.rate, low = offered,
	       high = offered * SUSTAINED_FACTOR_MAX;
	struct sw_prediction fullest, now;

	if (!prepare_at(t, trial, level))
		return NAN;
	now = at_rate(t, trial, level, high);
	fullest = at_rate(t, trial, level, low);
	if (sustains(&now) || !sustains(&fullest))
		low = high = NAN;
	while (high > low * sustained_precision) {
		double middle = sqrt(low * high);

		now = at_rate(t, trial, level, middle);
		if (sustains(&now)) {
			low = middle;
			fullest = now;
		} else {
			high = middle;
		}
	}
	t->sizing->oracle->set_rate(trial->prepared[level], offered);
	return fullest.gpu_busy * offered / high;
}
