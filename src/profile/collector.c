// SPDX-License-Identifier: Apache-2.0
#include "profile/collector.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "net/http_client.h"
#include "net/prometheus_read.h"

#define NS_PER_S 1e9

/* An answer is a few hundred kB at the most. */
enum { BODY_MAX = 16 << 20, METRIC_MAX = 256 };
/* A server that answers more slowly is asked less often. */
static const double TIMEOUT_S = 5;

/* Which labels say what a sample is of, and which say nothing more, by source. The others become a part of its name. */
static const struct labels {
	const char *source;
	const char *const entities[4], *const dropped[8];
} label_rules[] = {
	{"metrics", {NULL}, {"model_name", "engine", "job", "instance", NULL}},
	{"hami",
	 {"pod", "podname", "device_uuid", "deviceuuid"},
	 {"node", "nodeid", "namespace", "podnamespace", "device_index", "deviceidx", "device_type",
	  NULL}},
	{"dcgm",
	 {"UUID", "gpu", NULL},
	 {"gpu", "device", "modelName", "Hostname", "pci_bus_id", "DCGM_FI_DRIVER_VERSION", NULL}},
};

struct answer {
	struct sw__collector *collector;
	const struct sw__target *target;
	struct sw_text body;
	bool busy;
	uint64_t asked_ns;
};

struct sw__collector {
	size_t n;
	struct answer *answers;
	double interval_s;
	sw__http_client *client;
	pthread_t thread;
	bool running; /* the thread was started */
	atomic_bool end;
	uint64_t began_ns;
	struct sw__run_series series; /* times from began_ns */
	sw_sampler *sampler; /* NULL: no GPU is watched */
};

static bool listed(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n && names[i]; i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

static const struct labels *rules_of(const char *source)
{
	for (size_t i = 0; i < sizeof(label_rules) / sizeof(label_rules[0]); i++) {
		if (strcmp(label_rules[i].source, source) == 0)
			return &label_rules[i];
	}
	return &label_rules[0];
}

/* Buckets, and what a server's runtime says of itself. */
static bool uninteresting(const char *name)
{
	static const char *const begins[] = {"python_", "process_", "go_", "promhttp_", "http_"};
	static const char *const ends[] = {"_bucket", "_created", "_info"};
	size_t size = strlen(name);

	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		if (strncmp(name, begins[i], strlen(begins[i])) == 0)
			return true;
	}
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (size > strlen(ends[i]) && strcmp(name + size - strlen(ends[i]), ends[i]) == 0)
			return true;
	}
	return false;
}

struct collecting {
	const struct sw__target *target;
	double time_s;
	struct sw__run_series *series;
};

static const char *entity_of(const struct collecting *c, const struct labels *rules,
			     const struct sw__scraped *s)
{
	if (c->target->entity)
		return c->target->entity;
	for (size_t i = 0; i < 4 && rules->entities[i]; i++) {
		const char *value = sw__scraped_label(s, rules->entities[i]);

		if (value && *value)
			return value;
	}
	return "";
}

/* The name with the labels that tell series apart: x{reason="stop"}. */
static void name_metric(const struct labels *rules, const struct sw__scraped *s, char *out)
{
	size_t used = (size_t)snprintf(out, METRIC_MAX, "%s", s->name);
	const char *before = "{";

	for (size_t i = 0; i < s->n_labels && used < METRIC_MAX; i++) {
		const struct sw__prometheus_label *l = &s->labels[i];

		if (listed(rules->dropped, 8, l->name) || listed(rules->entities, 4, l->name))
			continue;
		used += (size_t)snprintf(out + used, METRIC_MAX - used, "%s%s=\"%s\"", before,
					 l->name, l->value);
		before = ",";
	}
	if (*before == ',' && used < METRIC_MAX)
		(void)snprintf(out + used, METRIC_MAX - used, "}");
}

static void collect(void *context, const struct sw__scraped *s)
{
	struct collecting *c = context;
	const struct labels *rules = rules_of(c->target->source);
	char metric[METRIC_MAX];

	if (uninteresting(s->name))
		return;
	name_metric(rules, s, metric);
	sw__series_add(c->series, c->time_s, c->target->source, entity_of(c, rules, s), metric,
		       s->value);
}

void sw__collect_text(char *text, const struct sw__target *target, double time_s,
		      struct sw__run_series *series)
{
	struct collecting c = {target, time_s, series};

