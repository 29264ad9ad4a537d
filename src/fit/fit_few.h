/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fit_few.h
 * Some of a fit's cases, to be predicted with other coefficients than the rest: those that tell of a value that is tried.
 */
#ifndef SLICEWISE_FIT_FIT_FEW_H
#define SLICEWISE_FIT_FIT_FEW_H

#include "fit/fit_descent.h"

/** Room for copies of cases, with the same coefficients; release it with sw__few_clear(), also after SW_NO_MEMORY. */
enum sw_status sw__few_make(const struct sw__cases *cases, struct sw__cases *few,
			    struct sw_error *err);
enum sw_status sw__few_add(const struct sw__case *c, struct sw__cases *few, struct sw_error *err);
void sw__few_clear(struct sw__cases *few);

/** A coefficient of a group: where it stands in the vector. */
struct sw__few_entry {
	size_t group;
	int at;
};

/** The value with which least is left so far; `left` INFINITY: none was tried. */
struct sw__few_best {
	double at, left;
};

/** Whether `left` is less than `before` by more than chance in plays: by a part of it, and by what two equations are worth. */
bool sw__few_is_less(double left, double before);

/** What is left of the group with this value and all others where slopes, those that the cases have, say they would go: kept if least. */
enum sw_status sw__few_left_at(struct sw__cases *few, const struct sw__few_entry *entry,
			       const struct sw__descent *how, double at, struct sw__few_best *best,
			       struct sw_error *err);

#endif
