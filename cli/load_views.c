// SPDX-License-Identifier: Apache-2.0
#include "load_views.h"

#include <jansson.h>
#include <stdlib.h>

#include "document_out.h"
#include "must.h"
#include "options.h"
#include "sheet.h"

static const struct column outcome_columns[] = {
	{"requests", NULL, 0},
	{"outcome", NULL, TEXT_COLUMN},
	{"what it means, or the first message", NULL, TEXT_COLUMN},
};

static void print_outcomes(const struct sw_drive_result *r, const struct style *style, FILE *out)
{
	struct sheet *sheet = sheet_new(outcome_columns, COUNT(outcome_columns));

	for (int i = 0; i < SW_DRIVE_OUTCOME_COUNT; i++) {
		const char *message = r->messages[i];
		char *plain;

		if (!r->outcomes[i])
			continue;
		sheet_number(sheet, (double)r->outcomes[i]);
		sheet_text(sheet, sw_drive_outcome_id(i));
		sheet_tone(sheet, i == SW_DRIVE_OK     ? TONE_GOOD
				  : sw_drive_failed(i) ? TONE_BAD
						       : TONE_PLAIN);
		plain = must_format("%s", *message ? message : sw_drive_outcome_meaning(i));
		text_plain(plain);
		sheet_text(sheet, plain);
		free(plain);
	}
	sheet_print(sheet, style, 0, out);
	sheet_free(sheet);
}

static const struct column latency_columns[] = {
	{"ms", NULL, TEXT_COLUMN}, {"mean", NULL, 2}, {"p50", NULL, 2},
	{"p95", NULL, 2},          {"p99", NULL, 2},  {"max", NULL, 2},
};

static void print_latencies(const struct sw_drive_result *r, const struct style *style, FILE *out)
{
	static const char *const titles[SW_DRIVE_METRIC_COUNT] = {
		[SW_DRIVE_TTFT] = "TTFT", [SW_DRIVE_TPOT] = "TPOT",         [SW_DRIVE_ITL] = "ITL",
		[SW_DRIVE_E2E] = "E2E",   [SW_DRIVE_SEND_LAG] = "send lag",
	};
	struct sheet *sheet = sheet_new(latency_columns, COUNT(latency_columns));

	for (int i = 0; i < SW_DRIVE_METRIC_COUNT; i++) {
		const struct sw_drive_summary *s = &r->summary[i];

		sheet_text(sheet, titles[i]);
		sheet_number(sheet, s->mean);
		sheet_tone(sheet, TONE_STRONG);
		sheet_number(sheet, s->p50);
		sheet_number(sheet, s->p95);
		sheet_number(sheet, s->p99);
		sheet_number(sheet, s->max);
	}
	sheet_print(sheet, style, 0, out);
	sheet_free(sheet);
}

static void print_lengths(const char *what, const struct sw_drive_summary *got,
			  const struct sw_drive_summary *asked, FILE *out)
{
	if (got->n)
		(void)fprintf(
			out, "%s: mean %.1f, p95 %.0f, max %.0f (asked for %.1f, %.0f, %.0f)\n",
			what, got->mean, got->p95, got->max, asked->mean, asked->p95, asked->max);
}

static void print_sums(const struct sw_drive_result *r, FILE *out)
{
	(void)fprintf(
		out, "\n%.4g requests/s, %.5g output tokens/s, %.5g prompt tokens/s over %.4g s\n",
		r->requests_per_s, r->output_tokens_per_s, r->prompt_tokens_per_s, r->window_s);
	print_lengths("Prompt tokens", &r->prompt_tokens, &r->prompt_tokens_asked, out);
	print_lengths("Output tokens", &r->output_tokens, &r->output_tokens_asked, out);
	if (r->short_outputs)
		(void)fprintf(out, "%llu answers had fewer tokens than were asked for.\n",
			      r->short_outputs);
	if (sw_known(r->cached_fraction))
		(void)fprintf(out, "From the prefix cache: %.1f %% of the prompt tokens\n",
			      100 * r->cached_fraction);
	if (sw_known(r->late_fraction))
		(void)fprintf(out, "Late: %.2f %% of the requests\n", 100 * r->late_fraction);
	(void)fputs(
		"Latencies of requests that are ok, from the moment each was due; send lag is our "
		"own share of them.\n",
		out);
}

void load_table(const struct sw_drive_result *r, const struct style *style, FILE *out)
{
	char *title = must_format("%s", r->url);

	text_plain(title);
	(void)fprintf(out, "%s%s%s, %s, %s loop%s\n\n", style_on(style, TONE_STRONG), title,
		      style_off(style, TONE_STRONG), r->model, r->closed_loop ? "closed" : "open",
		      r->stopped ? ", stopped" : "");
	free(title);
	print_outcomes(r, style, out);
	(void)fputc('\n', out);
	print_latencies(r, style, out);
	print_sums(r, out);
}

/* A figure of the result by its key, in the order of output. */
static const struct figure {
	const char *key;
	size_t offset;
} figures[] = {
#define FIGURE(member)                                            \
	{                                                         \
#member, offsetof(struct sw_drive_result, member) \
	}
	FIGURE(elapsed_s),           FIGURE(window_s),
	FIGURE(requests_per_s),      FIGURE(output_tokens_per_s),
	FIGURE(prompt_tokens_per_s), FIGURE(cached_fraction),
	FIGURE(late_fraction),
#undef FIGURE
};

