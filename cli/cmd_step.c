// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "document_out.h"
#include "report.h"
#include "sheet.h"
#include "target.h"

enum phase { PHASE_PREFILL, PHASE_DECODE, PHASE_MIXED };

static const char *const phases[] = {"prefill", "decode", "mixed", NULL};

struct step_settings {
	struct common common;
	struct target target;
	unsigned given; /* of the group below */
	int phase; /* enum phase */
	unsigned batch, seq_len, prefill_tokens, prefill_context;
	const char *engine_version;
	const char *calibration;
};

static const struct step_settings defaults = {.target = TARGET_DEFAULTS, .batch = 1};

enum step_bit { STEP_PHASE = 1, STEP_SEQ_LEN = 2, STEP_PREFILL = 4 };

/* Far above what any engine puts into one step: what is larger is a typing error. */
enum { BATCH_MAX = 1 << 20, TOKENS_MAX = 1 << 24 };

#define AT(member) offsetof(struct step_settings, member)

static const struct option work_options[] = {
	{"phase", 0, OPTION_CHOICE, NULL, AT(phase), .choices = phases, .given = STEP_PHASE,
	 .help = "whole prompts, one token for each sequence, or both in one step"},
	{"batch", 0, OPTION_COUNT, "N", AT(batch), 1, BATCH_MAX,
	 .help = "prompts in prefill, sequences in decode and mixed; 1 unless given"},
	{"seq-len", 0, OPTION_COUNT, "TOKENS", AT(seq_len), 1, TOKENS_MAX, .given = STEP_SEQ_LEN,
	 .help = "length of each prompt in prefill, context of each sequence in decode and mixed"},
	{"prefill-tokens", 0, OPTION_COUNT, "TOKENS", AT(prefill_tokens), 1, TOKENS_MAX,
	 .given = STEP_PREFILL, .help = "mixed: tokens of the prompt's chunk in this step"},
	{"prefill-context", 0, OPTION_COUNT, "TOKENS", AT(prefill_context), 0, TOKENS_MAX,
	 .given = STEP_PREFILL,
	 .help = "mixed: tokens of the prompt before the chunk; 0 unless given"},
	{"engine-version", 0, OPTION_TEXT, "VERSION", AT(engine_version),
	 .help = "such as 0.2 or 0.19; unless given, the one that whole steps were measured with "
		 "on "
		 "this GPU, else the current one"},
	{"calibration", 0, OPTION_FILE, "FILE", AT(calibration),
	 .help = "a calibration file instead of the shipped ones"},
};

static const struct option_group groups[] = {
	TARGET_GROUP(struct step_settings, target, TARGET_GPU | TARGET_MODEL),
	{"Step", work_options, COUNT(work_options), 0, AT(given), STEP_PHASE | STEP_SEQ_LEN},
	ENGINE_GROUP(struct step_settings, target),
	COMMON_GROUP,
};

static const struct option_set options = {
	"slicewise step", groups, COUNT(groups), NULL, 0, 0,
};

static struct sw_step_work work_of(const struct step_settings *s)
{
	double n = s->batch, tokens = n * s->seq_len;

	if (s->phase == PHASE_PREFILL)
		return (struct sw_step_work){.n_prefill = n, .prefill_tokens = tokens};
	if (s->phase == PHASE_DECODE)
		return (struct sw_step_work){.n_decode = n, .decode_kv_tokens = tokens};
	return (struct sw_step_work){.n_decode = n,
				     .decode_kv_tokens = tokens,
				     .n_prefill = 1,
				     .prefill_tokens = s->prefill_tokens,
				     .prefill_kv_tokens = s->prefill_context};
}

static enum sw_status check_work(const struct step_settings *s, struct sw_error *err)
{
	unsigned longest = s->target.model.max_position;

	if (s->phase == PHASE_MIXED && !s->prefill_tokens)
		return fail(err, SW_USAGE,
			    "--prefill-tokens is missing: mixed has a chunk of a prompt");
	if (s->phase != PHASE_MIXED && s->given & STEP_PREFILL)
		return fail(err, SW_USAGE,
			    "--prefill-tokens and --prefill-context need --phase mixed");
	if (s->seq_len > longest)
		say("warning: --seq-len %u is beyond the context of %s, %u tokens", s->seq_len,
		    s->target.model.id, longest);
	return SW_OK;
}

/* One step and all that is printed of it. */
struct result {
	const struct step_settings *settings;
	struct sw_step_time time;
	const struct sw_calibration_info *info;
};

static const struct column part_columns[] = {
	{"part", "part", TEXT_COLUMN},
	{"ms", "ms", 3},
	{"of the step", NULL, TEXT_COLUMN},
};

