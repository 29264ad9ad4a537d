// SPDX-License-Identifier: Apache-2.0
#include "help.h"

#include <stdlib.h>
#include <string.h>

#include "must.h"

enum { HELP_WIDTH = 79, HELP_COLUMN = 30 };

static void put_option(const struct option *option, const struct style *style, FILE *out)
{
	char *argument = option_argument(option);
	char letter[] = {'-', option->letter, ',', ' ', '\0'};
	char *left = must_format("  %s--%s%s%s", option->letter ? letter : "    ", option->name,
				 *argument ? " " : "", argument);
	size_t width = strlen(left);

	(void)fprintf(out, "%s%s%s", style_on(style, TONE_STRONG), left,
		      style_off(style, TONE_STRONG));
	if (width + 2 > HELP_COLUMN) {
		(void)fputc('\n', out);
		width = 0;
	}
	(void)fprintf(out, "%*s", (int)(HELP_COLUMN - width), "");
	text_wrap(option->help, HELP_COLUMN, HELP_COLUMN, HELP_WIDTH, out);
	free(left);
	free(argument);
}

/* The longer text; the old one is released. */
static char *with_option(char *text, const struct option *option)
{
	char *argument = option_argument(option);
	char *longer = must_format("%s --%s %s", text, option->name, argument);

	free(argument);
	free(text);
	return longer;
}

static char *with_word(char *text, bool optional, const char *word)
{
	char *longer = must_format(optional ? "%s [%s]" : "%s %s", text, word);

	free(text);
	return longer;
}

void help_usage(const struct command *command, FILE *out)
{
	const struct option_set *set = command->options;
	char *usage = must_format("%s", set->usage_name);

	for (size_t g = 0; g < set->n_groups; g++) {
		for (size_t i = 0; i < set->groups[g].n; i++) {
			const struct option *option = &set->groups[g].options[i];

			if (option_required(&set->groups[g], option))
				usage = with_option(usage, option);
		}
	}
	if (set->operands)
		usage = with_word(usage, !set->operands_min, set->operands);
	usage = with_word(usage, false, "[OPTION]...");
	(void)fputs("Usage: ", out);
	text_wrap(usage, strlen("Usage: "), strlen("Usage: "), HELP_WIDTH, out);
	free(usage);
}

void help_command(const struct command *command, const struct style *style, FILE *out)
{
	const struct option_set *set = command->options;

	help_usage(command, out);
	(void)fputc('\n', out);
	text_wrap(command->about, 0, 0, HELP_WIDTH, out);
	for (size_t g = 0; g < set->n_groups; g++) {
		(void)fprintf(out, "\n%s\n", set->groups[g].title);
		for (size_t i = 0; i < set->groups[g].n; i++)
			put_option(&set->groups[g].options[i], style, out);
	}
	(void)fprintf(out, "\nThe manual: man slicewise-%s\n", command->name);
}

void help_program(const struct style *style, FILE *out)
{
	(void)fputs("Usage: slicewise COMMAND [OPTION]...\n\n"
		    "The cheapest GPU slices for many language models, with every latency limit "
		    "held.\n\nCommands\n",
		    out);
	for (size_t i = 0; commands[i]; i++)
		(void)fprintf(out, "  %s%-10s%s  %s\n", style_on(style, TONE_STRONG),
			      commands[i]->name, style_off(style, TONE_STRONG),
			      commands[i]->summary);
	(void)fputs(
		"\nslicewise help COMMAND explains one; slicewise --version prints the version.\n"
		"Exit status: 0 done, 1 usage, 2 bad input, 3 no plan holds every limit,\n"
		"4 a file, the network or a device failed.\n",
		out);
}
