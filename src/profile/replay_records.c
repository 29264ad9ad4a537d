// SPDX-License-Identifier: Apache-2.0
#include "profile/replay_records.h"

#include <jansson.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "profile/latencies.h"

#define MS_PER_S 1e3

enum { RECORDS_MAX = 1 << 30 };

struct reading {
	const char *path, *tenant;
	const struct sw__window *window;
	struct sw__latencies latencies;
	double output_tokens, preemptions;
};

static double number(const json_t *record, const char *key)
{
	const json_t *value = json_object_get(record, key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

static const char *word(const json_t *record, const char *key)
{
	const char *value = json_string_value(json_object_get(record, key));

	return value ? value : "";
}

/* One request; those that were not answered have no last token. */
static void add_request(struct reading *r, const json_t *record)
{
	double arrival = number(record, "arrival_s"), first = number(record, "first_token_s");
	double last = number(record, "last_token_s"), tokens = number(record, "output_tokens");

	if (!(arrival >= r->window->from_s && arrival < r->window->to_s))
		return;
	if (!sw_known(first) || !sw_known(last)) {
		r->latencies.failed++;
		return;
	}
	sw__latencies_add(&r->latencies, (first - arrival) * MS_PER_S,
			  tokens > 1 ? (last - first) * MS_PER_S / (tokens - 1) : NAN);
	r->output_tokens += sw_known(tokens) ? tokens : 0;
	if (number(record, "preemptions") > 0)
		r->preemptions += number(record, "preemptions");
}

static enum sw_status read_line(struct reading *r, const char *line, size_t size, int number_of,
				struct sw_error *err)
{
	json_error_t wrong;
	json_t *record = json_loadb(line, size, 0, &wrong);

	if (!json_is_object(record)) {
		json_decref(record);
		return sw_fail(err, SW_BAD_INPUT, "%s:%d: found %s, expected a JSON object",
			       r->path, number_of, record ? "something else" : wrong.text);
	}
	if (strcmp(word(record, "type"), "request") == 0 &&
	    strcmp(word(record, "tenant"), r->tenant) == 0)
		add_request(r, record);
	json_decref(record);
	return SW_OK;
}

static enum sw_status read_lines(struct reading *r, const char *text, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (int i = 1; st == SW_OK && *text; i++) {
		size_t size = strcspn(text, "\n");

		if (size)
			st = read_line(r, text, size, i, err);
		text += size + (text[size] == '\n');
	}
	return st;
}

static enum sw_status summarize(struct reading *r, struct sw_measured *out, struct sw_error *err)
{
	double n = (double)r->latencies.answered, span = r->window->to_s - r->window->from_s;

	if (r->latencies.answered == 0)
		return sw_fail(err, SW_IO, "%s: no request of %s counts", r->path, r->tenant);
	sw__latencies_summarize(&r->latencies, out);
	out->requests_per_s = n / span;
	out->output_tok_s = r->output_tokens / span;
	out->preemptions = r->preemptions / n;
	return SW_OK;
}

enum sw_status sw__replay_records_read(const char *path, const char *tenant,
				       const struct sw__window *window, struct sw_measured *out,
				       struct sw_error *err)
{
	struct reading r = {.path = path, .tenant = tenant, .window = window};
	struct sw_text text = {0};
	enum sw_status st = sw_file_read(path, RECORDS_MAX, &text, err);

	if (st == SW_OK)
		st = read_lines(&r, sw_text_string(&text), err);
	if (st == SW_OK)
		st = summarize(&r, out, err);
	sw__latencies_free(&r.latencies);
	sw_text_free(&text);
	return st;
}
