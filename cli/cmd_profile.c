// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "command.h"
#include "profile_views.h"
#include "progress.h"
#include "report.h"

struct profile_settings {
	struct common common;
	bool dry_run, retry;
	unsigned jobs, failures;
	const char *fit;
};

#define AT(member) offsetof(struct profile_settings, member)

static const struct profile_settings defaults = {.failures = 10};

static const struct option profile_options[] = {
	{"output", 'o', OPTION_FILE, "DATA.db", offsetof(struct common, output),
	 .help = "the data set that runs are added to; made where there is none"},
	{"dry-run", 'n', OPTION_FLAG, NULL, AT(dry_run),
	 .help = "print the experiments and run nothing"},
	{"fit", 0, OPTION_FILE, "FIT.json", AT(fit),
	 .help = "what is known of this GPU from runs before: loads given as parts of what engines "
		 "sustain are parts of that; to go on, give the same one"},
	{"jobs", 'j', OPTION_COUNT, "N", AT(jobs), 1, 256,
	 .help = "simulations at once; as many as there are processors unless given; runs on a "
		 "real clock go one by one"},
	{"retry-failed", 0, OPTION_FLAG, NULL, AT(retry),
	 .help = "run again what failed before; else a failed run counts as done"},
	{"give-up-after", 0, OPTION_COUNT, "N", AT(failures), 0, 1e6,
	 .help = "end when so many runs failed one after another; 10 unless given, 0: never"},
};

static const struct option output_options[] = {
	{"format", 0, OPTION_CHOICE, NULL, offsetof(struct common, format),
	 .choices = format_choices, .help = "how results are printed; table unless given"},
	{"help", 'h', OPTION_FLAG, NULL, offsetof(struct common, help), .help = "print this help"},
};

static const struct option_group groups[] = {
	{"Runs", profile_options, COUNT(profile_options), 0, NO_MASK, 0},
	{"Output", output_options, COUNT(output_options), 0, NO_MASK, 0},
};

static const struct option_set options = {
	"slicewise profile", groups, COUNT(groups), "CAMPAIGN.yaml", 1, 1,
};

/* The progress line says how many runs are done beside the part of the time. */
struct watching {
	struct progress progress;
	char what[64];
};

static void tell(void *context, const struct sw_profile_progress *p)
{
	struct watching *watching = context;

	(void)snprintf(watching->what, sizeof(watching->what), "profiling %zu/%zu", p->done,
		       p->todo);
	progress_tell(&watching->progress, p->fraction);
}

static sw_profiler *interrupted_profiler;

static void on_signal(int signal_number)
{
	(void)signal_number;
	sw_profiler_stop(interrupted_profiler);
}

/* The first Ctrl-C ends after what is kept is whole and engines are stopped; the second one ends the program. */
static void catch_signals(sw_profiler *profiler)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

	interrupted_profiler = profiler;
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
}

/* Streams are descriptors, of all engines at once. */
static void allow_many_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static enum sw_status profile(const struct call *call, const sw_campaign *campaign,
			      const struct sw_design *design, sw_dataset *dataset,
			      struct sw_profile_summary *summary, struct sw_error *err)
{
	const struct profile_settings *s = call->settings;
	struct sw_profile_settings settings = sw_profile_defaults();
	struct watching watching = {.progress = progress_start("profiling")};
	sw_profiler *profiler;
	enum sw_status st;

	watching.progress.what = watching.what;
	settings.threads = s->jobs;
	settings.retry = s->retry;
	settings.failures_max = s->failures;
	settings.progress = tell;
	settings.context = &watching;
	st = sw_profiler_new(campaign, design, dataset, &settings, &profiler, err);
	if (st != SW_OK)
		return st;
	catch_signals(profiler);
	st = sw_profiler_run(profiler, summary, err);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
	progress_end(&watching.progress);
	sw_profiler_free(profiler);
	return st;
}

/* What a script is to see in the exit status: an end that is none, and runs of which none has numbers. */
static enum sw_status judge(const struct sw_profile_summary *s, struct sw_error *err)
{
	if (s->stopped)
		return fail(err, SW_IO,
			    "stopped with %zu of %zu runs kept; the same command goes on",
			    s->kept_before + s->done, s->planned);
	if (s->failed && s->failed == s->done)
		return fail(err, SW_IO, "every run failed, the first one: %s", s->failure);
	if (s->failed)
		say("warning: %zu of %zu runs failed, the first one: %s", s->failed, s->done,
		    s->failure);
	return SW_OK;
}

static enum sw_status profile_into(const struct call *call, const sw_campaign *campaign,
				   const struct sw_design *design, FILE *out, struct sw_error *err)
{
	const struct profile_settings *s = call->settings;
	struct sw_profile_summary summary;
	sw_dataset *dataset;
	enum sw_status st = sw_dataset_open(s->common.output, SW_DATASET_WRITE, &dataset, err);

	if (st != SW_OK)
		return st;
	allow_many_files();
	st = profile(call, campaign, design, dataset, &summary, err);
	sw_dataset_close(dataset);
	if (st == SW_OK)
		profile_show(campaign, design, &summary, s->common.output, s->common.format, out);
	return st == SW_OK ? judge(&summary, err) : st;
}

static enum sw_status run(const struct call *call, FILE *out, struct sw_error *err)
{
	const struct profile_settings *s = call->settings;
	sw_campaign *campaign = NULL;
	struct sw_design *design = NULL;
	sw_fit *fit = NULL;
	enum sw_status st;

	if (!s->dry_run && !s->common.output)
		return fail(err, SW_USAGE, "-o DATA.db is missing, or --dry-run");
	st = sw_campaign_load(call->catalog, call->operands[0], &campaign, err);
	if (st == SW_OK && s->fit)
		st = sw_fit_open(s->fit, &fit, err);
	if (st == SW_OK)
		st = sw_design_make(campaign, fit, &design, err);
	if (st == SW_OK && s->dry_run)
		design_show(campaign, design, s->common.format, &call->style, out);
	else if (st == SW_OK)
		st = profile_into(call, campaign, design, out, err);
	sw_design_free(design);
	sw_fit_free(fit);
	sw_campaign_free(campaign);
	return st;
}

const struct command command_profile = {
	.name = "profile",
	.summary = "experiments with engines that share a GPU, into a data set",
	.about = "Designs the experiments of a campaign, runs them on the simulator, on engines "
		 "that are running, on engines it launches, or on a GPU with synthetic weights, "
		 "and keeps every run in a data set as it ends. What the data set has is not run "
		 "again, so a campaign can be stopped and resumed.",
	.options = &options,
	.settings_size = sizeof(struct profile_settings),
	.defaults = &defaults,
	.writes_own_output = true,
	.run = run,
};
