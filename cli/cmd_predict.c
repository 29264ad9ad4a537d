// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "document_out.h"
#include "latency.h"
#include "must.h"
#include "report.h"
#include "sheet.h"
#include "target.h"

static const struct option_group groups[] = {COMMON_GROUP};

static const struct option_set options = {
	"slicewise predict", groups, COUNT(groups), "MIX.yaml", 1, 1,
};

static const struct column engine_columns[] = {
	{"engine", NULL, TEXT_COLUMN}, {"model", NULL, TEXT_COLUMN}, {"share", NULL, 2},
	{"requests/s", NULL, 2},       {"tokens/s", NULL, 0},        {"running", NULL, 1},
	{"busy %", NULL, 0},           {"KV tokens", NULL, 0},       {"slowdown", NULL, 2},
	{"binds", NULL, TEXT_COLUMN},
};

static void add_engine(struct sheet *sheet, const struct sw_tenant *tenant,
		       const struct sw_prediction *p)
{
	sheet_text(sheet, tenant->name);
	sheet_text(sheet, tenant->model.id);
	sheet_number(sheet, tenant->slice.share);
	sheet_number(sheet, p->requests_per_s);
	sheet_number(sheet, p->output_tokens_per_s);
	sheet_number(sheet, p->running);
	sheet_number(sheet, 100 * p->busy);
	sheet_number(sheet, p->kv_cache_tokens);
	sheet_number(sheet, p->slowdown);
	sheet_text(sheet, sw_binds_id(p->binds));
	sheet_tone(sheet, p->binds == SW_BINDS_OVERLOAD ? TONE_BAD : TONE_PLAIN);
}

static const struct column latency_columns[] = {
	{"engine", NULL, TEXT_COLUMN},
	{"ms", NULL, TEXT_COLUMN},
	{"mean", NULL, 1},
	{"from", NULL, 1},
	{"to", NULL, 1},
	{"p50", NULL, 1},
	{"p95", NULL, 1},
	{"up to", NULL, 1},
	{"p99", NULL, 1},
	{"up to", NULL, 1},
	{"limit", NULL, TEXT_COLUMN},
};

/* "p95 500, p99 900"; red where an upper bound exceeds one. */
static void add_limit(struct sheet *sheet, const struct sw_latency *latency, const double *bounds)
{
	bool kept;
	char *text = limit_words(latency, bounds, false, &kept);

	if (*text)
		sheet_format(sheet, "%s %s", text, kept ? "held" : "MISSED");
	else
		sheet_text(sheet, "");
	sheet_tone(sheet, !*text ? TONE_PLAIN : kept ? TONE_GOOD : TONE_BAD);
	free(text);
}

static void add_latency(struct sheet *sheet, const struct sw_tenant *tenant,
			const struct sw_prediction *p, enum sw_metric metric, bool limited)
{
	const struct sw_latency *latency = &p->latency[metric];

	sheet_text(sheet, metric == SW_TTFT ? tenant->name : "");
	sheet_text(sheet, metric_title(metric));
	sheet_number(sheet, latency->at[SW_MEAN]);
	sheet_tone(sheet, TONE_STRONG);
	sheet_number(sheet, latency->lo);
	sheet_number(sheet, latency->hi[SW_MEAN]);
	sheet_number(sheet, latency->at[SW_P50]);
	sheet_number(sheet, latency->at[SW_P95]);
	sheet_number(sheet, latency->hi[SW_P95]);
	sheet_number(sheet, latency->at[SW_P99]);
	sheet_number(sheet, latency->hi[SW_P99]);
	if (limited)
		add_limit(sheet, latency, tenant->slo.bound_ms[metric]);
}

enum { WORDS_INDENT = 4 };

