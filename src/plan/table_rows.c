// SPDX-License-Identifier: Apache-2.0
#include "plan/table_rows.h"

static double upper_ms(const struct sw_table_row *row)
{
	return SW__TABLE_BATCHES * row->latency_ms / SW__TABLE_PART;
}

bool sw__row_is_in_time(const struct sw_workload *workload, const struct sw_table_row *row)
{
	return !sw_known(workload->latency_ms) || upper_ms(row) < workload->latency_ms;
}

static bool better(const struct sw_table_row *a, const struct sw_table_row *b)
{
	if (!b || a->throughput != b->throughput)
		return !b || a->throughput > b->throughput;
	return a->latency_ms < b->latency_ms;
}

static bool runs_on(const struct sw_table_row *row, double share, double memory_gib)
{
	return row->share <= share + SW__TABLE_SHARE_ROUNDING && !(row->memory_gib > memory_gib);
}

const struct sw_table_row *sw__row_best(const struct sw_workload *workload, double share,
					double memory_gib)
{
	const struct sw_table_row *best = NULL;

	for (size_t i = 0; i < workload->table->n; i++) {
		const struct sw_table_row *row = &workload->table->rows[i];

		if (runs_on(row, share, memory_gib) && sw__row_is_in_time(workload, row) &&
		    better(row, best))
			best = row;
	}
	return best;
}

const struct sw_table_row *sw__row_as_run(const struct sw_workload *workload, double share,
					  double memory_gib, unsigned batch, unsigned processes,
					  bool *known)
{
	const struct sw_table_row *best = NULL;

	*known = false;
	for (size_t i = 0; i < workload->table->n; i++) {
		const struct sw_table_row *row = &workload->table->rows[i];

		if (row->batch != batch || row->processes != processes ||
		    !runs_on(row, share, memory_gib))
			continue;
		*known = true;
		if (sw__row_is_in_time(workload, row) && better(row, best))
			best = row;
	}
	return best;
}

struct sw_prediction sw__row_predict(const struct sw_table_row *row, double rate)
{
	struct sw_prediction p = {
		.requests_per_s = rate,
		.output_tokens_per_s = NAN,
		.slowdown = 1,
		.max_rate_per_s = row->throughput,
		.running = NAN,
		.busy = rate / row->throughput,
		.gpu_busy = NAN,
		.kv_cache_tokens = NAN,
		.binds = SW_BINDS_NOTHING,
	};

	for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
		p.latency[SW_TTFT].at[s] = NAN;
		p.latency[SW_TTFT].hi[s] = upper_ms(row);
		p.latency[SW_TPOT].at[s] = p.latency[SW_TPOT].hi[s] = NAN;
	}
	p.latency[SW_TTFT].at[SW_MEAN] = row->latency_ms;
	p.latency[SW_TTFT].lo = row->latency_ms;
	p.latency[SW_TPOT].lo = NAN;
	return p;
}