/* Parts of a step by the names of the JSON keys without "_ms". */
static const struct {
	const char *title, *key;
	size_t offset;
} parts[] = {
	{"matrix products", "gemm_ms", offsetof(struct sw_step_time, gemm_ms)},
	{"attention", "attention_ms", offsetof(struct sw_step_time, attention_ms)},
	{"norms and the rest", "other_ms", offsetof(struct sw_step_time, other_ms)},
	{"sampling", "sampling_ms", offsetof(struct sw_step_time, sampling_ms)},
	{"waiting for the host", "host_ms", offsetof(struct sw_step_time, host_ms)},
};

static double part_of(const struct sw_step_time *time, size_t i)
{
	return *(const double *)((const char *)time + parts[i].offset);
}

static void add_part(struct sheet *sheet, const char *title, double ms, double total_ms)
{
	sheet_text(sheet, title);
	sheet_number(sheet, ms);
	sheet_format(sheet, "%3.0f %%", 100 * ms / total_ms);
}

static void print_heading(const struct result *result, const struct style *style, FILE *out)
{
	const struct step_settings *s = result->settings;
	const struct target *target = &s->target;

	(void)fprintf(out, "%s%s on %s%s, %s, share %g\n", style_on(style, TONE_STRONG),
		      target->model.id, target->gpu.id, style_off(style, TONE_STRONG),
		      sw_mechanism_name(target->slice.mechanism), target->slice.share);
	if (s->phase == PHASE_PREFILL)
		(void)fprintf(out, "prefill of %u prompt%s of %u tokens", s->batch,
			      s->batch > 1 ? "s" : "", s->seq_len);
	else
		(void)fprintf(out, "decode of %u sequence%s with %u tokens of context%s", s->batch,
			      s->batch > 1 ? "s" : "", s->seq_len, s->batch > 1 ? " each" : "");
	if (s->phase == PHASE_MIXED)
		(void)fprintf(out, "\nbeside %u tokens of a prompt", s->prefill_tokens);
	if (s->phase == PHASE_MIXED && s->prefill_context)
		(void)fprintf(out, " after its first %u", s->prefill_context);
	(void)fputc('\n', out);
}

enum { BASIS_INDENT = 4 };

static void print_table(const struct result *result, const struct style *style, FILE *out)
{
	const struct sw_step_time *time = &result->time;
	const struct sw_calibration_info *info = result->info;
	struct sheet *sheet = sheet_new(part_columns, COUNT(part_columns));

	print_heading(result, style, out);
	(void)fprintf(out, "\n%s%.2f ms%s, 90 %% between %.2f and %.2f; bound by %s\n\n",
		      style_on(style, TONE_STRONG), time->total_ms, style_off(style, TONE_STRONG),
		      time->low_ms, time->high_ms, time->binds);
	for (size_t i = 0; i < COUNT(parts); i++)
		add_part(sheet, parts[i].title, part_of(time, i), time->total_ms);
	sheet_print(sheet, style, 0, out);
	sheet_free(sheet);
	(void)fprintf(out, "\n%.2f GB of DRAM traffic (%.0f GB/s), %.2f TFLOP (%.0f TFLOPS)\n",
		      time->dram_gb, time->dram_gb / time->total_ms * 1e3, time->tflop,
		      time->tflop / time->total_ms * 1e3);
	(void)fprintf(out, "Calibration: %s%s\n    ",
		      info->measured ? "measured, " : "carried over from ", info->id);
	text_wrap(info->basis, BASIS_INDENT, BASIS_INDENT, LINE_WIDTH, out);
	engine_print("The engine's own defaults: ", &result->settings->target.engine, false, out);
}

static json_t *calibration_json(const struct sw_calibration_info *info)
{
	json_t *object = json_object();

	json_object_set_new(object, "id", json_string(info->id));
	json_object_set_new(object, "measured", json_boolean(info->measured));
	json_object_set_new(object, "basis", json_string(info->basis));
	return object;
}

static json_t *parts_json(const struct sw_step_time *time)
{
	json_t *object = json_object();

	for (size_t i = 0; i < COUNT(parts); i++)
		json_object_set_new(object, parts[i].key, json_number(part_of(time, i)));
	return object;
}

/* What both JSON and CSV start with. */
static const struct column flat_columns[] = {
	{NULL, "gpu", TEXT_COLUMN},
	{NULL, "model", TEXT_COLUMN},
	{NULL, "mechanism", TEXT_COLUMN},
	{NULL, "share", 0},
	{NULL, "phase", TEXT_COLUMN},
	{NULL, "batch", 0},
	{NULL, "seq_len", 0},
	{NULL, "latency_ms", 0},
	{NULL, "low_ms", 0},
	{NULL, "high_ms", 0},
	{NULL, "dram_gb", 0},
	{NULL, "tflop", 0},
	{NULL, "binds", TEXT_COLUMN},
	{NULL, "calibration", TEXT_COLUMN},
	{NULL, "defaults", TEXT_COLUMN},
};