/* "a, b: ..." for engines that were left the same settings. */
static size_t print_defaults_from(const struct sw_mix *mix, size_t first, FILE *out)
{
	char *words = engine_words(&mix->tenants[first].engine, false);
	char *title = must_format("  %s", mix->tenants[first].name);
	size_t next = first + 1;

	for (; next < mix->n; next++) {
		char *others = engine_words(&mix->tenants[next].engine, false);
		bool same = strcmp(words, others) == 0;
		char *longer;

		free(others);
		if (!same)
			break;
		longer = must_format("%s, %s", title, mix->tenants[next].name);
		free(title);
		title = longer;
	}
	(void)fprintf(out, "%s: ", title);
	text_wrap(words, strlen(title) + 2, WORDS_INDENT, LINE_WIDTH, out);
	free(title);
	free(words);
	return next;
}

static void print_defaults(const struct sw_mix *mix, FILE *out)
{
	(void)fputs("\nThe engines' own defaults, where the mix leaves a setting out\n", out);
	for (size_t i = 0; i < mix->n;)
		i = print_defaults_from(mix, i, out);
}

static bool has_limits(const struct sw_mix *mix)
{
	const double *bounds;

	for (size_t i = 0; i < mix->n; i++) {
		bounds = &mix->tenants[i].slo.bound_ms[0][0];
		for (size_t j = 0; j < (size_t)SW_METRIC_COUNT * SW_STATISTIC_COUNT; j++) {
			if (sw_known(bounds[j]))
				return true;
		}
	}
	return false;
}

static void print_latencies(const struct sw_mix *mix, const struct sw_prediction *predictions,
			    const struct style *style, FILE *out)
{
	bool limited = has_limits(mix);
	size_t columns = COUNT(latency_columns) - !limited; /* the last one shows the limits */
	struct sheet *sheet = sheet_new(latency_columns, columns);

	for (size_t i = 0; i < mix->n; i++) {
		add_latency(sheet, &mix->tenants[i], &predictions[i], SW_TTFT, limited);
		add_latency(sheet, &mix->tenants[i], &predictions[i], SW_TPOT, limited);
	}
	sheet_print(sheet, style, 0, out);
	(void)fprintf(
		out,
		"%sfrom, to: bounds of the mean; up to: bound of the percentile; each one-sided, "
		"95 %%%s\n",
		style_on(style, TONE_DIM), style_off(style, TONE_DIM));
	sheet_free(sheet);
}

static void print_table(const struct sw_mix *mix, const struct sw_prediction *predictions,
			const struct style *style, FILE *out)
{
	struct sheet *engines = sheet_new(engine_columns, COUNT(engine_columns));

	for (size_t i = 0; i < mix->n; i++)
		add_engine(engines, &mix->tenants[i], &predictions[i]);
	(void)fprintf(out, "%s%s%s, %s, %zu engine%s\n\n", style_on(style, TONE_STRONG),
		      mix->gpu.id, style_off(style, TONE_STRONG), sw_mechanism_name(mix->mechanism),
		      mix->n, mix->n > 1 ? "s" : "");
	sheet_print(engines, style, 0, out);
	(void)fputc('\n', out);
	print_latencies(mix, predictions, style, out);
	print_defaults(mix, out);
	sheet_free(engines);
}

static json_t *tenant_json(const struct sw_tenant *tenant, const struct sw_prediction *p)
{
	json_t *object = json_object();

	json_object_set_new(object, "name", json_string(tenant->name));
	json_object_set_new(object, "model", json_string(tenant->model.id));
	json_object_set_new(object, "share", json_number(tenant->slice.share));
	json_object_set_new(object, "ttft_ms", latency_json(&p->latency[SW_TTFT]));
	json_object_set_new(object, "tpot_ms", latency_json(&p->latency[SW_TPOT]));
	json_object_set_new(object, "requests_per_s", json_number(p->requests_per_s));
	json_object_set_new(object, "output_tokens_per_s", json_number(p->output_tokens_per_s));
	json_object_set_new(object, "slowdown", json_number(p->slowdown));
	json_object_set_new(object, "max_rate_per_s", json_number(p->max_rate_per_s));
	json_object_set_new(object, "running", json_number(p->running));
	json_object_set_new(object, "busy", json_number(p->busy));
	json_object_set_new(object, "kv_cache_tokens", json_number(p->kv_cache_tokens));
	json_object_set_new(object, "binds", json_string(sw_binds_id(p->binds)));
	json_object_set_new(object, "extrapolated", json_boolean(p->extrapolated));
	json_object_set_new(object, "engine", engine_json(&tenant->engine));
	return object;
}

