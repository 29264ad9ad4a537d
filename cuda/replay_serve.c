// SPDX-License-Identifier: Apache-2.0
#include "replay_serve.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "device_cuda.h"
#include "replay_check.h"
#include "replay_options.h"
#include "replay_row.h"
#include "replay_setting.h"
#include "replay_steps.h"
#include "replay_watch.h"
#include "report.h"
#include "self_check.h"

/* One engine, from its device to its rows. */
struct tenant_run {
	const struct serve_settings *settings;
	const struct sw_tenant *tenant;
	struct device *device;
	engine *engine;
	replay_tally *tally;
	const replay_watch *watch; /* NULL: nobody looks */
	struct engine_summary summary;
	struct replay_gpu during; /* the load without its warm-up */
	double zero_s; /* when the load begins, of the real-time clock */
	FILE *records;
	pthread_mutex_t *writing;
	enum sw_status status;
	struct sw_error err;
};

/* The real-time clock: the one that processes have in common. */
static double unix_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void sleep_until(double at_s)
{
	struct timespec t = {.tv_sec = (time_t)at_s};

	t.tv_nsec = (long)((at_s - (double)t.tv_sec) * 1e9);
	while (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL) == EINTR)
		continue;
}

static double now_s(void *context)
{
	return unix_s() - ((const struct tenant_run *)context)->zero_s;
}

static void wait_until_s(void *context, double at_s)
{
	sleep_until(((const struct tenant_run *)context)->zero_s + at_s);
}

static enum sw_status take_request(void *context, const struct engine_request_record *record,
				   struct sw_error *err)
{
	struct tenant_run *r = context;
	enum sw_status st = replay_tally_add(r->tally, record, err);

	if (st == SW_OK && r->records) {
		(void)pthread_mutex_lock(r->writing);
		st = replay_write_request(r->records, r->tenant->name, record, err);
		(void)pthread_mutex_unlock(r->writing);
	}
	return st;
}

static enum sw_status take_step(void *context, const struct engine_step_record *record,
				struct sw_error *err)
{
	struct tenant_run *r = context;
	enum sw_status st = SW_OK;

	if (r->records) {
		(void)pthread_mutex_lock(r->writing);
		st = replay_write_step(r->records, r->tenant->name, record, err);
		(void)pthread_mutex_unlock(r->writing);
	}
	return st;
}

/* Memory the engine may have: its slice, as far as that is really free, by its own fraction. */
static uint64_t memory_of(const struct tenant_run *r, size_t n)
{
	double free_bytes = (double)r->device->info.free_bytes / (double)n;
	double granted = r->tenant->slice.memory_gib * 1073741824.0;
	double utilization = r->tenant->engine.gpu_memory_utilization;

	granted = isfinite(granted) ? fmin(granted, (double)r->device->info.total_bytes)
				    : (double)r->device->info.total_bytes / (double)n;
	return (uint64_t)fmin(granted * utilization, free_bytes);
}

static enum sw_status setting_for(struct tenant_run *r, size_t n, struct engine_setting *setting)
{
	struct replay_ask ask = {r->tenant, r->settings->seed, r->settings->duration_s,
				 r->device->info.sms, memory_of(r, n)};
	enum sw_status st = device_cuda_enter(r->device, &r->err);

	return st == SW_OK ? replay_setting_of(&ask, setting, &r->err) : st;
}

static enum sw_status make_engine(struct tenant_run *r, size_t n)
{
	struct engine_setting setting;
	enum sw_status st = setting_for(r, n, &setting);

	if (st == SW_OK)
		st = engine_new(r->device, &setting, &r->engine, &r->err);
	if (st == SW_OK)
		st = replay_tally_new(r->settings->warm_up_s, &r->tally, &r->err);
	return st;
}

static void *serve_one(void *argument)
{
	struct tenant_run *r = argument;
	struct engine_clock clock = {r, now_s, wait_until_s};
	struct engine_sink sink = {r, take_request, take_step};

	r->status = device_cuda_enter(r->device, &r->err);
	if (r->status != SW_OK)
		return NULL;
	sleep_until(r->zero_s);
	r->status = engine_run(r->engine, &clock, &sink, &r->summary, &r->err);
	return NULL;
}

/* All at once, a thread each. */
static enum sw_status serve_all(struct tenant_run *runs, size_t n, struct sw_error *err)
{
	pthread_t thread[SW_TENANTS_MAX];
	enum sw_status st = SW_OK;
	size_t started = 0;

