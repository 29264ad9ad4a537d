// SPDX-License-Identifier: Apache-2.0
#include "plan/verify_tables.h"

#include "base/error.h"

/* A request waits for one batch and is in the next; a tenth of the limit is kept back. Shares are written with two digits. */
static const double batches = 2, kept_back = 0.1, share_rounding = 0.005, rounding = 1e-9;

#define REFUSE(err, ...) sw_fail(err, SW_INTERNAL, "plan refused: " __VA_ARGS__)

static const struct sw_table_row *find_row(const struct sw_table *table,
					   const struct sw_table_row *row)
{
	for (size_t i = 0; i < table->n; i++)
		if (&table->rows[i] == row)
			return row;
	return NULL;
}

static enum sw_status check_engine(const struct sw_workload *w, bool met,
				   const struct sw_plan_gpu *gpu, const struct sw_placement *p,
				   struct sw_error *err)
{
	const struct sw_table_row *row = find_row(w->table, p->row);
	double answered_ms;

	if (!row)
		return REFUSE(err, "%s on %s runs as no row of %s", w->name, gpu->id,
			      w->table->path);
	if (row->share > p->share + share_rounding)
		return REFUSE(err, "%s on %s has share %g, measured at %g", w->name, gpu->id,
			      p->share, row->share);
	if (row->memory_gib > p->memory_gib)
		return REFUSE(err, "%s on %s has %g GiB, measured with %g", w->name, gpu->id,
			      p->memory_gib, row->memory_gib);
	if (!(p->rate_or_concurrency <= row->throughput * (1 + rounding)))
		return REFUSE(err, "%s on %s has %.9g requests/s, measured %.9g", w->name, gpu->id,
			      p->rate_or_concurrency, row->throughput);
	answered_ms = batches * row->latency_ms;
	if (met && answered_ms >= w->latency_ms * (1 - kept_back) * (1 + rounding))
		return REFUSE(err, "%s on %s answers within %.9g ms, which is not below %.9g",
			      w->name, gpu->id, answered_ms, w->latency_ms * (1 - kept_back));
	return SW_OK;
}

enum sw_status sw__verify_tables(const struct sw_problem *problem, const struct sw_plan *plan,
				 const struct sw_plan_gpu *gpu, struct sw_error *err)
{
	bool isolates = problem->fleet[gpu->fleet].mechanism == SW_MIG;
	enum sw_status st = SW_OK;

	for (size_t k = 0; k < gpu->n && st == SW_OK; k++) {
		const struct sw_placement *p = &gpu->tenants[k];
		const struct sw_workload *w = &problem->workloads[p->workload];

		if (!w->table && !p->row)
			continue;
		if (!w->table || !p->row)
			return REFUSE(err, "%s on %s is %s a table", w->name, gpu->id,
				      w->table ? "" : "not");
		if (gpu->n > 1 && !isolates)
			return REFUSE(err, "%s is not alone on %s", w->name, gpu->id);
		st = check_engine(w, plan->workloads[p->workload].met, gpu, p, err);
	}
	return st;
}
