// SPDX-License-Identifier: Apache-2.0
#include "sim/repetition.h"

#include <stdlib.h>

#include "base/error.h"
#include "catalog/at_once.h"

static const double MS = 1e-3;
/* How long unanswered requests are waited for: as long as the run, and this. A trace that is played once ends, and who asks for it
 * wants its last answer. */
static const double PATIENCE_S = 60, PATIENCE_ONCE_S = 1e6;
enum { FIRST_RECORDS = 256, GLANCES = 4096 /* a stream of chance that no engine has */ };

struct recording {
	const struct sw__repetition_ask *ask;
	struct sw__repetition *out;
	sw_sim *sim;
	size_t room;
};

static enum sw_status add_record(struct recording *r, size_t tenant,
				 const struct sw__sim_request *request, struct sw_error *err)
{
	struct sw__repetition *out = r->out;

	if (out->n_records == r->room) {
		size_t room = r->room ? 2 * r->room : FIRST_RECORDS;
		struct sw__record *bigger = realloc(out->record, room * sizeof(*bigger));

		if (!bigger)
			return sw_fail(err, SW_NO_MEMORY, "%zu requests", room);
		out->record = bigger;
		r->room = room;
	}
	out->record[out->n_records++] = (struct sw__record){
		.tenant = (uint32_t)tenant,
		.prompt_tokens = request->sequence.prompt_tokens,
		.output_tokens = request->sequence.output_tokens,
		.preemptions = request->sequence.preemptions,
		.number = request->sequence.id,
		.arrival_s = request->arrival_s,
		.first_s = request->first_s,
		.last_s = request->sequence.state == SW__SEQ_ENDED ? request->last_s : NAN,
	};
	return SW_OK;
}

static enum sw_status ended(void *context, size_t tenant, const struct sw__sim_request *request,
			    struct sw_error *err)
{
	struct recording *r = context;

	return request->arrival_s < r->ask->duration_s ? add_record(r, tenant, request, err)
						       : SW_OK;
}

static void look(struct recording *r, size_t at)
{
	for (size_t i = 0; i < r->out->n; i++) {
		struct sw__moment *m = &r->out->moment[at * r->out->n + i];
		const struct sw__sim_engine *e = sw__sim_engine(r->sim, i);

		sw_sim_engine_state(r->sim, i, &m->engine);
		m->compute_s = e->compute_s;
		m->traffic_s = e->traffic_s;
	}
	sw_sim_gpu_state(r->sim, &r->out->gpu[at]);
}

/* What a step that has room for more tokens and sequences leaves waiting does not fit the cache. */
static void see_what_is_missing(const struct sw__sim_engine *e, struct sw__glance *g)
{
	const struct sw_engine *settings = &e->tenant->engine;

	g->line = sw__scheduler_waiting(e->scheduler) > 0;
	if (!e->step || !g->line)
		return;
	g->no_seat = sw__scheduler_running(e->scheduler) >= sw__at_once(e->tenant);
	g->no_blocks = !g->no_seat && e->step->tokens < settings->max_num_batched_tokens;
}

static void glance(struct recording *r, size_t at)
{
	for (size_t i = 0; i < r->out->n; i++) {
		struct sw__glance *g = &r->out->glance[at * r->out->n + i];
		struct sw_sim_engine e;

		sw_sim_engine_state(r->sim, i, &e);
		g->running = e.running;
		g->waiting = e.waiting;
		g->kv_used = 1 - (double)e.kv_blocks_free / e.kv_blocks;
		see_what_is_missing(sw__sim_engine(r->sim, i), g);
	}
}

static bool all_answered(const struct recording *r)
{
	for (size_t i = 0; i < r->out->n; i++) {
		const struct sw__sim_request *first = sw__sim_in_flight(r->sim, i);

		if (first && first->arrival_s < r->ask->duration_s)
			return false;
	}
	return true;
}

static enum sw_status take_unanswered(struct recording *r, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < r->out->n; i++) {
		const struct sw__sim_request *q = sw__sim_in_flight(r->sim, i);

		for (; q && q->arrival_s < r->ask->duration_s && st == SW_OK; q = q->after)
			st = add_record(r, i, q, err);
	}
	return st;
}

static bool plays_once(const struct sw_mix *mix)
{
	for (size_t i = 0; i < mix->n; i++)
		if (mix->tenants[i].load.trace_once)
			return true;
	return false;
}

static enum sw_status play(struct recording *r, struct sw_error *err)
{
	/* The ends of intervals are regular, and so may requests be: means over time are of random moments instead. */
	struct sw__random random = sw__random_make(r->ask->seed, GLANCES);
	double step_s = r->ask->duration_s / SW_MOMENTS, end_s;
	enum sw_status st = SW_OK;

