// SPDX-License-Identifier: Apache-2.0
/* What an engine does with the memory of its slice, addend by addend. */
#include <string.h>

#include "catalog_views.h"
#include "document_out.h"
#include "sheet.h"

static const struct column columns[] = {
	{"memory", "addend", TEXT_COLUMN}, {"GiB", "gib", 2},  {"low", "low_gib", 2},
	{"high", "high_gib", 2},           {NULL, "exact", 0}, {"how", "how", TEXT_COLUMN},
};

static void add_addend(struct sheet *sheet, const struct sw_memory_addend *addend)
{
	sheet_text(sheet, addend->name);
	sheet_number(sheet, addend->likely_gib);
	sheet_number(sheet, addend->low_gib);
	sheet_number(sheet, addend->high_gib);
	sheet_bool(sheet, addend->exact);
	sheet_text(sheet, addend->how);
}

static void add_sum(struct sheet *sheet, const char *name, double gib, const char *how)
{
	sheet_text(sheet, name);
	sheet_number(sheet, gib);
	sheet_number(sheet, NAN);
	sheet_number(sheet, NAN);
	sheet_bool(sheet, false);
	sheet_text(sheet, how);
}

static struct sheet *addend_sheet(const struct sw_memory_fit *fit)
{
	struct sheet *sheet = sheet_new(columns, COUNT(columns));

	for (size_t i = 0; i < fit->n_addends; i++)
		add_addend(sheet, &fit->addends[i]);
	return sheet;
}

/* The KV cache is what is left; with the budget the table adds up before the reader's eyes. */
static struct sheet *whole_sheet(const struct sw_memory_fit *fit, const struct sw_engine *engine)
{
	struct sheet *sheet = addend_sheet(fit);
	char how[160];

	(void)snprintf(how, sizeof(how), "%.0f tokens (%.0f to %.0f) x %.0f B", fit->kv_tokens,
		       fit->kv_tokens_low, fit->kv_tokens_high, fit->kv_bytes_per_token);
	add_sum(sheet, "KV cache", fit->kv_gib, how);
	if (fit->kv_gib < 0)
		sheet_tone(sheet, TONE_BAD);
	if (sw_known(engine->kv_cache_tokens))
		(void)snprintf(how, sizeof(how), "of %.2f GiB granted; kv_cache_tokens decides",
			       fit->granted_gib);
	else
		(void)snprintf(how, sizeof(how), "%.2f GiB granted x %g", fit->granted_gib,
			       engine->gpu_memory_utilization);
	add_sum(sheet, "budget", fit->budget_gib, how);
	return sheet;
}

static void print_table(const struct view *view, const struct target *target,
			const struct sw_memory_fit *fit)
{
	struct sheet *sheet = whole_sheet(fit, &target->engine);
	FILE *out = view->out;

	(void)fprintf(out, "%s%s on %s%s, %s", style_on(view->style, TONE_STRONG), target->model.id,
		      target->gpu.id, style_off(view->style, TONE_STRONG),
		      sw_mechanism_name(target->slice.mechanism));
	if (target->slice.share < 1)
		(void)fprintf(out, " share %g", target->slice.share);
	(void)fprintf(out, ": the engine sees %.2f GiB\n\n", fit->seen_gib);
	sheet_print(sheet, view->style, 0, out);
	(void)fprintf(out, "\nOne request of max_model_len %u takes %.2f GiB of KV cache.",
		      target->engine.max_model_len, fit->request_gib);
	if (fit->max_model_len_fits)
		(void)fprintf(out, " The longest that fits: %u tokens.", fit->max_model_len_fits);
	if (fit->setting)
		(void)fprintf(out, "\nThe engine is told: %s %.6g", fit->setting,
			      fit->setting_value);
	(void)fputc('\n', out);
	engine_print("Given: ", &target->engine, true, out);
	engine_print("The engine's own defaults: ", &target->engine, false, out);
	sheet_free(sheet);
}

static void print_json(const struct view *view, const struct target *target,
		       const struct sw_memory_fit *fit, bool fits)
{
	struct sheet *sheet = addend_sheet(fit);
	json_t *document = json_object();
	const struct {
		const char *key;
		double value;
	} numbers[] = {
		{"seen_gib", fit->seen_gib},
		{"granted_gib", fit->granted_gib},
		{"budget_gib", fit->budget_gib},
		{"kv_gib", fit->kv_gib},
		{"kv_bytes_per_token", fit->kv_bytes_per_token},
		{"kv_tokens", fit->kv_tokens},
		{"kv_tokens_low", fit->kv_tokens_low},
		{"kv_tokens_high", fit->kv_tokens_high},
		{"request_gib", fit->request_gib},
		{"max_model_len_fits", fit->max_model_len_fits},
	};

	json_object_set_new(document, "gpu", json_string(target->gpu.id));
	json_object_set_new(document, "model", json_string(target->model.id));
	json_object_set_new(document, "mechanism",
			    json_string(sw_mechanism_name(target->slice.mechanism)));
	json_object_set_new(document, "share", json_number(target->slice.share));
	json_object_set_new(document, "engine", engine_json(&target->engine));
	json_object_set_new(document, "fits", json_boolean(fits));
	json_object_set_new(document, "addends", sheet_json(sheet));
	for (size_t i = 0; i < COUNT(numbers); i++)
		json_object_set_new(document, numbers[i].key, json_number(numbers[i].value));
	if (fit->setting) {
		json_object_set_new(document, "setting", json_string(fit->setting));
		json_object_set_new(document, "setting_value", json_number(fit->setting_value));
	}
	json_print(document, view->out);
	sheet_free(sheet);
}

enum sw_status view_memory(const struct view *view, const struct target *target,
			   struct sw_error *err)
{
	struct sw_memory_fit fit;
	enum sw_status st = sw_memory_fit(&target->gpu, &target->model, &target->engine,
					  &target->slice, &fit, err);
	struct sheet *sheet;

	if (st != SW_OK && st != SW_INFEASIBLE)
		return st;
	if (view->format == FORMAT_JSON) {
		print_json(view, target, &fit, st == SW_OK);
	} else if (view->format == FORMAT_CSV) {
		sheet = whole_sheet(&fit, &target->engine);
		sheet_csv(sheet, view->out);
		sheet_free(sheet);
	} else {
		print_table(view, target, &fit);
	}
	return st;
}
