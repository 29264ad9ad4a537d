// SPDX-License-Identifier: Apache-2.0
#include "mix_views.h"

#include <stdlib.h>
#include <string.h>

#include "document_out.h"
#include "latency.h"
#include "must.h"
#include "options.h"
#include "report.h"
#include "target.h"

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

void mix_print_defaults(const struct sw_mix *mix, const char *title, FILE *out)
{
	(void)fprintf(out, "\n%s\n", title);
	for (size_t i = 0; i < mix->n;)
		i = print_defaults_from(mix, i, out);
}

bool mix_has_limits(const struct sw_mix *mix)
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

void mix_print_latencies(const struct sw_mix *mix, const struct sw_prediction *predictions,
			 bool limits, const struct style *style, FILE *out)
{
	bool limited = limits && mix_has_limits(mix);
	size_t columns = COUNT(latency_columns) - !limited; /* the last one shows the limits */
	struct sheet *sheet = sheet_new(latency_columns, columns);

	for (size_t i = 0; i < mix->n; i++) {
		add_latency(sheet, &mix->tenants[i], &predictions[i], SW_TTFT, limited);
		add_latency(sheet, &mix->tenants[i], &predictions[i], SW_TPOT, limited);
	}
	sheet_print(sheet, style, 0, out);
	sheet_free(sheet);
}

void mix_print_title(const struct sw_mix *mix, const struct style *style, FILE *out)
{
	(void)fprintf(out, "%s%s%s, %s, %zu engine%s", style_on(style, TONE_STRONG), mix->gpu.id,
		      style_off(style, TONE_STRONG), sw_mechanism_name(mix->mechanism), mix->n,
		      mix->n > 1 ? "s" : "");
}

void mix_print_engines(const struct sw_mix *mix, const struct sw_prediction *predictions,
		       const struct style *style, FILE *out)
{
	struct sheet *engines = sheet_new(engine_columns, COUNT(engine_columns));

	for (size_t i = 0; i < mix->n; i++)
		add_engine(engines, &mix->tenants[i], &predictions[i]);
	sheet_print(engines, style, 0, out);
	sheet_free(engines);
}

void mix_print_note(const char *note, const struct style *style, FILE *out)
{
	(void)fprintf(out, "%s%s%s\n", style_on(style, TONE_DIM), note, style_off(style, TONE_DIM));
}

json_t *mix_tenant_json(const struct sw_tenant *tenant, const struct sw_prediction *p)
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
	return object;
}

void mix_tenant_json_end(json_t *object, const struct sw_tenant *tenant,
			 const struct sw_prediction *p)
{
	json_object_set_new(object, "kv_cache_tokens", json_number(p->kv_cache_tokens));
	json_object_set_new(object, "binds", json_string(sw_binds_id(p->binds)));
	json_object_set_new(object, "extrapolated", json_boolean(p->extrapolated));
	json_object_set_new(object, "engine", engine_json(&tenant->engine));
}

void mix_json(json_t *document, const struct sw_mix *mix, json_t *tenants)
{
	json_object_set_new(document, "gpu", json_string(mix->gpu.id));
	json_object_set_new(document, "mechanism", json_string(sw_mechanism_name(mix->mechanism)));
	json_object_set_new(document, "tenants", tenants);
}

void mix_cells(const struct sw_mix *mix, size_t i, const struct sw_prediction *p,
	       struct sheet *sheet)
{
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
}

void mix_defaults_cell(const struct sw_tenant *tenant, struct sheet *sheet)
{
	char *words = engine_words(&tenant->engine, false);

	sheet_text(sheet, words);
	free(words);
}
