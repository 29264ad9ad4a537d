/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file compare_views.h
 * A comparison of strategies on paper.
 */
#ifndef SLICEWISE_CLI_COMPARE_VIEWS_H
#define SLICEWISE_CLI_COMPARE_VIEWS_H

#include <stdio.h>

#include "slicewise/slicewise.h"
#include "style.h"

/** What is shown, and in which words. */
struct comparison_view {
	const struct sw_comparison *comparison;
	const struct sw_problem *problem;
	const char *
		other_load; /* "of day.csv", "bursts of 2": of the second kind of load; NULL: there is none */
	bool times; /* whether planning took how long */
};

void comparison_print(const struct comparison_view *view, const struct style *style, FILE *out);
void comparison_json(const struct comparison_view *view, FILE *out);
void comparison_csv(const struct comparison_view *view, FILE *out);

/** By how much less than this row slicewise is; NAN where either is not known. */
struct saving {
	double gpus, share, cost;
};

struct saving saving_against(const struct sw_comparison *comparison, const struct sw_compared *row);

#endif