	for (; started < n && st == SW_OK; started++)
		if (pthread_create(&thread[started], NULL, serve_one, &runs[started]) != 0) {
			st = sw_fail(err, SW_IO, "a thread cannot be started");
			break;
		}
	for (size_t i = 0; i < started; i++)
		(void)pthread_join(thread[i], NULL);
	for (size_t i = 0; i < started && st == SW_OK; i++)
		if (runs[i].status != SW_OK)
			st = sw_fail(err, runs[i].status, "%s: %s", runs[i].tenant->name,
				     runs[i].err.message);
	return st;
}

/* Before anything is timed. */
static enum sw_status check_device(const struct serve_settings *s, const struct tenant_run *runs,
				   size_t n, struct device *device, struct sw_error *err)
{
	bool graphs = false;

	for (size_t i = 0; i < n; i++)
		graphs = graphs || runs[i].tenant->engine.cuda_graphs;
	return s->unchecked ? SW_OK : self_check_passes(device, graphs, err);
}

/* The part of the SMs that each engine has on its own. */
static enum sw_status open_devices(const struct serve_settings *s, struct tenant_run *runs,
				   size_t n, struct sw_error *err)
{
	struct device_cuda_ask ask = {(int)s->gpu, s->cublas};
	struct device *whole = NULL, *parts[SW_TENANTS_MAX];
	uint32_t sms[SW_TENANTS_MAX];
	enum sw_status st;

	if (s->tenant) {
		st = device_cuda_open(&ask, &runs[0].device, err);
		return st == SW_OK ? check_device(s, runs, n, runs[0].device, err) : st;
	}
	st = device_cuda_open(&ask, &whole, err);
	if (st == SW_OK)
		st = check_device(s, runs, n, whole, err);
	for (size_t i = 0; i < n && st == SW_OK; i++)
		st = replay_sms_of(runs[i].tenant->slice.share, whole->info.gpu_sms, &sms[i], err);
	if (whole)
		whole->operations->close(whole);
	if (st == SW_OK)
		st = device_cuda_partition(&ask, sms, n, parts, err);
	for (size_t i = 0; i < n && st == SW_OK; i++)
		runs[i].device = parts[i];
	return st;
}

static enum sw_status choose_tenants(const struct serve_settings *s, const struct sw_mix *mix,
				     struct tenant_run *runs, size_t *n, struct sw_error *err)
{
	*n = 0;
	for (size_t i = 0; i < mix->n; i++)
		if (!s->tenant || strcmp(mix->tenants[i].name, s->tenant) == 0)
			runs[(*n)++] =
				(struct tenant_run){.settings = s, .tenant = &mix->tenants[i]};
	return *n > 0 ? SW_OK : sw_fail(err, SW_USAGE, "--tenant %s: the mix has none", s->tenant);
}

static const char *mechanism_of(const struct serve_settings *s, const struct sw_mix *mix)
{
	return s->tenant ? sw_mechanism_name(mix->mechanism) : "green-context";
}

static double share_of(const struct tenant_run *r)
{
	const struct device_info *d = &r->device->info;

	return r->settings->tenant ? r->tenant->slice.share : (double)d->sms / d->gpu_sms;
}

