/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dataset_verbs.h
 * What the command `dataset` does, by its first word, and how it prints a data set.
 */
#ifndef SLICEWISE_CLI_DATASET_VERBS_H
#define SLICEWISE_CLI_DATASET_VERBS_H

#include "command.h"

enum dataset_verb { DATASET_INFO, DATASET_IMPORT, DATASET_EXPORT, DATASET_QUERY };

/** Their words, NULL-terminated, in the order of the enum. */
extern const char *const dataset_verbs[];

/** One answer as table, JSON list or CSV. */
void answer_print(const struct sw_answer *answer, int format, const struct style *style, FILE *out);

/** Every table that says what a data set called `path` has. */
enum sw_status dataset_print_info(sw_dataset *dataset, const char *path,
				  const struct sw_run_filter *filter, int format,
				  const struct style *style, FILE *out, struct sw_error *err);

/** The questions that can be asked. */
void dataset_print_queries(int format, const struct style *style, FILE *out);

#endif
