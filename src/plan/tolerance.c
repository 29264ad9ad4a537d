// SPDX-License-Identifier: Apache-2.0
#include "plan/tolerance.h"

#include <stdlib.h>

#include "base/error.h"

/* Fixed points are found to a thousandth; what differs by less is no more and no less. */
static const double rounding = 1e-3;

double sw__tolerance_miss(const struct sw__size *size, size_t level, double stretch)
{
	const struct sw__tolerance *t = size->tolerance ? &size->tolerance[level] : NULL;

	return t && t->ratio > 0 && stretch >= t->missed_at * (1 + rounding) ? t->ratio : 0;
}

enum sw_status sw__tolerance_learn(struct sw__size *size, size_t level, double stretch,
				   double ratio, struct sw_error *err)
{
	struct sw__tolerance *t;

	if (isnan(stretch) || !(ratio > 0))
		return SW_OK;
	if (!size->tolerance)
		size->tolerance = calloc(SW__LEVELS_MAX, sizeof(*size->tolerance));
	if (!size->tolerance)
		return sw_fail(err, SW_NO_MEMORY, "%s", size->tenant.name);
	t = &size->tolerance[level];
	if (t->ratio > 0 && t->missed_at <= stretch)
		return SW_OK;
	*t = (struct sw__tolerance){stretch, ratio};
	return SW_OK;
}
