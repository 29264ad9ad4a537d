// SPDX-License-Identifier: Apache-2.0
#include "predict/played.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "math/ordered.h"
#include "predict/played_cores.h"
#include "predict/played_engine.h"
#include "predict/played_rates.h"
#include "predict/prepared.h"
#include "sharing/mechanism.h"

/* HAMi-core's watcher: how often it looks, and how far back. */
static const double TICK_MS = 120;
enum { TICKS = 9 }; /* a second */
/* The beginning is left out: so much of the time that is measured. */
static const double WARM_UP = 0.15;
/* After the end time goes on, with the loads, until what came before is answered: in so many parts, all together as long again. */
enum { OVERTIMES = 20 };

struct play {
	const struct sw__play_ask *ask;
	const struct sw__mechanism *mechanism;
	size_t n;
	struct sw__played_engine engine[SW_TENANTS_MAX];
	struct sw__played_turns turns;
	double now_ms, tick_ms, end_ms;
	double from_ms, to_ms; /* what is measured */
	double seen_ms[TICKS][SW_TENANTS_MAX]; /* GPU time at the last ticks, in a ring */
	size_t ticks;
	double backlog[2][SW_TENANTS_MAX]; /* in flight in the middle and at the end */
	uint64_t events;
};

static void tick(struct play *p)
{
	size_t slot = p->ticks % TICKS;
	double back = sw__smaller((double)p->ticks, TICKS - 1) * TICK_MS;
	size_t first = p->ticks < TICKS ? 0 : (p->ticks + 1) % TICKS;

	for (size_t i = 0; i < p->n; i++) {
		struct sw__played_engine *e = &p->engine[i];

		p->seen_ms[slot][i] = e->gpu_total_ms;
		sw__hami_limiter_tick(
			&e->limiter,
			back > 0 ? 100 * (e->gpu_total_ms - p->seen_ms[first][i]) / back : 0);
	}
	p->ticks++;
	p->tick_ms += TICK_MS;
}

