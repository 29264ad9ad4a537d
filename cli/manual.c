// SPDX-License-Identifier: Apache-2.0
/* The parts of a manual page that the option tables decide, in mdoc. A test compares the pages with it. */
#include <stdlib.h>
#include <string.h>

#include "help.h"
#include "must.h"

/* A line of text that mdoc takes literally. */
static void put_text(const char *text, FILE *out)
{
	if (*text == '.' || *text == '\'')
		(void)fputs("\\&", out);
	for (; *text; text++) {
		if (*text == '\\')
			(void)fputs("\\e", out);
		else if (*text == '-')
			(void)fputs("\\-", out);
		else
			(void)fputc(*text, out);
	}
	(void)fputc('\n', out);
}

static void put_synopsis(const struct option_set *set, FILE *out)
{
	(void)fprintf(out, ".Sh SYNOPSIS\n.Nm %s\n", set->usage_name);
	for (size_t g = 0; g < set->n_groups; g++) {
		for (size_t i = 0; i < set->groups[g].n; i++) {
			const struct option *option = &set->groups[g].options[i];
			char *argument = option_argument(option);

			if (option_required(&set->groups[g], option))
				(void)fprintf(out, ".Fl Fl %s Ar %s\n", option->name, argument);
			free(argument);
		}
	}
	if (set->operands)
		(void)fprintf(out, set->operands_min ? ".Ar %s\n" : ".Op Ar %s\n", set->operands);
	(void)fputs(".Op Ar option ...\n", out);
}

static void put_item(const struct option *option, FILE *out)
{
	char *argument = option_argument(option);

	(void)fputs(".It ", out);
	if (option->letter)
		(void)fprintf(out, "Fl %c , ", option->letter);
	(void)fprintf(out, "Fl Fl %s", option->name);
	if (*argument)
		(void)fprintf(out, " Ar %s", argument);
	(void)fputc('\n', out);
	put_text(option->help, out);
	free(argument);
}

void manual_options(const struct command *command, FILE *out)
{
	const struct option_set *set = command->options;

	put_synopsis(set, out);
	(void)fputs(".Sh OPTIONS\n", out);
	for (size_t g = 0; g < set->n_groups; g++) {
		(void)fprintf(out, ".Ss %s\n.Bl -tag -width Ds\n", set->groups[g].title);
		for (size_t i = 0; i < set->groups[g].n; i++)
			put_item(&set->groups[g].options[i], out);
		(void)fputs(".El\n", out);
	}
}
