// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdlib.h>

#include "command.h"
#include "mix_views.h"
#include "must.h"
#include "progress.h"
#include "report.h"
#include "simulation.h"
#include "simulation_constants.h"

/* Beyond these a number is a slip. */
#define DURATION_MAX_S 1e6
#define CORES_MAX      1e5
#define SEED_MAX       4294967295.0
enum { REPETITIONS_MAX = 10000 };

struct simulate_settings {
	struct common common;
	double duration_s, precision, cores;
	unsigned repetitions, seed, world;
	bool no_slowdown, list_constants;
	const char *requests, *timeline;
};

#define AT(member) offsetof(struct simulate_settings, member)

static const struct simulate_settings defaults = {.duration_s = NAN, .precision = 0.02, .seed = 1};

static const struct option simulate_options[] = {
	{"duration", 0, OPTION_NUMBER, "SECONDS", AT(duration_s), .max = DURATION_MAX_S,
	 .above_min = true,
	 .help = "simulated time of a repetition; unless given, long enough for some hundred "
		 "requests of every engine, and for a trace to its end"},
	{"repetitions", 0, OPTION_COUNT, "N", AT(repetitions), .min = 1, .max = REPETITIONS_MAX,
	 .help = "how often; unless given, until every mean is known to --precision or half a "
		 "minute of work is done"},
	{"precision", 0, OPTION_NUMBER, "P", AT(precision), .max = 0.5, .above_min = true,
	 .help = "half of the 95 % interval around a mean, relative to it; 0.02 unless given"},
	{"seed", 0, OPTION_COUNT, "N", AT(seed), .max = SEED_MAX,
	 .help = "of arrivals, lengths and jitter; 1 unless given; the second GPU of a plan takes "
		 "the next one, and so on"},
	{"world", 0, OPTION_COUNT, "N", AT(world), .max = SEED_MAX,
	 .help = "draw all of the simulator's constants within their ranges by this seed; 0, the "
		 "constants as they are, unless given"},
	{"cores", 0, OPTION_NUMBER, "N", AT(cores), .max = CORES_MAX, .above_min = true,
	 .help = "host cores that all engines of a GPU share; as many as they want unless given"},
	{"no-slowdown", 0, OPTION_FLAG, NULL, AT(no_slowdown),
	 .help = "do not simulate every engine alone as well, which the slowdown needs"},
	{"list-constants", 0, OPTION_FLAG, NULL, AT(list_constants),
	 .help = "print what the simulator assumes, with ranges and origins, instead"},
};

static const struct option file_options[] = {
	{"requests", 0, OPTION_FILE, "FILE", AT(requests),
	 .help = "write every request of the first repetition to FILE as CSV"},
	{"timeline", 0, OPTION_FILE, "FILE", AT(timeline),
	 .help = "write 400 moments of the first repetition, of every engine and the GPU, to FILE "
		 "as CSV"},
};

static const struct option_group groups[] = {
	{"Simulation", simulate_options, COUNT(simulate_options), 0, NO_MASK, 0},
	{"Files", file_options, COUNT(file_options), 0, NO_MASK, 0},
	COMMON_GROUP,
};

static const struct option_set options = {
	"slicewise simulate", groups, COUNT(groups), "MIX.yaml|PLAN.json", 0, 1,
};

/* One GPU's part of the whole progress. */
struct part {
	struct progress *progress;
	size_t index, n;
};

static void tell(void *context, double fraction)
{
	const struct part *part = context;

	progress_tell(part->progress, ((double)part->index + fraction) / (double)part->n);
}

static struct sw_simulate_settings settings_of(const struct simulate_settings *s)
{
	struct sw_simulate_settings settings = sw_simulate_defaults();

	settings.seed = s->seed;
	settings.world = s->world;
	settings.host_cores = s->cores;
	settings.duration_s = s->duration_s;
	settings.repetitions = s->repetitions;
	settings.precision = s->precision;
	settings.alone = !s->no_slowdown;
	settings.timeline = s->timeline != NULL;
	return settings;
}

