// SPDX-License-Identifier: Apache-2.0
#include "compare/targets.h"

#include <math.h>
#include <string.h>

/* Of what the others take, at most this: 30 % less than those who do not share wisely, 10 % less than those who predict. */
static const struct rival {
	const char *strategy;
	double most;
	bool at_equal_lateness; /* one that is later is no rival */
} rivals[] = {
	{"exclusive", 0.7, false}, {"even-split", 0.7, false}, {"igniter", 0.9, true},
	{"paper", 0.9, true},      {"packed", 0.9, true},
};

/* Excess late in the worst tenth of the worlds; and rounding of costs. */
static const double WORST_DECILE = 0.005, ROUNDING = 1.000001;

static const struct sw_compared *planned(const struct sw_comparison *c, const char *strategy)
{
	const struct sw_compared *row = sw_comparison_find(c, strategy);

	return row && row->planned ? row : NULL;
}

static void hold_against(struct figures *figures, const char *name, const struct rival *rival,
			 const struct sw_compared *ours, const struct sw_compared *theirs)
{
	char row[128];

	(void)snprintf(row, sizeof(row), "%s, %s", name, rival->strategy);
	if (rival->at_equal_lateness && sw_compared_later(theirs, ours)) {
		figures_say(figures, "  %-28s is later than slicewise", row);
		return;
	}
	figures_at_most(figures, row, "share, part of its", ours->share / theirs->share,
			rival->most);
	figures_at_most(figures, row, "GPUs, part of its", ours->gpus / theirs->gpus, rival->most);
}

void targets_of_case(struct figures *figures, const char *name, const struct sw_comparison *c)
{
	const struct sw_compared *ours = planned(c, "slicewise");

	figures_section(figures, "case", name);
	if (!ours) {
		figures_say(figures, "  slicewise has no plan");
		return;
	}
	figures_at_most(figures, name, "excess late, median world",
			ours->lateness[SW_COMPARED_AS_GIVEN].excess.value, SW_COMPARE_NO_EXCESS);
	figures_at_most(figures, name, "excess late, worst tenth",
			ours->lateness[SW_COMPARED_AS_GIVEN].worst_decile.value, WORST_DECILE);
	for (size_t i = 0; i < sizeof(rivals) / sizeof(rivals[0]); i++) {
		const struct sw_compared *theirs = planned(c, rivals[i].strategy);

		if (theirs && !strstr(name, "heavy"))
			hold_against(figures, name, &rivals[i], ours, theirs);
	}
}

void targets_of_curve(struct figures *figures, const char *name, const struct sw_load_curve *curve)
{
	double most = NAN;

	figures_section(figures, "curve", name);
	for (size_t i = 0; i < curve->n; i++) {
		const struct sw_comparison *c = curve->points[i].comparison;
		const struct sw_compared *ours = planned(c, "slicewise");
		const struct sw_compared *theirs = planned(c, "exclusive");

		if (ours && theirs)
			most = fmax(most, ours->cost_per_hour / theirs->cost_per_hour);
	}
	figures_at_most(figures, name, "cost at any load, part of exclusive's", most, ROUNDING);
}
