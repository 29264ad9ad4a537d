// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "command.h"
#include "document_out.h"
#include "mix_views.h"
#include "must.h"
#include "report.h"

struct predict_settings {
	struct common common;
	const char *fit;
	bool quick;
};

static const struct option predict_options[] = {
	{"fit", 0, OPTION_FILE, "FILE", offsetof(struct predict_settings, fit),
	 .help = "a fit of measured mixes instead of the shipped one"},
	{"quick", 0, OPTION_FLAG, NULL, offsetof(struct predict_settings, quick),
	 .help = "by the closed form alone: microseconds instead of a second, and "
		 "further off"},
};

static const struct option_group groups[] = {
	{"Prediction", predict_options, COUNT(predict_options), 0, NO_MASK, 0},
	COMMON_GROUP,
};

static const struct option_set options = {
	"slicewise predict", groups, COUNT(groups), "MIX.yaml", 1, 1,
};

static void print_table(const struct sw_mix *mix, const struct sw_prediction *predictions,
			const struct style *style, FILE *out)
{
	mix_print_title(mix, style, out);
	(void)fputs("\n\n", out);
	mix_print_engines(mix, predictions, style, out);
	(void)fputc('\n', out);
	mix_print_latencies(mix, predictions, true, style, out);
	mix_print_note(
		"from, to: bounds of the mean; up to: bound of the percentile; each one-sided, "
		"95 %",
		style, out);
	mix_print_defaults(mix, "The engines' own defaults, where the mix leaves a setting out",
			   out);
}

static json_t *tenant_json(const struct sw_tenant *tenant, const struct sw_prediction *p)
{
	json_t *object = mix_tenant_json(tenant, p);

	json_object_set_new(object, "max_rate_per_s", json_number(p->max_rate_per_s));
	json_object_set_new(object, "running", json_number(p->running));
	json_object_set_new(object, "busy", json_number(p->busy));
	mix_tenant_json_end(object, tenant, p);
	return object;
}

static void print_json(const struct sw_mix *mix, const struct sw_prediction *predictions, FILE *out)
{
	json_t *document = json_object(), *tenants = json_array();

	for (size_t i = 0; i < mix->n; i++)
		json_array_append_new(tenants, tenant_json(&mix->tenants[i], &predictions[i]));
	mix_json(document, mix, tenants);
	json_print(document, out);
}

static const struct column csv_columns[] = {
	MIX_COLUMNS,
	{NULL, "max_rate_per_s", 0},
	{NULL, "binds", TEXT_COLUMN},
	{NULL, "defaults", TEXT_COLUMN},
};

static void print_csv(const struct sw_mix *mix, const struct sw_prediction *predictions, FILE *out)
{
	struct sheet *sheet = sheet_new(csv_columns, COUNT(csv_columns));

	for (size_t i = 0; i < mix->n; i++) {
		const struct sw_prediction *p = &predictions[i];

		mix_cells(mix, i, p, sheet);
		sheet_number(sheet, p->max_rate_per_s);
		sheet_text(sheet, sw_binds_id(p->binds));
		mix_defaults_cell(&mix->tenants[i], sheet);
	}
	sheet_csv(sheet, out);
	sheet_free(sheet);
}

static enum sw_status predict(const struct predict_settings *s, const struct sw_mix *mix,
			      struct sw_prediction *predictions, struct sw_error *err)
{
	sw_fit *fit;
	enum sw_status st = sw_fit_open(s->fit, &fit, err);

	if (st != SW_OK)
		return st;
	st = s->quick ? sw_predict_quick(mix, fit, predictions, err)
		      : sw_predict_mix(mix, fit, predictions, err);
	sw_fit_free(fit);
	return st;
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
	st = predict(call->settings, mix, predictions, err);
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
	.settings_size = sizeof(struct predict_settings),
	.run = run,
};
