// SPDX-License-Identifier: Apache-2.0
#include "latency.h"

#include <stdlib.h>

#include "document_out.h"
#include "must.h"

#define NAME(constant, id) id,

static const char *const statistics[] = {SW_STATISTIC_LIST(NAME)};
static const char *const upper_keys[] = {"hi", "p50_hi", "p95_hi", "p99_hi"};
static const char *const metrics[] = {"TTFT", "TPOT"};

const char *metric_title(enum sw_metric metric)
{
	return metrics[metric];
}

/* "412", or "37.2" where a tenth of a millisecond is worth showing. */
static char *upper_words(double ms)
{
	return must_format("%.*f/", ms < 100, ms);
}

char *limit_words(const struct sw_latency *latency, const double *bounds, bool with_upper,
		  bool *kept)
{
	char *text = must_format("%s", "");

	*kept = true;
	for (int i = 0; i < SW_STATISTIC_COUNT; i++) {
		char *longer, *upper;

		if (!sw_known(bounds[i]))
			continue;
		*kept = *kept && latency->hi[i] <= bounds[i];
		upper = with_upper ? upper_words(latency->hi[i]) : must_format("%s", "");
		longer = must_format("%s%s%s %s%g", text, *text ? ", " : "", statistics[i], upper,
				     bounds[i]);
		free(upper);
		free(text);
		text = longer;
	}
	return text;
}

json_t *latency_json(const struct sw_latency *latency)
{
	json_t *object = json_object();

	for (int i = 0; i < SW_STATISTIC_COUNT; i++)
		json_object_set_new(object, statistics[i], json_number(latency->at[i]));
	json_object_set_new(object, "lo", json_number(latency->lo));
	for (int i = 0; i < SW_STATISTIC_COUNT; i++)
		json_object_set_new(object, upper_keys[i], json_number(latency->hi[i]));
	return object;
}

void latency_cells(const struct sw_latency *latency, struct sheet *sheet)
{
	for (int i = 0; i < SW_STATISTIC_COUNT; i++)
		sheet_number(sheet, latency->at[i]);
	sheet_number(sheet, latency->lo);
	for (int i = 0; i < SW_STATISTIC_COUNT; i++)
		sheet_number(sheet, latency->hi[i]);
}
