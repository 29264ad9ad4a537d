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
#include "options.h"
#include "replay_check.h"
#include "replay_row.h"
#include "replay_setting.h"
#include "replay_steps.h"
#include "report.h"

struct serve_settings {
	bool help, steps;
	const char *tenant, *records, *rows, *experiment, *gpu_id, *cublas;
	unsigned repeat, seed, gpu;
	double duration_s, warm_up_s, start_at_s;
};

static const struct serve_settings serve_defaults = {
	.experiment = "replay", .seed = 1, .duration_s = 60, .warm_up_s = 10, .start_at_s = NAN};

#define AT(member) offsetof(struct serve_settings, member)

/* A day: what is longer is a typing error. */
static const double seconds_max = 86400;

static const struct option serve_options[] = {
	{"tenant", 't', OPTION_TEXT, "NAME", AT(tenant),
	 .help = "serve this engine of the mix with all that this process sees of the GPU (MPS, "
		 "time-slicing, HAMi: a process each); else all of them here, SMs by their shares"},
	{"duration", 'd', OPTION_NUMBER, "S", AT(duration_s), 0, 86400, true,
	 .help = "seconds of load; 60 unless given"},
	{"warm-up", 0, OPTION_NUMBER, "S", AT(warm_up_s), 0, 86400,
	 .help = "requests that come before do not count; 10 unless given"},
	{"start-at", 0, OPTION_NUMBER, "UNIX_S", AT(start_at_s), 0, 1e11,
	 .help = "when the load begins, for several processes at once; unless given, as soon as "
		 "the engines are ready"},
	{"steps", 0, OPTION_FLAG, NULL, AT(steps),
	 .help = "no load: single steps of each engine alone, as rows of steps, for --duration at "
		 "most"},
	{"seed", 0, OPTION_COUNT, "N", AT(seed), 0, 1 << 30,
	 .help = "of weights, arrivals and lengths; 1 unless given"},
	{"records", 0, OPTION_FILE, "FILE", AT(records),
	 .help = "every request and every step as JSON lines"},
	{"rows", 'o', OPTION_FILE, "FILE", AT(rows),
	 .help = "add the rows of mixes to FILE; on standard output unless given"},
	{"experiment", 0, OPTION_TEXT, "NAME", AT(experiment), .help = "first column of the rows"},
	{"repeat", 0, OPTION_COUNT, "N", AT(repeat), 0, 1 << 20, .help = "second column"},
	{"gpu", 0, OPTION_COUNT, "N", AT(gpu), 0, 255, .help = "which GPU; the first unless given"},
	{"cublas", 0, OPTION_FILE, "FILE", AT(cublas), .help = "a libcublasLt.so"},
	{"help", 'h', OPTION_FLAG, NULL, AT(help), .help = "print this help"},
};

static const struct option_group serve_groups[] = {
	{"Serving a mix", serve_options, COUNT(serve_options), 0, NO_MASK, 0},
};

static const struct option_set serve_set = {
	.usage_name = "slicewise-replay",
	.groups = serve_groups,
	.n_groups = COUNT(serve_groups),
	.operands = "MIX.yaml",
	.operands_min = 1,
	.operands_max = 1,
};

void replay_serve_help(void)
{
	printf("usage: slicewise-replay MIX.yaml [OPTION...]\n\n"
	       "Serve the engines of a mix file with synthetic weights and write what was "
	       "measured.\n"
	       "\n");
	for (size_t i = 0; i < COUNT(serve_options); i++) {
		char *argument = option_argument(&serve_options[i]);

		printf("  --%s %s\n      %s\n", serve_options[i].name, argument,
		       serve_options[i].help);
		free(argument);
	}
}

