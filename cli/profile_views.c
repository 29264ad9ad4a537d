// SPDX-License-Identifier: Apache-2.0
#include "profile_views.h"

#include <math.h>
#include <stdlib.h>

#include "document_out.h"
#include "must.h"
#include "sheet.h"

static const struct column design_columns[] = {
	{"experiment", "experiment", TEXT_COLUMN},
	{"engines", "engines", 0},
	{"warm-up s", "warm_up_s", 0},
	{"measured s", "duration_s", 0},
	{"gain", "gain", 2},
};

char *span_words(double seconds)
{
	static const double minute = 60, hour = 3600;

	if (seconds < 2 * minute)
		return must_format("%.0f s", seconds);
	if (seconds < 2 * hour)
		return must_format("%.0f min", seconds / minute);
	return must_format("%.0f h %.0f min", floor(seconds / hour),
			   floor(fmod(seconds, hour) / minute));
}

static bool has_budget(const struct sw_design *design)
{
	return design->candidates > 0;
}

static struct sheet *list_design(const struct sw_design *design)
{
	struct sheet *sheet =
		sheet_new(design_columns, COUNT(design_columns) - !has_budget(design));

	for (size_t i = 0; i < design->n; i++) {
		const struct sw_experiment *e = &design->experiments[i];

		sheet_text(sheet, e->name);
		sheet_number(sheet, (double)e->mix->n);
		sheet_number(sheet, e->warm_up_s);
		sheet_number(sheet, e->duration_s);
		if (has_budget(design))
			sheet_number(sheet, e->gain);
	}
	return sheet;
}

static double load_s(const struct sw_design *design)
{
	double sum = 0;

	for (size_t i = 0; i < design->n; i++)
		sum += sw_experiment_load_s(&design->experiments[i]);
	return sum * design->repeats;
}

/* What every document of a campaign begins with. */
static json_t *campaign_json(const sw_campaign *campaign, const struct sw_design *design)
{
	struct sw_campaign_info info = sw_campaign_describe(campaign);
	json_t *document = json_object();

	json_object_set_new(document, "campaign", json_string(info.name));
	json_object_set_new(document, "gpu", json_string(info.gpu));
	json_object_set_new(document, "mechanism", json_string(sw_mechanism_name(info.mechanism)));
	json_object_set_new(document, "source", json_string(sw_source_id(info.source)));
	json_object_set_new(document, "models", json_integer((json_int_t)info.models));
	json_object_set_new(document, "repeats", json_integer(design->repeats));
	return document;
}

static void design_json(const sw_campaign *campaign, const struct sw_design *design, FILE *out)
{
	json_t *document = campaign_json(campaign, design);
	struct sheet *sheet = list_design(design);

	json_object_set_new(document, "runs",
			    json_integer((json_int_t)design->n * design->repeats));
	json_object_set_new(document, "load_s", json_real(load_s(design)));
	json_object_set_new(document, "unfit", json_integer((json_int_t)design->unfit));
	json_object_set_new(document, "candidates",
			    has_budget(design) ? json_integer((json_int_t)design->candidates)
					       : json_null());
	json_object_set_new(document, "experiments", sheet_json(sheet));
	json_print(document, out);
	sheet_free(sheet);
}

static void design_table(const sw_campaign *campaign, const struct sw_design *design,
			 const struct style *style, FILE *out)
{
	struct sw_campaign_info info = sw_campaign_describe(campaign);
	struct sheet *sheet = list_design(design);
	char *span = span_words(load_s(design));

	(void)fprintf(out, "%s: %s, %s, %zu model%s, %s\n\n", info.name, info.gpu,
		      sw_mechanism_name(info.mechanism), info.models, info.models == 1 ? "" : "s",
		      sw_source_id(info.source));
	sheet_print(sheet, style, 0, out);
	(void)fprintf(out, "\n%zu experiments, %u times each: %zu runs, %s of load%s\n", design->n,
		      design->repeats, design->n * design->repeats, span,
		      info.source == SW_SOURCE_SIMULATOR ? " in simulated time" : "");
	if (design->unfit)
		(void)fprintf(out, "left out: %zu set%s of models that do not fit the memory\n",
			      design->unfit, design->unfit == 1 ? "" : "s");
	if (has_budget(design))
		(void)fprintf(out, "chosen for what they teach out of %zu; gain: in nats\n",
			      design->candidates);
	free(span);
	sheet_free(sheet);
}

void design_show(const sw_campaign *campaign, const struct sw_design *design, int format,
		 const struct style *style, FILE *out)
{
	struct sheet *sheet;

	if (format == FORMAT_JSON) {
		design_json(campaign, design, out);
	} else if (format == FORMAT_TABLE) {
		design_table(campaign, design, style, out);
	} else {
		sheet = list_design(design);
		sheet_csv(sheet, out);
		sheet_free(sheet);
	}
}

/* The counts in the order of every format. */
static const struct {
	const char *key;
	size_t offset;
} counts[] = {
	{"planned", offsetof(struct sw_profile_summary, planned)},
	{"kept_before", offsetof(struct sw_profile_summary, kept_before)},
	{"done", offsetof(struct sw_profile_summary, done)},
	{"failed", offsetof(struct sw_profile_summary, failed)},
};

static size_t count_at(const struct sw_profile_summary *summary, size_t i)
{
	return *(const size_t *)(const void *)((const char *)summary + counts[i].offset);
}

static void summary_json(const sw_campaign *campaign, const struct sw_design *design,
			 const struct sw_profile_summary *summary, const char *data, FILE *out)
{
	json_t *document = campaign_json(campaign, design);
	json_t *runs = json_object();

	for (size_t i = 0; i < COUNT(counts); i++)
		json_object_set_new(runs, counts[i].key,
				    json_integer((json_int_t)count_at(summary, i)));
	json_object_set_new(document, "experiments", json_integer((json_int_t)design->n));
	json_object_set_new(document, "runs", runs);
	json_object_set_new(document, "data", json_string(data));
	json_print(document, out);
}

static void summary_csv(const struct sw_profile_summary *summary, FILE *out)
{
	for (size_t i = 0; i < COUNT(counts); i++)
		(void)fprintf(out, "%s%s", i ? "," : "", counts[i].key);
	(void)fputc('\n', out);
	for (size_t i = 0; i < COUNT(counts); i++)
		(void)fprintf(out, "%s%zu", i ? "," : "", count_at(summary, i));
	(void)fputc('\n', out);
}

void profile_show(const sw_campaign *campaign, const struct sw_design *design,
		  const struct sw_profile_summary *s, const char *data, int format, FILE *out)
{
	if (format == FORMAT_JSON) {
		summary_json(campaign, design, s, data, out);
	} else if (format == FORMAT_CSV) {
		summary_csv(s, out);
	} else {
		(void)fprintf(out, "%s: %zu runs of %zu experiments in %s: %zu were there, %zu new",
			      sw_campaign_describe(campaign).name, s->planned, design->n, data,
			      s->kept_before, s->done);
		if (s->failed)
			(void)fprintf(out, ", of which %zu failed", s->failed);
		(void)fputc('\n', out);
	}
}
