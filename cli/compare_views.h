/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file compare_views.h
 * A comparison of strategies on paper.
 */
#ifndef SLICEWISE_CLI_COMPARE_VIEWS_H
#define SLICEWISE_CLI_COMPARE_VIEWS_H

#include <stdbool.h>
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

/** Its tables with what is to be said about them, as part of a page. */
void comparison_html(const struct comparison_view *view, FILE *out);

/** A page by itself with the figure and the tables. SW_IO. */
enum sw_status comparison_save_html(const struct comparison_view *view, const char *path,
				    struct sw_error *err);

/** The comparison as a figure: what each strategy costs, its share, how late it is. */
void comparison_draw(const struct comparison_view *view, FILE *svg);

/** The same into a file. SW_IO. */
enum sw_status comparison_save_svg(const struct comparison_view *view, const char *path,
				   struct sw_error *err);

/** A curve over loads, in the same forms. */
struct curve_view {
	const struct sw_load_curve *curve;
	const struct sw_problem *problem;
};

void curve_print(const struct curve_view *view, const struct style *style, FILE *out);
void curve_json(const struct curve_view *view, FILE *out);
void curve_csv(const struct curve_view *view, FILE *out);
void curve_html(const struct curve_view *view, FILE *out);
void curve_draw(const struct curve_view *view, FILE *svg);
enum sw_status curve_save_svg(const struct curve_view *view, const char *path,
			      struct sw_error *err);
enum sw_status curve_save_html(const struct curve_view *view, const char *path,
			       struct sw_error *err);

/** By how much less than this row slicewise is; NAN where either is not known. */
struct saving {
	double gpus, share, cost;
};

/** Who of this row and slicewise has more excess late: "it", "slicewise"; NULL: neither, or it is not known. */
const char *who_is_later(const struct sw_comparison *comparison, const struct sw_compared *row);

struct saving saving_against(const struct sw_comparison *comparison, const struct sw_compared *row);

#endif
