// SPDX-License-Identifier: Apache-2.0
#include "compare/played_mix.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "compare/trace_part.h"
#include "formats/trace.h"

/* Streams of seeds: of repetitions, of where in a trace workloads begin, of engines. */
enum { REPETITIONS = 1000, WORKLOADS = 2000, ENGINES = 1000000 };
/* So that repetitions share no stream with those of a neighbouring world. */
static const uint64_t WORLD_STRIDE = 1000003;

/* One repetition, or all of them where no trace is played. */
struct play {
	const struct sw__play_ask *ask;
	struct sw_mix mix; /* with loads of its own */
	struct sw_tenant tenants[SW_TENANTS_MAX];
	struct sw_trace *parts[SW_TENANTS_MAX];
	double requests[SW_TENANTS_MAX]; /* counted so far */
};

static uint64_t seed_of(uint64_t seed, uint64_t stream)
{
	struct sw__random random = sw__random_make(seed, stream);

	return sw__random_bits(&random);
}

static const struct sw_workload *workload_of(const struct play *p, size_t tenant)
{
	return &p->ask->problem->workloads[p->ask->gpu->workload[tenant]];
}

/* The trace that a tenant's arrivals come from; NULL: from none. */
static const struct sw_trace *trace_of(const struct sw__play_ask *ask, const struct sw_load *load)
{
	if (load->trace)
		return load->trace;
	return ask->other && sw_known(load->rate) ? ask->other->trace : NULL;
}

static bool any_trace(const struct sw__play_ask *ask)
{
	for (size_t i = 0; i < ask->gpu->mix.n; i++)
		if (trace_of(ask, &ask->gpu->mix.tenants[i].load))
			return true;
	return false;
}

static enum sw_status cut_trace(struct play *p, size_t i, const struct sw_trace *trace,
				unsigned repetition, struct sw_error *err)
{
	const struct sw_load *whole = &workload_of(p, i)->load;
	struct sw_load *load = &p->tenants[i].load;
	uint64_t seed =
		seed_of(p->ask->seed + p->ask->world * WORLD_STRIDE, REPETITIONS + repetition);
	struct sw__trace_part_ask ask = {
		.trace = trace,
		.stretch =
			whole->trace ? whole->trace_stretch : sw__trace_rate(trace) / whole->rate,
		.kept = load->rate / whole->rate,
		.duration_s = p->ask->duration_s,
		.workload_seed = seed_of(seed, WORKLOADS + p->ask->gpu->workload[i]),
		.engine_seed = seed_of(seed, ENGINES + i),
	};

	if (!whole->trace) {
		ask.prompt_tokens = &whole->prompt_tokens;
		ask.output_tokens = &whole->output_tokens;
	}
	return sw__trace_part(&ask, load, &p->parts[i], err);
}

static void set_burstiness(struct play *p, size_t i, double cv)
{
	struct sw_load *load = &p->tenants[i].load;
	double kept = load->rate / workload_of(p, i)->load.rate;

	load->burstiness = sqrt(fmax(0, 1 + kept * (cv * cv - 1)));
}

static enum sw_status set_loads(struct play *p, unsigned repetition, struct sw_error *err)
{
	const struct sw__play_ask *ask = p->ask;
	enum sw_status st = SW_OK;

	p->mix = ask->gpu->mix;
	p->mix.tenants = p->tenants;
	(void)memcpy(p->tenants, ask->gpu->mix.tenants, p->mix.n * sizeof(p->tenants[0]));
	for (size_t i = 0; i < p->mix.n && st == SW_OK; i++) {
		const struct sw_trace *trace = trace_of(ask, &p->tenants[i].load);

		if (trace)
			st = cut_trace(p, i, trace, repetition, err);
		else if (ask->other && sw_known(p->tenants[i].load.rate))
			set_burstiness(p, i, ask->other->burstiness);
	}
	return st;
}

static void free_loads(struct play *p)
{
	for (size_t i = 0; i < p->mix.n; i++)
		sw__trace_part_free(p->parts[i]);
	(void)memset((void *)p->parts, 0, sizeof(p->parts));
}

/* Repetitions count by their requests. */
static void add(struct play *p, const struct sw_simulated *s, struct sw__played *out)
{
	out->events += (double)s->events;
	for (size_t i = 0; i < s->n; i++) {
		double n = (double)s->tenants[i].requests;

		out->late[i] += n * s->tenants[i].late_fraction;
		out->excess[i] += n * s->tenants[i].excess_late;
		p->requests[i] += n;
	}
}

static enum sw_status simulate(struct play *p, unsigned repetition, unsigned repetitions,
			       struct sw__played *out, struct sw_error *err)
{
	struct sw_simulate_settings settings = sw_simulate_defaults();
	struct sw_simulated *simulated;
	enum sw_status st;

	settings.seed = seed_of(p->ask->seed + p->ask->world * WORLD_STRIDE, repetition);
	settings.world = p->ask->world;
	settings.duration_s = p->ask->duration_s;
	settings.repetitions = repetitions;
	settings.alone = false;
	st = sw_simulate(&p->mix, &settings, &simulated, err);
	if (st == SW_OK)
		add(p, simulated, out);
	sw_simulated_free(st == SW_OK ? simulated : NULL);
	return st;
}

enum sw_status sw__play_mix(const struct sw__play_ask *ask, struct sw__played *out,
			    struct sw_error *err)
{
	/* A repetition plays a trace's part that begins elsewhere. */
	unsigned times = any_trace(ask) ? ask->seeds : 1;
	struct play *p = NULL;
	enum sw_status st = SW_OK;

	*out = (struct sw__played){0};
	if (ask->gpu->mix.n > SW_TENANTS_MAX)
		return sw_fail(err, SW_BAD_INPUT, "%zu engines on one GPU, more than are simulated",
			       ask->gpu->mix.n);
	if (ask->gpu->mix.n == 0)
		return SW_OK;
	p = calloc(1, sizeof(*p));
	if (!p)
		return sw_fail(err, SW_NO_MEMORY, "out of memory");
	p->ask = ask;
	for (unsigned r = 0; r < times && st == SW_OK; r++) {
		st = set_loads(p, r, err);
		if (st == SW_OK)
			st = simulate(p, r, ask->seeds / times, out, err);
		free_loads(p);
	}
	for (size_t i = 0; i < ask->gpu->mix.n; i++) {
		out->late[i] /= fmax(1, p->requests[i]);
		out->excess[i] /= fmax(1, p->requests[i]);
	}
	free(p);
	return st;
}
