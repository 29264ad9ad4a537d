// SPDX-License-Identifier: Apache-2.0
#include "plan/miss.h"

#include <stdio.h>

static const char *const metrics[] = {
#define METRIC(name, id) id,
	SW_METRIC_LIST(METRIC)
#undef METRIC
};

static const char *const statistics[] = {
#define STATISTIC(name, id) id,
	SW_STATISTIC_LIST(STATISTIC)
#undef STATISTIC
};

struct sw__miss sw__miss_of(const struct sw_prediction *prediction, const struct sw_slo *slo)
{
	struct sw__miss miss = {.ratio = 0};

	if (prediction->binds == SW_BINDS_OVERLOAD)
		return (struct sw__miss){.ratio = INFINITY};
	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
			double limit = slo->bound_ms[m][s];
			double found = prediction->latency[m].hi[s];
			double ratio = found / limit;

			/* One-token outputs have no TPOT, and NAN is above nothing; an endless bound is above all. */
			if (ratio > miss.ratio)
				miss = (struct sw__miss){ratio, (enum sw_metric)m,
							 (enum sw_statistic)s, found, limit};
		}
	}
	return miss;
}

void sw__miss_say(const struct sw__miss *miss, char *text, size_t size)
{
	if (isinf(miss->ratio))
		(void)snprintf(text, size,
			       isinf(miss->found_ms) ? "close to overload" : "overload");
	else if (miss->ratio <= 0)
		(void)snprintf(text, size, "no limits");
	else
		(void)snprintf(text, size, "%s_%s bound %.4g of %.4g ms", metrics[miss->metric],
			       statistics[miss->statistic], miss->found_ms, miss->limit_ms);
}
