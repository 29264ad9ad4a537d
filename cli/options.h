/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file options.h
 * The options of a command as tables. They are the only place where an option is described: the parser, --help, the
 * SYNOPSIS and OPTIONS of the manual page and the completion of a shell are all made from them.
 *
 * Why not argp: it owns the wording and the exit status of its messages, knows no ranges and prints no manual pages.
 */
#ifndef SLICEWISE_CLI_OPTIONS_H
#define SLICEWISE_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "slicewise/status.h"

/** What an option takes and the type of the member it sets. */
enum option_kind {
	OPTION_FLAG, /* bool: nothing */
	OPTION_SWITCH, /* bool: on or off */
	OPTION_TEXT, /* const char *: anything, borrowed from argv */
	OPTION_FILE, /* const char *: the same, a path */
	OPTION_GPU, /* const char *: the same, a GPU of the catalogue or a path */
	OPTION_MODEL, /* const char *: the same, a model of the catalogue or a path */
	OPTION_NUMBER, /* double in [min, max], or (min, max] */
	OPTION_COUNT, /* unsigned in [min, max] */
	OPTION_CHOICE /* int: the index in `choices` */
};

struct option {
	const char *name; /* without dashes */
	char letter; /* short form; 0: none */
	enum option_kind kind;
	const char *argument; /* its name in help: "GPU"; NULL for flags, switches and choices */
	size_t offset; /* of the member, in what its group fills */
	double min, max;
	bool above_min; /* min itself is out of range */
	const char *const *choices; /* NULL-terminated */
	unsigned given; /* bit set in the group's mask */
	const char *help; /* a phrase, lower case, no full stop; a second sentence may follow */
};

enum { NO_MASK = -1 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/** Options that belong together, filling one structure inside the command's settings. */
struct option_group {
	const char *title;
	const struct option *options;
	size_t n;
	size_t offset; /* of that structure */
	long given; /* offset in the settings of an unsigned mask, or NO_MASK */
	unsigned required; /* bits of the options that must be given */
};

/** What the options apply to: a command or the program itself. */
struct option_set {
	const char *usage_name; /* "slicewise step" */
	const struct option_group *groups;
	size_t n_groups;
	const char *operands; /* "MIX.yaml"; NULL: none */
	size_t operands_min, operands_max;
};

/**
 * Parse argv[0..argc) into `settings`, which holds the defaults. Operands are moved to the front of argv and counted in
 * *n_operands. SW_USAGE names the option and what was expected. Required options and operands are not looked for here.
 */
enum sw_status options_parse(const struct option_set *set, int argc, char **argv, void *settings,
			     size_t *n_operands, struct sw_error *err);

/** SW_USAGE where a required option or an operand is missing or there is one too many. */
enum sw_status options_check(const struct option_set *set, const void *settings, size_t n_operands,
			     char *const *operands, struct sw_error *err);

/** The option called `name`, dashes left off; NULL. */
const struct option *options_find(const struct option_set *set, const char *name);

/** Whether a command cannot do without it. */
bool option_required(const struct option_group *group, const struct option *option);

/** What the option may be, NULL-terminated; NULL: not one of a few words. */
const char *const *option_choices(const struct option *option);

/** What stands for the option's argument in help: "GPU", "on|off", "mps|mig|..."; "" for flags. free(). */
char *option_argument(const struct option *option);

#endif
