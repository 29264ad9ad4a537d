// SPDX-License-Identifier: Apache-2.0
/* slicewise: a table of commands. Each parses its options, calls the library and prints; none knows another. */
#include <jansson.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "help.h"
#include "must.h"
#include "output.h"
#include "report.h"

const struct command *const commands[] = {
	&command_plan,     &command_apply,
	&command_compare,  &command_predict,
	&command_simulate, &command_emulate,
	&command_load,     &command_step,
	&command_profile,  &command_dataset,
	&command_fit,      &command_validate,
	&command_catalog,  NULL,
};

const char *const format_choices[] = {"table", "json", "csv", NULL};

const struct option common_options[COMMON_OPTIONS] = {
	{"format", 0, OPTION_CHOICE, NULL, offsetof(struct common, format),
	 .choices = format_choices, .help = "how results are printed; table unless given"},
	{"output", 'o', OPTION_FILE, "FILE", offsetof(struct common, output),
	 .help = "write the results to FILE, whole or not at all"},
	{"help", 'h', OPTION_FLAG, NULL, offsetof(struct common, help), .help = "print this help"},
};

const struct command *command_find(const char *name)
{
	for (size_t i = 0; commands[i]; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

static const char *nearest_command(const char *name)
{
	const char *names[sizeof(commands) / sizeof(commands[0])];
	size_t n = 0;

	for (; commands[n]; n++)
		names[n] = commands[n]->name;
	return sw_nearest(name, names, n);
}

static enum sw_status unknown_command(const char *name)
{
	const char *nearest = nearest_command(name);

	if (nearest)
		say("unknown command %s; did you mean %s?", name, nearest);
	else
		say("unknown command %s; slicewise help lists them", name);
	return SW_USAGE;
}

/* Usage errors say where to read on; the others have said all. */
static int report(const struct command *command, enum sw_status status, const struct sw_error *err)
{
	if (status == SW_USAGE)
		say("%s: %s (slicewise help %s)", command->name, err->message, command->name);
	else if (status != SW_OK)
		say("%s", err->message);
	return sw_status_exit(status);
}

static int run(const struct command *command, struct call *call)
{
	const struct common *common = call->settings;
	const char *file = command->writes_own_output ? NULL : common->output;
	struct sw_error err = {0};
	enum sw_status st, written = SW_OK;
	struct output output;
	int exit_status;

	if (file)
		call->style = (struct style){false, false};
	output_open(&output);
	st = command->run(call, output.stream, &err);
	exit_status = report(command, st, &err);
	/* A plan that cannot hold every limit is still shown, but never put where a whole one is expected. */
	if (st != SW_OK && file)
		output_drop(&output);
	else
		written = output_close(&output, file, &err);
	return exit_status ? exit_status : report(command, written, &err);
}

static int print_and_close(struct output *output)
{
	struct sw_error err = {0};
	enum sw_status st = output_close(output, NULL, &err);

	if (st != SW_OK)
		say("%s", err.message);
	return sw_status_exit(st);
}

static int parse_and_run(const struct command *command, int argc, char **argv)
{
	struct call call = {.style = style_detect(), .operands = argv};
	struct sw_error err = {0};
	sw_catalog *catalog = NULL;
	enum sw_status st;
	int exit_status;

	call.settings = must_alloc(1, command->settings_size);
	if (command->defaults)
		memcpy(call.settings, command->defaults, command->settings_size);
	st = options_parse(command->options, argc, argv, call.settings, &call.n_operands, &err);
	if (st == SW_OK && ((struct common *)call.settings)->help) {
		struct output output;

		output_open(&output);
		help_command(command, &call.style, output.stream);
		free(call.settings);
		return print_and_close(&output);
	}
	if (st == SW_OK)
		st = options_check(command->options, call.settings, call.n_operands, argv, &err);
	if (st == SW_OK)
		st = sw_catalog_open(&catalog, &err);
	call.catalog = catalog;
	exit_status = st == SW_OK ? run(command, &call) : report(command, st, &err);
	sw_catalog_free(catalog);
	free(call.settings);
	return exit_status;
}

static int print_help(int argc, char **argv, FILE *out)
{
	struct style style = style_detect();
	const struct command *command = argc ? command_find(argv[0]) : NULL;

	if (argc && !command)
		return sw_status_exit(unknown_command(argv[0]));
	if (command)
		help_command(command, &style, out);
	else
		help_program(&style, out);
	return 0;
}

static int print_version(int argc, char **argv, FILE *out)
{
	(void)argc, (void)argv;
	(void)fprintf(out, "slicewise %s\n", sw_version());
	return 0;
}

/* For the test of the manual pages. */
static int print_manual(int argc, char **argv, FILE *out)
{
	const struct command *command = argc ? command_find(argv[0]) : NULL;

	for (size_t i = 0; !command && commands[i]; i++)
		(void)fprintf(out, "%s\n", commands[i]->name);
	if (command)
		manual_options(command, out);
	return 0;
}

/* For completion scripts. */
static int print_completion(int argc, char **argv, FILE *out)
{
	sw_catalog *catalog = NULL;

	if (sw_catalog_open(&catalog, NULL) == SW_OK)
		complete(catalog, argv, (size_t)argc, out);
	sw_catalog_free(catalog);
	return 0;
}

/* What the program itself understands in place of a command. */
static const struct word {
	const char *name;
	int (*print)(int argc, char **argv, FILE *out);
	int arguments_max;
} words[] = {
	{"help", print_help, 1},       {"--help", print_help, 1},
	{"-h", print_help, 1},         {"--version", print_version, 0},
	{"--manual", print_manual, 1}, {"--complete", print_completion, INT_MAX},
};

static int print_word(const struct word *word, int argc, char **argv)
{
	struct output output;
	int status, written;

	if (argc > word->arguments_max) {
		say("unexpected argument %s", argv[word->arguments_max]);
		return sw_status_exit(SW_USAGE);
	}
	output_open(&output);
	status = word->print(argc, argv, output.stream);
	written = print_and_close(&output);
	return status ? status : written;
}

int main(int argc, char **argv)
{
	const struct command *command;

	/* A reader that went away is an error like a full disk: reported by exit status 4, not by a signal. */
	(void)signal(SIGPIPE, SIG_IGN);
	json_set_alloc_funcs(must_malloc, free);
	if (argc < 2) {
		struct style style = {false, false};

		help_program(&style, stderr);
		return sw_status_exit(SW_USAGE);
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(argv[1], words[i].name) == 0)
			return print_word(&words[i], argc - 2, argv + 2);
	}
	command = command_find(argv[1]);
	if (!command)
		return sw_status_exit(unknown_command(argv[1]));
	return parse_and_run(command, argc - 2, argv + 2);
}