static double value_of(const struct sw_drive_result *r, const struct figure *figure)
{
	return *(const double *)((const char *)r + figure->offset);
}

static json_t *summary_json(const struct sw_drive_summary *s)
{
	json_t *object = json_object();

	json_object_set_new(object, "mean", json_number(s->mean));
	json_object_set_new(object, "p50", json_number(s->p50));
	json_object_set_new(object, "p95", json_number(s->p95));
	json_object_set_new(object, "p99", json_number(s->p99));
	json_object_set_new(object, "max", json_number(s->max));
	json_object_set_new(object, "n", json_number((double)s->n));
	return object;
}

static json_t *outcomes_json(const struct sw_drive_result *r)
{
	json_t *object = json_object();

	for (int i = 0; i < SW_DRIVE_OUTCOME_COUNT; i++)
		json_object_set_new(object, sw_drive_outcome_id(i),
				    json_number((double)r->outcomes[i]));
	return object;
}

static json_t *messages_json(const struct sw_drive_result *r)
{
	json_t *object = json_object();

	for (int i = 0; i < SW_DRIVE_OUTCOME_COUNT; i++) {
		json_t *text = json_string(r->messages[i]);

		/* A server's bytes need not be UTF-8. */
		if (*r->messages[i])
			json_object_set_new(object, sw_drive_outcome_id(i),
					    text ? json_incref(text) : json_null());
		json_decref(text);
	}
	return object;
}

void load_json(const struct sw_drive_result *r, FILE *out)
{
	json_t *document = json_object();

	json_object_set_new(document, "endpoint", json_string(r->url));
	json_object_set_new(document, "model", json_string(r->model));
	json_object_set_new(document, "loop", json_string(r->closed_loop ? "closed" : "open"));
	json_object_set_new(document, "stopped", json_boolean(r->stopped));
	for (int i = 0; i < SW_DRIVE_METRIC_COUNT; i++)
		json_object_set_new(document, sw_drive_metric_id(i), summary_json(&r->summary[i]));
	for (size_t i = 0; i < COUNT(figures); i++)
		json_object_set_new(document, figures[i].key,
				    json_number(value_of(r, &figures[i])));
	json_object_set_new(document, "prompt_tokens", summary_json(&r->prompt_tokens));
	json_object_set_new(document, "prompt_tokens_asked", summary_json(&r->prompt_tokens_asked));
	json_object_set_new(document, "output_tokens", summary_json(&r->output_tokens));
	json_object_set_new(document, "output_tokens_asked", summary_json(&r->output_tokens_asked));
	json_object_set_new(document, "short_outputs", json_number((double)r->short_outputs));
	json_object_set_new(document, "outcomes", outcomes_json(r));
	json_object_set_new(document, "messages", messages_json(r));
	json_print(document, out);
}

#define SUMMARY_COLUMNS(metric)                                                                 \
	{NULL, metric "_mean_ms", 0}, {NULL, metric "_p50_ms", 0}, {NULL, metric "_p95_ms", 0}, \
	{                                                                                       \
		NULL, metric "_p99_ms", 0                                                       \
	}

#define OUTCOME_COLUMN(name, id, failure, meaning) {NULL, id, 0},
#define FIGURE_COLUMN(key)   \
	{                    \
		NULL, key, 0 \
	}

static const struct column csv_columns[] = {{NULL, "endpoint", TEXT_COLUMN},
					    {NULL, "model", TEXT_COLUMN},
					    {NULL, "loop", TEXT_COLUMN},
					    SUMMARY_COLUMNS("ttft"),
					    SUMMARY_COLUMNS("tpot"),
					    SUMMARY_COLUMNS("itl"),
					    SUMMARY_COLUMNS("e2e"),
					    SUMMARY_COLUMNS("send_lag"),
					    FIGURE_COLUMN("elapsed_s"),
					    FIGURE_COLUMN("window_s"),
					    FIGURE_COLUMN("requests_per_s"),
					    FIGURE_COLUMN("output_tokens_per_s"),
					    FIGURE_COLUMN("prompt_tokens_per_s"),
					    FIGURE_COLUMN("cached_fraction"),
					    FIGURE_COLUMN("late_fraction"),
					    SW_DRIVE_OUTCOME_LIST(OUTCOME_COLUMN)};

void load_csv(const struct sw_drive_result *r, FILE *out)
{
	struct sheet *sheet = sheet_new(csv_columns, COUNT(csv_columns));

	sheet_text(sheet, r->url);
	sheet_text(sheet, r->model);
	sheet_text(sheet, r->closed_loop ? "closed" : "open");
	for (int i = 0; i < SW_DRIVE_METRIC_COUNT; i++) {
		sheet_number(sheet, r->summary[i].mean);
		sheet_number(sheet, r->summary[i].p50);
		sheet_number(sheet, r->summary[i].p95);
		sheet_number(sheet, r->summary[i].p99);
	}
	for (size_t i = 0; i < COUNT(figures); i++)
		sheet_number(sheet, value_of(r, &figures[i]));
	for (int i = 0; i < SW_DRIVE_OUTCOME_COUNT; i++)
		sheet_number(sheet, (double)r->outcomes[i]);
	sheet_csv(sheet, out);
	sheet_free(sheet);
}
