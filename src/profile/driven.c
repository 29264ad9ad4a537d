// SPDX-License-Identifier: Apache-2.0
#include "profile/driven.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "drive/drive_observer.h"
#include "profile/experiment.h"
#include "profile/latencies.h"
#include "slicewise/drive.h"

#define NS_PER_S 1e9

/* How often an end is looked for. */
static const double LOOK_S = 0.02;

/* The metrics of engines that a row has a column for, by what engine shows them. */
static const struct {
	const char *running, *kv_used, *preemptions;
} engine_metrics[] = {
	{"vllm:num_requests_running", "vllm:kv_cache_usage_perc", "vllm:num_preemptions_total"},
	{"vllm:num_requests_running", "vllm:gpu_cache_usage_perc", "vllm:num_preemptions_total"},
	{"sglang:num_running_reqs", "sglang:token_usage", "sglang:num_retracted_reqs"},
	{"llamacpp:requests_processing", "llamacpp:kv_cache_usage_ratio", ""},
};

/* One engine under load. */
struct lane {
	sw_drive *drive;
	pthread_t thread;
	bool started;
	atomic_bool ended;
	struct sw_drive_result *result;
	enum sw_status status;
	struct sw_error error;
};

/* One run. */
struct driving {
	struct sw__backend *backend;
	const struct sw_experiment *experiment;
	size_t n;
	struct lane lanes[SW_TENANTS_MAX];
	size_t n_targets;
	struct sw__target targets[SW_TENANTS_MAX + 2];
	char *urls[SW_TENANTS_MAX];
	struct sw__known_process processes[SW_TENANTS_MAX];
	sw__collector *collector;
};

static const struct sw__campaign_model *model_of(const sw_campaign *c, const char *name)
{
	for (size_t i = 0; i < c->n_models; i++) {
		if (strcmp(c->models[i].name, name) == 0)
			return &c->models[i];
	}
	return NULL;
}

static enum sw_status make_drive(const struct driving *d, size_t i, unsigned repeat,
				 const struct sw__driven *engine, sw_drive **out,
				 struct sw_error *err)
{
	const sw_campaign *c = d->backend->campaign;
	const struct sw_experiment *e = d->experiment;
	const struct sw_tenant *t = &e->mix->tenants[i];
	const struct sw__campaign_model *m = model_of(c, t->name);
	struct sw_drive_settings s = sw_drive_defaults();

	s.endpoint = engine->url;
	s.model = engine->served_name;
	s.api_key = c->endpoints.api_key;
	s.chat = c->endpoints.chat;
	s.load = t->load;
	s.max_model_len = t->engine.max_model_len;
	s.seed = sw__run_seed(c, e->name, repeat) + i;
	s.warm_up_s = e->warm_up_s;
	s.duration_s = e->duration_s + e->warm_up_s;
	s.timeout_s = c->endpoints.timeout_s;
	if (m && m->token_ids[1]) {
		s.token_id_first = m->token_ids[0];
		s.token_id_last = m->token_ids[1];
	}
	return sw_drive_new(&s, out, err);
}

static void *drive_lane(void *context)
{
	struct lane *lane = context;

	lane->status = sw_drive_run(lane->drive, &lane->result, &lane->error);
	atomic_store(&lane->ended, true);
	return NULL;
}

static void stop_all(struct driving *d)
{
	for (size_t i = 0; i < d->n; i++) {
		if (d->lanes[i].started)
			sw_drive_stop(d->lanes[i].drive);
	}
}

static bool any_failed(const struct driving *d)
{
	for (size_t i = 0; i < d->n; i++) {
		if (atomic_load(&d->lanes[i].ended) && d->lanes[i].status != SW_OK)
			return true;
	}
	return false;
}

static bool all_ended(const struct driving *d)
{
	for (size_t i = 0; i < d->n; i++) {
		if (d->lanes[i].started && !atomic_load(&d->lanes[i].ended))
			return false;
	}
	return true;
}

/* Until all answers have come. A load that failed ends the others: they would measure another mix. */
static void wait_all(struct driving *d)
{
	bool told = false;

	while (!all_ended(d)) {
		if (!told && (sw__stopped(d->backend) || any_failed(d))) {
			stop_all(d);
			told = true;
		}
		sw__sleep_s(LOOK_S);
	}
	for (size_t i = 0; i < d->n; i++) {
		if (d->lanes[i].started)
			(void)pthread_join(d->lanes[i].thread, NULL);
	}
}

static enum sw_status start_all(struct driving *d, struct sw_error *err)
{
	for (size_t i = 0; i < d->n; i++) {
		struct lane *lane = &d->lanes[i];
		int failed = pthread_create(&lane->thread, NULL, drive_lane, lane);

		if (failed) {
			stop_all(d);
			return sw_fail(err, SW_IO, "no thread for a load: %s", strerror(failed));
		}
		lane->started = true;
	}
	return SW_OK;
}

static void add_target(struct driving *d, const char *source, const char *entity, const char *url)
{
	if (url)
		d->targets[d->n_targets++] = (struct sw__target){source, entity, url};
}

/* Before the load: its first seconds are looked at as well. */
static enum sw_status start_collecting(struct driving *d, const struct sw__driven *engines,
				       const struct sw__watched_gpu *watched, struct sw_error *err)
{
	const struct sw__metrics *m = &d->backend->campaign->metrics;

	for (size_t i = 0; i < d->n; i++) {
		const char *name = d->experiment->mix->tenants[i].name;

		d->processes[i] = (struct sw__known_process){engines[i].pid, name};
		d->urls[i] = sw__metrics_url(engines[i].url);
		if (m->engines)
			add_target(d, "metrics", name, d->urls[i]);
	}
	add_target(d, "hami", NULL, m->hami);
	add_target(d, "dcgm", NULL, m->dcgm);
	return sw__collector_start(d->targets, d->n_targets, watched, m->interval_s, &d->collector,
				   err);
}

