// SPDX-License-Identifier: Apache-2.0
#include "common/chance.h"

#include <math.h>

double chance_between(struct sw__random *r, double low, double high)
{
	return low + (high - low) * sw__random_uniform(r);
}

double chance_log_between(struct sw__random *r, double low, double high)
{
	return low * exp(log(high / low) * sw__random_uniform(r));
}

const char *chance_model(const sw_catalog *catalog, struct sw__random *r, double parameters_max)
{
	for (;;) {
		const char *id = sw_catalog_model_id(
			catalog, sw__random_below(r, sw_catalog_model_count(catalog)));

		if (sw_catalog_model_published(catalog, id) <= parameters_max)
			return id;
	}
}
