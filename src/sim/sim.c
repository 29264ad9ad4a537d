// SPDX-License-Identifier: Apache-2.0
/* The clock of a simulated GPU: who does what until when. */
#include "sim/sim.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "math/ordered.h"
#include "sharing/mechanism.h"
#include "sim/turns.h"

static const double MS = 1e-3;
/* A kernel with less than this left has ended: what rounding leaves. */
static const double NOTHING_MS = 1e-7;
static const double GIGA = 1e9, MIB = 1024.0 * 1024.0;

enum { LOOK_BACK_MAX = 16 /* ticks of HAMi's watcher */ };

/* HAMi's view of one engine: GPU time at the last ticks. */
struct history {
	double gpu_s[LOOK_BACK_MAX];
};

struct sw_sim {
	struct sw_sim_settings settings;
	struct sw__sim_recorder recorder;
	struct sw__sim_constants constants;
	struct sw__sim_surroundings around;
	sw_calibration *calibration;
	const struct sw_mix *mix;
	const struct sw__mechanism *mechanism;
	double now_s;
	struct sw__turns turns;
	struct sw__sim_use use;
	struct sw_sim_gpu totals;
	double tick_s; /* next one of HAMi's watcher; INFINITY: it is not there */
	uint64_t ticks, events;
	bool ready[SW_TENANTS_MAX]; /* has a kernel */
	struct history history[SW_TENANTS_MAX];
	size_t n;
	struct sw__sim_engine engines[SW_TENANTS_MAX];
};

static bool starting(const struct sw__sim_engine *e)
{
	return e->phase != SW__SIM_STOPPED && e->phase != SW__SIM_SERVING;
}

/* Threads that find no core wait for one: an engine's own cores, and the machine's. */
static double host_stretch(const sw_sim *sim, const struct sw__sim_engine *engine)
{
	const struct sw__sim_constants *c = &sim->constants;
	double cores = engine->tenant->engine.cores, missing = 1, busy = 0, starts = 1;

	if (sw_known(cores))
		missing = sw__larger(1, c->host_threads / cores);
	for (size_t i = 0; i < sim->n; i++) {
		busy += sim->engines[i].state == SW__SIM_IDLE ||
					sim->engines[i].phase == SW__SIM_STOPPED
				? 0
				: c->host_threads;
		if (starting(&sim->engines[i]) && &sim->engines[i] != engine)
			starts = c->start_host;
	}
	if (sim->settings.host_cores > 0)
		missing = sw__larger(missing, busy / sim->settings.host_cores);
	return starts * (missing > 1 ? pow(missing, c->host_starved) : 1);
}

static bool has_come(const sw_sim *sim, const struct sw__sim_engine *e)
{
	return e->state == SW__SIM_IDLE && e->phase == SW__SIM_SERVING && e->unseen &&
	       sw__sim_engine_arrival_s(&sim->around, e) <= sim->now_s;
}

static bool is_over(const sw_sim *sim, const struct sw__sim_engine *e)
{
	if (e->state == SW__SIM_KERNEL)
		return e->left_ms <= NOTHING_MS;
	return e->state != SW__SIM_IDLE && e->until_s <= sim->now_s;
}

static enum sw_status act(sw_sim *sim, struct sw__sim_engine *e, struct sw_error *err)
{
	enum sw_status st = sw__sim_engine_arrive(e, sim->now_s, err);

	if (st == SW_OK && is_over(sim, e))
		st = sw__sim_engine_proceed(&sim->around, e, sim->now_s, host_stretch(sim, e), err);
	if (st == SW_OK && has_come(sim, e))
		st = sw__sim_engine_begin(&sim->around, e, sim->now_s, host_stretch(sim, e), err);
	return st;
}

/* The utilisation of the last second, as NVML has it for HAMi's watcher. */
static void tick(sw_sim *sim)
{
	const struct sw__sim_constants *c = &sim->constants;
	uint64_t back = (uint64_t)(c->hami_look_back_ms / c->hami_tick_ms + 0.5);

	for (size_t i = 0; i < sim->n; i++) {
		struct sw__sim_engine *e = &sim->engines[i];
		double *past = sim->history[i].gpu_s;
		double before = sim->ticks < back ? 0 : past[(sim->ticks - back) % LOOK_BACK_MAX];
		double span_s = (double)back * c->hami_tick_ms * MS;

		past[sim->ticks % LOOK_BACK_MAX] = e->counters.gpu_s;
		sw__hami_limiter_tick(&e->limiter, 100 * (e->counters.gpu_s - before) / span_s);
	}
	sim->ticks++;
	sim->tick_s = (double)(sim->ticks + 1) * c->hami_tick_ms * MS;
}

