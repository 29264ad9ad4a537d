/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file help.h
 * What is made from the tables of commands and options: help, the generated part of the manual pages, completion.
 */
#ifndef SLICEWISE_CLI_HELP_H
#define SLICEWISE_CLI_HELP_H

#include <stdio.h>

#include "command.h"

/** The list of commands; `slicewise help`. */
void help_program(const struct style *style, FILE *out);

/** `slicewise help COMMAND`. */
void help_command(const struct command *command, const struct style *style, FILE *out);

/** The line "Usage: ..." alone. */
void help_usage(const struct command *command, FILE *out);

/** SYNOPSIS and OPTIONS of a manual page in mdoc. */
void manual_options(const struct command *command, FILE *out);

/** Candidates, one a line, for the last of `words`; the ones before it are complete. */
void complete(const sw_catalog *catalog, char *const *words, size_t n, FILE *out);

#endif