	(void)sw__prometheus_read(text, collect, &c);
}

static bool on_body(void *owner, const struct sw__http_head *head, const char *bytes, size_t n,
		    uint64_t at_ns)
{
	struct answer *a = owner;

	(void)at_ns;
	if (head->status != 200 || a->body.size + n > BODY_MAX)
		return false;
	sw_text_add(&a->body, bytes, n);
	return true;
}

/* An answer that does not come whole is none; the gap shows in the series. */
static void on_ended(void *owner, const struct sw__http_end *end)
{
	struct answer *a = owner;
	struct sw__collector *c = a->collector;
	double at_s = (double)(a->asked_ns - c->began_ns) / NS_PER_S;

	if (end->fate == SW__HTTP_ANSWERED && end->status == 200 && sw_text_ok(&a->body) &&
	    a->body.data)
		sw__collect_text(a->body.data, a->target, at_s, &c->series);
	sw_text_free(&a->body);
	a->busy = false;
}

static const struct sw__http_handler handler = {on_body, on_ended};

static void ask_all(struct sw__collector *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct answer *a = &c->answers[i];
		struct sw__http_request request = {.url = a->target->url,
						   .timeout_s = TIMEOUT_S,
						   .handler = &handler,
						   .owner = a};

		if (a->busy)
			continue;
		a->busy = true;
		a->asked_ns = sw__http_now_ns();
		if (sw__http_client_send(c->client, &request, NULL) != SW_OK)
			a->busy = false;
	}
}

static void *collect_on(void *context)
{
	struct sw__collector *c = context;
	uint64_t next = c->began_ns, step = (uint64_t)(c->interval_s * NS_PER_S);

	while (!atomic_load(&c->end)) {
		uint64_t now = sw__http_now_ns();

		if (now >= next) {
			ask_all(c);
			next += (now - next) / step * step + step;
		}
		sw__http_client_poll(c->client, next);
	}
	sw__http_client_cancel(c->client);
	return NULL;
}

static void free_collector(struct sw__collector *c)
{
	sw__http_client_free(c->client);
	sw_sampler_free(c->sampler);
	for (size_t i = 0; c->answers && i < c->n; i++)
		sw_text_free(&c->answers[i].body);
	free(c->answers);
	sw__series_free(&c->series);
	free(c);
}

static enum sw_status start_thread(struct sw__collector *c, struct sw_error *err)
{
	enum sw_status st;
	int failed;

	if (c->n == 0)
		return SW_OK;
	st = sw__http_client_new(&c->client, err);
	if (st != SW_OK)
		return st;
	failed = pthread_create(&c->thread, NULL, collect_on, c);
	if (failed)
		return sw_fail(err, SW_IO, "no thread for metrics: %s", strerror(failed));
	c->running = true;
	return SW_OK;
}

static enum sw_status start_sampler(struct sw__collector *c, const struct sw__watched_gpu *watched,
				    struct sw_error *err)
{
	struct sw_sampler_settings settings = sw_sampler_defaults();

	if (!watched || !watched->device.ops)
		return SW_OK;
	settings.interval_s = c->interval_s;
	return sw_sampler_start(&watched->device, &settings, &c->sampler, err);
}

enum sw_status sw__collector_start(const struct sw__target *targets, size_t n,
				   const struct sw__watched_gpu *watched, double interval_s,
				   sw__collector **out, struct sw_error *err)
{
	struct sw__collector *c = calloc(1, sizeof(*c));
	enum sw_status st;

	*out = NULL;
	if (!c)
		return sw_fail(err, SW_NO_MEMORY, "metrics of %zu endpoints", n);
	c->n = n;
	c->interval_s = interval_s;
	c->began_ns = sw__http_now_ns();
	c->answers = calloc(n + 1, sizeof(*c->answers));
	for (size_t i = 0; c->answers && i < n; i++)
		c->answers[i] = (struct answer){.collector = c, .target = &targets[i]};
	st = c->answers ? start_sampler(c, watched, err)
			: sw_fail(err, SW_NO_MEMORY, "metrics of %zu endpoints", n);
	if (st == SW_OK)
		st = start_thread(c, err);
	if (st == SW_OK)
		*out = c;
	else
		free_collector(c);
	return st;
}

