// SPDX-License-Identifier: Apache-2.0
#include "predict/played.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "math/ordered.h"
#include "predict/played_cores.h"
#include "predict/played_engine.h"
#include "predict/played_rates.h"
#include "predict/played_statistics.h"
#include "predict/prepared.h"
#include "sharing/mechanism.h"

/* HAMi-core's watcher: how often it looks, and how far back it may, which is a coefficient. */
static const double TICK_MS = 120;
enum { TICKS = 19 }; /* two seconds */
/* The beginning is left out: so much of the time that is measured. */
static const double WARM_UP = 0.15;
/* Of a play that may end early, so much of all that it may last. */
static const double SHORT_WARM_UP = 0.05;
static const double LIMITER_SETTLES_MS = 8000, SETTLED_LIMITER_MS = 1000;
/* What may be enough begins as so small a part of all, and doubles. */
static const double SHORTEST = 16;
/* The first parts are so small a part of what is measured at first. */
static const double SHORTEST_PART = 128;
/* After the end time goes on, with the loads, until what came before is answered: in so many parts, all together as long again. */
enum { OVERTIMES = 20 };

struct play {
	const struct sw__play_ask *ask;
	const struct sw__mechanism *mechanism;
	size_t n;
	struct sw__played_engine engine[SW_TENANTS_MAX];
	bool takes_turns;
	size_t on_gpu; /* engines that work there or wait for their turn */
	struct sw__played_turns turns;
	double now_ms, tick_ms, end_ms;
	double from_ms, to_ms; /* what is measured */
	double seen_ms[TICKS][SW_TENANTS_MAX]; /* GPU time at the last ticks, in a ring */
	size_t ticks;
	double backlog[2][SW_TENANTS_MAX]; /* in flight in the middle and at the end */
	uint64_t events;
	double events_max;
};

/* GPU time that an engine had when the watcher looks back from the tick of now; what lies between two ticks, of both. */
static double seen_before(const struct play *p, size_t engine, double ticks_back)
{
	size_t whole = (size_t)ticks_back;
	double part = ticks_back - (double)whole;
	double near = p->seen_ms[(p->ticks - whole) % TICKS][engine];

	return part > 0 ? near + part * (p->seen_ms[(p->ticks - whole - 1) % TICKS][engine] - near)
			: near;
}

static void tick(struct play *p)
{
	double back = sw__smaller(sw__smaller((double)p->ticks, TICKS - 1),
				  p->ask->shared->at[SW__SHARED_look_back_ms] / TICK_MS);

	for (size_t i = 0; i < p->n; i++) {
		struct sw__played_engine *e = &p->engine[i];

		sw__played_work(e, p->now_ms);
		p->seen_ms[p->ticks % TICKS][i] = e->gpu_total_ms;
		sw__hami_limiter_tick(&e->limiter,
				      back > 0 ? 100 * (e->gpu_total_ms - seen_before(p, i, back)) /
							 (back * TICK_MS)
					       : 0);
	}
	p->ticks++;
	p->tick_ms += TICK_MS;
	for (size_t i = 0; i < p->n; i++)
		p->engine[i].refill_ms = p->tick_ms;
}

static double next_of(const struct play *p, const struct sw__played_engine *e)
{
	switch (e->state) {
	case SW__PLAYED_GPU:
		return e->rate > 0 ? e->since_ms + e->left_ms / e->rate : INFINITY;
	case SW__PLAYED_HOST:
	case SW__PLAYED_HELD:
		return e->until_ms;
	default:
		/* Whoever is in line becomes known a little later. */
		return e->line ? sw__larger(p->now_ms, e->line->known_ms)
			       : sw__played_arrival_ms(e);
	}
}

static double next_event(const struct play *p)
{
	double next = sw__smaller(p->tick_ms, p->end_ms);

	if (p->takes_turns && p->on_gpu > 1)
		next = sw__smaller(next, p->turns.until_ms);
	for (size_t i = 0; i < p->n; i++)
		next = sw__smaller(next, p->engine[i].next_ms);
	return next;
}

static enum sw_status act(struct play *p, struct sw__played_engine *e, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	p->on_gpu -= e->state == SW__PLAYED_GPU;
	if (e->coming.at_s * 1000 <= p->now_ms)
		st = sw__played_arrive(e, p->now_ms, err);
	if (st == SW_OK && e->state != SW__PLAYED_IDLE)
		st = sw__played_proceed(e, p->now_ms, err);
	if (st == SW_OK && e->state == SW__PLAYED_IDLE)
		st = sw__played_begin(e, p->now_ms, err);
	p->on_gpu += e->state == SW__PLAYED_GPU;
	e->next_ms = next_of(p, e);
	return st;
}

