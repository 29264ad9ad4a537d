// SPDX-License-Identifier: Apache-2.0
/* Engines that are launched for an experiment, one after the other, and stopped after it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "profile/child.h"
#include "profile/cpu_quota.h"
#include "profile/cpu_speed.h"
#include "profile/disturbance.h"
#include "profile/driven.h"
#include "profile/template.h"

enum { FATE_MAX = 800, URL_MAX = 64 };

struct engine {
	struct sw__child child;
	sw__cpu_quota *quota;
	char url[URL_MAX];
};

struct processes {
	struct sw__watched_gpu watched;
	size_t n;
	struct engine engines[SW_TENANTS_MAX];
	bool used; /* a run has been made with these engines */
};

static enum sw_status open_processes(struct sw__backend *backend, struct sw_error *err)
{
	struct processes *p = calloc(1, sizeof(*p));

	backend->self = p;
	if (!p)
		return sw_fail(err, SW_NO_MEMORY, "processes");
	return sw__watch_open(&backend->campaign->metrics, &p->watched, err);
}

static void close_processes(struct sw__backend *backend)
{
	struct processes *p = backend->self;

	if (p)
		sw__watch_close(&p->watched);
	free(p);
	backend->self = NULL;
}

static const struct sw__campaign_model *model_of(const sw_campaign *c, const char *name)
{
	for (size_t i = 0; i < c->n_models; i++) {
		if (strcmp(c->models[i].name, name) == 0)
			return &c->models[i];
	}
	return NULL;
}

static enum sw_status launch(const struct sw__processes *settings, const struct sw__template *words,
			     struct sw__child *child, struct sw_error *err)
{
	char **argv = NULL, **envp = NULL;
	enum sw_status st = sw__template_command(words, &settings->command, &argv, err);

	if (st == SW_OK)
		st = sw__template_environment(words, &settings->environment, &envp, err);
	if (st == SW_OK)
		st = sw__child_start(argv, envp, settings->cpu, settings->n_cpus, child, err);
	sw__list_free(argv);
	sw__list_free(envp);
	return st;
}

/* Start one engine and wait until it serves: two that start at once would disturb each other's look at the memory. */
static enum sw_status start_engine(struct sw__backend *backend, const struct sw_mix *mix, size_t i,
				   struct engine *engine, struct sw_error *err)
{
	const struct sw__processes *settings = &backend->campaign->processes;
	struct sw__template words;
	char probe[URL_MAX + 256];
	unsigned port;
	enum sw_status st = sw__free_port(&port, err);

	if (st == SW_OK)
		st = sw__template_make(mix, i, model_of(backend->campaign, mix->tenants[i].name),
				       port, &words, err);
	if (st != SW_OK)
		return st;
	(void)snprintf(engine->url, sizeof(engine->url), "http://127.0.0.1:%u", port);
	(void)snprintf(probe, sizeof(probe), "%s%s", engine->url, settings->ready);
	st = launch(settings, &words, &engine->child, err);
	if (st == SW_OK)
		st = sw__child_ready(&engine->child, probe, settings->ready_s, backend->stop, err);
	sw__template_free(&words);
	return st;
}

static void finish_processes(struct sw__backend *backend)
{
	struct processes *p = backend->self;

	/* All quotas first: none must stop who is being asked to end. */
	for (size_t i = 0; i < p->n; i++) {
		sw__cpu_quota_stop(p->engines[i].quota);
		p->engines[i].quota = NULL;
	}
	while (p->n > 0)
		sw__child_stop(&p->engines[--p->n].child, backend->campaign->processes.stop_s);
}

static enum sw_status start_quotas(struct processes *p, const struct sw_mix *mix,
				   struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && i < p->n; i++)
		st = sw__cpu_quota_start(p->engines[i].child.pid, mix->tenants[i].slice.share,
					 &p->engines[i].quota, err);
	return st;
}

static enum sw_status prepare_processes(struct sw__backend *backend, const struct sw_experiment *e,
					struct sw_error *err)
{
	struct processes *p = backend->self;
	enum sw_status st = SW_OK;

	p->used = false;
	for (p->n = 0; st == SW_OK && p->n < e->mix->n;) {
		size_t i = p->n++;

		p->engines[i] = (struct engine){0};
		st = start_engine(backend, e->mix, i, &p->engines[i], err);
		if (st != SW_OK)
			(void)sw_fail_in(err, st, "%s", e->mix->tenants[i].name);
	}
	if (st == SW_OK && backend->campaign->processes.cpu_quota)
		st = start_quotas(p, e->mix, err);
	if (st != SW_OK)
		finish_processes(backend);
	return st;
}

