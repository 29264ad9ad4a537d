// SPDX-License-Identifier: Apache-2.0
/* Repetitions of a mix until its means are known, and what they say together. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "sharing/mechanism.h"
#include "sim/duration.h"
#include "sim/summary.h"

enum { LEAST_REPETITIONS = 5, MOST_REPETITIONS = 200, SEEDS = 77 };
/* Of the budget, what the mix may take where its engines are simulated alone as well. */
static const double MIX_PART = 0.6;

struct sw_simulate_settings sw_simulate_defaults(void)
{
	return (struct sw_simulate_settings){
		.seed = 1,
		.duration_s = NAN,
		.precision = 0.02,
		.events_max = 24000000,
		.alone = true,
	};
}

static enum sw_status check(const struct sw_mix *mix, const struct sw_simulate_settings *s,
			    struct sw_error *err)
{
	if (mix->n < 1 || mix->n > SW_TENANTS_MAX)
		return sw_fail(err, SW_BAD_INPUT, "found %zu engines on one GPU, expected 1 to %d",
			       mix->n, SW_TENANTS_MAX);
	if (sw__mechanism(mix->mechanism)->share_is_quota)
		return sw_fail(err, SW_BAD_INPUT,
			       "mechanism: found %s, and nothing simulates a host",
			       sw__mechanism(mix->mechanism)->id);
	if (!isnan(s->duration_s) && !(s->duration_s > 0 && s->duration_s <= 1e6))
		return sw_fail(err, SW_BAD_INPUT,
			       "duration: found %g s, expected above 0, at most 1e6",
			       s->duration_s);
	if (!(s->precision > 0 && s->precision < 1))
		return sw_fail(err, SW_BAD_INPUT, "precision: found %g, expected (0, 1)",
			       s->precision);
	return SW_OK;
}

/* One mix's repetitions. */
struct work {
	const struct sw_simulate_settings *settings;
	struct sw__repetition_ask ask;
	uint64_t budget, events;
	double progress_from, progress_to; /* of the whole */
	double done; /* of this work, so far */
	unsigned played; /* repetitions; all but the first, while that is alone, are in `run` */
	struct sw__repetition first;
	struct sw__onset onset[SW_TENANTS_MAX]; /* of those played */
	struct sw__run run;
};

static uint64_t seed_of(uint64_t seed, unsigned repetition)
{
	struct sw__random random = sw__random_make(seed, SEEDS + repetition);

	return sw__random_bits(&random);
}

static void report(const struct sw_simulate_settings *settings, double fraction)
{
	if (settings->progress)
		settings->progress(settings->context, fraction);
}

static void tell(struct work *w)
{
	double done = (double)w->events / (double)w->budget;

	if (w->settings->repetitions > 0)
		done = (double)w->played / w->settings->repetitions;
	else if (w->run.n >= LEAST_REPETITIONS)
		done = fmax(done, w->settings->precision / sw__run_half_width(&w->run));
	/* A repetition that is unlike the others makes the half-width larger again. */
	w->done = fmax(w->done, fmin(1, done));
	report(w->settings, w->progress_from + w->done * (w->progress_to - w->progress_from));
}

static bool enough(const struct work *w)
{
	const struct sw_simulate_settings *s = w->settings;
	uint64_t one = w->played > 0 ? w->events / w->played : 0;

	if (s->repetitions > 0)
		return w->played >= s->repetitions;
	if (w->played >= MOST_REPETITIONS || (w->played > 0 && w->events + one > w->budget))
		return true;
	return w->played >= LEAST_REPETITIONS && sw__run_half_width(&w->run) <= s->precision;
}

static enum sw_status play(struct work *w, struct sw__repetition *out, struct sw_error *err)
{
	enum sw_status st;

	w->ask.seed = seed_of(w->settings->seed, w->played);
	st = sw__repetition_run(&w->ask, out, err);
	if (st != SW_OK)
		return st;
	w->events += out->events;
	w->played++;
	return SW_OK;
}

static enum sw_status count(struct work *w, struct sw__repetition *r,
			    const struct sw__onset *onsets, struct sw_error *err)
{
	enum sw_status st = sw__repetition_judge(&w->ask, r, onsets, err);

	return st == SW_OK ? sw__run_add(&w->run, r, err) : st;
}

static void free_onsets(struct sw__onset *onsets, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sw__samples_free(&onsets[i].sum);
}

/* The first one has to wait for the second: no warm-up is found in what it is taken from. */
static enum sw_status count_first(struct work *w, const struct sw__repetition *second,
				  struct sw_error *err)
{
	struct sw__onset onsets[SW_TENANTS_MAX] = {0};
	enum sw_status st = sw__repetition_onsets(second, onsets, err);

	if (st == SW_OK)
		st = count(w, &w->first, onsets, err);
	free_onsets(onsets, second->n);
	return st;
}

static enum sw_status play_another(struct work *w, struct sw_error *err)
{
	struct sw__repetition r;
	enum sw_status st = play(w, &r, err);

	if (st != SW_OK)
		return st;
	if (w->played == 2)
		st = count_first(w, &r, err);
	if (st == SW_OK)
		st = count(w, &r, w->onset, err);
	if (st == SW_OK)
		st = sw__repetition_onsets(&r, w->onset, err);
	sw__repetition_clear(&r);
	return st;
}

