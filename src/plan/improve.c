// SPDX-License-Identifier: Apache-2.0
#include "plan/improve.h"

#include <stdlib.h>

#include "base/error.h"
#include "plan/parts.h"

/*
 * Budgets are counted, not timed: the same problem must give the same plan on a slow machine. A set of engines that is
 * looked at for the first time costs tens of microseconds, one that is known almost nothing; so sets are what is counted.
 */
enum {
	NEW_SETS_BASE = 400,
	NEW_SETS_PER_ENGINE = 10,
	SETS_MANY =
		1500, /* at most, where there are many workloads: more of them find next to nothing */
	TRIES_BASE = 1500,
	TRIES_PER_ENGINE = 5,
	TRIES_TIMES_GPUS = 2000000, /* a try copies the plan and may look at every GPU of it */
	PAIRS_OF_GPUS_UP_TO = 24, /* GPUs; their pairs grow with the square */
	RANDOM_TRIES = 150,
	RANDOM_GPUS_MAX = 3,
	RECOUNT_EVERY = 5 /* random tries, of which one changes numbers of replicas */
};

/*
 * Two engines instead of one hold the weights twice. Below this part of a GPU that never pays; above it two smaller ones may
 * fill gaps that one large one cannot.
 */
static const double worth_splitting = 0.4;

/* Another number of replicas, and with it another kind of GPU, is tried up to this many times the price of what is there. */
static const double worth_a_try = 1.3;

static const uint64_t seed = 20250911; /* any number will do, as long as it stays */

struct improvement {
	struct sw__groups *groups;
	struct sw__state *best;
	struct sw__cost best_cost;
	struct sw__state trial;
	struct sw__item *items; /* taken out of the trial */
	size_t n_items, items_capacity;
	size_t tries_left, sets_limit;
	uint64_t random;
	struct sw_error *err;
};

static bool spent(const struct improvement *im)
{
	return im->tries_left == 0 || im->groups->n >= im->sets_limit;
}

static enum sw_status take_item(struct improvement *im, size_t workload)
{
	if (im->n_items == im->items_capacity) {
		size_t capacity = im->items_capacity ? im->items_capacity * 2 : 64;
		struct sw__item *more = realloc(im->items, capacity * sizeof(*more));

		if (!more)
			return sw_fail(im->err, SW_NO_MEMORY, "%zu engines", capacity);
		im->items = more;
		im->items_capacity = capacity;
	}
	im->items[im->n_items++] = (struct sw__item){.workload = workload};
	return SW_OK;
}

/* Begin a try: a copy of the best plan, from which everything without a place is taken out already. */
static enum sw_status begin(struct improvement *im)
{
	enum sw_status st = sw__state_copy(&im->trial, im->best, im->err);

	im->n_items = 0;
	for (size_t w = 0; st == SW_OK && w < im->best->problem->n_workloads; w++) {
		for (; st == SW_OK && im->trial.unplaced[w]; im->trial.unplaced[w]--)
			st = take_item(im, w);
	}
	return st;
}

static enum sw_status close_gpu(struct improvement *im, size_t i)
{
	const struct sw__together *t = im->trial.gpu[i];
	enum sw_status st = SW_OK;

	for (size_t k = 0; st == SW_OK && k < t->n; k++)
		st = take_item(im, t->engines[k]->workload);
	sw__state_close(&im->trial, i);
	return st;
}

/* Take engine k out of GPU i; the others keep what they need without it. */
static enum sw_status take_engine(struct improvement *im, size_t i, size_t k)
{
	const struct sw__together *t = im->trial.gpu[i], *without;
	struct sw__size *rest[SW__TOGETHER_MAX];
	size_t n = 0;
	enum sw_status st = take_item(im, t->engines[k]->workload);

	for (size_t j = 0; j < t->n; j++) {
		if (j != k)
			rest[n++] = t->engines[j];
	}
	if (st != SW_OK || n == 0) {
		sw__state_close(&im->trial, i);
		return st;
	}
	st = sw__together_get(im->groups, t->fleet, rest, n, &without, im->err);
	if (st != SW_OK)
		return st;
	if (without && without->fits) {
		sw__state_replace(&im->trial, i, without);
		return SW_OK;
	}
	/* Fewer neighbours never hurt; should a predictor say otherwise, all of them look for a place. */
	im->n_items--;
	return close_gpu(im, i);
}

