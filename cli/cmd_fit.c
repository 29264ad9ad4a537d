// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "command.h"
#include "fit_views.h"

struct fit_settings {
	struct common common;
	bool explain;
	unsigned folds, rounds, threads;
};

enum { FOLDS_MAX = 1000, ROUNDS_MAX = 20, THREADS_MAX = 64 };

#define AT(member) offsetof(struct fit_settings, member)

static const struct option fit_options[] = {
	{"explain", 0, OPTION_FLAG, NULL, AT(explain),
	 .help = "every coefficient: what it means, how sure it is, and how much of that the runs "
		 "say"},
	{"folds", 0, OPTION_COUNT, "N", AT(folds), 2, FOLDS_MAX,
	 .help = "parts in which mixes are held out for errors and bounds; 10 unless given"},
	{"rounds", 0, OPTION_COUNT, "N", AT(rounds), 0, ROUNDS_MAX,
	 .help = "steps of the search at most; 8 unless given, 0: bounds alone, all coefficients "
		 "as "
		 "without "
		 "measurement"},
	{"threads", 0, OPTION_COUNT, "N", AT(threads), 1, THREADS_MAX,
	 .help = "mixes predicted at once, whatever the number with the same result; 2 unless "
		 "given"},
};

static const struct option_group groups[] = {
	{"Fit", fit_options, COUNT(fit_options), 0, NO_MASK, 0},
	COMMON_GROUP,
};

static const struct option_set options = {
	"slicewise fit", groups, COUNT(groups), "DATA.db|ROWS.csv...", 1, 1000,
};

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

static enum sw_status read_dataset(const struct call *call, const char *path, struct sw_runs *runs,
				   struct sw_error *err)
{
	sw_dataset *dataset;
	enum sw_status st = sw_dataset_open(path, SW_DATASET_READ, &dataset, err);

	if (st != SW_OK)
		return st;
	st = sw_dataset_runs(dataset, call->catalog, NULL, runs, err);
	sw_dataset_close(dataset);
	return st;
}

static enum sw_status read_one(const struct call *call, const char *path, struct sw_runs *runs,
			       struct sw_error *err)
{
	if (ends_with(path, ".csv") || ends_with(path, ".csv.gz"))
		return sw_runs_read(call->catalog, path, runs, err);
	return read_dataset(call, path, runs, err);
}

static enum sw_status read_all(const struct call *call, struct sw_runs *runs, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < call->n_operands && st == SW_OK; i++) {
		struct sw_runs more = {0};

		st = read_one(call, call->operands[i], &more, err);
		if (st == SW_OK)
			st = sw_runs_join(runs, &more, err);
		sw_runs_clear(&more);
	}
	return st;
}

static void show(const struct call *call, const sw_fit *fit, const struct sw_fit_report *report,
		 FILE *out)
{
	const struct fit_settings *s = call->settings;

	if (s->common.format == FORMAT_JSON)
		fit_json(fit, report, s->explain, out);
	else if (s->common.format == FORMAT_CSV)
		fit_csv(fit, report, s->explain, out);
	else
		fit_table(fit, report, s->explain, &call->style, out);
}

static enum sw_status run(const struct call *call, FILE *out, struct sw_error *err)
{
	const struct fit_settings *s = call->settings;
	struct sw_fit_settings settings = sw_fit_settings_default();
	struct sw_fit_report report = {0};
	struct sw_runs runs = {0};
	sw_fit *fit = NULL;
	enum sw_status st = read_all(call, &runs, err);

	settings.folds = s->folds;
	settings.rounds = s->rounds;
	settings.threads = s->threads;
	settings.origin = call->operands[0];
	if (st == SW_OK)
		st = sw_fit_make(&runs, &settings, &fit, &report, err);
	if (st == SW_OK && s->common.output)
		st = sw_fit_save(fit, s->common.output, err);
	if (st == SW_OK)
		show(call, fit, &report, out);
	sw_fit_report_clear(&report);
	sw_fit_free(fit);
	sw_runs_clear(&runs);
	return st;
}

static const struct fit_settings defaults = {.folds = 10, .rounds = 8, .threads = 2};

const struct command command_fit = {
	.name = "fit",
	.summary = "what measured mixes say of GPUs, mechanisms and models, with bounds that hold",
	.about = "Reads data sets, or rows of mixes, and finds the coefficients that predictions "
		 "need: few, each with a meaning and its doubt. Bounds come from mixes that were "
		 "held out. -o FILE keeps the fit for predict, validate and plan.",
	.options = &options,
	.settings_size = sizeof(struct fit_settings),
	.defaults = &defaults,
	.writes_own_output = true,
	.run = run,
};
