// SPDX-License-Identifier: Apache-2.0
#include "compare_lists.h"

#include <stdlib.h>
#include <string.h>

#include "must.h"
#include "report.h"
#include "slicewise/slicewise.h"

static const char oracle[] = "oracle";

enum sw_status names_parse(const char *option, const char *text, struct name_list *out,
			   struct sw_error *err)
{
	for (const char *at = text;; at++) {
		size_t size = strcspn(at, ",");

		if (size == 0)
			return fail(err, SW_USAGE, "--%s: found an empty name in \"%s\"", option,
				    text);
		out->names = must_grow(out->names, out->n + 1, sizeof(*out->names));
		out->names[out->n++] = must_format("%.*s", (int)size, at);
		at += size;
		if (!*at)
			return SW_OK;
	}
}

void names_free(struct name_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->names[i]);
	free(list->names);
	*list = (struct name_list){0};
}

enum sw_status numbers_parse(const char *option, const char *text, double min, double max,
			     struct number_list *out, struct sw_error *err)
{
	const char *at = text;

	for (;;) {
		char *end;
		double number = strtod(at, &end);

		if (end == at || (*end && *end != ',') || !(number > min && number <= max))
			return fail(err, SW_USAGE,
				    "--%s: found \"%.*s\", expected numbers above %g and at most "
				    "%g with commas between them",
				    option, (int)strcspn(at, ","), at, min, max);
		out->numbers = must_grow(out->numbers, out->n + 1, sizeof(*out->numbers));
		out->numbers[out->n++] = number;
		if (!*end)
			return SW_OK;
		at = end + 1;
	}
}

/* Some take a number behind a colon. */
static bool is_strategy(const char *name)
{
	const char *const *names = sw_strategies();
	size_t size = strcspn(name, ":");

	for (size_t i = 0; names[i]; i++)
		if (strncmp(names[i], name, size) == 0 && !names[i][size])
			return true;
	return strcmp(name, oracle) == 0;
}

static enum sw_status refuse(const char *name, struct sw_error *err)
{
	const char *const *names = sw_strategies();
	char expected[1024] = "";
	size_t used = 0;

	for (size_t i = 0; names[i] && used < sizeof(expected); i++)
		used += (size_t)snprintf(expected + used, sizeof(expected) - used, "%s, ",
					 names[i]);
	return fail(err, SW_USAGE, "--strategies: found %s, expected some of %s%s", name, expected,
		    oracle);
}

enum sw_status strategies_check(const struct name_list *list, struct sw_error *err)
{
	for (size_t i = 0; i < list->n; i++) {
		if (!is_strategy(list->names[i]))
			return refuse(list->names[i], err);
		for (size_t k = 0; k < i; k++)
			if (strcmp(list->names[k], list->names[i]) == 0)
				return fail(err, SW_USAGE,
					    "--strategies: found %s twice, expected once",
					    list->names[i]);
	}
	return SW_OK;
}
