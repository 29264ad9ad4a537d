// SPDX-License-Identifier: Apache-2.0
#include "plan/table_explain.h"

#include <stdio.h>

#include "base/text.h"
#include "plan/table_rows.h"

/* What the best of the smaller slices of this GPU would serve; "" where there is none. */
static void say_smaller(const struct sw_workload *w, const struct sw_fleet_entry *entry,
			const struct sw_placement *p, char *text, size_t size)
{
	const struct sw_mig_profile *best = NULL;
	double most = -1;

	*text = '\0';
	for (size_t i = 0; entry->mechanism == SW_MIG && i < entry->gpu.n_mig; i++) {
		const struct sw_mig_profile *profile = &entry->gpu.mig[i];
		double share = (double)profile->compute_slices / entry->gpu.mig_compute_slices;
		const struct sw_table_row *row = sw__row_best(w, share, profile->memory_gib);
		double served = row ? row->throughput : 0;

		if (share > p->share - SW__TABLE_SHARE_ROUNDING || served <= most)
			continue;
		best = profile;
		most = served;
	}
	if (most > 0)
		(void)snprintf(text, size, "; on %s at most %.4g", best->name, most);
	else if (best)
		(void)snprintf(text, size, "; on smaller slices none in time");
}

static void say_engine(const struct sw_workload *w, const struct sw_fleet_entry *entry,
		       struct sw_placement *p)
{
	const struct sw_table_row *row = p->row;
	char limit[48] = "", smaller[SW_NAME_MAX + 32];

	if (sw_known(w->latency_ms))
		(void)snprintf(limit, sizeof(limit), ", latency bound %.4g of %.4g ms",
			       p->predicted.latency[SW_TTFT].hi[SW_P99], w->latency_ms);
	say_smaller(w, entry, p, smaller, sizeof(smaller));
	(void)snprintf(p->binds, sizeof(p->binds),
		       "batches of %u by %u process%s in %.4g ms%s; %.4g of %.4g requests/s%s",
		       row->batch, row->processes, row->processes == 1 ? "" : "es", row->latency_ms,
		       limit, p->rate_or_concurrency, row->throughput, smaller);
}

/* The slice of an engine in a word. */
static void add_slice(struct sw_text *text, const struct sw_fleet_entry *entry,
		      const struct sw_placement *p)
{
	const struct sw_mig_profile *profile = NULL;

	if (entry->mechanism == SW_MIG)
		profile = sw_gpu_mig_profile(&entry->gpu, p->share, p->memory_gib);
	sw_text_puts(text, profile ? profile->name : "a whole GPU");
}

/* "3 engines: 2 on 3g.40gb, 1 on 1g.10gb; latency bound ...". */
static void say_placed(struct sw_text *text, const struct sw_problem *problem,
		       const struct sw_plan *plan, size_t workload)
{
	unsigned engines = plan->workloads[workload].replicas, said = 0;
	const struct sw_placement *slowest = NULL;

	sw_text_addf(text, "%u engine%s on ", engines, engines == 1 ? "" : "s");
	for (size_t g = 0; g < plan->n_gpus; g++)
		for (size_t k = 0; k < plan->gpus[g].n; k++) {
			const struct sw_placement *p = &plan->gpus[g].tenants[k];

			if (p->workload != workload)
				continue;
			if (said < 8) {
				sw_text_puts(text, said ? ", " : "");
				add_slice(text, &problem->fleet[plan->gpus[g].fleet], p);
			} else if (said == 8) {
				sw_text_puts(text, " and others");
			}
			said++;
			if (p->row && (!slowest || p->row->latency_ms > slowest->row->latency_ms))
				slowest = p;
		}
	if (slowest)
		sw_text_addf(text, ": %s", slowest->binds);
}

static const struct sw_table_row *fastest(const struct sw_table *table)
{
	const struct sw_table_row *best = &table->rows[0];

	for (size_t i = 1; i < table->n; i++)
		if (table->rows[i].latency_ms < best->latency_ms)
			best = &table->rows[i];
	return best;
}

static void say_unserved(struct sw_text *text, const struct sw_workload *w)
{
	const struct sw_table_row *row = fastest(w->table);
	double bound = sw__row_predict(row, 0).latency[SW_TTFT].hi[SW_P99];

	if (!sw__row_is_in_time(w, row))
		sw_text_addf(text,
			     "no row of %s is in time: the fastest has batches of %u in %.4g ms at "
			     "share %.2f, latency bound %.4g of %.4g ms",
			     w->table->path, row->batch, row->latency_ms, row->share, bound,
			     w->latency_ms);
	else
		sw_text_addf(text, "the fleet has no room left for %.4g requests/s as %s allows it",
			     w->load.rate, w->table->path);
}

enum sw_status sw__tables_explain(const struct sw_problem *problem, struct sw_plan *plan,
				  struct sw_error *err)
{
	for (size_t g = 0; g < plan->n_gpus; g++)
		for (size_t k = 0; k < plan->gpus[g].n; k++) {
			struct sw_placement *p = &plan->gpus[g].tenants[k];

			if (p->row)
				say_engine(&problem->workloads[p->workload],
					   &problem->fleet[plan->gpus[g].fleet], p);
		}
	for (size_t w = 0; w < problem->n_workloads; w++) {
		struct sw_text text = {0};
		bool ok;

		if (!problem->workloads[w].table)
			continue;
		if (plan->workloads[w].met)
			say_placed(&text, problem, plan, w);
		else
			say_unserved(&text, &problem->workloads[w]);
		ok = sw_text_ok(&text);
		(void)snprintf(plan->workloads[w].why, sizeof(plan->workloads[w].why), "%s",
			       sw_text_string(&text));
		sw_text_free(&text);
		if (!ok)
			return sw_fail(err, SW_NO_MEMORY, "out of memory");
	}
	return SW_OK;
}