/* Another context's lines are in L2: its own are read again. */
static void refill_l2(const sw_sim *sim, struct sw__sim_engine *e)
{
	double gb = sim->mix->gpu.l2_mib * MIB / GIGA;
	const struct sw__sim_kernel *k = &e->segments.segment[e->at].kernel;

	e->left_ms += sim->constants.cold_l2 * gb / sim->mix->gpu.dram_gb_s / MS * (1 - k->traffic);
}

/* The rates of those that overlap, `which` of them, from now on. */
static void set_rates(sw_sim *sim, struct sw__sim_engine *const *which, size_t n)
{
	const struct sw__sim_kernel *kernels[SW_TENANTS_MAX] = {NULL};
	double rate[SW_TENANTS_MAX];

	for (size_t i = 0; i < n; i++)
		kernels[i] = &which[i]->segments.segment[which[i]->at].kernel;
	sw__sim_overlap(&sim->constants, kernels, n, sim->mechanism->share_is_memory, rate,
			&sim->use);
	for (size_t i = 0; i < n; i++)
		which[i]->rate = rate[i];
}

static void settle_turns(sw_sim *sim)
{
	struct sw__sim_engine *owner;

	if (sw__turns_settle(&sim->turns, sim->ready, sim->n, sim->now_s))
		refill_l2(sim, &sim->engines[sim->turns.owner]);
	owner = sim->turns.owner == SW__NOBODY ? NULL : &sim->engines[sim->turns.owner];
	if (owner && sim->turns.from_s > sim->now_s)
		owner = NULL; /* the context is still being switched */
	set_rates(sim, &owner, owner ? 1 : 0);
}

/* Who runs, and how fast. */
static void settle(sw_sim *sim)
{
	struct sw__sim_engine *running[SW_TENANTS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < sim->n; i++) {
		sim->ready[i] = sim->engines[i].state == SW__SIM_KERNEL;
		sim->engines[i].rate = 0;
		if (sim->ready[i])
			running[n++] = &sim->engines[i];
	}
	if (sim->mechanism->takes_turns)
		settle_turns(sim);
	else
		set_rates(sim, running, n);
}

static enum sw_status happen(sw_sim *sim, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	sim->events++;
	if (sim->now_s >= sim->tick_s)
		tick(sim);
	for (size_t i = 0; i < sim->n && st == SW_OK; i++)
		st = act(sim, &sim->engines[i], err);
	settle(sim);
	return st;
}

static void count_demand(struct sw__sim_engine *e, double dt)
{
	const struct sw__sim_kernel *k = &e->segments.segment[e->at].kernel;

	if (k->compute > k->traffic)
		e->compute_s += dt;
	else
		e->traffic_s += dt;
}

static void pass(sw_sim *sim, double to_s)
{
	double dt = to_s - sim->now_s;
	bool busy = false;

	for (size_t i = 0; i < sim->n; i++) {
		struct sw__sim_engine *e = &sim->engines[i];

		if (e->rate <= 0)
			continue;
		busy = true;
		e->left_ms -= e->rate * dt / MS;
		e->counters.gpu_s += dt;
		count_demand(e, dt);
	}
	sim->totals.busy_s += busy ? dt : 0;
	sim->totals.sm_s += sim->use.sms * dt;
	sim->totals.dram_s += sim->use.dram * dt;
	sim->totals.energy_j += sim->use.power * sim->mix->gpu.power_w * dt;
	sim->totals.clock_s += sim->use.clock * dt;
	sim->now_s = to_s;
}

static double engine_next_s(const sw_sim *sim, const struct sw__sim_engine *e)
{
	double arrival = e->state == SW__SIM_IDLE && e->phase == SW__SIM_SERVING
				 ? sw__sim_engine_arrival_s(&sim->around, e)
				 : e->next_arrival.at_s;

	switch (e->state) {
	case SW__SIM_KERNEL:
		return e->rate > 0 ? fmin(arrival, sim->now_s + e->left_ms / e->rate * MS)
				   : arrival;
	case SW__SIM_HOST:
	case SW__SIM_GATED:
		return fmin(arrival, e->until_s);
	default:
		return arrival;
	}
}

double sw_sim_next_s(const sw_sim *sim)
{
	double next = sim->tick_s;

	for (size_t i = 0; i < sim->n; i++)
		next = fmin(next, engine_next_s(sim, &sim->engines[i]));
	if (sim->mechanism->takes_turns)
		next = fmin(next, sw__turns_next_s(&sim->turns, sim->ready, sim->n, sim->now_s));
	return fmax(next, sim->now_s);
}

enum sw_status sw_sim_advance(sw_sim *sim, double to_s, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	while (st == SW_OK) {
		double next = sw_sim_next_s(sim);

		if (next > to_s)
			break;
		pass(sim, next);
		st = happen(sim, err);
	}
	if (st == SW_OK && to_s > sim->now_s)
		pass(sim, to_s);
	return st;
}