/* Put back what was taken out; where that is better, it is the best plan now. */
static enum sw_status finish(struct improvement *im, const struct sw__rule *rule, bool *better)
{
	struct sw__cost cost;
	enum sw_status st =
		sw__place_all(im->groups, &im->trial, im->items, im->n_items, rule, im->err);

	*better = false;
	if (im->tries_left)
		im->tries_left--;
	if (st != SW_OK)
		return st;
	cost = sw__state_cost(&im->trial);
	if (!sw__cost_less(&cost, &im->best_cost))
		return SW_OK;
	/* With fewer engines than before the sets may find no places in the order in which they are looked for. */
	st = sw__state_holds(&im->trial, better, im->err);
	if (st != SW_OK || !*better)
		return st;
	im->best_cost = cost;
	return sw__state_copy(im->best, &im->trial, im->err);
}

/* The ways of putting back: into the open GPUs, with one new kind, with any. */
static size_t rules_for(const struct improvement *im)
{
	return im->best->problem->n_fleet + 1 + SW__OPEN_COUNT;
}

static struct sw__rule rule_of(const struct improvement *im, size_t i, enum sw__order order)
{
	size_t n_fleet = im->best->problem->n_fleet;
	struct sw__rule rule = {
		.order = order, .joining = SW__JOIN_LEAST_EXTRA, .only_fleet = SW__ANY_FLEET};

	if (i == 0) {
		rule.opening = SW__OPEN_NONE;
	} else if (i <= n_fleet) {
		rule.opening = SW__OPEN_EFFICIENT;
		rule.only_fleet = (long)i - 1;
	} else {
		rule.opening = (enum sw__opening)(i - n_fleet - 1);
	}
	return rule;
}

/* Close the GPUs (descending indices) and put their engines elsewhere, in every way. */
static enum sw_status try_without_gpus(struct improvement *im, const size_t *gpus, size_t n,
				       bool *better)
{
	enum sw_status st = SW_OK;

	*better = false;
	for (size_t r = 0; r < rules_for(im) && st == SW_OK && !*better && !spent(im); r++) {
		struct sw__rule rule = rule_of(im, r, SW__ORDER_LARGER_OF_BOTH);

		st = begin(im);
		for (size_t i = 0; i < n && st == SW_OK; i++)
			st = close_gpu(im, gpus[i]);
		if (st == SW_OK)
			st = finish(im, &rule, better);
	}
	return st;
}

static enum sw_status without_one(struct improvement *im, bool *better)
{
	enum sw_status st = SW_OK;

	*better = false;
	for (size_t i = im->best->n; i-- > 0 && st == SW_OK && !*better && !spent(im);)
		st = try_without_gpus(im, &i, 1, better);
	return st;
}

static enum sw_status without_two(struct improvement *im, bool *better)
{
	size_t n = im->best->n;
	enum sw_status st = SW_OK;

	*better = false;
	if (n > PAIRS_OF_GPUS_UP_TO)
		return SW_OK;
	for (size_t i = n; i-- > 1 && st == SW_OK && !*better;) {
		for (size_t j = i; j-- > 0 && st == SW_OK && !*better && !spent(im);) {
			const size_t pair[] = {i, j};

			st = try_without_gpus(im, pair, 2, better);
		}
	}
	return st;
}

/* One engine to another GPU: the sum of shares may fall. */
static enum sw_status move_one(struct improvement *im, bool *better)
{
	struct sw__rule rule = rule_of(im, 0, SW__ORDER_LARGER_OF_BOTH);
	enum sw_status st = SW_OK;

	*better = false;
	for (size_t i = 0; i < im->best->n && im->best->n > 1; i++) {
		for (size_t k = 0; k < im->best->gpu[i]->n && !spent(im); k++) {
			st = begin(im);
			if (st == SW_OK)
				st = take_engine(im, i, k);
			if (st == SW_OK)
				st = finish(im, &rule, better);
			if (st != SW_OK || *better)
				return st;
		}
	}
	return st;
}

/* Take every engine of a workload out, wherever it is. */
static enum sw_status take_workload(struct improvement *im, size_t workload)
{
	enum sw_status st = SW_OK;

