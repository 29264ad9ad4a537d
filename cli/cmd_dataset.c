// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "dataset_verbs.h"
#include "document_out.h"
#include "lookup.h"
#include "must.h"
#include "output.h"
#include "report.h"
#include "sheet.h"

struct dataset_settings {
	struct common common;
	const char *gpu, *model;
	unsigned prompt_tokens, output_tokens;
	const char *experiment, *mechanism, *source;
	bool without_failed;
	bool flat;
	const char *schema;
};

enum { TOKENS_MAX = 10000000, FILES_MAX = 10000 };

const char *const dataset_verbs[] = {"info", "import", "export", "query", NULL};

#define AT(member) offsetof(struct dataset_settings, member)

static const struct option run_options[] = {
	{"experiment", 0, OPTION_TEXT, "NAME", AT(experiment),
	 .help = "only runs of this experiment"},
	{"gpu", 0, OPTION_GPU, "GPU", AT(gpu),
	 .help = "only runs on this GPU; import: the GPU of pairs, which do not name theirs"},
	{"mechanism", 0, OPTION_TEXT, "NAME", AT(mechanism),
	 .help = "only runs under this mechanism"},
	{"source", 0, OPTION_TEXT, "NAME", AT(source),
	 .help = "only runs of this source: simulator, endpoints, processes, replay, import"},
	{"without-failed", 0, OPTION_FLAG, NULL, AT(without_failed), .help = "no runs that failed"},
};

static const struct option import_options[] = {
	{"model", 0, OPTION_MODEL, "MODEL", AT(model),
	 .help = "import: the model of pairs, which do not name theirs"},
	{"prompt-tokens", 0, OPTION_COUNT, "TOKENS", AT(prompt_tokens), 1, TOKENS_MAX,
	 .help = "import: length of every prompt, where rows of pairs do not say it"},
	{"output-tokens", 0, OPTION_COUNT, "TOKENS", AT(output_tokens), 1, TOKENS_MAX,
	 .help = "import: length of every answer, likewise"},
};

static const struct option export_options[] = {
	{"flat", 0, OPTION_FLAG, NULL, AT(flat),
	 .help = "export: every setting with the value it had and every column of one type, for "
		 "programs that analyse; import has no use for such rows"},
	{"schema", 0, OPTION_FILE, "FILE", AT(schema),
	 .help = "export: write name, type, unit and meaning of every column to FILE as CSV"},
};

static const struct option_group groups[] = {
	{"Runs", run_options, COUNT(run_options), 0, NO_MASK, 0},
	{"Import", import_options, COUNT(import_options), 0, NO_MASK, 0},
	{"Export", export_options, COUNT(export_options), 0, NO_MASK, 0},
	COMMON_GROUP,
};

static const struct option_set options = {
	"slicewise dataset",
	groups,
	COUNT(groups),
	"info|import|export|query DATA.db [ROWS.csv...|NAME]",
	1,
	FILES_MAX,
};

/* A call with its operands told apart. */
struct job {
	const struct call *call;
	const struct dataset_settings *settings;
	enum dataset_verb verb;
	const char *path;
	char *const *rest;
	size_t n_rest;
	FILE *out;
};

/* The first operand is a verb, or the file alone, which is looked at. */
static enum sw_status parse_operands(struct job *job, struct sw_error *err)
{
	const struct call *call = job->call;
	size_t at = 0;
	int verb = 0;

	while (dataset_verbs[verb] && strcmp(dataset_verbs[verb], call->operands[0]) != 0)
		verb++;
	if (dataset_verbs[verb]) {
		job->verb = (enum dataset_verb)verb;
		at = 1;
	} else if (call->n_operands > 1) {
		return fail(err, SW_USAGE, "found %s, expected info, import, export or query",
			    call->operands[0]);
	}
	if (at == call->n_operands)
		return fail(err, SW_USAGE, "DATA.db is missing");
	job->path = call->operands[at];
	job->rest = call->operands + at + 1;
	job->n_rest = call->n_operands - at - 1;
	return SW_OK;
}