static void set_rates(struct play *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct sw__played_engine *e = &p->engine[i];

		if (e->state != SW__PLAYED_GPU)
			continue;
		sw__played_work(e, p->now_ms);
		e->rate = 1;
	}
	if (p->mechanism->share_is_quota)
		sw__played_cores(p->engine, p->n, p->ask->shared);
	else if (p->n > 1 && p->mechanism->shares_dram)
		sw__played_overlap(p->engine, p->n, p->ask->shared);
	for (size_t i = 0; i < p->n; i++)
		if (p->engine[i].state == SW__PLAYED_GPU)
			p->engine[i].next_ms = next_of(p, &p->engine[i]);
}

/* Something happened: who works from now on, and until when. */
static void settle(struct play *p)
{
	if (p->takes_turns)
		sw__played_turn(&p->turns, p->engine, p->n, p->ask->shared, p->now_ms,
				sw__smaller(p->tick_ms, p->end_ms));
	else
		set_rates(p);
}

static bool is_exhausted(const struct play *p)
{
	return (double)p->events >= p->events_max;
}

static enum sw_status run_until(struct play *p, double to_ms, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	p->end_ms = to_ms;
	while (st == SW_OK && p->now_ms < to_ms && !is_exhausted(p)) {
		p->now_ms = sw__smaller(to_ms, next_event(p));
		p->events++;
		if (p->now_ms >= p->tick_ms)
			tick(p);
		for (size_t i = 0; i < p->n && st == SW_OK; i++)
			if (p->engine[i].next_ms <= p->now_ms)
				st = act(p, &p->engine[i], err);
		settle(p);
	}
	return st;
}

static enum sw_status make(struct play *p, struct sw_error *err)
{
	const struct sw_mix *mix = p->ask->mix;
	const struct sw__played *settled = p->ask->length.settled;
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < mix->n && st == SW_OK; i++) {
		struct sw__played_setting s = {
			.tenant = &mix->tenants[i],
			.calibration = p->ask->calibration,
			.shared = p->ask->shared,
			.model = &p->ask->models[i],
			.known = p->ask->known ? p->ask->known[i] : NULL,
			.held = p->mechanism->share_is_duty,
			.seed = p->ask->seed + i * 7919,
		};

		p->n = i + 1;
		st = sw__played_engine_make(&s, &p->engine[i], err);
		if (st == SW_OK && settled) {
			p->engine[i].limiter.refill = settled[i].refill;
			p->engine[i].limiter.balance = settled[i].balance;
		}
	}
	for (size_t i = 0; i < mix->n; i++)
		p->engine[i].next_ms = next_of(p, &p->engine[i]);
	p->takes_turns = p->mechanism->takes_turns && p->n > 1;
	p->turns = (struct sw__played_turns){.owner = -1, .last = -1};
	p->tick_ms = p->mechanism->share_is_duty ? TICK_MS : INFINITY;
	for (size_t i = 0; i < p->n && p->mechanism->share_is_duty; i++)
		p->engine[i].refill_ms = TICK_MS;
	return st;
}

static void sum_up(struct play *p, size_t i, struct sw__played *out)
{
	struct sw__played_engine *e = &p->engine[i];
	double span_ms = sw__smaller(p->now_ms, p->to_ms) - p->from_ms;
	double grown = p->backlog[1][i] - p->backlog[0][i];

	*out = (struct sw__played){
		.requests_per_s = e->ended / span_ms * 1000,
		.output_tok_s = e->tokens / span_ms * 1000,
		.running = e->running_ms / span_ms,
		.busy = e->busy_ms / span_ms,
		.gpu_busy = e->gpu_ms / span_ms,
		.requests = (double)e->n_ttft,
		.span_ms = span_ms,
		.refill = e->limiter.refill,
		.balance = e->limiter.balance,
	};
	out->overload =
		!isnan(e->tenant->load.rate) && out->busy > 0.97 && grown > 5 + 0.03 * e->came;
	sw__played_sum_up(e, out);
}

static enum sw_status note_backlog(struct play *p, double *out, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < p->n && st == SW_OK; i++) {
		st = sw__played_arrive(&p->engine[i], p->now_ms, err);
		out[i] = (double)sw__played_in_flight(&p->engine[i]);
	}
	return st;
}

/* Leaving out what is not answered at the end would leave out the long ones. */
static bool unanswered(const struct play *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->engine[i].ended < p->engine[i].came)
			return true;
	return false;
}

/* As long as the engine that has the fewest requests needs. */
static double longest_ms(const struct sw__play_ask *ask)
{
	double slowest = INFINITY;

	for (size_t i = 0; i < ask->mix->n; i++)
		slowest = sw__smaller(slowest, ask->rates[i]);
	return 1000 * ask->length.requests / slowest;
}

/* Those that all start at once are spread after about one request each; queues need some to fill; a limiter's refill takes seconds to find
 * its level. */