static const char *entity_of_pid(pid_t pid, const struct sw__known_process *processes, size_t n,
				 char *room, size_t size)
{
	for (size_t i = 0; i < n; i++) {
		if (processes[i].pid == pid && pid > 0)
			return processes[i].entity;
	}
	(void)snprintf(room, size, "pid %ld", (long)pid);
	return room;
}

static void add_device(const struct sw_series *from, const struct sw_device_sample *s,
		       double origin_s, const struct sw__known_process *processes, size_t n,
		       struct sw__run_series *to)
{
	double at_s = s->time_s - origin_s;
	char room[32];

#define ADD_FIELD(bit, member) sw__series_add(to, at_s, "nvml", "", #member, s->member);
	SW_DEVICE_FIELD_LIST(ADD_FIELD)
#undef ADD_FIELD
	if (sw_device_knows(s, SW_DEVICE_CLOCK_REASONS))
		sw__series_add(to, at_s, "nvml", "", "held_back",
			       sw_clocks_held_back(s->clock_reasons));
	for (size_t i = 0; i < s->n_processes; i++) {
		const struct sw_device_process *p = &from->processes[s->first_process + i];
		const char *entity = entity_of_pid((pid_t)p->pid, processes, n, room, sizeof(room));

		if (p->known & SW_PROCESS_KNOWS_SM)
			sw__series_add(to, at_s, "nvml", entity, "sm_percent", p->sm_percent);
		if (p->known & SW_PROCESS_KNOWS_MEMORY)
			sw__series_add(to, at_s, "nvml", entity, "memory_mib", p->memory_mib);
	}
}

static void add_gpu(struct sw__collector *c, double origin_s,
		    const struct sw__known_process *processes, size_t n, struct sw__run_series *to)
{
	struct sw_series *series;

	if (!c->sampler)
		return;
	sw_sampler_stop(c->sampler);
	if (sw_sampler_series(c->sampler, -INFINITY, INFINITY, &series, NULL) != SW_OK)
		return;
	for (size_t i = 0; i < series->n; i++)
		add_device(series, &series->samples[i], origin_s, processes, n, to);
	sw_series_free(series);
}

void sw__collector_finish(sw__collector *c, uint64_t origin_ns,
			  const struct sw__known_process *processes, size_t n_processes,
			  struct sw__run_series *series)
{
	double shift_s;

	if (!c)
		return;
	if (c->running) {
		atomic_store(&c->end, true);
		sw__http_client_wake(c->client);
		(void)pthread_join(c->thread, NULL);
	}
	shift_s = ((double)c->began_ns - (double)origin_ns) / NS_PER_S;
	for (size_t i = 0; i < c->series.n; i++) {
		const struct sw_run_sample *s = &c->series.sample[i];

		sw__series_add(series, s->time_s + shift_s, s->source, s->entity, s->metric,
			       s->value);
	}
	add_gpu(c, (double)origin_ns / NS_PER_S, processes, n_processes, series);
	free_collector(c);
}

char *sw__metrics_url(const char *endpoint)
{
	static const char version[] = "/v1";
	size_t size = strlen(endpoint);
	struct sw_text url = {0};

	while (size && endpoint[size - 1] == '/')
		size--;
	if (size > strlen(version) &&
	    strncmp(endpoint + size - strlen(version), version, strlen(version)) == 0)
		size -= strlen(version);
	sw_text_add(&url, endpoint, size);
	sw_text_puts(&url, "/metrics");
	return url.data;
}

enum sw_status sw__watch_open(const struct sw__metrics *metrics, struct sw__watched_gpu *out,
			      struct sw_error *err)
{
	const char *which = metrics->nvml_device ? metrics->nvml_device : "0";
	struct sw_error inner = {0};
	enum sw_status st;

	*out = (struct sw__watched_gpu){0};
	if (!metrics->nvml)
		return SW_OK;
	st = sw_nvml_open(NULL, &out->nvml, &inner);
	if (st == SW_OK)
		st = sw_nvml_device(out->nvml, which, &out->device, &inner);
	if (st == SW_OK)
		(void)sw_device_identify(&out->device, &out->identity, NULL);
	else
		sw__watch_close(out);
	return st == SW_OK || !metrics->nvml_required
		       ? SW_OK
		       : sw_fail(err, st, "metrics: nvml: %s", inner.message);
}

void sw__watch_close(struct sw__watched_gpu *watched)
{
	sw_nvml_close(watched->nvml);
	*watched = (struct sw__watched_gpu){0};
}
