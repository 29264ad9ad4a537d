// SPDX-License-Identifier: Apache-2.0
/* What a plan changes of the one that runs: as a table and as rows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "must.h"
#include "options.h"
#include "plan_views.h"
#include "sheet.h"

static const struct column table[] = {
	{"change", NULL, TEXT_COLUMN},
	{"engine", NULL, TEXT_COLUMN},
	{"from", NULL, TEXT_COLUMN},
	{"to", NULL, TEXT_COLUMN},
	{"price", NULL, 4},
};

static const struct column rows[] = {
	{NULL, "kind", TEXT_COLUMN},
	{NULL, "workload", TEXT_COLUMN},
	{NULL, "replica", 0},
	{NULL, "from_gpu", TEXT_COLUMN},
	{NULL, "to_gpu", TEXT_COLUMN},
	{NULL, "from_share", 0},
	{NULL, "to_share", 0},
	{NULL, "from_memory_gib", 0},
	{NULL, "to_memory_gib", 0},
	{NULL, "from_max_num_seqs", 0},
	{NULL, "to_max_num_seqs", 0},
	{NULL, "from_max_num_batched_tokens", 0},
	{NULL, "to_max_num_batched_tokens", 0},
	{NULL, "from_max_model_len", 0},
	{NULL, "to_max_model_len", 0},
	{NULL, "price", 0},
	{NULL, "why", TEXT_COLUMN},
	{NULL, "from_max_in_flight", 0},
	{NULL, "to_max_in_flight", 0},
};

static void add_part(char **text, const char *part)
{
	char *longer = must_format("%s%s%s", *text, **text ? ", " : "", part);

	free(*text);
	*text = longer;
}

static void add_setting(char **text, const char *name, unsigned value, unsigned other)
{
	char *part;

	if (value == other)
		return;
	part = must_format("%s %u", name, value);
	add_part(text, part);
	free(part);
}

/* One side of a change: where it is, and what is another on the other side. free(). */
static char *side(const struct sw_engine_place *place, const struct sw_engine_place *other)
{
	char *text = must_format("%s", "");
	char *part;

	if (!*place->gpu)
		return text;
	if (strcmp(place->gpu, other->gpu) != 0)
		add_part(&text, place->gpu);
	if (sw_known(place->share) && place->share != other->share) {
		part = must_format("share %.2f", place->share);
		add_part(&text, part);
		free(part);
	}
	if (sw_known(place->memory_gib) && place->memory_gib != other->memory_gib) {
		part = must_format("%.1f GiB", place->memory_gib);
		add_part(&text, part);
		free(part);
	}
	add_setting(&text, "seqs", place->max_num_seqs, other->max_num_seqs);
	if (sw_known(place->share) && place->max_in_flight != other->max_in_flight) {
		part = place->max_in_flight ? must_format("in flight %u", place->max_in_flight)
					    : must_format("no limit in flight");
		add_part(&text, part);
		free(part);
	}
	add_setting(&text, "tokens", place->max_num_batched_tokens, other->max_num_batched_tokens);
	add_setting(&text, "length", place->max_model_len, other->max_model_len);
	add_setting(&text, "batch", place->batch, other->batch);
	add_setting(&text, "processes", place->processes, other->processes);
	return text;
}

static void add_row(struct sheet *sheet, const struct sw_change *change)
{
	char *from = side(&change->from, &change->to), *to = side(&change->to, &change->from);

	sheet_text(sheet, sw_change_id(change->kind));
	if (*change->workload)
		sheet_format(sheet, "%s/%u", change->workload, change->replica);
	else
		sheet_text(sheet, "");
	sheet_text(sheet, from);
	sheet_text(sheet, to);
	sheet_number(sheet, change->price);
	free(from);
	free(to);
}