static double next_of(const struct play *p, const struct sw__played_engine *e)
{
	switch (e->state) {
	case SW__PLAYED_GPU:
		return e->rate > 0 ? p->now_ms + e->left_ms / e->rate : INFINITY;
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

	for (size_t i = 0; i < p->n; i++)
		next = sw__smaller(next, next_of(p, &p->engine[i]));
	if (p->mechanism->takes_turns)
		next = sw__smaller(next, sw__played_turn_ms(&p->turns, p->engine, p->n, p->now_ms));
	return next;
}

static void pass(struct play *p, double to_ms)
{
	double dt = to_ms - p->now_ms;
	bool measured = p->now_ms >= p->from_ms && p->now_ms < p->to_ms;

	for (size_t i = 0; i < p->n; i++) {
		struct sw__played_engine *e = &p->engine[i];

		if (e->rate > 0) {
			e->left_ms -= e->rate * dt;
			e->gpu_total_ms += dt;
			e->gpu_ms += measured ? dt : 0;
		}
		if (measured && e->state != SW__PLAYED_IDLE) {
			e->busy_ms += dt;
			e->running_ms += dt * (double)sw__scheduler_running(e->scheduler);
		}
	}
	p->now_ms = to_ms;
}

static bool is_over(const struct play *p, const struct sw__played_engine *e)
{
	static const double NEARLY_MS = 1e-9;

	switch (e->state) {
	case SW__PLAYED_GPU:
		return e->rate > 0 && e->left_ms <= NEARLY_MS;
	case SW__PLAYED_HOST:
	case SW__PLAYED_HELD:
		return p->now_ms >= e->until_ms;
	default:
		return false;
	}
}

static enum sw_status act(struct play *p, struct sw__played_engine *e, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	if (e->coming.at_s * 1000 <= p->now_ms)
		st = sw__played_arrive(e, p->now_ms, err);
	if (st == SW_OK && is_over(p, e))
		st = sw__played_proceed(e, p->now_ms, err);
	if (st == SW_OK && e->state == SW__PLAYED_IDLE)
		st = sw__played_begin(e, p->now_ms, err);
	return st;
}

static void settle(struct play *p)
{
	for (size_t i = 0; i < p->n; i++)
		p->engine[i].rate = p->engine[i].state == SW__PLAYED_GPU ? 1 : 0;
	if (p->mechanism->share_is_quota)
		sw__played_cores(p->engine, p->n, p->ask->shared);
	else if (p->n == 1)
		return;
	else if (p->mechanism->takes_turns)
		sw__played_turn(&p->turns, p->engine, p->n, p->ask->shared, p->now_ms);
	else if (p->mechanism->shares_dram)
		sw__played_overlap(p->engine, p->n, p->ask->shared);
}

static enum sw_status run_until(struct play *p, double to_ms, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	p->end_ms = to_ms;
	while (st == SW_OK && p->now_ms < to_ms && (double)p->events < p->ask->events_max) {
		pass(p, sw__smaller(to_ms, next_event(p)));
		p->events++;
		if (p->now_ms >= p->tick_ms)
			tick(p);
		for (size_t i = 0; i < p->n && st == SW_OK; i++)
			st = act(p, &p->engine[i], err);
		settle(p);
	}
	return st;
}

/* As long as the engine that has the fewest requests needs. */
static double duration_ms(const struct sw__play_ask *ask)
{
	double slowest = INFINITY;

	for (size_t i = 0; i < ask->mix->n; i++)
		slowest = sw__smaller(slowest, ask->rates[i]);
	return 1000 * ask->requests / slowest;
}

static enum sw_status make(struct play *p, struct sw_error *err)
{
	const struct sw_mix *mix = p->ask->mix;
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < mix->n && st == SW_OK; i++) {
		struct sw__played_setting s = {
			.tenant = &mix->tenants[i],
			.calibration = p->ask->calibration,
			.shared = p->ask->shared,
			.model = &p->ask->models[i],
			.held = p->mechanism->share_is_duty,
			.seed = p->ask->seed + i * 7919,
		};

		p->n = i + 1;
		st = sw__played_engine_make(&s, &p->engine[i], err);
	}
	p->turns = (struct sw__played_turns){.owner = -1, .last = -1};
	p->tick_ms = p->mechanism->share_is_duty ? TICK_MS : INFINITY;
	return st;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void statistics(double *values, size_t n, double *out)
{
	static const double quantile[SW_STATISTIC_COUNT] = {NAN, 0.5, 0.95, 0.99};
	double sum = 0;

	if (n > 0)
		qsort(values, n, sizeof(*values), by_value);
	for (size_t i = 0; i < n; i++)
		sum += values[i];
	out[SW_MEAN] = n ? sum / (double)n : NAN;
	for (int s = SW_P50; s < SW_STATISTIC_COUNT; s++) {
		double at = quantile[s] * (double)(n ? n - 1 : 0);
		size_t low = (size_t)at;

		out[s] = n ? values[low] +
					 (at - (double)low) *
						 (values[low + 1 < n ? low + 1 : low] - values[low])
			   : NAN;
	}
}

/* Means of parts of the time differ by chance: so does the mean of all of it, by as much less as there are parts. */
static double chance_of(const struct sw__played_engine *e, int metric)
{
	double n = 0, sum = 0, squares = 0;

	for (int i = 0; i < SW__PLAYED_PARTS; i++) {
		const struct sw__played_part *part = &e->part[i];
		double mean = part->sum[metric] / part->n[metric];

		if (part->n[metric] < 2)
			continue;
		n++;
		sum += mean;
		squares += mean * mean;
	}
	if (n < 3)
		return NAN;
	return sqrt(sw__larger(0, squares / n - sum / n * (sum / n)) / (n - 1)) / (sum / n);
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
	};
	out->overload =
		!isnan(e->tenant->load.rate) && out->busy > 0.97 && grown > 5 + 0.03 * e->came;
	for (int m = 0; m < SW_METRIC_COUNT; m++)
		out->chance[m] = chance_of(e, m);
	statistics(e->ttft_ms, e->n_ttft, out->ms[SW_TTFT]);
	statistics(e->tpot_ms, e->n_tpot, out->ms[SW_TPOT]);
}

static void note_backlog(const struct play *p, double *out)
{
	for (size_t i = 0; i < p->n; i++)
		out[i] = (double)sw__played_in_flight(&p->engine[i]);
}

/* Leaving out what is not answered at the end would leave out the long ones. */
static bool unanswered(const struct play *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->engine[i].ended < p->engine[i].came)
			return true;
	return false;
}

static enum sw_status perform(struct play *p, struct sw_error *err)
{
	double all_ms = duration_ms(p->ask);
	enum sw_status st = make(p, err);

	if (st != SW_OK)
		return st;
	p->from_ms = WARM_UP * all_ms;
	p->to_ms = p->from_ms + all_ms;
	for (size_t i = 0; i < p->n; i++) {
		p->engine[i].measured_from_ms = p->from_ms;
		p->engine[i].measured_to_ms = p->to_ms;
	}
	settle(p);
	st = run_until(p, p->from_ms + all_ms / 2, err);
	note_backlog(p, p->backlog[0]);
	if (st == SW_OK)
		st = run_until(p, p->to_ms, err);
	note_backlog(p, p->backlog[1]);
	for (int i = 0; st == SW_OK && i < OVERTIMES && unanswered(p); i++)
		st = run_until(p, p->to_ms + (i + 1) * all_ms / OVERTIMES, err);
	return st;
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
