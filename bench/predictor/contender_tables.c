// SPDX-License-Identifier: Apache-2.0
/* Everybody side by side, on the same held-out mixes. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "predictor/predictor_sections.h"

static const double PERCENT = 100;

/* One line of MAPEs, a column for each contender. */
static void mape_line(const struct judged_rows *rows, const struct judged_filter *filter,
		      const char *name, int target, struct figures *figures)
{
	char text[512] = "";

	for (int c = 0; c < CONTENDERS; c++) {
		double mape = PERCENT * judged_errors(rows, filter, c, target).mape;
		char metric[64];

		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), " %*.1f",
			       (int)strlen(contender_names[c]) + 1, mape);
		(void)snprintf(metric, sizeof(metric), "%s_mape_pct", target_ids[target]);
		(void)fprintf(figures->csv, "%s,%s %s,%s,,%.4g,,,\n", figures->section, name,
			      contender_names[c], metric, mape);
	}
	figures_say(figures, "  %-20s %-10s%s", name, target_names[target], text);
}

static void head(struct figures *figures)
{
	char text[512] = "";

	for (int c = 0; c < CONTENDERS; c++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "  %s",
			       contender_names[c]);
	figures_say(figures, "  %-20s %-10s%s", "MAPE", "", text);
}

/* Ours over each other's. What corrects our own prediction is no rival: no limit. */
static void judge_ahead(const struct measured_set *set, const struct judged_rows *rows, int target,
			struct figures *figures)
{
	struct judged_filter f = {.stage = STAGE_FOLDS, .set = set, .mechanism = -1};
	double ours = judged_errors(rows, &f, OURS, target).mape;

	for (int c = CONSTANT; c < CONTENDERS; c++) {
		char metric[96];

		if (c >= BOOSTED && !boosting_is_here())
			continue;
		(void)snprintf(metric, sizeof(metric), "%s_over_%s", target_ids[target],
			       contender_names[c]);
		figures_at_most(figures, set->name, metric,
				ours / judged_errors(rows, &f, c, target).mape,
				c == BOOSTED_OURS ? NAN : 1);
	}
}

void section_contenders(const struct measured_sets *sets, const struct judged_rows *rows,
			struct figures *figures)
{
	figures_section(
		figures, "side_by_side",
		"Side by side on the same folds. The forms that multiply a latency alone all "
		"have ours, fitted in the same fold, so\nthat only what they say of neighbours "
		"differs; of one engine alone they say what we do.");
	for (int c = 0; c < CONTENDERS; c++)
		figures_say(figures, "  %-17s %s", contender_names[c], contender_whats[c]);
	head(figures);
	for (size_t s = 0; s < sets->n; s++)
		for (int target = 0; target < BENCH_TARGETS; target++) {
			struct judged_filter f = {
				.stage = STAGE_FOLDS, .set = &sets->at[s], .mechanism = -1};

			mape_line(rows, &f, sets->at[s].name, target, figures);
		}
	for (size_t size = 1; size <= BENCH_ENGINES_MAX; size++)
		for (int target = TTFT_MEAN; target <= TPOT_MEAN; target++) {
			struct judged_filter f = {
				.stage = STAGE_FOLDS, .mechanism = -1, .size = size};
			char name[32];

			(void)snprintf(name, sizeof(name), "engines: %zu", size);
			mape_line(rows, &f, name, target, figures);
		}
	figures_say(figures, "  Three and four engines from one and two:");
	for (size_t s = 0; s < sets->n; s++)
		for (int target = TTFT_MEAN; target <= TPOT_MEAN; target++) {
			struct judged_filter f = {
				.stage = STAGE_LARGER, .set = &sets->at[s], .mechanism = -1};

			mape_line(rows, &f, sets->at[s].name, target, figures);
		}
	figures_say(figures, "  Ours over each of the others; what corrects our own prediction is "
			     "no rival and has no limit:");
	for (size_t s = 0; s < sets->n; s++)
		for (int target = TTFT_MEAN; target <= TPOT_MEAN; target++)
			judge_ahead(&sets->at[s], rows, target, figures);
}

void section_curve(const struct measured_sets *sets, const struct judged_rows *rows,
		   struct figures *figures)
{
	if (!judged_has(rows, STAGE_CURVE))
		return;
	figures_section(figures, "curve",
			"Errors by the number of runs that were learned from, per model (runs over "
			"models), on one fold, all sets together.");
	head(figures);
	for (int target = TTFT_MEAN; target <= TPOT_MEAN; target++)
		for (int k = 0; k < CURVE_LEVELS; k++) {
			struct judged_filter f = {
				.stage = STAGE_CURVE, .level = curve_levels[k], .mechanism = -1};
			char name[32];

			(void)snprintf(name, sizeof(name), "%d runs a model", curve_levels[k]);
			mape_line(rows, &f, name, target, figures);
		}
	(void)sets;
}
