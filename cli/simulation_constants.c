// SPDX-License-Identifier: Apache-2.0
#include "simulation_constants.h"

#include <string.h>

#include "document_out.h"
#include "sheet.h"

/* An origin is a sentence: below the table for people, a column elsewhere. */
static const struct column columns[] = {
	{"constant", "name", TEXT_COLUMN},  {"value", "value", SIGNIFICANT_COLUMN},
	{"low", "low", SIGNIFICANT_COLUMN}, {"high", "high", SIGNIFICANT_COLUMN},
	{"unit", "unit", TEXT_COLUMN},      {NULL, "origin", TEXT_COLUMN},
};

static struct sheet *fill(void)
{
	struct sheet *sheet = sheet_new(columns, COUNT(columns));

	for (size_t i = 0; i < sw_sim_constant_count(); i++) {
		const struct sw_sim_constant *c = sw_sim_constant_at(i);

		sheet_text(sheet, c->name);
		sheet_number(sheet, c->value);
		sheet_number(sheet, c->low);
		sheet_number(sheet, c->high);
		sheet_text(sheet, c->unit);
		sheet_text(sheet, c->origin);
	}
	return sheet;
}

static void print_origins(FILE *out)
{
	static const size_t indent = 4;

	(void)fputc('\n', out);
	for (size_t i = 0; i < sw_sim_constant_count(); i++) {
		const struct sw_sim_constant *c = sw_sim_constant_at(i);

		(void)fprintf(out, "%s: ", c->name);
		text_wrap(c->origin, strlen(c->name) + 2, indent, LINE_WIDTH, out);
	}
}

void simulation_constants(enum format format, const struct style *style, FILE *out)
{
	struct sheet *sheet = fill();

	if (format == FORMAT_CSV) {
		sheet_csv(sheet, out);
	} else if (format == FORMAT_JSON) {
		json_t *document = json_object();

		json_object_set_new(document, "constants", sheet_json(sheet));
		json_print(document, out);
	} else {
		sheet_print(sheet, style, 0, out);
		print_origins(out);
	}
	sheet_free(sheet);
}
