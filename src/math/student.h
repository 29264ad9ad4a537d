/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file student.h
 * Student's t distribution.
 */
#ifndef SLICEWISE_MATH_STUDENT_H
#define SLICEWISE_MATH_STUDENT_H

/**
 * The t with P(T <= t) = p for `degrees` of freedom (whole, at least 1), 0.5 <= p < 1: exact for one and two, else Hill's
 * expansion (1970), to five digits. NAN elsewhere.
 */
double sw__student_quantile(double p, double degrees);

#endif
