// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "command.h"
#include "document_out.h"
#include "output.h"
#include "report.h"
#include "sheet.h"

struct settings {
	struct common common;
	const char *host, *regions;
	unsigned port, seed, world;
	double speed, duration_s;
	bool live;
};

#define SEED_MAX 4294967295.0

static const struct option endpoint_options[] = {
	{"port", 0, OPTION_COUNT, "BASE", offsetof(struct settings, port), 0, 65535,
	 .help = "engine i listens on BASE + i; 0: on any free ports; 8000 unless given"},
	{"host", 0, OPTION_TEXT, "ADDRESS", offsetof(struct settings, host),
	 .help = "address to listen on; 127.0.0.1 unless given"},
	{"duration", 0, OPTION_NUMBER, "S", offsetof(struct settings, duration_s), 0, 1e9,
	 .above_min = true, .help = "end after S seconds; at SIGINT or SIGTERM unless given"},
};

static const struct option gpu_options[] = {
	{"speed", 0, OPTION_NUMBER, "X", offsetof(struct settings, speed), 0.001, 10000,
	 .help = "simulated seconds per second; 1 unless given"},
	{"seed", 0, OPTION_COUNT, "N", offsetof(struct settings, seed), 0, SEED_MAX,
	 .help = "of jitter and of the lengths of answers that end by themselves; 1 unless given"},
	{"world", 0, OPTION_COUNT, "N", offsetof(struct settings, world), 0, SEED_MAX,
	 .help = "draw what the simulator assumes of hardware from its doubt by this seed; 0, and "
		 "unless given: as it is"},
};

static const struct option region_options[] = {
	{"regions", 0, OPTION_FILE, "DIR", offsetof(struct settings, regions),
	 .help = "keep a shared region of HAMi for every engine under DIR and obey its sm_limit at "
		 "every start of the engine; under hami only"},
	{"live", 0, OPTION_FLAG, NULL, offsetof(struct settings, live),
	 .help = "obey a changed sm_limit within 120 ms"},
};

static const struct option_group groups[] = {
	{"Endpoints", endpoint_options, COUNT(endpoint_options), 0, NO_MASK, 0},
	{"GPU", gpu_options, COUNT(gpu_options), 0, NO_MASK, 0},
	{"HAMi", region_options, COUNT(region_options), 0, NO_MASK, 0},
	COMMON_GROUP,
};

static const struct option_set options = {
	"slicewise emulate", groups, COUNT(groups), "MIX.yaml", 1, 1,
};

static const struct settings defaults = {
	.host = "127.0.0.1", .port = 8000, .seed = 1, .speed = 1, .duration_s = INFINITY};

static const struct column columns[] = {
	{"engine", "name", TEXT_COLUMN},
	{"model", "model", TEXT_COLUMN},
	{"url", "url", TEXT_COLUMN},
	{"region", "region", TEXT_COLUMN},
};

static struct sheet *list_endpoints(const sw_emulation *emulation, size_t n, bool table)
{
	struct sw_emulate_endpoint endpoint;
	bool regions = !table;
	struct sheet *sheet;

	sw_emulate_endpoint(emulation, 0, &endpoint);
	regions |= endpoint.region != NULL;
	sheet = sheet_new(columns, COUNT(columns) - !regions);
	for (size_t i = 0; i < n; i++) {
		sw_emulate_endpoint(emulation, i, &endpoint);
		sheet_text(sheet, endpoint.name);
		sheet_text(sheet, endpoint.model);
		sheet_text(sheet, endpoint.url);
		if (regions)
			sheet_text(sheet, endpoint.region);
	}
	return sheet;
}

static void print_json(const struct sw_mix *mix, const struct sheet *sheet, FILE *out)
{
	json_t *document = json_object();

	json_object_set_new(document, "gpu", json_string(mix->gpu.id));
	json_object_set_new(document, "mechanism", json_string(sw_mechanism_name(mix->mechanism)));
	json_object_set_new(document, "engines", sheet_json(sheet));
	json_print(document, out);
}

/* Now, not with what other commands print at their end: a script reads where to send its requests. */
static enum sw_status print_endpoints(const struct call *call, const struct sw_mix *mix,
				      const sw_emulation *emulation, struct sw_error *err)
{
	const struct settings *settings = call->settings;
	const struct style plain = {false, false};
	const char *file = settings->common.output;
	int format = settings->common.format;
	struct sheet *sheet = list_endpoints(emulation, mix->n, format == FORMAT_TABLE);
	struct output output;

	output_open(&output);
	if (format == FORMAT_JSON)
		print_json(mix, sheet, output.stream);
	else if (format == FORMAT_CSV)
		sheet_csv(sheet, output.stream);
	else
		sheet_print(sheet, file ? &plain : &call->style, 0, output.stream);
	sheet_free(sheet);
	return output_close(&output, file, err);
}

static sigset_t ending_signals(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	return set;
}

/* How often a failed simulator is looked for while nobody sends a signal. */
static const double LOOK_S = 0.5;

static double now_s(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static enum sw_status wait_for_end(sw_emulation *emulation, double duration_s, struct sw_error *err)
{
	const sigset_t signals = ending_signals();
	double end_s = now_s() + duration_s;
	enum sw_status st;

	for (;;) {
		double wait_s = fmin(fmax(end_s - now_s(), 0), LOOK_S);
		struct timespec wait = {(time_t)wait_s, (long)(fmod(wait_s, 1) * 1e9)};

		if (sigtimedwait(&signals, NULL, &wait) > 0 || now_s() >= end_s)
			return SW_OK;
		st = sw_emulate_status(emulation, err);
		if (st != SW_OK)
			return st;
	}
}

/* A stream is a descriptor, and hundreds are nothing unusual. */
static void allow_many_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static enum sw_status serve(const struct call *call, const struct sw_mix *mix, struct sw_error *err)
{
	const struct settings *s = call->settings;
	const struct sw_emulate_settings settings = {
		.host = s->host,
		.port = s->port,
		.seed = s->seed,
		.world = s->world,
		.speed = s->speed,
		.regions = s->regions,
		.live = s->live,
	};
	sw_emulation *emulation;
	enum sw_status st = sw_emulate_start(mix, &settings, &emulation, err);

	if (st != SW_OK)
		return st;
	st = print_endpoints(call, mix, emulation, err);
	if (st == SW_OK)
		st = wait_for_end(emulation, s->duration_s, err);
	sw_emulate_stop(emulation);
	return st;
}

static enum sw_status run(const struct call *call, FILE *out, struct sw_error *err)
{
	const struct settings *settings = call->settings;
	const sigset_t signals = ending_signals();
	struct sw_mix *mix = NULL;
	enum sw_status st;

	(void)out;
	if (settings->live && !settings->regions)
		return fail(err, SW_USAGE, "--live needs --regions");
	st = sw_mix_load(call->catalog, call->operands[0], &mix, err);
	if (st != SW_OK)
		return st;
	say_warnings(mix->warning);
	/* Before any thread is there, so that all of them leave the signals to the wait. */
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
	allow_many_files();
	st = serve(call, mix, err);
	sw_mix_free(mix);
	return st;
}

const struct command command_emulate = {
	.name = "emulate",
	.summary = "the engines of a mix as HTTP endpoints, paced by the simulator",
	.about = "Serves every engine of a mix on a port of its own: OpenAI-compatible "
		 "completions whose tokens come when the simulated GPU says, with vLLM's "
		 "metrics. POST /restart starts an engine anew.",
	.options = &options,
	.settings_size = sizeof(struct settings),
	.defaults = &defaults,
	.writes_own_output = true,
	.run = run,
};
