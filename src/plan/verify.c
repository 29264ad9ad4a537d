// SPDX-License-Identifier: Apache-2.0
#include "plan/verify.h"

#include <stdlib.h>
#include <string.h>

#include "plan/verify_checks.h"
#include "plan/verify_figures.h"
#include "plan/verify_tables.h"
#include "predict/contention.h"

static const double rounding = VERIFY_ROUNDING;
static const double whole_percent = 0.01; /* shares are given in such */

static const struct sw_fleet_entry *entry_of(const struct checking *c,
					     const struct sw_plan_gpu *gpu)
{
	return &c->problem->fleet[gpu->fleet];
}

static const struct sw_workload *workload_of(const struct checking *c, const struct sw_placement *p)
{
	return &c->problem->workloads[p->workload];
}

static int by_id(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum sw_status check_ids(const struct checking *c)
{
	size_t n = c->plan->n_gpus;
	const char **ids = calloc(n + 1, sizeof(*ids));
	enum sw_status st = SW_OK;

	if (!ids)
		return sw_fail(c->err, SW_NO_MEMORY, "%zu GPUs", n);
	for (size_t i = 0; i < n; i++)
		ids[i] = c->plan->gpus[i].id;
	if (n > 0)
		qsort((void *)ids, n, sizeof(*ids), by_id);
	for (size_t i = 1; i < n && st == SW_OK; i++) {
		if (strcmp(ids[i - 1], ids[i]) == 0)
			st = REFUSE(c, "two GPUs are called %s", ids[i]);
	}
	free((void *)ids);
	return st;
}

static enum sw_status check_shape(const struct checking *c)
{
	if (c->plan->n_workloads != c->problem->n_workloads)
		return REFUSE(c, "%zu workloads of %zu", c->plan->n_workloads,
			      c->problem->n_workloads);
	for (size_t i = 0; i < c->plan->n_gpus; i++) {
		const struct sw_plan_gpu *gpu = &c->plan->gpus[i];

		if (gpu->fleet >= c->problem->n_fleet || gpu->n == 0)
			return REFUSE(c, "GPU %s is empty or of no fleet entry", gpu->id);
		for (size_t k = 0; k < gpu->n; k++) {
			if (gpu->tenants[k].workload >= c->problem->n_workloads)
				return REFUSE(c, "GPU %s has an engine of no workload", gpu->id);
		}
	}
	return check_ids(c);
}

static enum sw_status check_counts(const struct checking *c)
{
	for (size_t f = 0; f < c->problem->n_fleet; f++) {
		size_t used = 0;

		for (size_t i = 0; i < c->plan->n_gpus; i++)
			used += c->plan->gpus[i].fleet == f;
		if ((double)used > c->problem->fleet[f].count)
			return REFUSE(c, "%zu GPUs %s, the fleet has %.0f", used,
				      c->problem->fleet[f].gpu.id, c->problem->fleet[f].count);
	}
	return SW_OK;
}

/* Slice by slice: inside the GPU, where the profile may begin, and nobody else's. */
static bool lies_free(const struct sw_gpu *gpu, const struct sw_mig_profile *profile,
		      unsigned start, unsigned long *taken)
{
	unsigned end = start + profile->memory_slices;

	if (start >= gpu->mig_memory_slices || end > gpu->mig_memory_slices)
		return false;
	if (profile->starts && !(profile->starts >> start & 1))
		return false;
	for (unsigned slice = start; slice < end; slice++) {
		if (*taken >> slice & 1)
			return false;
		*taken |= 1UL << slice;
	}
	return true;
}

static enum sw_status check_mig(const struct checking *c, const struct sw_plan_gpu *gpu)
{
	const struct sw_gpu *model = &entry_of(c, gpu)->gpu;
	unsigned compute = 0, instances[SW_MIG_PROFILES_MAX] = {0};
	unsigned long taken = 0;

	for (size_t k = 0; k < gpu->n; k++) {
		const struct sw_mig_profile *profile = sw_gpu_mig_profile(
			model, gpu->tenants[k].share, gpu->tenants[k].memory_gib);

		if (!profile)
			return REFUSE(c, "%s: no MIG profile with share %g and %g GiB", gpu->id,
				      gpu->tenants[k].share, gpu->tenants[k].memory_gib);
		compute += profile->compute_slices;
		if (!lies_free(model, profile, gpu->tenants[k].mig_start, &taken))
			return REFUSE(c, "%s: %s cannot lie at memory slice %u there", gpu->id,
				      profile->name, gpu->tenants[k].mig_start);
		if (++instances[profile - model->mig] > profile->max_instances)
			return REFUSE(c, "%s: more than %u instances of %s", gpu->id,
				      profile->max_instances, profile->name);
	}
	if (compute > model->mig_compute_slices)
		return REFUSE(c, "%s: %u compute slices", gpu->id, compute);
	return SW_OK;
}

/* Shares that bind nobody are no saving: the GPU counts as used up by all on it together, to a hundredth each. */
static enum sw_status check_turns(const struct checking *c, const struct sw_plan_gpu *gpu)
{
	enum sw_mechanism mechanism = entry_of(c, gpu)->mechanism;
	double share = 0, unbound = 0;

	for (size_t k = 0; k < gpu->n; k++) {
		share += gpu->tenants[k].share;
		unbound += mechanism == SW_TIMESLICE ||
			   (mechanism == SW_HAMI && gpu->tenants[k].engine.cuda_graphs);
	}
	if (unbound > 0 && share < 1 - unbound * whole_percent - rounding)
		return REFUSE(c,
			      "%s: shares add up to %.9g though they bind only %.0f of %zu engines",
			      gpu->id, share, (double)gpu->n - unbound, gpu->n);
	return SW_OK;
}

/* Under mps a share is a cap. Nobody has one, or they add up: half of the engines with a cap would be a mistake. */
static bool uncapped(const struct sw_fleet_entry *entry, const struct sw_plan_gpu *gpu)
{
	for (size_t k = 0; k < gpu->n; k++) {
		if (gpu->tenants[k].share < 1)
			return false;
	}
	return entry->mechanism == SW_MPS;
}

/* What HAMi and MPS can be told. */
static bool is_whole_percent(double share)
{
	static const double percent = 100;

	return fabs(share * percent - round(share * percent)) <= percent * rounding;
}

/* HAMi's limit on memory is told so. */
static bool is_whole_mib(const struct sw_fleet_entry *entry, double gib)
{
	static const double mib_per_gib = 1024, part = 1e-6;

	return entry->mechanism != SW_HAMI ||
	       fabs(gib * mib_per_gib - round(gib * mib_per_gib)) <= part;
}

static enum sw_status check_sums(const struct checking *c, const struct sw_plan_gpu *gpu)
{
	const struct sw_fleet_entry *entry = entry_of(c, gpu);
	double share = 0, memory = 0;

	if (gpu->n > entry->max_tenants || gpu->n > SW_TENANTS_MAX)
		return REFUSE(c, "%s: %zu engines, at most %u", gpu->id, gpu->n,
			      entry->max_tenants);
	if (entry->mechanism == SW_MIG)
		return check_mig(c, gpu);
	for (size_t k = 0; k < gpu->n; k++) {
		if (!(gpu->tenants[k].share > 0 && gpu->tenants[k].share <= 1))
			return REFUSE(c, "%s: share %g", gpu->id, gpu->tenants[k].share);
		if (!is_whole_percent(gpu->tenants[k].share))
			return REFUSE(c, "%s: share %.9g, not in whole percent", gpu->id,
				      gpu->tenants[k].share);
		if (!is_whole_mib(entry, gpu->tenants[k].memory_gib))
			return REFUSE(c, "%s: %.9g GiB of memory, not in whole MiB", gpu->id,
				      gpu->tenants[k].memory_gib);
		share += gpu->tenants[k].share;
		memory += gpu->tenants[k].memory_gib;
	}
	if (share > 1 + rounding && entry->mechanism != SW_TIMESLICE && !uncapped(entry, gpu))
		return REFUSE(c, "%s: shares add up to %.9g", gpu->id, share);
	if (entry->mechanism == SW_EXCLUSIVE && (gpu->n > 1 || share < 1))
		return REFUSE(c, "%s: exclusive, and not one engine with all of it", gpu->id);
	if (!(memory <= sw_gpu_visible_gib(&entry->gpu) + rounding))
		return REFUSE(c, "%s: %.9g GiB of memory given away", gpu->id, memory);
	return check_turns(c, gpu);
}

/* By the kind ("l4") or by the single GPU ("l4/0"). */
static bool may_use(const struct sw_workload *workload, const char *kind, const char *gpu)
{
	for (size_t i = 0; i < workload->n_gpus; i++) {
		if (strcmp(workload->gpus[i], kind) == 0 || strcmp(workload->gpus[i], gpu) == 0)
			return true;
	}
	return workload->n_gpus == 0;
}

static bool must_not_meet(const struct sw_workload *w, const char *other)
{
	bool found = false;

	for (size_t i = 0; i < w->n_not_with; i++)
		found = found || strcmp(w->not_with[i], other) == 0;
	return found;
}

static bool isolated(const struct checking *c, const struct sw_plan_gpu *gpu,
		     const struct sw_workload *workload)
{
	enum sw_mechanism mechanism = entry_of(c, gpu)->mechanism;

	switch (workload->isolation) {
	case SW_ISOLATION_HARDWARE:
		return gpu->n == 1 || mechanism == SW_MIG;
	case SW_ISOLATION_PROCESS:
		return gpu->n == 1 || mechanism != SW_MPS;
	case SW_ISOLATION_SHARED:
		break;
	}
	return true;
}

static enum sw_status check_wishes(const struct checking *c, const struct sw_plan_gpu *gpu)
{
	const struct sw_fleet_entry *entry = entry_of(c, gpu);

	for (size_t k = 0; k < gpu->n; k++) {
		const struct sw_placement *p = &gpu->tenants[k];
		const struct sw_workload *w = workload_of(c, p);

		if (!may_use(w, entry->gpu.id, gpu->id))
			return REFUSE(c, "%s may not run on %s", w->name, gpu->id);
		if (!isolated(c, gpu, w))
			return REFUSE(c, "%s is not isolated on %s", w->name, gpu->id);
		for (size_t j = 0; w->spread && j < k; j++) {
			if (gpu->tenants[j].workload == p->workload)
				return REFUSE(c, "%s is twice on %s", w->name, gpu->id);
		}
		for (size_t j = 0; j < gpu->n; j++) {
			const char *other = workload_of(c, &gpu->tenants[j])->name;

			if (must_not_meet(w, other))
				return REFUSE(c, "%s is with %s on %s", w->name, other, gpu->id);
		}
	}
	return SW_OK;
}

static struct sw_tenant tenant_of(const struct checking *c, const struct sw_plan_gpu *gpu,
				  const struct sw_placement *p)
{
	const struct sw_workload *w = workload_of(c, p);
	struct sw_tenant tenant = {
		.model = w->model,
		.engine = p->engine,
		.slice = {entry_of(c, gpu)->mechanism, p->share, p->memory_gib},
		.load = w->load,
		.slo = w->slo,
		.max_in_flight = p->max_in_flight,
	};

	(void)memcpy(tenant.name, w->name, sizeof(tenant.name));
	if (sw_known(w->load.rate)) {
		double grown = w->load.rate * (1 + w->room);
		double kept = sw__verify_mean(w, p->sized_for) / grown, cv = w->load.burstiness;

		tenant.load.rate = p->sized_for;
		tenant.load.trace_stretch = w->load.trace_stretch / (1 + w->room);
		tenant.load.burstiness = sqrt(kept * cv * cv + (1 - kept));
	} else {
		tenant.load.concurrency = p->sized_for;
	}
	return tenant;
}

static enum sw_status check_predictions(const struct checking *c, const struct sw_plan_gpu *gpu,
					const struct sw_prediction *predicted)
{
	for (size_t k = 0; k < gpu->n; k++) {
		const struct sw_placement *p = &gpu->tenants[k];
		const struct sw_workload *w = workload_of(c, p);

		if (!sw__same_prediction(&predicted[k], &p->predicted))
			return REFUSE(c, "%s on %s: predicted anew, it is another", w->name,
				      gpu->id);
		if (c->plan->workloads[p->workload].met &&
		    !sw_prediction_meets(&predicted[k], &w->slo))
			return REFUSE(c, "%s on %s breaks a limit", w->name, gpu->id);
	}
	return SW_OK;
}

/* In place of the closed form's predictions, those of a play, and how they stand to each other. */
static enum sw_status play_gpu(const struct checking *c, const struct sw_plan_gpu *gpu,
			       const struct sw_tenant *tenants, struct sw_prediction *predicted)
{
	struct sw_prediction closed[SW_TENANTS_MAX];
	struct sw__play_job job = {.fleet = gpu->fleet, .n = gpu->n};
	enum sw_status st;

	if (!c->oracle->play || gpu->n > SW_TENANTS_MAX)
		return REFUSE(c, "%s: nobody can play it", gpu->id);
	(void)memcpy(closed, predicted, gpu->n * sizeof(*closed));
	(void)memcpy(job.tenants, tenants, gpu->n * sizeof(*tenants));
	st = c->oracle->play(c->oracle->context, &job, predicted, c->err);
	for (size_t k = 0; k < gpu->n && st == SW_OK; k++)
		for (int i = 0; i < SW_METRIC_COUNT * SW_STATISTIC_COUNT; i++) {
			int m = i / SW_STATISTIC_COUNT, s = i % SW_STATISTIC_COUNT;
			double now = predicted[k].latency[m].hi[s] / closed[k].latency[m].hi[s];

			if (!isfinite(closed[k].latency[m].hi[s]) || !isfinite(now))
				now = NAN;
			if (differ(now, gpu->tenants[k].played_over_closed[m][s]))
				return REFUSE(c, "%s on %s: its play is %.9g times the closed form",
					      workload_of(c, &gpu->tenants[k])->name, gpu->id, now);
		}
	return st;
}

static enum sw_status check_unplayed(const struct checking *c, const struct sw_plan_gpu *gpu)
{
	for (size_t k = 0; k < gpu->n; k++)
		for (int i = 0; i < SW_METRIC_COUNT * SW_STATISTIC_COUNT; i++)
			if (gpu->tenants[k].played_over_closed[i / SW_STATISTIC_COUNT]
							      [i % SW_STATISTIC_COUNT] != 0)
				return REFUSE(c, "%s on %s was not played",
					      workload_of(c, &gpu->tenants[k])->name, gpu->id);
	return SW_OK;
}

/* Only what runs is limited by its gateway: an engine that is started has its own batch limit. */
static enum sw_status check_in_flight(const struct checking *c, const struct sw_plan_gpu *gpu,
				      const struct sw_placement *p)
{
	if (!p->max_in_flight)
		return SW_OK;
	if (!c->plan->replanned)
		return REFUSE(c, "%s on %s: a limit of %u requests in flight before it runs",
			      workload_of(c, p)->name, gpu->id, p->max_in_flight);
	if (p->max_in_flight > p->engine.max_num_seqs)
		return REFUSE(c, "%s on %s: %u requests in flight, at most %u run",
			      workload_of(c, p)->name, gpu->id, p->max_in_flight,
			      p->engine.max_num_seqs);
	return SW_OK;
}

static enum sw_status predict_gpu(const struct checking *c, const struct sw_plan_gpu *gpu,
				  sw_prepared **prepared, struct sw_tenant *tenants,
				  struct sw_prediction *predicted)
{
	const struct sw__oracle *oracle = c->oracle;
	enum sw_status st = SW_OK;

	for (size_t k = 0; k < gpu->n && st == SW_OK; k++) {
		struct sw_tenant tenant = tenants[k] = tenant_of(c, gpu, &gpu->tenants[k]);

		st = sw__verify_settings(c->problem, oracle, gpu, &gpu->tenants[k], c->err);
		if (st == SW_OK)
			st = check_in_flight(c, gpu, &gpu->tenants[k]);
		if (st == SW_OK)
			st = oracle->check_memory(oracle->context, gpu->fleet, &tenant, c->err);
		if (st == SW_OK)
			st = oracle->prepare(oracle->context, gpu->tenants[k].workload, gpu->fleet,
					     &tenant, &prepared[k], c->err);
	}
	if (st != SW_OK)
		return sw_fail_in(c->err, st == SW_NO_MEMORY ? st : SW_INTERNAL, "plan refused: %s",
				  gpu->id);
	oracle->predict(entry_of(c, gpu)->mechanism, (const sw_prepared *const *)prepared, gpu->n,
			predicted);
	oracle->max_rates(entry_of(c, gpu)->mechanism, (const sw_prepared *const *)prepared, gpu->n,
			  predicted);
	if (c->plan->played)
		st = play_gpu(c, gpu, tenants, predicted);
	else if (!c->plan->replanned)
		st = check_unplayed(c, gpu);
	return st == SW_OK ? check_predictions(c, gpu, predicted) : st;
}

/* What is predicted of the language models; a measured table isolates or is alone, so nobody feels it. */
static enum sw_status check_models(const struct checking *c, const struct sw_plan_gpu *gpu)
{
	sw_prepared **prepared = calloc(gpu->n, sizeof(sw_prepared *));
	struct sw_prediction *predicted = calloc(gpu->n, sizeof(*predicted));
	struct sw_tenant *tenants = calloc(gpu->n, sizeof(*tenants));
	enum sw_status st = prepared && predicted && tenants
				    ? predict_gpu(c, gpu, prepared, tenants, predicted)
				    : sw_fail(c->err, SW_NO_MEMORY, "%zu engines", gpu->n);

	for (size_t k = 0; prepared && k < gpu->n; k++) {
		if (prepared[k])
			c->oracle->release(prepared[k]);
	}
	free((void *)prepared);
	free(tenants);
	free(predicted);
	return st;
}

static enum sw_status check_latencies(const struct checking *c, const struct sw_plan_gpu *gpu)
{
	struct sw_plan_gpu models = *gpu;
	enum sw_status st = sw__verify_tables(c->problem, c->plan, gpu, c->err);

	models.tenants = calloc(gpu->n, sizeof(*models.tenants));
	if (!models.tenants)
		return sw_fail(c->err, SW_NO_MEMORY, "%zu engines", gpu->n);
	models.n = 0;
	for (size_t k = 0; k < gpu->n; k++)
		if (!gpu->tenants[k].row)
			models.tenants[models.n++] = gpu->tenants[k];
	if (st == SW_OK && models.n > 0)
		st = check_models(c, &models);
	free(models.tenants);
	return st;
}

enum sw_status sw__plan_verify(const struct sw_problem *problem, const struct sw__oracle *oracle,
			       const struct sw_plan *plan, struct sw_error *err)
{
	const struct checking c = {problem, oracle, plan, err};
	enum sw_status st = check_shape(&c);

	if (st == SW_OK)
		st = sw__verify_names(problem, plan, err);
	if (st == SW_OK)
		st = check_counts(&c);
	for (size_t i = 0; i < plan->n_gpus && st == SW_OK; i++) {
		st = check_sums(&c, &plan->gpus[i]);
		if (st == SW_OK)
			st = check_wishes(&c, &plan->gpus[i]);
		if (st == SW_OK)
			st = check_latencies(&c, &plan->gpus[i]);
	}
	if (st == SW_OK)
		st = sw__verify_nodes(&c);
	if (st == SW_OK)
		st = sw__verify_parts(&c);
	if (st == SW_OK)
		st = sw__verify_met(problem, plan, err);
	return st == SW_OK ? sw__verify_totals(problem, plan, err) : st;
}

enum sw_status sw_plan_verify(const sw_catalog *catalog, const struct sw_problem *problem,
			      const struct sw_plan *plan, struct sw_error *err)
{
	struct sw__oracle oracle = {0};
	enum sw_status st = sw__oracle_open(problem, &oracle, err);

	(void)catalog;
	if (st == SW_OK)
		st = sw__plan_verify(problem, &oracle, plan, err);
	sw__oracle_close(&oracle);
	return st;
}
