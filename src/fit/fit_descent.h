/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fit_descent.h
 * Down the slopes: Gauss-Newton steps, shortened where they make it worse. README.md, "Solving".
 */
#ifndef SLICEWISE_FIT_FIT_DESCENT_H
#define SLICEWISE_FIT_FIT_DESCENT_H

#include "fit/fit_normal.h"
#include "fit/fit_predict.h"

struct sw__descent {
	struct sw__predicting predicting;
	double slopes_part; /* of the time of a case, for slopes; 0: those at hand will do */
	unsigned rounds; /* steps at most, those taken back included */
	bool is_there; /* the cases were predicted, with slopes, where it begins */
	struct sw__normal *normal; /* borrowed: room */
};

/**
 * Slopes are those of where the coefficients are. They are left at the best that was found, and the cases predicted there;
 * `objective` (may be NULL) receives what is left.
 */
enum sw_status sw__fit_descend(struct sw__cases *cases, const struct sw__descent *how,
			       double *objective, struct sw_error *err);

#endif