/* An engine that has ended says more than the requests it did not answer. */
static enum sw_status blame(struct processes *p, const struct sw_mix *mix, enum sw_status st,
			    struct sw_error *err)
{
	char fate[FATE_MAX];

	for (size_t i = 0; i < p->n; i++) {
		if (sw__child_ended(&p->engines[i].child))
			return sw_fail(err, SW_IO, "%s: it %s", mix->tenants[i].name,
				       sw__child_fate(&p->engines[i].child, fate, sizeof(fate)));
	}
	return st;
}

static struct sw__cpu_look look(const struct sw__backend *backend)
{
	const struct processes *p = backend->self;
	const struct sw__processes *settings = &backend->campaign->processes;
	pid_t engines[SW_TENANTS_MAX];

	for (size_t i = 0; i < p->n; i++)
		engines[i] = p->engines[i].child.pid;
	return sw__cpu_look(settings->cpu, settings->n_cpus, engines, p->n);
}

/* What others did on the engines' CPUs since then, kept beside the run; too much, and the run measured them. */
static enum sw_status judge_others(struct sw__backend *backend, const struct sw__cpu_look *since,
				   struct sw__outcome *out, struct sw_error *err)
{
	const struct sw__processes *settings = &backend->campaign->processes;
	struct sw__cpu_look now = look(backend);
	struct sw__disturbance d = sw__disturbance(since, &now, settings->n_cpus);

	sw__series_add(&out->series, out->duration_s, "host", "", "others", d.others);
	sw__series_add(&out->series, out->duration_s, "host", "", "waited", d.waited);
	sw__series_add(&out->series, out->duration_s, "host", "", "taken", d.taken);
	if (d.taken > settings->others_most)
		return sw_fail(err, SW_IO,
			       "disturbed: other programs took up to %.2g of its CPUs, more than "
			       "others_most: %g; run it again",
			       d.taken, settings->others_most);
	return SW_OK;
}

static enum sw_status drive(struct sw__backend *backend, const struct sw_experiment *e,
			    unsigned repeat, const struct sw__driven *engines,
			    struct sw__outcome *out, struct sw_error *err)
{
	const struct sw__processes *settings = &backend->campaign->processes;
	struct processes *p = backend->self;
	double speed_gb_s = sw__cpu_speed_gb_s(settings->cpu, settings->n_cpus);
	struct sw__cpu_look before = look(backend);
	enum sw_status st = sw__drive_all(backend, e, repeat, engines, &p->watched, out, err);

	if (!sw__stopped(backend))
		st = blame(p, e->mix, st, err);
	if (st != SW_OK || settings->n_cpus == 0)
		return st;
	st = judge_others(backend, &before, out, err);
	sw__series_add(&out->series, 0, "host", "", "speed_gb_s", speed_gb_s);
	sw__series_add(&out->series, out->duration_s, "host", "", "speed_gb_s",
		       sw__cpu_speed_gb_s(settings->cpu, settings->n_cpus));
	return st;
}

static enum sw_status run_processes(struct sw__backend *backend, const struct sw_experiment *e,
				    unsigned repeat, struct sw__outcome *out, struct sw_error *err)
{
	struct processes *p = backend->self;
	struct sw__driven engines[SW_TENANTS_MAX] = {{0}};
	enum sw_status st = SW_OK;

	if (p->n == 0 || (p->used && backend->campaign->processes.restart)) {
		finish_processes(backend);
		st = prepare_processes(backend, e, err);
	}
	if (st != SW_OK)
		return st;
	p->used = true;
	for (size_t i = 0; i < p->n; i++) {
		const struct sw__campaign_model *m =
			model_of(backend->campaign, e->mix->tenants[i].name);

		engines[i] = (struct sw__driven){p->engines[i].url, m->served_name,
						 p->engines[i].child.pid};
	}
	st = drive(backend, e, repeat, engines, out, err);
	/* Another repeat gets engines that live. */
	if (st != SW_OK)
		finish_processes(backend);
	return st;
}

const struct sw__backend_ops sw__backend_processes = {
	.open = open_processes,
	.prepare = prepare_processes,
	.run = run_processes,
	.finish = finish_processes,
	.close = close_processes,
};