static enum sw_status check_options(const struct job *job, struct sw_error *err)
{
	const struct dataset_settings *s = job->settings;
	bool filtered = s->experiment || s->mechanism || s->source || s->without_failed;

	if (job->verb == DATASET_IMPORT && filtered)
		return fail(err, SW_USAGE,
			    "import takes whole files: no --experiment, "
			    "--mechanism, --source or --without-failed");
	if (job->verb != DATASET_IMPORT && (s->model || s->prompt_tokens || s->output_tokens))
		return fail(err, SW_USAGE,
			    "--model, --prompt-tokens and --output-tokens go with import");
	if (job->verb == DATASET_EXPORT && s->common.format == FORMAT_JSON)
		return fail(err, SW_USAGE, "export writes CSV");
	if (job->verb != DATASET_EXPORT && (s->flat || s->schema))
		return fail(err, SW_USAGE, "--flat and --schema go with export");
	return SW_OK;
}

static enum sw_status check_rest(const struct job *job, struct sw_error *err)
{
	static const struct {
		size_t min, max;
		const char *what;
	} rests[] = {
		[DATASET_INFO] = {0, 0, NULL},
		[DATASET_IMPORT] = {1, FILES_MAX, "ROWS.csv"},
		[DATASET_EXPORT] = {0, 0, NULL},
		[DATASET_QUERY] = {0, 1, NULL},
	};

	if (job->n_rest < rests[job->verb].min)
		return fail(err, SW_USAGE, "%s is missing", rests[job->verb].what);
	if (job->n_rest > rests[job->verb].max)
		return fail(err, SW_USAGE, "unexpected argument %s",
			    job->rest[rests[job->verb].max]);
	return SW_OK;
}

static struct sw_run_filter filter_of(const struct dataset_settings *s)
{
	return (struct sw_run_filter){.experiment = s->experiment,
				      .gpu = s->gpu,
				      .mechanism = s->mechanism,
				      .source = s->source,
				      .without_failed = s->without_failed};
}

static const struct column import_columns[] = {
	{"file", "file", TEXT_COLUMN},
	{"runs", "runs", 0},
	{"added", "added", 0},
};

static void print_sheet(const struct job *job, const struct sheet *sheet)
{
	if (job->settings->common.format == FORMAT_JSON)
		json_print(sheet_json(sheet), job->out);
	else if (job->settings->common.format == FORMAT_CSV)
		sheet_csv(sheet, job->out);
	else
		sheet_print(sheet, &job->call->style, 0, job->out);
}

static struct sw_rows_given given_of(const struct dataset_settings *s)
{
	return (struct sw_rows_given){s->gpu, s->model, s->prompt_tokens, s->output_tokens};
}

/* All files are looked at before the data set is touched, or made. */
static enum sw_status check_files(const struct job *job, const struct sw_rows_given *given,
				  struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && i < job->n_rest; i++) {
		struct sw_runs runs;

		st = sw_runs_read_given(job->call->catalog, job->rest[i], given, &runs, err);
		sw_runs_clear(&runs);
	}
	return st;
}

static enum sw_status import_files(const struct job *job, sw_dataset *dataset,
				   const struct sw_rows_given *given, struct sw_error *err)
{
	struct sheet *sheet = sheet_new(import_columns, COUNT(import_columns));
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && i < job->n_rest; i++) {
		struct sw_imported imported;

		st = sw_dataset_import(dataset, job->call->catalog, job->rest[i], given, &imported,
				       err);
		sheet_text(sheet, job->rest[i]);
		sheet_number(sheet, (double)imported.runs);
		sheet_number(sheet, (double)imported.added);
	}
	if (st == SW_OK)
		print_sheet(job, sheet);
	sheet_free(sheet);
	return st;
}