/* The moment from which requests count, of the engine that came to it last. */
static uint64_t origin_ns(const struct driving *d)
{
	uint64_t latest = 0;

	for (size_t i = 0; i < d->n; i++) {
		uint64_t start = d->lanes[i].drive ? sw__drive_start_ns(d->lanes[i].drive) : 0;

		latest = start > latest ? start : latest;
	}
	return latest + (uint64_t)(d->experiment->warm_up_s * NS_PER_S);
}

/* A failure that is most frequent stands for all. */
static enum sw_status nothing_answered(const char *name, const struct sw_drive_result *r,
				       struct sw_error *err)
{
	int most = SW_DRIVE_REFUSED;

	for (int i = SW_DRIVE_REFUSED; i < SW_DRIVE_OUTCOME_COUNT; i++) {
		if (r->outcomes[i] > r->outcomes[most])
			most = i;
	}
	return sw_fail(err, SW_IO, "%s: no request was answered: %s%s%s", name,
		       r->outcomes[most] ? sw_drive_outcome_id(most) : "none was due",
		       *r->messages[most] ? ": " : "", r->messages[most]);
}

/* The requests that were due in the window, whenever they were answered. */
static enum sw_status summarize(const struct driving *d, size_t i, struct sw_measured *out,
				struct sw_error *err)
{
	const struct sw_experiment *e = d->experiment;
	const struct sw_drive_result *r = d->lanes[i].result;
	const char *name = e->mix->tenants[i].name;
	struct sw__latencies latencies = {0};
	bool none;

	for (size_t k = 0; k < r->n; k++) {
		const struct sw_drive_request *q = &r->requests[k];

		if (q->arrival_s < e->warm_up_s || q->arrival_s >= e->warm_up_s + e->duration_s)
			continue;
		if (q->outcome == SW_DRIVE_OK)
			sw__latencies_add(&latencies, q->ttft_ms, q->tpot_ms);
		else
			latencies.failed++;
	}
	sw__latencies_summarize(&latencies, out);
	none = latencies.answered == 0;
	sw__latencies_free(&latencies);
	out->requests_per_s = r->requests_per_s;
	out->output_tok_s = r->output_tokens_per_s;
	return none ? nothing_answered(name, r, err) : SW_OK;
}

/* What the engine itself showed, where it is one that is known. */
static void add_engine_metrics(const struct sw_experiment *e, const char *name,
			       const struct sw__run_series *series, struct sw_measured *out)
{
	double to_s = e->duration_s;

	for (size_t i = 0; i < sizeof(engine_metrics) / sizeof(engine_metrics[0]); i++) {
		double growth;

		if (!sw_known(out->running))
			out->running = sw__series_mean(series, "metrics", name,
						       engine_metrics[i].running, 0, to_s);
		if (!sw_known(out->kv_used))
			out->kv_used = sw__series_mean(series, "metrics", name,
						       engine_metrics[i].kv_used, 0, to_s);
		growth = sw__series_growth(series, "metrics", name, engine_metrics[i].preemptions,
					   0, to_s);
		if (!sw_known(out->preemptions) && out->requests > 0)
			out->preemptions = growth / out->requests;
	}
}

static enum sw_status judge(struct driving *d, struct sw__outcome *out, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	if (sw__stopped(d->backend))
		return sw_fail(err, SW_IO, "stopped");
	for (size_t i = 0; i < d->n; i++) {
		if (d->lanes[i].status != SW_OK)
			return sw_fail(err, d->lanes[i].status, "%s: %s",
				       d->experiment->mix->tenants[i].name,
				       d->lanes[i].error.message);
	}
	for (size_t i = 0; st == SW_OK && i < d->n; i++) {
		st = summarize(d, i, &out->measured[i], err);
		add_engine_metrics(d->experiment, d->experiment->mix->tenants[i].name, &out->series,
				   &out->measured[i]);
	}
	return st;
}

static void free_driving(struct driving *d)
{
	for (size_t i = 0; i < d->n; i++) {
		sw_drive_result_free(d->lanes[i].result);
		sw_drive_free(d->lanes[i].drive);
		free(d->urls[i]);
	}
}

enum sw_status sw__drive_all(struct sw__backend *backend, const struct sw_experiment *e,
			     unsigned repeat, const struct sw__driven *engines,
			     const struct sw__watched_gpu *watched, struct sw__outcome *out,
			     struct sw_error *err)
{
	struct driving d = {.backend = backend, .experiment = e, .n = e->mix->n};
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && i < d.n; i++)
		st = make_drive(&d, i, repeat, &engines[i], &d.lanes[i].drive, err);
	if (st == SW_OK)
		st = start_collecting(&d, engines, watched, err);
	if (st == SW_OK) {
		out->started_s = sw__unix_s() + e->warm_up_s;
		st = start_all(&d, err);
		wait_all(&d);
	}
	sw__collector_finish(d.collector, origin_ns(&d), d.processes, d.n, &out->series);
	if (st == SW_OK)
		st = judge(&d, out, err);
	out->duration_s = e->duration_s;
	out->machine = sw__this_machine(watched);
	free_driving(&d);
	return st;
}
