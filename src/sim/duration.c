// SPDX-License-Identifier: Apache-2.0
#include "sim/duration.h"

#include <math.h>

static const double REQUESTS = 200, LEAST_S = 60, MOST_S = 3600;
/* A rescaled trace of a day is played for two hours of it at the most. */
static const double TRACE_MOST_S = 7200;
/* A closed loop's rate is known when each of its clients has been answered twice, or this much has been simulated. */
static const double ANSWERS = 2, PILOT_STEP_S = 10, PILOT_MOST_S = 600;
/* So that the last request of a trace comes before the end. */
static const double AFTER_S = 1e-3;
static const double ROUNDING = 1e-9;

static double once_s(const struct sw_load *load)
{
	return load->trace->arrival_s[load->trace->n - 1] + AFTER_S;
}

/* From the first request to the first one again: the trace's gaps and one more. */
static double lap_s(const struct sw_load *load)
{
	const struct sw_trace *t = load->trace;
	double n = (double)t->n;

	if (load->trace_stretch >
	    0) /* of all replicas: one of them takes a part of the requests as they come */
		return load->trace_stretch * t->arrival_s[t->n - 1] * n / (n - 1);
	return sw_known(load->rate) ? n / load->rate : t->arrival_s[t->n - 1] * n / (n - 1);
}

static bool any_limit(const struct sw_mix *mix)
{
	static const double none[SW_METRIC_COUNT];

	for (size_t i = 0; i < mix->n; i++)
		if (sw__late(&mix->tenants[i].slo, none) >= 0)
			return true;
	return false;
}

/* Whole pairs of laps: then the middle, from which on a growing backlog is looked for, and the end are the same moment of the
 * trace, and a burst there is no growth. */
static double with_laps(double longest_s, double lap)
{
	if (lap > 0 && 2 * lap <= TRACE_MOST_S)
		return fmax(1, ceil(longest_s / (2 * lap) - ROUNDING)) * 2 * lap;
	return fmax(longest_s, fmin(lap, TRACE_MOST_S));
}

static bool clients_answered(const sw_sim *sim, const struct sw_mix *mix)
{
	for (size_t i = 0; i < mix->n; i++) {
		struct sw_sim_engine e;

		sw_sim_engine_state(sim, i, &e);
		if (sw_known(mix->tenants[i].load.concurrency) &&
		    (double)e.ended < ANSWERS * mix->tenants[i].load.concurrency)
			return false;
	}
	return true;
}

static enum sw_status pilot(const struct sw__repetition_ask *ask, double *rates, uint64_t *events,
			    struct sw_error *err)
{
	struct sw_sim_settings settings = {
		.seed = ask->seed, .world = ask->world, .host_cores = ask->host_cores};
	sw_sim *sim;
	enum sw_status st = sw_sim_new(ask->mix, &settings, &sim, err);

	while (st == SW_OK && !clients_answered(sim, ask->mix) && sw_sim_now_s(sim) < PILOT_MOST_S)
		st = sw_sim_advance(sim, sw_sim_now_s(sim) + PILOT_STEP_S, err);
	for (size_t i = 0; i < ask->mix->n && st == SW_OK; i++) {
		struct sw_sim_engine e;

		sw_sim_engine_state(sim, i, &e);
		rates[i] = fmax(1, (double)e.ended) / fmax(PILOT_STEP_S, sw_sim_now_s(sim));
	}
	if (st == SW_OK)
		*events = sw__sim_events(sim);
	sw_sim_free(sim);
	return st;
}

static bool any_closed(const struct sw_mix *mix)
{
	for (size_t i = 0; i < mix->n; i++)
		if (sw_known(mix->tenants[i].load.concurrency))
			return true;
	return false;
}

enum sw_status sw__simulate_duration(const struct sw__repetition_ask *ask, double *duration_s,
				     uint64_t *events, struct sw_error *err)
{
	double rates[SW_TENANTS_MAX] = {0}, longest = LEAST_S, lap = 0, once = 0;
	enum sw_status st = SW_OK;

	*events = 0;
	if (any_closed(ask->mix))
		st = pilot(ask, rates, events, err);
	for (size_t i = 0; i < ask->mix->n && st == SW_OK; i++) {
		const struct sw_load *load = &ask->mix->tenants[i].load;
		double rate = sw_known(load->concurrency) ? rates[i] : load->rate;

		if (load->trace && load->trace_once)
			once = fmax(once, once_s(load));
		else if (load->trace)
			lap = fmax(lap, lap_s(load));
		else
			longest = fmax(longest, REQUESTS / rate);
	}
	longest = fmin(longest, MOST_S);
	if (any_limit(
		    ask->mix)) /* of whole windows: in less than one chance alone exceeds what a limit allows */
		longest = ceil(longest / SW__LATE_WINDOW_S) * SW__LATE_WINDOW_S;
	*duration_s = once > 0 ? once : with_laps(longest, lap);
	return st;
}
