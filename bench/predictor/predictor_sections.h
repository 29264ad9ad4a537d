/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file predictor_sections.h
 * What is said of the trials: tables, figures; and measurements on real GPUs.
 */
#ifndef SLICEWISE_BENCH_PREDICTOR_SECTIONS_H
#define SLICEWISE_BENCH_PREDICTOR_SECTIONS_H

#include "common/figures.h"
#include "predictor/trials_of_set.h"

/** The sets that were tried. */
struct measured_sets {
	size_t n;
	const struct measured_set *at;
};

/** Ours on held-out mixes: errors, single runs, by size of the mix, the worst; with limits. */
void section_held_out(const struct measured_sets *sets, const struct judged_rows *rows,
		      struct figures *figures);

/** Three and four engines predicted from one and two. */
void section_larger(const struct measured_sets *sets, const struct judged_rows *rows,
		    struct figures *figures);

/** How upper bounds hold. */
void section_bounds(const struct measured_sets *sets, const struct judged_rows *rows,
		    struct figures *figures);

/** Everybody side by side; errors by number of runs. */
void section_contenders(const struct measured_sets *sets, const struct judged_rows *rows,
			struct figures *figures);
void section_curve(const struct measured_sets *sets, const struct judged_rows *rows,
		   struct figures *figures);

/** Two language models on one A100; pairs of CNNs on a V100. Each says so where its measurements are not here. */
void section_real_pairs(const sw_catalog *catalog, struct figures *figures);
void section_cnn_forms(struct figures *figures);

/** predictor-*.svg in `folder`. False: one could not be written. */
bool draw_figures(const struct measured_sets *sets, const struct judged_rows *rows,
		  const char *folder);

#endif
