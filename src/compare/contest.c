// SPDX-License-Identifier: Apache-2.0
#include "compare/contest.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/threads.h"
#include "compare/schedule.h"
#include "compare/score.h"

/* How much of the work planning and choosing are, for those who watch. */
static const double PLANNED = 0.1, CHOSEN = 0.3, ALL = 1;
/* Plans that a contender lets simulate before one is taken, about. */
static const double CHOICES = 3;
enum { SEEDS = 2 };

static void tell(const struct sw__contest *contest, double from, double to, size_t done, size_t n)
{
	if (contest->settings->progress)
		contest->settings->progress(contest->settings->context,
					    from + (to - from) * (double)done / (double)n);
}

/* Planning: a piece is a candidate. */
struct planning {
	struct sw__contest *contest;
	size_t n;
	struct {
		const char *strategy;
		struct sw__candidate *candidate;
		enum sw_status status;
	} * pieces;
};

static void plan_one(void *context, size_t i)
{
	struct planning *p = context;

	p->pieces[i].status =
		sw__candidate_plan(p->contest->catalog, p->contest->problem, p->pieces[i].strategy,
				   p->pieces[i].candidate, NULL);
}

static void planned(void *context, size_t done)
{
	const struct planning *p = context;

	tell(p->contest, 0, PLANNED, done, p->n);
}

static enum sw_status plan_all(struct planning *p, struct sw_error *err)
{
	const struct sw__pieces pieces = {p->n, p, plan_one, planned};

	sw__pieces_do(&pieces, p->contest->settings->threads);
	for (size_t i = 0; i < p->n; i++)
		if (p->pieces[i].status != SW_OK)
			return sw_fail(err, p->pieces[i].status, "%s: out of memory",
				       p->pieces[i].strategy);
	return SW_OK;
}

static void list_candidates(struct planning *p)
{
	for (size_t i = 0; i < p->contest->n; i++) {
		struct sw__contender *contender = &p->contest->contenders[i];

		for (size_t k = 0; k < contender->n; k++) {
			p->pieces[p->n].strategy = contender->strategy;
			p->pieces[p->n++].candidate = &contender->candidates[k];
		}
	}
}

/* In a whole comparison, for each contender and seed. */
static double times_played(const struct sw__contest *contest)
{
	const struct sw_compare_settings *s = contest->settings;

	return CHOICES + (double)s->worlds * contest->book.loads - 1;
}

/* How often and how long, so that the budget is kept. */
static void schedule(struct sw__contest *contest)
{
	const struct sw_compare_settings *s = contest->settings;
	double once = times_played(contest);

	contest->seeds = s->seeds;
	if (!s->seeds) {
		double events =
			SEEDS * once *
			sw__events_of_all(contest->problem, contest->contenders, contest->n, 1);

		contest->seeds = events > s->events_max && isnan(s->duration_s) ? 1 : SEEDS;
	}
	contest->windows = sw__windows_allowed(contest->problem, contest->contenders, contest->n,
					       contest->seeds * once, s->events_max);
}

enum sw_status sw__contest_plan(struct sw__contest *contest, struct sw_error *err)
{
	struct planning p = {.contest = contest};
	size_t most = 0;
	enum sw_status st;

	for (size_t i = 0; i < contest->n; i++)
		most += contest->contenders[i].n;
	p.pieces = calloc(most + 1, sizeof(*p.pieces));
	if (!p.pieces)
		return sw_fail(err, SW_NO_MEMORY, "%zu plans", most);
	list_candidates(&p);
	st = plan_all(&p, err);
	free(p.pieces);
	for (size_t i = 0; i < contest->n && st == SW_OK; i++)
		st = sw__contender_enter(&contest->contenders[i], contest->problem, &contest->book,
					 err);
	if (st == SW_OK)
		schedule(contest);
	return st;
}

/* Playing: a piece is a GPU in a world under a kind of load. */
struct to_play {
	struct sw__entry *entry;
	struct sw__play_ask ask;
};

struct playing {
	struct sw__contest *contest;
	size_t n, capacity;
	struct to_play *pieces;
	double from, to; /* of the progress */
};

static void play_one(void *context, size_t i)
{
	struct to_play *piece = &((struct playing *)context)->pieces[i];

	piece->entry->status = sw__play_mix(&piece->ask, &piece->entry->played, NULL);
	piece->entry->done = true;
}

static void played(void *context, size_t done)
{
	const struct playing *p = context;

	tell(p->contest, p->from, p->to, done, p->n);
}

static double duration_of(const struct sw__contest *contest, const struct sw_plan_gpu *gpu)
{
	unsigned wanted;

	if (sw_known(contest->settings->duration_s))
		return contest->settings->duration_s;
	wanted = sw__windows_wanted(gpu, contest->problem);
	return SW__WINDOW_S * (wanted < contest->windows ? wanted : contest->windows);
}

static bool more_pieces(struct playing *p)
{
	size_t wanted = p->capacity ? 2 * p->capacity : 64;
	struct to_play *more = realloc(p->pieces, wanted * sizeof(*more));

	if (!more)
		return false;
	p->pieces = more;
	p->capacity = wanted;
	return true;
}