/* What all changes are about, in a line or two. */
static void print_sum(const struct sw_plan *plan, const struct style *style, FILE *out)
{
	const struct sw_replanned *r = plan->replanned;

	if (!r->n_changes) {
		(void)fprintf(out, "\n%sNothing changes%s\n", style_on(style, TONE_STRONG),
			      style_off(style, TONE_STRONG));
		return;
	}
	(void)fprintf(
		out,
		"\n%s%zu change%s%s of the running plan, %.4f once; %.2f per hour before, %.2f "
		"after\n\n",
		style_on(style, TONE_STRONG), r->n_changes, r->n_changes == 1 ? "" : "s",
		style_off(style, TONE_STRONG), r->changes_price, r->running_per_hour,
		plan->cost_per_hour);
}

static void print_why(const struct sw_change *c, const struct style *style, FILE *out)
{
	(void)fputs(style_on(style, TONE_DIM), out);
	if (*c->workload)
		(void)fprintf(out, "  %s %s/%u: ", sw_change_id(c->kind), c->workload, c->replica);
	else
		(void)fprintf(out, "  %s %s: ", sw_change_id(c->kind),
			      *c->to.gpu ? c->to.gpu : c->from.gpu);
	(void)fprintf(out, "%s%s\n", c->why, style_off(style, TONE_DIM));
}

void changes_print(const struct sw_plan *plan, const struct style *style, FILE *out)
{
	const struct sw_replanned *r = plan->replanned;
	struct sheet *sheet;

	print_sum(plan, style, out);
	if (r->n_changes) {
		sheet = sheet_new(table, COUNT(table));
		for (size_t i = 0; i < r->n_changes; i++)
			add_row(sheet, &r->changes[i]);
		sheet_print(sheet, style, 2, out);
		sheet_free(sheet);
	}
	for (size_t i = 0; i < r->n_changes; i++) {
		const struct sw_change *c = &r->changes[i];

		print_why(c, style, out);
	}
	for (size_t i = 0; i < r->n_notes; i++)
		(void)fprintf(out, "  note: %s\n", r->notes[i]);
}

static void add_pair(struct sheet *sheet, double from, double to)
{
	sheet_number(sheet, from);
	sheet_number(sheet, to);
}

/* Of a GPU, or of an engine that is not there, settings are not known. */
static double setting(const struct sw_engine_place *place, unsigned value)
{
	return sw_known(place->share) ? (double)value : (double)NAN;
}

/* Of what is let in at once; NAN: all. */
static double limit(const struct sw_engine_place *place)
{
	return place->max_in_flight ? (double)place->max_in_flight : (double)NAN;
}

/* A measured table has none of a language model's settings but a batch. */
static double model_setting(const struct sw_engine_place *place, unsigned value)
{
	return place->batch ? (double)NAN : setting(place, value);
}

static double batch_of(const struct sw_engine_place *place)
{
	return setting(place, place->batch ? place->batch : place->max_num_seqs);
}

static void add_full_row(struct sheet *sheet, const struct sw_change *c)
{
	const struct sw_engine_place *from = &c->from, *to = &c->to;

	sheet_text(sheet, sw_change_id(c->kind));
	sheet_text(sheet, *c->workload ? c->workload : NULL);
	sheet_number(sheet, *c->workload ? (double)c->replica : (double)NAN);
	sheet_text(sheet, *from->gpu ? from->gpu : NULL);
	sheet_text(sheet, *to->gpu ? to->gpu : NULL);
	add_pair(sheet, from->share, to->share);
	add_pair(sheet, from->memory_gib, to->memory_gib);
	add_pair(sheet, batch_of(from), batch_of(to));
	add_pair(sheet, model_setting(from, from->max_num_batched_tokens),
		 model_setting(to, to->max_num_batched_tokens));
	add_pair(sheet, model_setting(from, from->max_model_len),
		 model_setting(to, to->max_model_len));
	sheet_number(sheet, c->price);
	sheet_text(sheet, c->why);
	add_pair(sheet, limit(from), limit(to));
}

void changes_csv(const struct sw_plan *plan, FILE *out)
{
	struct sheet *sheet = sheet_new(rows, COUNT(rows));

	for (size_t i = 0; i < plan->replanned->n_changes; i++)
		add_full_row(sheet, &plan->replanned->changes[i]);
	sheet_csv(sheet, out);
	sheet_free(sheet);
}
