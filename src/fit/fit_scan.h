/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fit_scan.h
 * Coefficients that latencies jump with, so that no slope says which way to go: values are tried. README.md, "Scanning".
 */
#ifndef SLICEWISE_FIT_FIT_SCAN_H
#define SLICEWISE_FIT_FIT_SCAN_H

#include "fit/fit_descent.h"

/**
 * Give each group's scanned coefficient the value with which all others, fitted anew, explain best those mixes that depend on it
 * most; and cases->vector.scanned its doubt. *moved: some have another value now, and all other coefficients what went with it. Cases
 * are left as they were predicted. The coefficients are those that they were fitted to.
 */
enum sw_status sw__fit_scan(struct sw__cases *cases, const struct sw__descent *how, bool *moved,
			    struct sw_error *err);

#endif