static enum sw_status want(struct playing *p, const struct sw__candidate *c, size_t gpu,
			   unsigned load, unsigned world, struct sw_error *err)
{
	struct sw__contest *contest = p->contest;
	const struct sw__distinct *mix = &contest->book.mixes[c->mixes[gpu]];
	struct sw__entry *entry = sw__book_entry(&contest->book, c->mixes[gpu], load, world);
	double duration_s = duration_of(contest, &c->plan->gpus[gpu]);

	if (entry->wanted)
		return SW_OK;
	if (p->n == p->capacity && !more_pieces(p))
		return sw_fail(err, SW_NO_MEMORY, "%zu simulations", p->n);
	entry->wanted = true;
	p->pieces[p->n++] = (struct to_play){
		.entry = entry,
		.ask = {.problem = contest->problem,
			.gpu = &mix->gpu,
			.other = load == SW_COMPARED_OTHER ? contest->other : NULL,
			.seed = mix->seed + contest->settings->seed,
			.world = world,
			.seeds = contest->seeds,
			.duration_s = duration_s},
	};
	contest->shortest_s = fmin(contest->shortest_s, duration_s);
	contest->longest_s = fmax(contest->longest_s, duration_s);
	return SW_OK;
}

static enum sw_status want_plan(struct playing *p, const struct sw__candidate *c, unsigned load,
				unsigned world, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < c->plan->n_gpus && st == SW_OK; i++)
		st = want(p, c, i, load, world, err);
	return st;
}

/* What fails is one plan's affair, unless memory is short. */
static enum sw_status play_all(struct playing *p, struct sw_error *err)
{
	const struct sw__pieces pieces = {p->n, p, play_one, played};

	sw__pieces_do(&pieces, p->contest->settings->threads);
	for (size_t i = 0; i < p->n; i++) {
		if (p->pieces[i].entry->status == SW_NO_MEMORY)
			return sw_fail(err, SW_NO_MEMORY, "a simulation: out of memory");
		p->contest->events += p->pieces[i].entry->played.events;
	}
	return SW_OK;
}

static enum sw_status hear(struct sw__contest *contest, struct sw__contender *contender,
			   struct sw__fate *room, struct sw_error *err)
{
	const struct sw__candidate *c = sw__contender_asks(contender);
	size_t n = contest->problem->n_workloads;
	enum sw_status st;

	if (!c)
		return SW_OK;
	st = sw__fates_of(contest->problem, &contest->book, c, SW_COMPARED_AS_GIVEN, 0, room);
	if (st == SW_NO_MEMORY)
		return sw_fail(err, st, "%zu workloads", n);
	sw__contender_hears(contender, st == SW_OK ? sw__worst_fate(room, n).excess : (double)NAN);
	return SW_OK;
}

/* Whoever has not chosen has its next plan simulated. *n: how many those were. */
static enum sw_status choose_once(struct sw__contest *contest, struct sw__fate *room,
				  unsigned round, size_t *n, struct sw_error *err)
{
	/* Each round is shorter than the one before. */
	double left = CHOSEN - PLANNED;
	struct playing p = {.contest = contest,
			    .from = CHOSEN - left * pow(0.5, round),
			    .to = CHOSEN - left * pow(0.5, round + 1)};
	enum sw_status st = SW_OK;

	*n = 0;
	for (size_t i = 0; i < contest->n && st == SW_OK; i++) {
		const struct sw__candidate *c = sw__contender_asks(&contest->contenders[i]);

		*n += c != NULL;
		if (c)
			st = want_plan(&p, c, SW_COMPARED_AS_GIVEN, 0, err);
	}
	if (st == SW_OK)
		st = play_all(&p, err);
	for (size_t i = 0; i < contest->n && st == SW_OK; i++)
		st = hear(contest, &contest->contenders[i], room, err);
	free(p.pieces);
	return st;
}

enum sw_status sw__contest_choose(struct sw__contest *contest, struct sw_error *err)
{
	struct sw__fate *room = calloc(contest->problem->n_workloads + 1, sizeof(*room));
	enum sw_status st = SW_OK;
	size_t asked = 1;

	if (!room)
		return sw_fail(err, SW_NO_MEMORY, "%zu workloads", contest->problem->n_workloads);
	contest->shortest_s = INFINITY;
	for (unsigned round = 0; asked > 0 && st == SW_OK; round++)
		st = choose_once(contest, room, round, &asked, err);
	free(room);
	return st;
}

enum sw_status sw__contest_play(struct sw__contest *contest, struct sw_error *err)
{
	struct playing p = {.contest = contest, .from = CHOSEN, .to = ALL};
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < contest->n; i++) {
		const struct sw__candidate *c = contest->contenders[i].taken;

		for (unsigned load = 0; c && load < contest->book.loads; load++)
			for (unsigned v = 0; v < contest->book.worlds && st == SW_OK; v++)
				st = want_plan(&p, c, load, v, err);
	}
	if (st == SW_OK)
		st = play_all(&p, err);
	free(p.pieces);
	return st;
}

void sw__contest_clear(struct sw__contest *contest)
{
	for (size_t i = 0; i < contest->n; i++)
		sw__contender_clear(&contest->contenders[i]);
	free(contest->contenders);
	contest->contenders = NULL;
	contest->n = 0;
	sw__book_clear(&contest->book);
}
