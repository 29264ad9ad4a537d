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

static enum sw_status check(const struct sw_simulate_settings *s, struct sw_error *err)
{
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
	struct sw__run run;
};

static uint64_t seed_of(uint64_t seed, unsigned repetition)
{
	struct sw__random random = sw__random_make(seed, SEEDS + repetition);

	return sw__random_bits(&random);
}

static void tell(const struct work *w)
{
	double done = (double)w->events / (double)w->budget;

	if (w->settings->repetitions > 0)
		done = (double)w->run.n / w->settings->repetitions;
	else if (w->run.n >= LEAST_REPETITIONS)
		done = fmax(done, w->settings->precision / sw__run_half_width(&w->run));
	if (w->settings->progress)
		w->settings->progress(w->settings->context,
				      w->progress_from +
					      fmin(1, done) * (w->progress_to - w->progress_from));
}

static bool enough(const struct work *w)
{
	const struct sw_simulate_settings *s = w->settings;
	uint64_t one = w->run.n > 0 ? w->events / w->run.n : 0;

	if (s->repetitions > 0)
		return w->run.n >= s->repetitions;
	if (w->run.n >= MOST_REPETITIONS || (w->run.n > 0 && w->events + one > w->budget))
		return true;
	return w->run.n >= LEAST_REPETITIONS && sw__run_half_width(&w->run) <= s->precision;
}

/* Repeat until it is enough; the first repetition is kept in *first where that is asked for. */
static enum sw_status repeat(struct work *w, struct sw__repetition *first, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	while (st == SW_OK && !enough(w)) {
		struct sw__repetition r;

		w->ask.seed = seed_of(w->settings->seed, w->run.n);
		st = sw__repetition_run(&w->ask, &r, err);
		if (st != SW_OK)
			break;
		w->events += r.events;
		st = sw__run_add(&w->run, &r, err);
		if (st == SW_OK && first && w->run.n == 1)
			*first = r;
		else
			sw__repetition_clear(&r);
		if (st == SW_OK)
			tell(w);
	}
	return st;
}

static enum sw_status prepare(const struct sw_mix *mix, const struct sw_simulate_settings *s,
			      uint64_t budget, struct work *w, struct sw_error *err)
{
	*w = (struct work){
		.settings = s,
		.ask = {.mix = mix,
			.seed = s->seed,
			.world = s->world,
			.host_cores = s->host_cores,
			.duration_s = s->duration_s},
		.budget = budget,
		.progress_to = 1,
	};
	sw__run_start(&w->run, mix->n);
	return isnan(s->duration_s)
		       ? sw__simulate_duration(&w->ask, &w->ask.duration_s, &w->events, err)
		       : SW_OK;
}

/* Mean time per token (of answers of one token: to the first) of one engine with the GPU to itself. */
static enum sw_status alone(const struct sw_mix *mix, const struct work *together, size_t index,
			    uint64_t budget, double *out, struct sw_error *err)
{
	struct sw_mix one = *mix;
	struct work w;
	enum sw_status st;
	double part = (1 - MIX_PART) / (double)mix->n;

	one.n = 1;
	one.tenants = &mix->tenants[index];
	st = prepare(&one, together->settings, budget, &w, err);
	w.ask.duration_s = together->ask.duration_s;
	w.progress_from = MIX_PART + part * (double)index;
	w.progress_to = w.progress_from + part;
	if (st == SW_OK)
		st = repeat(&w, NULL, err);
	if (st == SW_OK)
		*out = sw__run_pace(&w.run, 0);
	sw__run_clear(&w.run);
	return st;
}

static enum sw_status set_slowdowns(const struct sw_mix *mix, const struct work *w,
				    struct sw_simulated *out, struct sw_error *err)
{
	uint64_t budget =
		(uint64_t)((double)w->settings->events_max * (1 - MIX_PART) / (double)mix->n);
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < mix->n && st == SW_OK; i++) {
		double pace = sw__run_pace(&w->run, i), single = pace;

		if (mix->n > 1)
			st = alone(mix, w, i, budget, &single, err);
		out->tenants[i].slowdown =
			out->tenants[i].binds == SW_BINDS_OVERLOAD ? NAN : fmax(1, pace / single);
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
	struct sw__repetition first = {0};
	struct work w;
	double part = s->alone && mix->n > 1 ? MIX_PART : 1;
	enum sw_status st = prepare(mix, s, (uint64_t)((double)s->events_max * part), &w, err);

	w.progress_to = part;
	if (st == SW_OK)
		st = repeat(&w, &first, err);
	if (st == SW_OK)
		st = sw__run_summarize(&w.run, &w.ask, &first, s->timeline, out, err);
	out->precise = st == SW_OK && sw__run_half_width(&w.run) <= s->precision;
	out->events = w.events;
	if (st == SW_OK && s->alone)
		st = set_slowdowns(mix, &w, out, err);
	if (st == SW_OK)
		st = set_origin(mix, out, err);
	if (st == SW_OK)
		sw__run_bind(&w.run, mix, out);
	sw__repetition_clear(&first);
	sw__run_clear(&w.run);
	return st;
}

enum sw_status sw_simulate(const struct sw_mix *mix, const struct sw_simulate_settings *settings,
			   struct sw_simulated **out, struct sw_error *err)
{
	enum sw_status st = check(settings, err);
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