	look(r, 0);
	for (size_t k = 1; k <= SW_MOMENTS && st == SW_OK; k++) {
		double within = sw__random_uniform(&random);

		st = sw_sim_advance(r->sim, step_s * ((double)k - within), err);
		glance(r, k - 1);
		if (st == SW_OK)
			st = sw_sim_advance(r->sim, step_s * (double)k, err);
		look(r, k);
	}
	end_s = 2 * r->ask->duration_s + (plays_once(r->ask->mix) ? PATIENCE_ONCE_S : PATIENCE_S);
	while (st == SW_OK && !all_answered(r) && sw_sim_now_s(r->sim) < end_s)
		st = sw_sim_advance(r->sim, sw_sim_now_s(r->sim) + step_s, err);
	r->out->events = sw__sim_events(r->sim);
	return st == SW_OK ? take_unanswered(r, err) : st;
}

static int by_arrival(const void *a, const void *b)
{
	const struct sw__record *x = a, *y = b;

	if (x->arrival_s != y->arrival_s)
		return x->arrival_s < y->arrival_s ? -1 : 1;
	if (x->tenant != y->tenant)
		return x->tenant < y->tenant ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

void sw__record_latency(const struct sw__record *record, double out[SW_METRIC_COUNT])
{
	out[SW_TTFT] = (record->first_s - record->arrival_s) / MS;
	out[SW_TPOT] = record->output_tokens > 1 ? (record->last_s - record->first_s) / MS /
							   (record->output_tokens - 1)
						 : NAN;
}

static bool answers(const struct sw__record *record, size_t tenant)
{
	return record->tenant == tenant && !isnan(record->first_s);
}

/* Arrival of the first request after the `cut` ones that are left out. */
static double warm_up_s(const struct sw__repetition *r, size_t tenant, size_t cut)
{
	size_t seen = 0;

	for (size_t i = 0; i < r->n_records && cut > 0; i++)
		if (answers(&r->record[i], tenant) && seen++ == cut)
			return r->record[i].arrival_s;
	return 0;
}

static bool add_onset(const struct sw__repetition *r, size_t tenant, struct sw__onset *onset)
{
	struct sw__samples ttft = {0};
	bool ok = true;

	for (size_t i = 0; i < r->n_records && ok; i++)
		if (answers(&r->record[i], tenant))
			ok = sw__samples_add(&ttft, r->record[i].first_s - r->record[i].arrival_s);
	ok = ok && sw__onset_add(onset, ttft.x, ttft.n);
	sw__samples_free(&ttft);
	return ok;
}

enum sw_status sw__repetition_onsets(const struct sw__repetition *repetition,
				     struct sw__onset *onsets, struct sw_error *err)
{
	for (size_t i = 0; i < repetition->n; i++)
		if (!add_onset(repetition, i, &onsets[i]))
			return sw_fail(err, SW_NO_MEMORY, "latencies");
	return SW_OK;
}

/* The time that throughput is over: after the warm-up; of a trace that is played once, from its beginning to its last answer. */
static double span_of(const struct sw_tenant *tenant, const struct sw__repetition *r, size_t index,
		      double duration_s, double warm_up_s)
{
	double last_s = 0;

	for (size_t i = 0; tenant->load.trace_once && i < r->n_records; i++)
		if (r->record[i].tenant == index && r->record[i].last_s > last_s)
			last_s = r->record[i].last_s;
	return last_s > 0 ? last_s : duration_s - warm_up_s;
}

static enum sw_status count_requests(const struct sw_tenant *tenant, const struct sw__repetition *r,
				     size_t index, double duration_s,
				     struct sw__repetition_tenant *t, struct sw_error *err)
{
	double span_s = span_of(tenant, r, index, duration_s, t->warm_up_s);
	bool ok = true;

	for (size_t i = 0; i < r->n_records; i++) {
		const struct sw__record *record = &r->record[i];
		double ms[SW_METRIC_COUNT];

		if (record->tenant != index || record->arrival_s < t->warm_up_s)
			continue;
		sw__record_latency(record, ms);
		t->counted++;
		t->asked_tokens_per_s += record->output_tokens / span_s;
		t->preemptions += record->preemptions;
		t->unanswered += isnan(record->last_s);
		for (int m = 0; m < SW_METRIC_COUNT && ok; m++)
			if (!isnan(ms[m]))
				ok = sw__samples_add(&t->latency[m], ms[m]);
		if (isnan(record->last_s)) /* given up: it breaks every limit */
			ms[SW_TTFT] = ms[SW_TPOT] = INFINITY;
		sw__lateness_add(&t->lateness, &tenant->slo, record->arrival_s, ms);
	}
	/* A span that begins with a request has one more than its length makes. */
	if (t->warm_up_s > 0 && t->counted > 0)
		t->asked_tokens_per_s *= (t->counted - 1) / t->counted;
	t->asked_per_s = (t->counted - (t->warm_up_s > 0)) / span_s;
	sw__lateness_close(&t->lateness);
	return ok ? SW_OK : sw_fail(err, SW_NO_MEMORY, "latencies");
}

static void count_glances(const struct sw__repetition *r, size_t index, size_t from,
			  struct sw__repetition_tenant *t)
{
	double n = (double)(SW_MOMENTS - from);

	for (size_t k = from; k < SW_MOMENTS; k++) {
		const struct sw__glance *g = &r->glance[k * r->n + index];

		t->running += g->running / n;
		t->busy += (g->running > 0) / n;
		t->kv_used += g->kv_used / n;
		t->kv_full += g->no_blocks / n;
		t->seats_full += g->no_seat / n;
	}
}

static void count_rates(const struct sw__repetition *r, size_t index, size_t from, double span_s,
			struct sw__repetition_tenant *t)
{
	const struct sw__moment *a = &r->moment[from * r->n + index];
	const struct sw__moment *b = &r->moment[SW_MOMENTS * r->n + index];

	t->requests_per_s = (double)(b->engine.ended - a->engine.ended) / span_s;
	t->output_tokens_per_s =
		(double)(b->engine.generated_tokens - a->engine.generated_tokens) / span_s;
	t->gpu_busy = (b->engine.gpu_s - a->engine.gpu_s) / span_s;
	t->compute = (b->compute_s - a->compute_s) / span_s;
	t->traffic = (b->traffic_s - a->traffic_s) / span_s;
}

static void count_growth(const struct sw__repetition *r, size_t index,
			 struct sw__repetition_tenant *t)
{
	const struct sw__moment *half = &r->moment[SW_MOMENTS / 2 * r->n + index];
	const struct sw__moment *end = &r->moment[SW_MOMENTS * r->n + index];
	double there = (double)end->engine.running + end->engine.waiting;

	t->growth = there - half->engine.running - half->engine.waiting;
	t->arrivals = (double)(end->engine.ended - half->engine.ended) + t->growth;
	for (size_t k = SW_MOMENTS / 2; k < SW_MOMENTS; k++)
		t->queued += r->glance[k * r->n + index].line / (SW_MOMENTS / 2.0);
}

static enum sw_status judge(const struct sw__repetition_ask *ask, struct sw__repetition *r,
			    size_t index, size_t cut, struct sw_error *err)
{
	const struct sw_tenant *tenant = &ask->mix->tenants[index];
	struct sw__repetition_tenant *t = &r->tenant[index];
	enum sw_status st;
	size_t from;

	/* A trace that is played once is what the user wants to know of from its first request on. */
	if (!tenant->load.trace_once)
		t->warm_up_s = warm_up_s(r, index, cut);
	st = count_requests(tenant, r, index, ask->duration_s, t, err);
	if (st != SW_OK)
		return st;
	from = (size_t)(t->warm_up_s / ask->duration_s * SW_MOMENTS);
	count_glances(r, index, from, t);
	count_rates(r, index, from,
		    ask->duration_s * (double)(SW_MOMENTS - from) / (double)SW_MOMENTS, t);
	count_growth(r, index, t);
	/* Its end may well be its densest part, and what is there then is answered later. */
	if (tenant->load.trace_once) {
		t->growth = t->unanswered;
		t->arrivals = t->counted;
	}
	for (int m = 0; m < SW_METRIC_COUNT; m++)
		sw__samples_describe(&t->latency[m], t->at[m]);
	return SW_OK;
}

enum sw_status sw__repetition_judge(const struct sw__repetition_ask *ask,
				    struct sw__repetition *repetition,
				    const struct sw__onset *onsets, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < repetition->n && st == SW_OK; i++)
		st = judge(ask, repetition, i, sw__onset_warm_up(&onsets[i]), err);
	return st;
}