	for (size_t i = im->trial.n; i-- > 0 && st == SW_OK;) {
		for (size_t k = 0; st == SW_OK && i < im->trial.n && k < im->trial.gpu[i]->n;) {
			size_t open = im->trial.n;

			if (im->trial.gpu[i]->engines[k]->workload != workload) {
				k++;
				continue;
			}
			st = take_engine(im, i, k);
			if (im->trial.n < open)
				break;
			k = 0;
		}
	}
	return st;
}

/* The same workload with another number of engines: `items` of other workloads stay as they are. */
static enum sw_status recount(struct improvement *im, size_t workload, unsigned replicas)
{
	enum sw_status st = SW_OK;
	size_t kept = 0;

	for (size_t i = 0; i < im->n_items; i++) {
		if (im->items[i].workload != workload)
			im->items[kept++] = im->items[i];
	}
	im->n_items = kept;
	im->trial.replicas[workload] = replicas;
	for (unsigned r = 0; r < replicas && st == SW_OK; r++)
		st = take_item(im, workload);
	return st;
}

static enum sw_status try_replicas(struct improvement *im, size_t workload, unsigned replicas,
				   bool *better)
{
	enum sw_status st = SW_OK;

	*better = false;
	for (size_t r = 0; r < rules_for(im) && st == SW_OK && !*better && !spent(im); r++) {
		struct sw__rule rule = rule_of(im, r, SW__ORDER_LARGER_OF_BOTH);

		st = begin(im);
		if (st == SW_OK)
			st = take_workload(im, workload);
		if (st == SW_OK)
			st = recount(im, workload, replicas);
		if (st == SW_OK)
			st = finish(im, &rule, better);
	}
	return st;
}

/* What the engines of a workload cost by the part of a GPU that each takes alone. */
static double price_of(const struct improvement *im, const struct sw__size *size)
{
	const struct sw_fleet_entry *entry = &im->best->problem->fleet[size->fleet];

	return size->replicas * entry->price_per_hour * sw__footprint(im->groups->sizing, size);
}

/* The largest of the engines of a workload where they are now; NULL: it has no place. */
static const struct sw__size *largest_engine(const struct improvement *im, size_t workload)
{
	const struct sw__state *state = im->best;
	const struct sw__size *largest = NULL;

	for (size_t i = 0; i < state->n; i++) {
		for (size_t k = 0; k < state->gpu[i]->n; k++) {
			const struct sw__size *size = state->gpu[i]->engines[k];

			if (size->workload == workload &&
			    (!largest || price_of(im, size) > price_of(im, largest)))
				largest = size;
		}
	}
	return largest;
}

/* Numbers of replicas worth a try for a workload; returns how many were put into `out` (n_fleet + 2 at most). */
static enum sw_status replica_options(struct improvement *im, size_t workload, unsigned *out,
				      size_t *n)
{
	const struct sw_problem *problem = im->best->problem;
	const struct sw__size *largest = largest_engine(im, workload);
	double most = sw__most_replicas(&problem->workloads[workload]);
	double price = largest ? worth_a_try * price_of(im, largest) : (double)INFINITY;
	unsigned now = im->best->replicas[workload];
	enum sw_status st = SW_OK;

	*n = 0;
	for (size_t f = 0; f < problem->n_fleet && st == SW_OK; f++) {
		struct sw__size *size;

		st = sw__size_fewest(im->groups->sizing, workload, f, &size, im->err);
		if (st == SW_OK && size->possible && size->replicas != now &&
		    price_of(im, size) <= price)
			out[(*n)++] = size->replicas;
	}
	if (now > sw__least_replicas(&problem->workloads[workload]))
		out[(*n)++] = now - 1;
	if (largest && sw__footprint(im->groups->sizing, largest) >= worth_splitting &&
	    !(now + 1 > most))
		out[(*n)++] = now + 1;
	return st;
}

static enum sw_status other_replicas(struct improvement *im, bool *better)
{
	const struct sw_problem *problem = im->best->problem;
	unsigned *options = calloc(problem->n_fleet + 2, sizeof(*options));
	enum sw_status st = options ? SW_OK : sw_fail(im->err, SW_NO_MEMORY, "out of memory");

	*better = false;
	for (size_t w = 0; w < problem->n_workloads && st == SW_OK && !*better && !spent(im); w++) {
		size_t n = 0;

		if (problem->workloads[w].replicas)
			continue;
		st = replica_options(im, w, options, &n);
		for (size_t i = 0; i < n && st == SW_OK && !*better; i++)
			st = try_replicas(im, w, options[i], better);
	}
	free(options);
	return st;
}

