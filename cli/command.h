/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file command.h
 * A command as data: what it is called, what it takes, what runs it. main.c holds the table of all.
 */
#ifndef SLICEWISE_CLI_COMMAND_H
#define SLICEWISE_CLI_COMMAND_H

#include <stdio.h>

#include "options.h"
#include "slicewise/slicewise.h"
#include "style.h"

enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_CSV };

/** The options every command has; the first member of every command's settings. */
struct common {
	bool help;
	int format; /* enum format */
	const char *output; /* file for what would go to stdout, or NULL */
};

/** One call of a command. */
struct call {
	const sw_catalog *catalog;
	void *settings; /* the command's own structure, parsed */
	char *const *operands;
	size_t n_operands;
	struct style style;
};

struct command {
	const char *name;
	const char *summary; /* a phrase, lower case */
	const char *about; /* what --help says first: a paragraph */
	const struct option_set *options;
	size_t settings_size;
	const void *defaults; /* settings_size bytes; NULL: zeros */
	bool writes_own_output; /* -o means something else than "instead of stdout" */
	/** Print results to `out`; a status other than SW_OK is reported with err by the caller. */
	enum sw_status (*run)(const struct call *call, FILE *out, struct sw_error *err);
};

extern const struct command command_catalog;
extern const struct command command_step;
extern const struct command command_validate;
extern const struct command command_predict;
extern const struct command command_emulate;
extern const struct command command_plan;
extern const struct command command_simulate;
extern const struct command command_compare;
extern const struct command command_load;
extern const struct command command_profile;
extern const struct command command_dataset;
extern const struct command command_fit;
extern const struct command command_apply;

/** All commands, in the order of help; NULL-terminated. */
extern const struct command *const commands[];

const struct command *command_find(const char *name);

/** "table", "json", "csv", in the order of enum format. */
extern const char *const format_choices[];

/** --format, --output and --help: the last group of every command that has no reason to word them otherwise. */
extern const struct option common_options[];
enum { COMMON_OPTIONS = 3 };

#define COMMON_GROUP                                                    \
	{                                                               \
		"Output", common_options, COMMON_OPTIONS, 0, NO_MASK, 0 \
	}

#endif