/* GPU after GPU, each with its part of the budget. */
static enum sw_status simulate(struct simulation *simulation, struct progress *progress,
			       struct sw_error *err)
{
	const struct sw_plan_mixes *plan = simulation->plan;

	for (size_t i = 0; i < plan->n_gpus; i++) {
		struct sw_simulate_settings settings = simulation->settings;
		struct part part = {progress, i, plan->n_gpus};
		struct sw_simulated *simulated;
		enum sw_status st;

		settings.seed += i;
		settings.events_max = settings.events_max / plan->n_gpus + 1;
		settings.progress = tell;
		settings.context = &part;
		st = sw_simulate(plan->gpus[i].mix, &settings, &simulated, err);
		if (st != SW_OK)
			return st;
		simulation_add(simulation, &plan->gpus[i], settings.seed, simulated);
	}
	return SW_OK;
}

static void print(const struct simulation *simulation, int format, const struct style *style,
		  FILE *out)
{
	if (format == FORMAT_JSON)
		simulation_json(simulation, out);
	else if (format == FORMAT_CSV)
		simulation_csv(simulation, out);
	else
		simulation_print(simulation, style, out);
}

/* A table says how fast one batch is and nothing of requests that wait. */
static enum sw_status refuse_tables(const struct sw_plan_mixes *plan, const char *path,
				    struct sw_error *err)
{
	for (size_t w = 0; w < plan->n_workloads; w++)
		if (plan->workloads[w].is_table)
			return fail(err, SW_BAD_INPUT,
				    "%s: %s is a measured table: language models are simulated",
				    path, plan->workloads[w].name);
	return SW_OK;
}

static enum sw_status simulate_file(const struct call *call, FILE *out, struct sw_error *err)
{
	const struct simulate_settings *s = call->settings;
	struct simulation simulation = {.settings = settings_of(s)};
	struct sw_plan_mixes *plan;
	struct progress progress;
	enum sw_status st = sw_plan_mixes_load(call->catalog, call->operands[0], &plan, err);

	if (st != SW_OK)
		return st;
	st = refuse_tables(plan, call->operands[0], err);
	if (st != SW_OK) {
		sw_plan_mixes_free(plan);
		return st;
	}
	for (size_t i = 0; i < plan->n_gpus; i++)
		say_warnings(plan->gpus[i].mix->warning);
	simulation.plan = plan;
	simulation.gpus = must_alloc(plan->n_gpus, sizeof(*simulation.gpus));
	progress = progress_start("simulating");
	st = simulate(&simulation, &progress, err);
	progress_end(&progress);
	if (st == SW_OK && s->requests)
		st = simulation_save_requests(&simulation, s->requests, err);
	if (st == SW_OK && s->timeline)
		st = simulation_save_timeline(&simulation, s->timeline, err);
	if (st == SW_OK)
		print(&simulation, s->common.format, &call->style, out);
	simulation_free(&simulation);
	sw_plan_mixes_free(plan);
	return st;
}

static enum sw_status run(const struct call *call, FILE *out, struct sw_error *err)
{
	const struct simulate_settings *s = call->settings;

	if (s->list_constants && call->n_operands)
		return fail(err, SW_USAGE, "--list-constants goes without a file");
	if (s->list_constants) {
		simulation_constants(s->common.format, &call->style, out);
		return SW_OK;
	}
	if (!call->n_operands)
		return fail(err, SW_USAGE, "MIX.yaml|PLAN.json is missing");
	return simulate_file(call, out, err);
}

const struct command command_simulate = {
	.name = "simulate",
	.summary = "engines on their GPUs token by token, in simulated time",
	.about =
		"Plays the requests of every engine of a mix, or of a whole plan, through a "
		"simulated GPU: continuous batching step by step, neighbours that compete, turns, "
		"limiters, clocks. Says what predict says, by counting, and how many requests came "
		"later than their limits.",
	.options = &options,
	.settings_size = sizeof(struct simulate_settings),
	.defaults = &defaults,
	.run = run,
};