static void print_json(const struct sw_mix *mix, const struct sw_prediction *predictions, FILE *out)
{
	json_t *document = json_object(), *tenants = json_array();

	for (size_t i = 0; i < mix->n; i++)
		json_array_append_new(tenants, tenant_json(&mix->tenants[i], &predictions[i]));
	json_object_set_new(document, "gpu", json_string(mix->gpu.id));
	json_object_set_new(document, "mechanism", json_string(sw_mechanism_name(mix->mechanism)));
	json_object_set_new(document, "tenants", tenants);
	json_print(document, out);
}

static const struct column csv_columns[] = {
	{NULL, "gpu", TEXT_COLUMN},
	{NULL, "mechanism", TEXT_COLUMN},
	{NULL, "name", TEXT_COLUMN},
	{NULL, "model", TEXT_COLUMN},
	{NULL, "share", 0},
	LATENCY_COLUMNS("ttft"),
	LATENCY_COLUMNS("tpot"),
	{NULL, "requests_per_s", 0},
	{NULL, "output_tokens_per_s", 0},
	{NULL, "slowdown", 0},
	{NULL, "max_rate_per_s", 0},
	{NULL, "binds", TEXT_COLUMN},
	{NULL, "defaults", TEXT_COLUMN},
};

static void print_csv(const struct sw_mix *mix, const struct sw_prediction *predictions, FILE *out)
{
	struct sheet *sheet = sheet_new(csv_columns, COUNT(csv_columns));

	for (size_t i = 0; i < mix->n; i++) {
		const struct sw_prediction *p = &predictions[i];
		char *defaults;

		sheet_text(sheet, mix->gpu.id);
		sheet_text(sheet, sw_mechanism_name(mix->mechanism));
		sheet_text(sheet, mix->tenants[i].name);
		sheet_text(sheet, mix->tenants[i].model.id);
		sheet_number(sheet, mix->tenants[i].slice.share);
		latency_cells(&p->latency[SW_TTFT], sheet);
		latency_cells(&p->latency[SW_TPOT], sheet);
		sheet_number(sheet, p->requests_per_s);
		sheet_number(sheet, p->output_tokens_per_s);
		sheet_number(sheet, p->slowdown);
		sheet_number(sheet, p->max_rate_per_s);
		sheet_text(sheet, sw_binds_id(p->binds));
		defaults = engine_words(&mix->tenants[i].engine, false);
		sheet_text(sheet, defaults);
		free(defaults);
	}
	sheet_csv(sheet, out);
	sheet_free(sheet);
}

static enum sw_status run(const struct call *call, FILE *out, struct sw_error *err)
{
	const struct common *common = call->settings;
	struct sw_prediction *predictions;
	struct sw_mix *mix = NULL;
	enum sw_status st = sw_mix_load(call->catalog, call->operands[0], &mix, err);

	if (st != SW_OK)
		return st;
	say_warnings(mix->warning);
	predictions = must_alloc(mix->n, sizeof(*predictions));
	st = sw_predict_mix(call->catalog, mix, predictions, err);
	if (st == SW_OK && common->format == FORMAT_JSON)
		print_json(mix, predictions, out);
	else if (st == SW_OK && common->format == FORMAT_CSV)
		print_csv(mix, predictions, out);
	else if (st == SW_OK)
		print_table(mix, predictions, &call->style, out);
	free(predictions);
	sw_mix_free(mix);
	return st;
}

const struct command command_predict = {
	.name = "predict",
	.summary = "latencies of several engines that share one GPU, under load",
	.about =
		"Predicts time to first token (TTFT) and time per output token (TPOT) of every "
		"engine of a mix: means and percentiles with bounds, throughput, the slowdown that "
		"its neighbours cause, and what binds.",
	.options = &options,
	.settings_size = sizeof(struct common),
	.run = run,
};
