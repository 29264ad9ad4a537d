/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file compare_lists.h
 * Lists in arguments: names and numbers with commas between them.
 */
#ifndef SLICEWISE_CLI_COMPARE_LISTS_H
#define SLICEWISE_CLI_COMPARE_LISTS_H

#include <stddef.h>

#include "slicewise/status.h"

struct name_list {
	size_t n;
	char **names;
};

/** Numbers; free(numbers). */
struct number_list {
	size_t n;
	double *numbers;
};

/** "a,b" of --option; release it with names_free() in any case. SW_USAGE: an empty name. */
enum sw_status names_parse(const char *option, const char *text, struct name_list *out,
			   struct sw_error *err);
void names_free(struct name_list *list);

/** "1,0.9" of --option, each above `min` and at most `max`. SW_USAGE names the one that is not. */
enum sw_status numbers_parse(const char *option, const char *text, double min, double max,
			     struct number_list *out, struct sw_error *err);

/** SW_USAGE where a name is no strategy, or there twice. */
enum sw_status strategies_check(const struct name_list *list, struct sw_error *err);

#endif