static enum sw_status run_import(const struct job *job, struct sw_error *err)
{
	const struct sw_rows_given given = given_of(job->settings);
	enum sw_status st = check_files(job, &given, err);
	sw_dataset *dataset = NULL;

	if (st == SW_OK)
		st = sw_dataset_open(job->path, SW_DATASET_WRITE, &dataset, err);
	if (st == SW_OK)
		st = import_files(job, dataset, &given, err);
	sw_dataset_close(dataset);
	return st;
}

static enum sw_status write_schema(const char *path, struct sw_error *err)
{
	struct output output;
	enum sw_status st;

	output_open(&output);
	st = sw_runs_write_schema(output.stream, err);
	if (st == SW_OK)
		return output_close(&output, path, err);
	output_drop(&output);
	return st;
}

static enum sw_status run_export(const struct job *job, sw_dataset *dataset, struct sw_error *err)
{
	const struct sw_run_filter filter = filter_of(job->settings);
	const sw_catalog *catalog = job->call->catalog;
	struct sw_runs runs;
	enum sw_status st = sw_dataset_runs(dataset, catalog, &filter, &runs, err);

	if (st == SW_OK)
		st = job->settings->flat ? sw_runs_write_flat(&runs, job->out, err)
					 : sw_runs_write(catalog, &runs, job->out, err);
	sw_runs_clear(&runs);
	if (st == SW_OK && job->settings->schema)
		st = write_schema(job->settings->schema, err);
	return st;
}

static enum sw_status run_query(const struct job *job, sw_dataset *dataset, struct sw_error *err)
{
	const struct sw_run_filter filter = filter_of(job->settings);
	struct sw_answer answer;
	enum sw_status st;

	if (job->n_rest == 0) {
		dataset_print_queries(job->settings->common.format, &job->call->style, job->out);
		return SW_OK;
	}
	st = sw_dataset_query(dataset, job->rest[0], &filter, &answer, err);
	if (st == SW_OK)
		answer_print(&answer, job->settings->common.format, &job->call->style, job->out);
	sw_answer_clear(&answer);
	return st;
}

static enum sw_status run_reader(const struct job *job, struct sw_error *err)
{
	const struct sw_run_filter filter = filter_of(job->settings);
	sw_dataset *dataset = NULL;
	enum sw_status st = sw_dataset_open(job->path, SW_DATASET_READ, &dataset, err);

	if (st != SW_OK)
		return st;
	if (job->verb == DATASET_EXPORT)
		st = run_export(job, dataset, err);
	else if (job->verb == DATASET_QUERY)
		st = run_query(job, dataset, err);
	else
		st = dataset_print_info(dataset, job->path, &filter, job->settings->common.format,
					&job->call->style, job->out, err);
	sw_dataset_close(dataset);
	return st;
}

static enum sw_status run(const struct call *call, FILE *out, struct sw_error *err)
{
	struct job job = {.call = call, .settings = call->settings, .out = out};
	enum sw_status st = parse_operands(&job, err);

	if (st == SW_OK)
		st = check_options(&job, err);
	if (st == SW_OK)
		st = check_rest(&job, err);
	if (st != SW_OK)
		return st;
	return job.verb == DATASET_IMPORT ? run_import(&job, err) : run_reader(&job, err);
}

const struct command command_dataset = {
	.name = "dataset",
	.summary = "experiments and what was measured in them: look, import, export, ask",
	.about = "A data set is an SQLite file of runs: engines that ran together, their loads, "
		 "what "
		 "each showed, and where that comes from. info (also without a word) says what is "
		 "in it; import adds rows of mixes or pairs, and makes the file where there is "
		 "none; export writes rows of mixes; query answers one of several questions, and "
		 "lists them where none is named.",
	.options = &options,
	.settings_size = sizeof(struct dataset_settings),
	.run = run,
};
