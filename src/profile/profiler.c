// SPDX-License-Identifier: Apache-2.0
/* Every run that a data set does not have yet, one after another, each kept as it ends. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "profile/backend.h"
#include "profile/experiment.h"
#include "profile/ordered_pool.h"

/* One run that is to be done. */
struct job {
	const struct sw_experiment *experiment;
	unsigned repeat;
	struct sw_run run; /* once it was done; its mix is the experiment's */
	struct sw__run_series series;
	bool given_up; /* because somebody wanted an end */
	enum sw_status status;
};

struct sw_profiler {
	const sw_campaign *campaign;
	const struct sw_design *design;
	sw_dataset *dataset;
	struct sw_profile_settings settings;
	struct sw__backend backend;
	atomic_bool stop;
	int64_t campaign_id; /* in the data set */
	size_t n_jobs, done;
	struct job *jobs;
	double work, worked; /* seconds of all jobs, and of those done */
	unsigned failures; /* one after another, until now */
	const struct sw_experiment *prepared; /* its engines are there */
	struct sw_profile_summary *summary;
	enum sw_status status; /* of keeping results */
	struct sw_error error;
};

const struct sw__backend_ops *sw__backend_of(enum sw_source source)
{
	switch (source) {
	case SW_SOURCE_ENDPOINTS:
		return &sw__backend_endpoints;
	case SW_SOURCE_PROCESSES:
		return &sw__backend_processes;
	case SW_SOURCE_REPLAY:
		return &sw__backend_replay;
	default:
		return &sw__backend_simulator;
	}
}

struct sw_measured sw__nothing_measured(void)
{
	struct sw_measured m = {.output_tok_s = NAN,
				.requests_per_s = NAN,
				.requests = NAN,
				.failed = NAN,
				.running = NAN,
				.kv_used = NAN,
				.preemptions = NAN};

	for (int i = 0; i < SW_METRIC_COUNT * SW_STATISTIC_COUNT; i++)
		m.ms[i / SW_STATISTIC_COUNT][i % SW_STATISTIC_COUNT] = NAN;
	return m;
}

struct sw_profile_settings sw_profile_defaults(void)
{
	return (struct sw_profile_settings){.failures_max = 10};
}

enum sw_status sw_profiler_new(const sw_campaign *campaign, const struct sw_design *design,
			       sw_dataset *dataset, const struct sw_profile_settings *settings,
			       sw_profiler **out, struct sw_error *err)
{
	sw_profiler *p = calloc(1, sizeof(*p));

	*out = p;
	if (!p)
		return sw_fail(err, SW_NO_MEMORY, "a profiler");
	p->campaign = campaign;
	p->design = design;
	p->dataset = dataset;
	p->settings = settings ? *settings : sw_profile_defaults();
	p->backend = (struct sw__backend){
		.ops = sw__backend_of(campaign->source), .campaign = campaign, .stop = &p->stop};
	return SW_OK;
}

static void clear_job(struct job *job)
{
	free(job->run.measured);
	free(job->run.failed);
	free(job->run.origin);
	free(job->run.software);
	sw__series_free(&job->series);
	job->run = (struct sw_run){0};
}

void sw_profiler_free(sw_profiler *profiler)
{
	if (!profiler)
		return;
	for (size_t i = 0; i < profiler->n_jobs; i++)
		clear_job(&profiler->jobs[i]);
	free(profiler->jobs);
	free(profiler);
}

void sw_profiler_stop(sw_profiler *profiler)
{
	atomic_store(&profiler->stop, true);
}

/* What the data set has is not done again. */
static enum sw_status list_jobs(sw_profiler *p, struct sw_error *err)
{
	const struct sw_design *d = p->design;
	enum sw_status st = SW_OK;

	p->n_jobs = 0;
	p->jobs = calloc(d->n * d->repeats, sizeof(*p->jobs));
	if (!p->jobs)
		return sw_fail(err, SW_NO_MEMORY, "%zu runs", d->n * d->repeats);
	for (size_t i = 0; st == SW_OK && i < d->n * d->repeats; i++) {
		const struct sw_experiment *e = &d->experiments[i / d->repeats];
		unsigned repeat = (unsigned)(i % d->repeats) + 1;
		enum sw_held held;

		st = sw_dataset_has(p->dataset, p->campaign_id, e->name, repeat, &held, err);
		if (held == SW_HELD_NOT || (held == SW_HELD_FAILED && p->settings.retry))
			p->jobs[p->n_jobs++] = (struct job){.experiment = e, .repeat = repeat};
	}
	return st;
}