static double steady_s(void *context)
{
	struct timespec t;

	(void)context;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void gpu_since(void *context, double from_s, struct replay_gpu *out)
{
	replay_watch_window(((const struct tenant_run *)context)->watch, from_s, steady_s(NULL),
			    out);
}

/* Alone on its part of the GPU: one engine after the other. */
static enum sw_status steps_of(const struct serve_settings *s, const struct sw_mix *mix,
			       struct tenant_run *r, size_t n, FILE *out)
{
	struct engine_setting setting;
	struct replay_steps_ask ask = {r->device,
				       &setting,
				       mix->gpu.id,
				       mechanism_of(s, mix),
				       share_of(r),
				       s->duration_s / (double)n,
				       steady_s,
				       gpu_since,
				       r};
	unsigned rows = 0;
	enum sw_status st = setting_for(r, n, &setting);

	if (st == SW_OK)
		st = replay_steps(&ask, out, &rows, &r->err);
	if (st == SW_OK)
		say("%s: %u steps on %u SMs", r->tenant->name, rows, r->device->info.sms);
	return st;
}

/* Rows are added to what is there; the header stands at the beginning. */
static enum sw_status add_rows(const struct serve_settings *s, const struct sw_mix *mix,
			       struct tenant_run *runs, size_t n,
			       enum sw_status (*header)(FILE *out, struct sw_error *err),
			       enum sw_status (*row)(const struct serve_settings *s,
						     const struct sw_mix *mix, struct tenant_run *r,
						     size_t n, FILE *out),
			       struct sw_error *err)
{
	FILE *out = s->rows ? fopen(s->rows, "a") : stdout;
	enum sw_status st = SW_OK;

	if (!out)
		return sw_fail(err, SW_IO, "%s cannot be written: %s", s->rows, strerror(errno));
	if (!s->rows || ftell(out) == 0)
		st = header(out, err);
	for (size_t i = 0; i < n && st == SW_OK; i++) {
		st = row(s, mix, &runs[i], n, out);
		if (st != SW_OK)
			(void)sw_fail(err, st, "%s", runs[i].err.message);
	}
	if (s->rows && fclose(out) != 0 && st == SW_OK)
		st = sw_fail(err, SW_IO, "%s cannot be written: %s", s->rows, strerror(errno));
	return st;
}

static enum sw_status row_of(const struct serve_settings *s, const struct sw_mix *mix,
			     struct tenant_run *r, size_t n, FILE *out)
{
	struct replay_statistics statistics;
	struct replay_row row = {
		.experiment = s->experiment,
		.repeat = s->repeat,
		.gpu = mix->gpu.id,
		.mechanism = mechanism_of(s, mix),
		.tenant = r->tenant,
		.share = share_of(r),
		.statistics = &statistics,
		.during = &r->during,
	};

	(void)n;
	replay_tally_statistics(r->tally, &statistics);
	return replay_write_row(out, &row, &r->err);
}

/* Loads begin by the clock that processes share, samples have one that nobody sets. */
static void look_back(struct tenant_run *r)
{
	double zero_s = r->zero_s - unix_s() + steady_s(NULL);

	replay_watch_window(r->watch, zero_s + r->settings->warm_up_s,
			    zero_s + r->summary.duration_s, &r->during);
}

static void say_run(const struct tenant_run *r)
{
	char reasons[256];

	say("%s: %llu requests in %.1f s, %llu unfinished, %llu steps, %llu preemptions, %u SMs",
	    r->tenant->name, (unsigned long long)r->summary.requests, r->summary.duration_s,
	    (unsigned long long)r->summary.unfinished, (unsigned long long)r->summary.steps,
	    (unsigned long long)r->summary.preemptions, r->device->info.sms);
	if (r->during.throttled_fraction > 0)
		say("%s: clocks were held back in %.0f %% of the samples: %s", r->tenant->name,
		    100 * r->during.throttled_fraction,
		    sw_clocks_words(r->during.clock_reasons, reasons, sizeof(reasons)));
}

static enum sw_status end_run(struct tenant_run *r, struct sw_error *err)
{
	look_back(r);
	say_run(r);
	return r->records ? replay_write_gpu(r->records, r->tenant->name, &r->during, err) : SW_OK;
}

static enum sw_status begin(const struct serve_settings *s, struct tenant_run *runs, size_t n,
			    struct sw_error *err)
{
	double zero_s = sw_known(s->start_at_s) ? s->start_at_s : unix_s() + 0.1;

	if (zero_s < unix_s())
		return sw_fail(err, SW_IO, "--start-at: the engines were ready %.1f s too late",
			       unix_s() - zero_s);
	for (size_t i = 0; i < n; i++)
		runs[i].zero_s = zero_s;
	return SW_OK;
}

static enum sw_status measure(const struct serve_settings *s, const struct sw_mix *mix,
			      struct tenant_run *runs, size_t n, struct sw_error *err)
{
	pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER;
	FILE *records = s->records ? fopen(s->records, "w") : NULL;
	enum sw_status st = SW_OK;

	if (s->records && !records)
		return sw_fail(err, SW_IO, "%s cannot be written: %s", s->records, strerror(errno));
	for (size_t i = 0; i < n && st == SW_OK; i++) {
		runs[i].records = records;
		runs[i].writing = &writing;
		st = make_engine(&runs[i], n);
		if (st != SW_OK)
			(void)sw_fail(err, st, "%s", runs[i].err.message);
	}
	if (st == SW_OK)
		st = begin(s, runs, n, err);
	if (st == SW_OK)
		st = serve_all(runs, n, err);
	for (size_t i = 0; i < n && st == SW_OK; i++)
		st = end_run(&runs[i], err);
	if (st == SW_OK)
		st = add_rows(s, mix, runs, n, replay_write_row_header, row_of, err);
	if (records && fclose(records) != 0 && st == SW_OK)
		st = sw_fail(err, SW_IO, "%s cannot be written: %s", s->records, strerror(errno));
	return st;
}

/* What the driver does not tell is said once, and no reason not to measure. */
static replay_watch *open_watch(const struct serve_settings *s, const char *uuid)
{
	struct sw_error err;
	replay_watch *watch = NULL;

	if (!s->nvml || strcmp(s->nvml, "none") != 0)
		if (replay_watch_open(s->nvml, uuid, &watch, &err) != SW_OK)
			say("clocks, power and others on the GPU are not known: %s", err.message);
	return watch;
}

/* Status and message where others keep us from measuring. */
static enum sw_status see_others(const struct serve_settings *s, const replay_watch *watch,
				 struct sw_error *err)
{
	struct sw_error found;
	enum sw_status st = replay_watch_alone(watch, &found);

	if (st == SW_OK)
		return SW_OK;
	if (st != SW_BAD_INPUT)
		say("whether others are on the GPU is not known: %s", found.message);
	else if (!s->busy)
		return sw_fail(err, st, "%s. Measure beside them with --busy", found.message);
	else
		say("%s: measured beside them", found.message);
	return SW_OK;
}

/* Before there is a context. Of the statuses that are this program's own, *own is the one that fits. */
static enum sw_status look_around(const struct serve_settings *s, replay_watch **watch, int *own,
				  struct sw_error *err)
{
	char uuid[DEVICE_CUDA_UUID];
	enum sw_status st = device_cuda_uuid((int)s->gpu, uuid, err);

	if (st != SW_OK) {
		*own = st == SW_IO ? REPLAY_NO_GPU : 0;
		return st;
	}
	*watch = open_watch(s, uuid);
	st = see_others(s, *watch, err);
	*own = st != SW_OK ? REPLAY_BUSY : 0;
	return st;
}

/* The files are written before, too: what cannot be written is told now and not after the load. */
static enum sw_status serve_watched(const struct serve_settings *s, const struct sw_mix *mix,
				    struct tenant_run *runs, size_t n, const replay_watch *watch,
				    struct sw_error *err)
{
	enum sw_status st = replay_watch_write(watch, s->samples, s->processes, err);

	for (size_t i = 0; i < n; i++)
		runs[i].watch = watch;
	if (st == SW_OK)
		st = s->steps ? add_rows(s, mix, runs, n, replay_steps_header, steps_of, err)
			      : measure(s, mix, runs, n, err);
	return st == SW_OK ? replay_watch_write(watch, s->samples, s->processes, err) : st;
}

static enum sw_status serve_mix(const struct serve_settings *s, const struct sw_mix *mix, int *own,
				struct sw_error *err)
{
	struct tenant_run runs[SW_TENANTS_MAX];
	replay_watch *watch = NULL;
	size_t n;
	enum sw_status st = choose_tenants(s, mix, runs, &n, err);

	if (st == SW_OK)
		st = look_around(s, &watch, own, err);
	if (st == SW_OK) {
		st = open_devices(s, runs, n, err);
		*own = st == SW_IO ? REPLAY_NO_GPU : 0;
	}
	if (st == SW_OK)
		st = serve_watched(s, mix, runs, n, watch, err);
	for (size_t i = 0; i < n; i++) {
		engine_free(runs[i].engine);
		replay_tally_free(runs[i].tally);
		if (runs[i].device)
			runs[i].device->operations->close(runs[i].device);
	}
	replay_watch_free(watch);
	return st;
}

static enum sw_status load_and_serve(const struct serve_settings *s, const char *path, int *own,
				     struct sw_error *err)
{
	sw_catalog *catalog = NULL;
	struct sw_mix *mix = NULL;
	enum sw_status st = sw_catalog_open(&catalog, err);

	if (st == SW_OK)
		st = sw_mix_load(catalog, path, &mix, err);
	if (st == SW_OK)
		st = serve_mix(s, mix, own, err);
	sw_mix_free(mix);
	sw_catalog_free(catalog);
	return st;
}

int replay_serve(int argc, char **argv)
{
	struct serve_settings settings;
	struct sw_error err = {0};
	int own = 0;
	enum sw_status st = replay_options_read(argc, argv, &settings, &err);

	if (st == SW_OK && settings.help) {
		replay_options_help();
		return 0;
	}
	if (st == SW_OK && settings.gpus) {
		st = replay_watch_list(settings.nvml, stdout, &err);
		own = st == SW_IO ? REPLAY_NO_GPU : 0;
	} else if (st == SW_OK) {
		st = load_and_serve(&settings, argv[1], &own, &err);
	}
	if (st != SW_OK)
		(void)fprintf(stderr, "slicewise-replay: %s\n", err.message);
	return own ? own : sw_status_exit(st);
}
