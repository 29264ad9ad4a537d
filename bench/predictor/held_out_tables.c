// SPDX-License-Identifier: Apache-2.0
/* Ours alone: errors on held-out mixes, by size, of larger mixes, the worst of them, and what bounds hold. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "predictor/predictor_sections.h"

static const double PERCENT = 100;
static const double MAPE_LIMIT = 5, P95_LIMIT = 12, LARGER_LIMIT = 8;
/* The significance at which a bound is said not to hold. */
static const double REFUSED = 0.01;
enum { WORST = 6 };

static struct judged_filter all_of(const struct measured_set *set, enum stage stage, size_t size)
{
	return (struct judged_filter){.stage = stage, .set = set, .mechanism = -1, .size = size};
}

static void head(struct figures *figures)
{
	figures_say(figures, "  %-20s %-10s %5s %6s %7s %6s %6s %6s %7s %7s", "", "", "rows",
		    "MAPE", "median", "p95", "bias", "R2", "chance", "singles");
}

/* `chance`: what a perfect predictor would be off by. */
static void line(const struct measured_set *set, const struct judged_rows *rows,
		 const struct judged_filter *filter, int target, const char *name,
		 struct figures *figures)
{
	struct sw__error_summary e = judged_errors(rows, filter, OURS, target);
	struct sw__error_summary single = judged_single_errors(rows, filter, OURS, target);

	if (e.rows == 0)
		return;
	figures_say(figures, "  %-20s %-10s %5zu %6.1f %7.1f %6.1f %+6.1f %6.3f %7.1f %7.1f", name,
		    target_names[target], e.rows, PERCENT * e.mape, PERCENT * e.median_ape,
		    PERCENT * e.p95_ape, PERCENT * e.bias, e.r2,
		    PERCENT * measured_chance(set, target), PERCENT * single.mape);
}

/* Limits are for means. */
static void limits(const struct measured_set *set, const struct judged_rows *rows,
		   const struct judged_filter *filter, double mape, double p95,
		   struct figures *figures)
{
	for (int target = TTFT_MEAN; target <= TPOT_MEAN; target++) {
		struct sw__error_summary e = judged_errors(rows, filter, OURS, target);
		char metric[64];

		(void)snprintf(metric, sizeof(metric), "%s_mape_pct", target_ids[target]);
		figures_at_most(figures, set->name, metric, PERCENT * e.mape, mape);
		if (isnan(p95))
			continue;
		(void)snprintf(metric, sizeof(metric), "%s_p95_pct", target_ids[target]);
		figures_at_most(figures, set->name, metric, PERCENT * e.p95_ape, p95);
	}
}

static void by_size(const struct measured_set *set, const struct judged_rows *rows,
		    struct figures *figures)
{
	for (size_t size = 1; size <= BENCH_ENGINES_MAX; size++)
		for (int target = TTFT_MEAN; target <= TPOT_MEAN; target++) {
			struct judged_filter f = all_of(set, STAGE_FOLDS, size);
			char name[64];

			(void)snprintf(name, sizeof(name), "  engines: %zu", size);
			line(set, rows, &f, target, name, figures);
		}
}

struct worst {
	const struct judged_row *row;
	double off;
};

static void note_worst(struct worst *worst, const struct judged_row *row, double off)
{
	if (!isfinite(off) || off <= worst[WORST - 1].off)
		return;
	worst[WORST - 1] = (struct worst){row, off};
	for (int i = WORST - 1; i > 0 && worst[i].off > worst[i - 1].off; i--) {
		struct worst was = worst[i];

		worst[i] = worst[i - 1];
		worst[i - 1] = was;
	}
}

static void say_worst(const struct judged_row *row, int target, struct figures *figures)
{
	const struct measured_mix *m = &row->set->at[row->mix];
	double first = target_measured(&m->run[0].measured[row->engine], target);
	double last = target_measured(&m->run[m->repeats - 1].measured[row->engine], target);

	figures_say(figures, "    %-9s %8.1f ms, measured %8.1f (%.1f and %.1f), engine %zu of %s",
		    target_names[target], row->said[OURS].at[target], judged_measured(row, target),
		    first, last, row->engine + 1, m->run->experiment);
}

static void worst_of(const struct measured_set *set, const struct judged_rows *rows, int target,
		     struct figures *figures)
{
	struct judged_filter f = all_of(set, STAGE_FOLDS, 0);
	struct worst worst[WORST] = {0};