/* The last columns, which JSON says as objects. */
enum { CSV_ONLY = 2 };

static void add_csv_only(struct sheet *sheet, const struct result *result)
{
	char *left_out = engine_words(&result->settings->target.engine, false);

	sheet_text(sheet, result->info->id);
	sheet_text(sheet, left_out);
	free(left_out);
}

static struct sheet *flat_sheet(const struct result *result, bool csv)
{
	struct sheet *sheet = sheet_new(flat_columns, COUNT(flat_columns) - (csv ? 0 : CSV_ONLY));
	const struct step_settings *s = result->settings;

	sheet_text(sheet, s->target.gpu.id);
	sheet_text(sheet, s->target.model.id);
	sheet_text(sheet, sw_mechanism_name(s->target.slice.mechanism));
	sheet_number(sheet, s->target.slice.share);
	sheet_text(sheet, phases[s->phase]);
	sheet_number(sheet, s->batch);
	sheet_number(sheet, s->seq_len);
	sheet_number(sheet, result->time.total_ms);
	sheet_number(sheet, result->time.low_ms);
	sheet_number(sheet, result->time.high_ms);
	sheet_number(sheet, result->time.dram_gb);
	sheet_number(sheet, result->time.tflop);
	sheet_text(sheet, result->time.binds);
	if (csv)
		add_csv_only(sheet, result);
	return sheet;
}

static void print_json(const struct result *result, FILE *out)
{
	const struct step_settings *s = result->settings;
	struct sheet *sheet = flat_sheet(result, false);
	json_t *rows = sheet_json(sheet), *document = json_array_get(rows, 0);

	json_incref(document);
	json_decref(rows);
	if (s->phase == PHASE_MIXED) {
		json_object_set_new(document, "prefill_tokens", json_integer(s->prefill_tokens));
		json_object_set_new(document, "prefill_context", json_integer(s->prefill_context));
	}
	json_object_set_new(document, "parts", parts_json(&result->time));
	json_object_set_new(document, "engine", engine_json(&s->target.engine));
	json_object_set_new(document, "calibration", calibration_json(result->info));
	json_print(document, out);
	sheet_free(sheet);
}

static void print_csv(const struct result *result, FILE *out)
{
	struct sheet *sheet = flat_sheet(result, true);

	sheet_csv(sheet, out);
	sheet_free(sheet);
}

static void print(const struct result *result, const struct style *style, FILE *out)
{
	if (result->settings->common.format == FORMAT_JSON)
		print_json(result, out);
	else if (result->settings->common.format == FORMAT_CSV)
		print_csv(result, out);
	else
		print_table(result, style, out);
}

static enum sw_status take_version(const char *version, struct sw_engine *engine,
				   struct sw_error *err)
{
	if (!version)
		return SW_OK;
	if (strlen(version) >= sizeof(engine->version))
		return fail(err, SW_USAGE,
			    "--engine-version: found %s, expected at most %zu characters", version,
			    sizeof(engine->version) - 1);
	(void)snprintf(engine->version, sizeof(engine->version), "%s", version);
	engine->given |= SW_KEY_VERSION;
	return SW_OK;
}

static enum sw_status run(const struct call *call, FILE *out, struct sw_error *err)
{
	struct step_settings *s = call->settings;
	struct result result = {.settings = s};
	sw_calibration *calibration = NULL;
	struct sw_step_work work;
	enum sw_status st = target_resolve(call->catalog, &s->target, err);

	if (st == SW_OK)
		st = take_version(s->engine_version, &s->target.engine, err);
	if (st == SW_OK)
		st = check_work(s, err);
	if (st == SW_OK)
		st = sw_calibration_open(&s->target.gpu, s->calibration, &calibration, err);
	if (st != SW_OK)
		return st;
	sw_calibration_step_engine(calibration, &s->target.engine);
	work = work_of(s);
	st = sw_step_time(calibration, &s->target.model, &s->target.engine, &s->target.slice, &work,
			  &result.time, err);
	result.info = sw_calibration_describe(calibration);
	if (st == SW_OK)
		print(&result, &call->style, out);
	sw_calibration_free(calibration);
	return st;
}

const struct command command_step = {
	.name = "step",
	.summary = "the time of one engine step alone on a slice of a GPU",
	.about =
		"Predicts one step of an inference engine that has the slice to itself: prompts "
		"being read (prefill), one more token for each sequence (decode), or both (mixed), "
		"and says where the time goes.",
	.options = &options,
	.settings_size = sizeof(struct step_settings),
	.defaults = &defaults,
	.run = run,
};