static double work_of(const sw_profiler *p, const struct job *job)
{
	double load_s = sw_experiment_load_s(job->experiment);

	return p->backend.ops->parallel ? load_s * (double)job->experiment->mix->n : load_s;
}

static char *describe_origin(const sw_campaign *c)
{
	struct sw_text text = {0};

	sw_text_addf(&text, "campaign %s, slicewise " SW_VERSION, c->name);
	return text.data;
}

/* The engines that took part, as far as the campaign knows their versions. */
static struct sw_software *list_software(const sw_profiler *p, const struct sw_mix *mix, size_t *n)
{
	struct sw_software *list = calloc(mix->n + 1, sizeof(*list));

	*n = 0;
	if (!list)
		return NULL;
	(void)sw_copy_name(list[0].name, sizeof(list[0].name), "slicewise");
	(void)sw_copy_name(list[0].version, sizeof(list[0].version), SW_VERSION);
	*n = 1;
	for (size_t i = 0; p->campaign->source != SW_SOURCE_SIMULATOR && i < mix->n; i++) {
		const struct sw_engine *engine = &mix->tenants[i].engine;
		struct sw_software *s = &list[*n];
		bool known = !*engine->version;

		(void)sw_copy_name(s->name, sizeof(s->name), sw_engine_name(engine->kind));
		(void)sw_copy_name(s->version, sizeof(s->version), engine->version);
		for (size_t j = 0; j < *n; j++)
			known = known || memcmp(s, &list[j], sizeof(*s)) == 0;
		if (known)
			*s = (struct sw_software){0};
		else
			(*n)++;
	}
	return list;
}

static bool begin_run(const sw_profiler *p, struct job *job)
{
	struct sw_run *run = &job->run;
	const struct sw_mix *mix = job->experiment->mix;

	*run = (struct sw_run){
		.repeat = job->repeat,
		.mix = job->experiment->mix,
		.measured = calloc(mix->n, sizeof(*run->measured)),
		.source = p->campaign->source,
		.seed = sw__run_seed(p->campaign, job->experiment->name, job->repeat),
		.duration_s = NAN,
		.started_s = NAN,
		.origin = describe_origin(p->campaign),
	};
	(void)sw_copy_name(run->experiment, sizeof(run->experiment), job->experiment->name);
	run->software = list_software(p, mix, &run->n_software);
	for (size_t i = 0; run->measured && i < mix->n; i++)
		run->measured[i] = sw__nothing_measured();
	return run->measured && run->origin && run->software;
}

/* What failed has no numbers, but a reason. */
static void fail_run(struct job *job, const char *why)
{
	for (size_t i = 0; i < job->experiment->mix->n; i++)
		job->run.measured[i] = sw__nothing_measured();
	sw__series_free(&job->series);
	job->run.failed = strdup(why);
	if (!job->run.failed)
		job->status = SW_NO_MEMORY;
}

/* The experiment's engines, unless they are there. */
static enum sw_status prepare(sw_profiler *p, const struct sw_experiment *e, struct sw_error *err)
{
	const struct sw__backend_ops *ops = p->backend.ops;
	enum sw_status st;

	if (p->prepared == e || !ops->prepare)
		return SW_OK;
	if (p->prepared)
		ops->finish(&p->backend);
	p->prepared = NULL;
	st = ops->prepare(&p->backend, e, err);
	if (st == SW_OK)
		p->prepared = e;
	return st;
}

static void do_job(sw_profiler *p, struct job *job)
{
	struct sw__outcome outcome = {.duration_s = NAN, .started_s = NAN};
	struct sw_error err = {0};
	enum sw_status st;

	if (!begin_run(p, job)) {
		job->status = SW_NO_MEMORY;
		return;
	}
	outcome.measured = job->run.measured;
	st = prepare(p, job->experiment, &err);
	if (st == SW_OK)
		st = p->backend.ops->run(&p->backend, job->experiment, job->repeat, &outcome, &err);
	job->series = outcome.series;
	job->run.duration_s = outcome.duration_s;
	job->run.started_s = outcome.started_s;
	job->run.machine = outcome.machine;
	if (st != SW_OK)
		fail_run(job, err.message);
}