	for (size_t i = 0; i < rows->n; i++)
		if (judged_passes(&rows->at[i], &f))
			note_worst(worst, &rows->at[i],
				   fabs(rows->at[i].said[OURS].at[target] /
						judged_measured(&rows->at[i], target) -
					1));
	for (int i = 0; i < WORST && worst[i].row; i++)
		say_worst(worst[i].row, target, figures);
}

/* Rows that are overloaded by measurement, by prediction, or by both, have no error. */
static void say_overload(const struct measured_set *set, const struct judged_rows *rows,
			 struct figures *figures)
{
	struct judged_filter f = all_of(set, STAGE_FOLDS, 0);
	size_t both = 0, measured = 0, predicted = 0;

	for (size_t i = 0; i < rows->n; i++) {
		bool m = isnan(judged_measured(&rows->at[i], TTFT_MEAN));
		bool p = isnan(rows->at[i].said[OURS].at[TTFT_MEAN]);

		if (!judged_passes(&rows->at[i], &f))
			continue;
		both += m && p;
		measured += m && !p;
		predicted += p && !m;
	}
	if (both + measured + predicted > 0)
		figures_say(figures,
			    "  overloaded, without an error: %zu by both, %zu as measured alone, "
			    "%zu as predicted alone",
			    both, measured, predicted);
}

void section_held_out(const struct measured_sets *sets, const struct judged_rows *rows,
		      struct figures *figures)
{
	figures_section(
		figures, "held_out",
		"Held-out mixes, one fold of five at a time, our coefficients fitted to the "
		"rest. chance: what a perfect\npredictor would be off by, from how repeats "
		"differ; singles: MAPE beside single runs; below each set the worst.");
	head(figures);
	for (size_t s = 0; s < sets->n; s++) {
		const struct measured_set *set = &sets->at[s];
		struct judged_filter f = all_of(set, STAGE_FOLDS, 0);

		for (int target = 0; target < BENCH_TARGETS; target++)
			line(set, rows, &f, target, set->name, figures);
		by_size(set, rows, figures);
		say_overload(set, rows, figures);
		worst_of(set, rows, TTFT_MEAN, figures);
		worst_of(set, rows, TPOT_MEAN, figures);
		limits(set, rows, &f, MAPE_LIMIT, P95_LIMIT, figures);
	}
}

void section_larger(const struct measured_sets *sets, const struct judged_rows *rows,
		    struct figures *figures)
{
	figures_section(figures, "larger",
			"Three and four engines, predicted from runs of one and two.");
	head(figures);
	for (size_t s = 0; s < sets->n; s++) {
		const struct measured_set *set = &sets->at[s];
		struct judged_filter f = all_of(set, STAGE_LARGER, 0);

		for (int target = 0; target < BENCH_TARGETS; target++)
			line(set, rows, &f, target, set->name, figures);
		limits(set, rows, &f, LARGER_LIMIT, NAN, figures);
	}
}

static void bound_line(const struct measured_set *set, const struct judged_rows *rows, int target,
		       struct figures *figures)
{
	struct judged_filter f = all_of(set, STAGE_FOLDS, 0);
	struct judged_coverage c = judged_coverage(rows, &f, target);
	char metric[64];

	if (c.runs == 0)
		return;
	figures_say(figures,
		    "  %-20s %-10s %5.0f mixes, %5.1f %% below, chance %6.4f%s, bound at "
		    "+%.0f %%",
		    set->name, target_names[target], c.runs, PERCENT * (1 - c.above / c.runs),
		    c.chance, c.chance < REFUSED ? " REFUSED" : "", PERCENT * c.width);
	(void)snprintf(metric, sizeof(metric), "%s_below_pct", target_ids[target]);
	(void)fprintf(figures->csv, "%s,%s,%s,95,%.4g,,,%s\n", figures->section, set->name, metric,
		      PERCENT * (1 - c.above / c.runs), c.chance < REFUSED ? "MISSED" : "held");
}

void section_bounds(const struct measured_sets *sets, const struct judged_rows *rows,
		    struct figures *figures)
{
	figures_section(
		figures, "bounds",
		"Upper bounds, meant to lie above 95 % of single runs, beside one engine of the "
		"first run of each mix (engines of a run are\nnot independent). chance: of so "
		"many or so few, were it 95 %, two-sided; REFUSED below 0.01.");
	for (size_t s = 0; s < sets->n; s++)
		for (int target = 0; target < BENCH_TARGETS; target++)
			bound_line(&sets->at[s], rows, target, figures);
}
