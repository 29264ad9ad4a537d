/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file cross_fit.h
 * Bounds of a fit from judged rows, and what they are worth on rows that they are not from.
 */
#ifndef SLICEWISE_BENCH_CROSS_FIT_H
#define SLICEWISE_BENCH_CROSS_FIT_H

#include "fit/fit_cases.h"
#include "predict/fit_known.h"
#include "shipped-fit/judged.h"

/** All bounds of a fit become exp(difficulty) times the prediction, and nothing is out of range: what is judged with it shows how
 * difficult it was. */
void cross_fit_unit(sw_fit *fit);

/** From rows of all cases, which were judged in their order, the ranges of every group. */
void cross_fit_ranges(const struct judged *rows, struct sw__cases *cases, sw_fit *fit);

/** From rows that were judged with such a fit, the conformal bounds of every group and kind of engines, into `fit`. */
void cross_fit_bounds(const struct judged *rows, size_t n, sw_fit *fit);

/**
 * The same rows (the caller's to free()) with bounds from mixes that are not in their third: mixes are dealt to three folds. Each row is
 * so judged by bounds of the others.
 */
struct judged *cross_fit_judge(const struct judged *rows, size_t n, const sw_fit *fit);

#endif
