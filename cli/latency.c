// SPDX-License-Identifier: Apache-2.0
#include "latency.h"

#include "document_out.h"

#define NAME(constant, id) id,

static const char *const statistics[] = {SW_STATISTIC_LIST(NAME)};
static const char *const upper_keys[] = {"hi", "p50_hi", "p95_hi", "p99_hi"};
static const char *const metrics[] = {"TTFT", "TPOT"};

const char *metric_title(enum sw_metric metric)
{
	return metrics[metric];
}

const char *statistic_name(enum sw_statistic statistic)
{
	return statistics[statistic];
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