/* Repeat until it is enough, at least once. */
static enum sw_status repeat(struct work *w, struct sw_error *err)
{
	enum sw_status st = play(w, &w->first, err);

	if (st == SW_OK)
		st = sw__repetition_onsets(&w->first, w->onset, err);
	while (st == SW_OK && !enough(w)) {
		st = play_another(w, err);
		if (st == SW_OK)
			tell(w);
	}
	if (st == SW_OK && w->played == 1)
		st = count(w, &w->first, w->onset, err);
	return st;
}

static void finish(struct work *w)
{
	sw__repetition_clear(&w->first);
	free_onsets(w->onset, SW_TENANTS_MAX);
	sw__run_clear(&w->run);
}

/* `part` of the budget is for this. */
static void start(const struct sw_mix *mix, const struct sw_simulate_settings *s, double part,
		  struct work *w)
{
	double budget = part * (double)s->events_max;

	*w = (struct work){
		.settings = s,
		.ask = {.mix = mix,
			.seed = s->seed,
			.world = s->world,
			.host_cores = s->host_cores,
			.duration_s = s->duration_s},
		/* As a double the largest number of all is one more than it. */
		.budget = budget < (double)s->events_max ? (uint64_t)budget : s->events_max,
		.progress_to = part,
	};
	sw__run_start(&w->run, mix->n);
}

/* Mean time per token (of answers of one token: to the first) of one engine with the GPU to itself. */
static enum sw_status alone(const struct sw_mix *mix, const struct work *together, size_t index,
			    struct sw_simulated *out, double *pace, struct sw_error *err)
{
	struct sw_mix one = *mix;
	struct work w;
	enum sw_status st;
	double part = (1 - MIX_PART) / (double)mix->n;

	one.n = 1;
	one.tenants = &mix->tenants[index];
	start(&one, together->settings, part, &w);
	w.ask.duration_s = together->ask.duration_s;
	w.progress_from = MIX_PART + part * (double)index;
	w.progress_to = w.progress_from + part;
	st = repeat(&w, err);
	out->events += w.events;
	*pace = sw__run_pace(&w.run, 0);
	finish(&w);
	return st;
}

static enum sw_status set_slowdowns(const struct sw_mix *mix, const struct work *w,
				    struct sw_simulated *out, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < mix->n && st == SW_OK; i++) {
		double pace = sw__run_pace(&w->run, i), single = pace;

		if (out->tenants[i].binds == SW_BINDS_OVERLOAD)
			continue;
		if (mix->n > 1)
			st = alone(mix, w, i, out, &single, err);
		if (!isnan(pace / single)) /* else nothing was answered */
			out->tenants[i].slowdown = fmax(1, pace / single);
	}
	return st;
}

/* Whether times are carried over from another GPU, or no measured rows stand behind the mechanism. */
static enum sw_status set_origin(const struct sw_mix *mix, struct sw_simulated *out,
				 struct sw_error *err)
{
	sw_calibration *calibration;
	enum sw_status st = sw_calibration_open(&mix->gpu, NULL, &calibration, err);

	if (st != SW_OK)
		return st;
	for (size_t i = 0; i < out->n; i++)
		out->tenants[i].extrapolated = !sw_calibration_describe(calibration)->measured ||
					       !sw__mechanism(mix->mechanism)->measured;
	sw_calibration_free(calibration);
	return SW_OK;
}

static enum sw_status simulate(const struct sw_mix *mix, const struct sw_simulate_settings *s,
			       struct sw_simulated *out, struct sw_error *err)
{
	struct work w;
	enum sw_status st = SW_OK;

	start(mix, s, s->alone && mix->n > 1 ? MIX_PART : 1, &w);
	if (isnan(s->duration_s))
		st = sw__simulate_duration(&w.ask, &w.ask.duration_s, &w.events, err);
	if (st == SW_OK)
		st = repeat(&w, err);
	if (st == SW_OK)
		st = sw__run_summarize(&w.run, &w.ask, &w.first, s->timeline, out, err);
	out->precise = st == SW_OK && sw__run_half_width(&w.run) <= s->precision;
	out->events = w.events;
	if (st == SW_OK && s->alone)
		st = set_slowdowns(mix, &w, out, err);
	if (st == SW_OK)
		st = set_origin(mix, out, err);
	if (st == SW_OK)
		sw__run_bind(&w.run, mix, out);
	if (st == SW_OK)
		report(s, 1);
	finish(&w);
	return st;
}

enum sw_status sw_simulate(const struct sw_mix *mix, const struct sw_simulate_settings *settings,
			   struct sw_simulated **out, struct sw_error *err)
{
	enum sw_status st = check(mix, settings, err);
	struct sw_simulated *s;

	*out = NULL;
	if (st != SW_OK)
		return st;
	s = calloc(1, sizeof(*s));
	if (s)
		s->tenants = calloc(mix->n, sizeof(*s->tenants));
	if (!s || !s->tenants) {
		free(s);
		return sw_fail(err, SW_NO_MEMORY, "a simulation of %zu engines", mix->n);
	}
	s->n = mix->n;
	st = simulate(mix, settings, s, err);
	if (st != SW_OK) {
		sw_simulated_free(s);
		return st;
	}
	*out = s;
	return SW_OK;
}

void sw_simulated_free(struct sw_simulated *simulated)
{
	if (!simulated)
		return;
	free(simulated->tenants);
	free(simulated->requests);
	free(simulated->moments);
	free(simulated);
}