/* Another number of replicas for one workload, by chance: alone it may be no gain, together with other moves it can. */
static enum sw_status shuffle_replicas(struct improvement *im)
{
	const struct sw_problem *problem = im->best->problem;
	size_t workload = sw__random(&im->random) % problem->n_workloads, n = 0;
	unsigned *options = calloc(problem->n_fleet + 2, sizeof(*options));
	enum sw_status st = options ? SW_OK : sw_fail(im->err, SW_NO_MEMORY, "out of memory");

	if (st == SW_OK && !problem->workloads[workload].replicas)
		st = replica_options(im, workload, options, &n);
	if (st == SW_OK && n) {
		unsigned replicas = options[sw__random(&im->random) % n];

		st = take_workload(im, workload);
		if (st == SW_OK)
			st = recount(im, workload, replicas);
	}
	free(options);
	return st;
}

/*
 * A few GPUs at random, their engines put back in a random order, opening any kind of GPU: what the orderly ways never try,
 * such as one large GPU and one small one in the place of two.
 */
static enum sw_status shuffle(struct improvement *im, bool *better)
{
	struct sw__rule rule = {
		.order = (enum sw__order)(sw__random(&im->random) % (SW__ORDER_COUNT + 1)),
		.opening = SW__OPEN_RANDOM,
		.joining = SW__JOIN_LEAST_EXTRA,
		.only_fleet = SW__ANY_FLEET,
		.random = &im->random,
	};
	size_t n = 2 + sw__random(&im->random) % (RANDOM_GPUS_MAX - 1), recounts = 0;
	enum sw_status st = begin(im);

	*better = false;
	if (rule.order == SW__ORDER_COUNT)
		rule.order = SW__ORDER_RANDOM;
	if (sw__random(&im->random) % RECOUNT_EVERY == 0)
		recounts = 1 + sw__random(&im->random) % 2;
	for (; recounts > 0 && st == SW_OK; recounts--)
		st = shuffle_replicas(im);
	for (size_t i = 0; i < n && im->trial.n && st == SW_OK; i++)
		st = close_gpu(im, sw__random(&im->random) % im->trial.n);
	return st == SW_OK ? finish(im, &rule, better) : st;
}

static enum sw_status descend(struct improvement *im)
{
	static enum sw_status (*const moves[])(struct improvement *, bool *) = {
		without_one,
		other_replicas,
		without_two,
		move_one,
	};
	enum sw_status st = SW_OK;
	size_t i = 0;

	while (i < sizeof(moves) / sizeof(moves[0]) && st == SW_OK && !spent(im)) {
		bool better;

		st = moves[i](im, &better);
		i = better ? 0 : i + 1;
	}
	return st;
}

static enum sw_status search(struct improvement *im)
{
	enum sw_status st = descend(im);

	for (int i = 0; i < RANDOM_TRIES && st == SW_OK && !spent(im); i++) {
		bool better;

		/* One GPU that serves all is exchanged by descend(); there is nothing to shuffle. */
		if (im->best->n <= 1 && im->best_cost.unplaced == 0)
			break;

		st = shuffle(im, &better);
		if (st == SW_OK && better)
			st = descend(im);
	}
	return st;
}

enum sw_status sw__improve(struct sw__groups *groups, struct sw__state *state, struct sw_error *err)
{
	struct improvement im = {.groups = groups, .best = state, .random = seed, .err = err};
	size_t engines = 0;
	enum sw_status st = sw__state_new(state->problem, &im.trial, err);

	if (st != SW_OK)
		return st;
	for (size_t w = 0; w < state->problem->n_workloads; w++)
		engines += state->replicas[w];
	im.tries_left = TRIES_BASE + TRIES_PER_ENGINE * engines;
	if (im.tries_left > TRIES_TIMES_GPUS / (state->n + 1))
		im.tries_left = TRIES_TIMES_GPUS / (state->n + 1);
	im.sets_limit = groups->n + NEW_SETS_BASE + NEW_SETS_PER_ENGINE * engines;
	if (groups->sizing->economical && im.sets_limit > groups->n + SETS_MANY)
		im.sets_limit = groups->n + SETS_MANY;
	im.best_cost = sw__state_cost(state);
	st = search(&im);
	free(im.items);
	sw__state_free(&im.trial);
	return st;
}
