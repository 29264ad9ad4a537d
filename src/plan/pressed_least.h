/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pressed_least.h
 * What serving one workload costs at the least, where it is known what the resources of each kind of GPU are worth at each pressure.
 */
#ifndef SLICEWISE_PLAN_PRESSED_LEAST_H
#define SLICEWISE_PLAN_PRESSED_LEAST_H

#include "plan/pressed.h"

/**
 * The least over all kinds of GPU, bins, and divisions that the bound by pressure knows, of price × Σ weight × part; INFINITY: no kind
 * serves it. Only what may be less than what is found already is looked at. `weight` of each kind's bins one after another; compute of
 * the kinds for which `no_compute` is true is left out. Of two ways to serve a workload one is meant, never a mixture of what is best of
 * both, so it may be above what sw__pressed_parts() of all ways say. *kind, of the kinds' bins: where to look first, and where that is;
 * any will do. SW_NO_MEMORY.
 */
enum sw_status sw__pressed_least(struct sw__sizing *sizing, size_t workload,
				 const struct sw__kind_weight *weight, const bool *no_compute,
				 size_t *kind, double *least, struct sw_error *err);

#endif