static double settled_ms(const struct play *p)
{
	double limiter_ms = p->ask->length.settled ? SETTLED_LIMITER_MS : LIMITER_SETTLES_MS;
	double ms = sw__larger(SHORT_WARM_UP * longest_ms(p->ask),
			       p->mechanism->share_is_duty ? limiter_ms : 0);

	for (size_t i = 0; i < p->n; i++) {
		const struct sw_load *load = &p->ask->mix->tenants[i].load;

		if (isnan(load->rate) && p->ask->rates[i] > 0)
			ms = sw__larger(ms, 1000 * load->concurrency / p->ask->rates[i]);
	}
	return ms;
}

static bool is_short(const struct sw__play_ask *ask)
{
	return ask->length.enough[SW_TTFT] > 0 || ask->length.span_ms > 0;
}

static void measure_until(struct play *p, double to_ms)
{
	p->to_ms = to_ms;
	for (size_t i = 0; i < p->n; i++) {
		struct sw__played_engine *e = &p->engine[i];

		e->measured_from_ms = p->from_ms;
		e->measured_to_ms = to_ms;
		if (e->part_ms <= 0)
			e->part_ms = (to_ms - p->from_ms) / SHORTEST_PART;
	}
}

static bool is_enough(const struct play *p)
{
	for (size_t i = 0; i < p->n; i++)
		for (int m = 0; m < SW_METRIC_COUNT; m++) {
			const struct sw__played_engine *e = &p->engine[i];
			double chance = sw__played_chance(e, m);

			if (m == SW_TPOT && e->n_tpot == 0 && e->n_ttft > 0)
				continue;
			if (isnan(chance) || chance > p->ask->length.enough[m])
				return false;
		}
	return true;
}

/* From the middle of what is measured to its end; as long as that is not enough it becomes the first half of twice as much. */
static enum sw_status measure(struct play *p, double most_ms, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (;;) {
		st = note_backlog(p, p->backlog[0], err);
		if (st == SW_OK)
			st = run_until(p, p->to_ms, err);
		if (st != SW_OK || is_exhausted(p) || is_enough(p) ||
		    !(p->to_ms <
		      p->from_ms + most_ms * 0.99)) /* also of a rate that is not known */
			break;
		measure_until(p, p->from_ms + 2 * (p->to_ms - p->from_ms));
	}
	for (size_t i = 0; i < p->n; i++) /* earlier, if events are used up */
		p->engine[i].measured_to_ms = p->to_ms = sw__smaller(p->to_ms, p->now_ms);
	return st == SW_OK ? note_backlog(p, p->backlog[1], err) : st;
}

/* What has come is answered, at the cost of half as many events again. */
static enum sw_status answer(struct play *p, struct sw_error *err)
{
	double all_ms = p->to_ms - p->from_ms;
	enum sw_status st = SW_OK;

	p->events_max += p->ask->length.events / 2;
	for (int i = 0; st == SW_OK && i < OVERTIMES && unanswered(p); i++)
		st = run_until(p, p->to_ms + (i + 1) * all_ms / OVERTIMES, err);
	return st;
}

/* No longer than half as many events take as what follows. */
static enum sw_status warm_up(struct play *p, double ms, struct sw_error *err)
{
	enum sw_status st;

	p->events_max = p->ask->length.events / 2;
	st = run_until(p, ms, err);
	p->events = 0;
	p->events_max = p->ask->length.events;
	p->from_ms = p->now_ms;
	return st;
}

static enum sw_status perform(struct play *p, struct sw_error *err)
{
	const struct sw__play_length *length = &p->ask->length;
	double most_ms = length->span_ms > 0 ? length->span_ms : longest_ms(p->ask), first_ms;
	enum sw_status st = make(p, err);

	if (st != SW_OK)
		return st;
	first_ms = is_short(p->ask) && length->span_ms <= 0 ? most_ms / SHORTEST : most_ms;
	st = warm_up(p, is_short(p->ask) ? settled_ms(p) : WARM_UP * most_ms, err);
	measure_until(p, p->from_ms + first_ms);
	if (st == SW_OK)
		st = run_until(p, p->from_ms + first_ms / 2, err);
	if (st == SW_OK)
		st = measure(p, most_ms, err);
	return st == SW_OK ? answer(p, err) : st;
}

enum sw_status sw__play(const struct sw__play_ask *ask, struct sw__played *out,
			struct sw_error *err)
{
	struct play *p = calloc(1, sizeof(*p));
	enum sw_status st;

	if (!p)
		return sw_fail(err, SW_NO_MEMORY, "a played mix");
	p->ask = ask;
	p->mechanism = sw__mechanism(ask->mix->mechanism);
	st = perform(p, err);
	for (size_t i = 0; i < p->n && st == SW_OK; i++)
		sum_up(p, i, &out[i]);
	for (size_t i = 0; i < p->n; i++)
		sw__played_engine_clear(&p->engine[i]);
	free(p);
	return st;
}
