// SPDX-License-Identifier: Apache-2.0
#include "plan/rules.h"

#include "sharing/mechanism.h"

/* An engine that a limiter does not hold still asks for a percent of it. */
static const double least_turn = 0.01;

static bool isolation_holds(const struct sw__sizing *sizing, enum sw_mechanism mechanism,
			    struct sw__size *const *engines, size_t n)
{
	for (size_t i = 0; n > 1 && i < n; i++) {
		enum sw_isolation wanted =
			sizing->problem->workloads[engines[i]->workload].isolation;

		if (wanted == SW_ISOLATION_HARDWARE && mechanism != SW_MIG)
			return false;
		/* Clients of one MPS server share its fate: a fatal fault of one can end all. */
		if (wanted == SW_ISOLATION_PROCESS && mechanism == SW_MPS)
			return false;
	}
	return true;
}

static bool spread_holds(const struct sw__sizing *sizing, struct sw__size *const *engines, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!sizing->problem->workloads[engines[i]->workload].spread)
			continue;
		for (size_t j = 0; j < i; j++) {
			if (engines[j]->workload == engines[i]->workload)
				return false;
		}
	}
	return true;
}

static bool cores_hold(const struct sw_fleet_entry *entry, struct sw__size *const *engines,
		       size_t n)
{
	double per_gpu = entry->cores_per_node / entry->gpus_per_node;
	double wanted = 0;

	for (size_t i = 0; i < n; i++) {
		double cores = engines[i]->tenant.engine.cores;

		wanted += sw_known(cores) ? cores : SW__CORES_PER_ENGINE;
	}
	return n == 1 || !sw_known(per_gpu) || wanted <= per_gpu + SW__SUM_ROUNDING;
}

static bool mig_holds(const struct sw__sizing *sizing, const struct sw_fleet_entry *entry,
		      struct sw__size *const *engines, const unsigned char *level, size_t n)
{
	const struct sw__levels *levels = &sizing->levels[engines[0]->fleet];
	const struct sw_mig_profile *profiles[SW_TENANTS_MAX];
	unsigned starts[SW_TENANTS_MAX];

	if (n > SW_TENANTS_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		profiles[i] = levels->level[level ? level[i] : engines[i]->alone].profile;
	return sw_gpu_mig_arrange(&entry->gpu, profiles, n, starts);
}

bool sw__rules_allow_levels(const struct sw__sizing *sizing, size_t fleet,
			    struct sw__size *const *engines, const unsigned char *level, size_t n)
{
	const struct sw_fleet_entry *entry = &sizing->problem->fleet[fleet];
	double share = 0, memory = 0;

	if (entry->mechanism == SW_MIG)
		return mig_holds(sizing, entry, engines, level, n);
	for (size_t i = 0; i < n; i++) {
		size_t at = level ? level[i] : engines[i]->alone;

		share += engines[i]->share_matters ? sw__size_share(sizing, engines[i], at)
						   : least_turn;
		memory += sw__size_memory_gib(sizing, engines[i], at);
	}
	/* MPS allows more, and then nobody knows who runs on which SM: a plan does not. */
	if (sw__mechanism(entry->mechanism)->share_has_effect && share > 1 + SW__SUM_ROUNDING)
		return false;
	return memory <= sw_gpu_visible_gib(&entry->gpu) + SW__SUM_ROUNDING;
}

bool sw__rules_allow_company(const struct sw__sizing *sizing, size_t fleet,
			     struct sw__size *const *engines, size_t n)
{
	const struct sw_fleet_entry *entry = &sizing->problem->fleet[fleet];

	for (size_t i = 0; i < n; i++) {
		if (!engines[i]->possible)
			return false;
	}
	return n <= entry->max_tenants && isolation_holds(sizing, entry->mechanism, engines, n) &&
	       spread_holds(sizing, engines, n) && cores_hold(entry, engines, n);
}

bool sw__rules_allow(const struct sw__sizing *sizing, size_t fleet, struct sw__size *const *engines,
		     size_t n)
{
	return sw__rules_allow_company(sizing, fleet, engines, n) &&
	       sw__rules_allow_levels(sizing, fleet, engines, NULL, n);
}
