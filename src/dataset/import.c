// SPDX-License-Identifier: Apache-2.0
/* Rows that a user brings, into a data set. */
#include <stdlib.h>

#include "base/file.h"
#include "dataset/store.h"
#include "formats/csv.h"

/* What was given is a part of what the rows say: the same pairs of another model are other runs. */
static enum sw_status text_of(const char *path, const struct sw_rows_given *given,
			      struct sw_text *text, struct sw_error *err)
{
	if (given && given->gpu)
		sw_text_addf(text, "gpu %s\n", given->gpu);
	if (given && given->model)
		sw_text_addf(text, "model %s\n", given->model);
	if (given && given->prompt_tokens > 0)
		sw_text_addf(text, "prompt_tokens %.17g\n", given->prompt_tokens);
	if (given && given->output_tokens > 0)
		sw_text_addf(text, "output_tokens %.17g\n", given->output_tokens);
	return sw_file_read(path, SW_CSV_BYTES_MAX, text, err);
}

static enum sw_status add_runs(sw_dataset *dataset, int64_t campaign, const struct sw_runs *runs,
			       struct sw_imported *out, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	out->runs = runs->n;
	for (size_t i = 0; st == SW_OK && i < runs->n; i++) {
		const struct sw_run *run = &runs->run[i];
		enum sw_held held = SW_HELD_NOT;

		st = sw_dataset_has(dataset, campaign, run->experiment, run->repeat, &held, err);
		if (st != SW_OK || held != SW_HELD_NOT)
			continue;
		st = sw_dataset_add_run(dataset, campaign, run, NULL, 0, err);
		out->added += st == SW_OK;
	}
	return st;
}

enum sw_status sw_dataset_import(sw_dataset *dataset, const sw_catalog *catalog, const char *path,
				 const struct sw_rows_given *given, struct sw_imported *out,
				 struct sw_error *err)
{
	struct sw_text text = {0};
	struct sw_runs runs = {0};
	int64_t campaign = SW_NO_CAMPAIGN;
	enum sw_status st = sw_runs_read_given(catalog, path, given, &runs, err);

	*out = (struct sw_imported){0};
	if (st == SW_OK)
		st = text_of(path, given, &text, err);
	if (st == SW_OK)
		st = sw_dataset_campaign(dataset, path, text.data, &campaign, err);
	if (st == SW_OK)
		st = add_runs(dataset, campaign, &runs, out, err);
	sw_text_free(&text);
	sw_runs_clear(&runs);
	return st;
}