/* One engine, from its device to its rows. */
struct tenant_run {
	const struct serve_settings *settings;
	const struct sw_tenant *tenant;
	struct device *device;
	engine *engine;
	replay_tally *tally;
	struct engine_summary summary;
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

/* The part of the SMs that each engine has on its own. */
static enum sw_status open_devices(const struct serve_settings *s, struct tenant_run *runs,
				   size_t n, struct sw_error *err)
{
	struct device_cuda_ask ask = {(int)s->gpu, s->cublas};
	struct device *whole = NULL, *parts[SW_TENANTS_MAX];
	uint32_t sms[SW_TENANTS_MAX];
	enum sw_status st;

	if (s->tenant)
		return device_cuda_open(&ask, &runs[0].device, err);
	st = device_cuda_open(&ask, &whole, err);
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

/* Alone on its part of the GPU: one engine after the other. */
static enum sw_status steps_of(const struct serve_settings *s, const struct sw_mix *mix,
			       struct tenant_run *r, size_t n, FILE *out)
{
	struct engine_setting setting;
	struct replay_steps_ask ask = {r->device,   &setting,
				       mix->gpu.id, mechanism_of(s, mix),
				       share_of(r), s->duration_s / (double)n,
				       steady_s,    NULL};
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
	};

	(void)n;
	replay_tally_statistics(r->tally, &statistics);
	return replay_write_row(out, &row, &r->err);
}

static void say_run(const struct tenant_run *r)
{
	say("%s: %llu requests in %.1f s, %llu unfinished, %llu steps, %llu preemptions, %u SMs",
	    r->tenant->name, (unsigned long long)r->summary.requests, r->summary.duration_s,
	    (unsigned long long)r->summary.unfinished, (unsigned long long)r->summary.steps,
	    (unsigned long long)r->summary.preemptions, r->device->info.sms);
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
		say_run(&runs[i]);
	if (st == SW_OK)
		st = add_rows(s, mix, runs, n, replay_write_row_header, row_of, err);
	if (records && fclose(records) != 0 && st == SW_OK)
		st = sw_fail(err, SW_IO, "%s cannot be written: %s", s->records, strerror(errno));
	return st;
}

static enum sw_status serve_mix(const struct serve_settings *s, const struct sw_mix *mix,
				bool *no_gpu, struct sw_error *err)
{
	struct tenant_run runs[SW_TENANTS_MAX];
	size_t n;
	enum sw_status st = choose_tenants(s, mix, runs, &n, err);

	if (st == SW_OK) {
		st = open_devices(s, runs, n, err);
		*no_gpu = st == SW_IO;
	}
	if (st == SW_OK)
		st = s->steps ? add_rows(s, mix, runs, n, replay_steps_header, steps_of, err)
			      : measure(s, mix, runs, n, err);
	for (size_t i = 0; i < n; i++) {
		engine_free(runs[i].engine);
		replay_tally_free(runs[i].tally);
		if (runs[i].device)
			runs[i].device->operations->close(runs[i].device);
	}
	return st;
}

static enum sw_status check_times(const struct serve_settings *s, struct sw_error *err)
{
	if (!s->steps && s->warm_up_s >= s->duration_s)
		return sw_fail(err, SW_USAGE,
			       "--warm-up: found %g s, expected less than --duration (%g s)",
			       s->warm_up_s, s->duration_s);
	return s->duration_s <= seconds_max ? SW_OK : sw_fail(err, SW_USAGE, "--duration");
}

static enum sw_status load_and_serve(const struct serve_settings *s, const char *path, bool *no_gpu,
				     struct sw_error *err)
{
	sw_catalog *catalog = NULL;
	struct sw_mix *mix = NULL;
	enum sw_status st = check_times(s, err);

	if (st == SW_OK)
		st = sw_catalog_open(&catalog, err);
	if (st == SW_OK)
		st = sw_mix_load(catalog, path, &mix, err);
	if (st == SW_OK)
		st = serve_mix(s, mix, no_gpu, err);
	sw_mix_free(mix);
	sw_catalog_free(catalog);
	return st;
}

int replay_serve(int argc, char **argv)
{
	struct serve_settings settings = serve_defaults;
	struct sw_error err = {0};
	size_t n_operands;
	bool no_gpu = false;
	enum sw_status st =
		options_parse(&serve_set, argc - 1, argv + 1, &settings, &n_operands, &err);

	if (st == SW_OK && settings.help) {
		replay_serve_help();
		return 0;
	}
	if (st == SW_OK)
		st = options_check(&serve_set, &settings, n_operands, argv + 1, &err);
	if (st == SW_OK)
		st = load_and_serve(&settings, argv[1], &no_gpu, &err);
	if (st != SW_OK)
		(void)fprintf(stderr, "slicewise-replay: %s\n", err.message);
	return no_gpu ? REPLAY_NO_GPU : sw_status_exit(st);
}