static enum sw_status run(const struct sw__repetition_ask *ask, struct recording *r,
			  struct sw_error *err)
{
	struct sw_sim_settings settings = {
		.seed = ask->seed, .world = ask->world, .host_cores = ask->host_cores};
	struct sw__sim_recorder recorder = {r, ended};
	enum sw_status st = sw__sim_new(ask->mix, &settings, &recorder, &r->sim, err);

	if (st == SW_OK)
		st = play(r, err);
	sw_sim_free(r->sim);
	if (st != SW_OK)
		return st;
	if (r->out->n_records > 0)
		qsort(r->out->record, r->out->n_records, sizeof(*r->out->record), by_arrival);
	return SW_OK;
}

enum sw_status sw__repetition_run(const struct sw__repetition_ask *ask, struct sw__repetition *out,
				  struct sw_error *err)
{
	struct recording r = {.ask = ask, .out = out};
	size_t n = ask->mix->n;
	enum sw_status st;

	*out = (struct sw__repetition){.n = n};
	out->tenant = calloc(n, sizeof(*out->tenant));
	out->moment = calloc(n * (SW_MOMENTS + 1), sizeof(*out->moment));
	out->glance = calloc(n * SW_MOMENTS, sizeof(*out->glance));
	if (out->tenant && out->moment && out->glance)
		st = run(ask, &r, err);
	else
		st = sw_fail(err, SW_NO_MEMORY, "a run of %zu engines", n);
	if (st != SW_OK)
		sw__repetition_clear(out);
	return st;
}

void sw__repetition_clear(struct sw__repetition *repetition)
{
	for (size_t i = 0; repetition->tenant && i < repetition->n; i++)
		for (int m = 0; m < SW_METRIC_COUNT; m++)
			sw__samples_free(&repetition->tenant[i].latency[m]);
	free(repetition->tenant);
	free(repetition->moment);
	free(repetition->glance);
	free(repetition->record);
	*repetition = (struct sw__repetition){0};
}