static void tell(sw_profiler *p, const struct job *job)
{
	struct sw_profile_progress progress = {
		.done = p->done,
		.todo = p->n_jobs,
		.fraction = p->work > 0 ? p->worked / p->work : 1,
		.experiment = job ? job->experiment->name : NULL,
		.failed = job ? job->run.failed : NULL,
	};

	if (p->settings.progress)
		p->settings.progress(p->settings.context, &progress);
}

static void count(sw_profiler *p, const struct job *job)
{
	struct sw_profile_summary *s = p->summary;

	s->done = ++p->done;
	p->worked += work_of(p, job);
	p->failures = job->run.failed ? p->failures + 1 : 0;
	if (!job->run.failed)
		return;
	if (s->failed++ == 0)
		(void)snprintf(s->failure, sizeof(s->failure), "%s: %s", job->experiment->name,
			       job->run.failed);
}

/* Into the data set. False: no more runs. */
static bool keep(sw_profiler *p, struct job *job)
{
	if (sw__stopped(&p->backend)) {
		clear_job(job);
		return false;
	}
	p->status = job->status;
	if (p->status != SW_OK)
		(void)sw_fail(&p->error, p->status, "a run: out of memory");
	else
		p->status = sw_dataset_add_run(p->dataset, p->campaign_id, &job->run,
					       job->series.sample, job->series.n, &p->error);
	if (p->status == SW_OK) {
		count(p, job);
		tell(p, job);
	}
	if (p->status == SW_OK && p->settings.failures_max &&
	    p->failures >= p->settings.failures_max)
		p->status = sw_fail(&p->error, SW_IO,
				    "given up: %u runs failed one after another, the last one: %s",
				    p->failures, job->run.failed);
	clear_job(job);
	return p->status == SW_OK;
}

static void work_on(void *context, size_t i)
{
	sw_profiler *p = context;

	if (!sw__stopped(&p->backend))
		do_job(p, &p->jobs[i]);
}

static bool take(void *context, size_t i)
{
	sw_profiler *p = context;

	return keep(p, &p->jobs[i]);
}

static void drop(void *context, size_t i)
{
	sw_profiler *p = context;

	clear_job(&p->jobs[i]);
}

static unsigned threads_of(const sw_profiler *p)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (p->settings.threads)
		return p->settings.threads;
	return processors > 0 ? (unsigned)processors : 1;
}

static enum sw_status run_jobs(sw_profiler *p, struct sw_error *err)
{
	struct sw__ordered_work work = {.n = p->n_jobs,
					.threads = threads_of(p),
					.context = p,
					.work = work_on,
					.take = take,
					.drop = drop};
	bool go_on = true;

	for (size_t i = 0; i < p->n_jobs; i++)
		p->work += work_of(p, &p->jobs[i]);
	tell(p, NULL);
	if (p->backend.ops->parallel)
		return sw__ordered_run(&work, err);
	for (size_t i = 0; go_on && i < p->n_jobs; i++) {
		work_on(p, i);
		go_on = take(p, i);
	}
	if (p->prepared)
		p->backend.ops->finish(&p->backend);
	p->prepared = NULL;
	return SW_OK;
}

/* With a backend; none is opened for nothing. */
static enum sw_status run_backend(sw_profiler *p, struct sw_error *err)
{
	enum sw_status st;

	if (p->n_jobs == 0)
		return SW_OK;
	st = p->backend.ops->open(&p->backend, err);
	if (st == SW_OK)
		st = run_jobs(p, err);
	if (p->backend.ops->close)
		p->backend.ops->close(&p->backend);
	if (st == SW_OK && p->status != SW_OK)
		st = sw_fail(err, p->status, "%s", p->error.message);
	return st;
}

enum sw_status sw_profiler_run(sw_profiler *p, struct sw_profile_summary *summary,
			       struct sw_error *err)
{
	enum sw_status st;

	*summary = (struct sw_profile_summary){.planned = p->design->n * p->design->repeats};
	p->summary = summary;
	free(p->jobs);
	p->jobs = NULL;
	p->work = p->worked = 0;
	p->done = 0;
	p->failures = 0;
	st = sw_dataset_campaign(p->dataset, p->campaign->name, p->campaign->conditions,
				 &p->campaign_id, err);
	if (st == SW_OK)
		st = list_jobs(p, err);
	summary->kept_before = summary->planned - p->n_jobs;
	if (st == SW_OK)
		st = run_backend(p, err);
	summary->stopped = atomic_load(&p->stop);
	return st;
}