static enum sw_status make_engines(sw_sim *sim, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < sim->mix->n && st == SW_OK; i++) {
		sim->n = i + 1;
		st = sw__sim_engine_make(&sim->around, i, &sim->engines[i], err);
		if (st != SW_OK)
			(void)sw_fail_in(err, st, "%s", sim->mix->tenants[i].name);
	}
	return st;
}

static enum sw_status make(sw_sim *sim, struct sw_error *err)
{
	const struct sw__sim_constants *c = &sim->constants;
	enum sw_status st = sw_calibration_open(&sim->mix->gpu, NULL, &sim->calibration, err);

	if (st != SW_OK)
		return st;
	sim->around = (struct sw__sim_surroundings){
		.mix = sim->mix,
		.calibration = sim->calibration,
		.constants = &sim->constants,
		.settings = &sim->settings,
		.recorder = sim->recorder.ended ? &sim->recorder : NULL,
	};
	sw__turns_start(&sim->turns, c->slice_ms * MS, c->switch_ms * MS);
	sim->tick_s = sim->mechanism->share_is_duty ? c->hami_tick_ms * MS : INFINITY;
	st = make_engines(sim, err);
	settle(sim);
	return st;
}

enum sw_status sw__sim_new(const struct sw_mix *mix, const struct sw_sim_settings *settings,
			   const struct sw__sim_recorder *recorder, sw_sim **out,
			   struct sw_error *err)
{
	sw_sim *sim;
	enum sw_status st;

	*out = NULL;
	if (mix->n > SW_TENANTS_MAX)
		return sw_fail(err, SW_BAD_INPUT,
			       "found %zu engines on one GPU, expected at most %d", mix->n,
			       SW_TENANTS_MAX);
	sim = calloc(1, sizeof(*sim));
	if (!sim)
		return sw_fail(err, SW_NO_MEMORY, "a simulated GPU");
	sim->mix = mix;
	sim->settings = *settings;
	sim->mechanism = sw__mechanism(mix->mechanism);
	if (recorder)
		sim->recorder = *recorder;
	sw__sim_constants(settings->world, &sim->constants);
	st = make(sim, err);
	if (st != SW_OK) {
		sw_sim_free(sim);
		return st;
	}
	*out = sim;
	return SW_OK;
}

enum sw_status sw_sim_new(const struct sw_mix *mix, const struct sw_sim_settings *settings,
			  sw_sim **out, struct sw_error *err)
{
	return sw__sim_new(mix, settings, NULL, out, err);
}

void sw_sim_free(sw_sim *sim)
{
	if (!sim)
		return;
	for (size_t i = 0; i < sim->n; i++)
		sw__sim_engine_clear(&sim->engines[i]);
	sw_calibration_free(sim->calibration);
	free(sim);
}

double sw_sim_now_s(const sw_sim *sim)
{
	return sim->now_s;
}

uint64_t sw__sim_events(const sw_sim *sim)
{
	return sim->events;
}

const struct sw__sim_engine *sw__sim_engine(const sw_sim *sim, size_t tenant)
{
	return &sim->engines[tenant];
}

const struct sw__sim_request *sw__sim_in_flight(const sw_sim *sim, size_t tenant)
{
	return sim->engines[tenant].first;
}

enum sw_status sw_sim_submit(sw_sim *sim, size_t tenant, const struct sw_sim_request *request,
			     struct sw_error *err)
{
	struct sw__sim_engine *e = &sim->engines[tenant];

	for (const struct sw__sim_request *r = e->first; r; r = r->after)
		if (r->id == request->id && !r->own && !r->cancelled)
			return sw_fail(err, SW_BAD_INPUT, "request %llu is in flight already",
				       (unsigned long long)request->id);
	return sw__sim_engine_add(e, request, sim->now_s, false, err);
}

bool sw_sim_cancel(sw_sim *sim, size_t tenant, uint64_t id)
{
	return sw__sim_engine_cancel(&sim->engines[tenant], id);
}

enum sw_status sw_sim_set_share(sw_sim *sim, size_t tenant, double share, struct sw_error *err)
{
	enum sw_status st = sw__mechanism_check(sim->mix->mechanism, &sim->mix->gpu, share, err);

	if (st == SW_OK)
		sw__sim_engine_share(&sim->around, &sim->engines[tenant], share);
	return st;
}

enum sw_status sw_sim_restart(sw_sim *sim, size_t tenant, struct sw_error *err)
{
	enum sw_status st =
		sw__sim_engine_restart(&sim->around, &sim->engines[tenant], sim->now_s, err);

	settle(sim);
	return st;
}

void sw_sim_engine_state(const sw_sim *sim, size_t tenant, struct sw_sim_engine *out)
{
	sw__sim_engine_count(&sim->engines[tenant], out);
}

void sw_sim_gpu_state(const sw_sim *sim, struct sw_sim_gpu *out)
{
	*out = sim->totals;
}
