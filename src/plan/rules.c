// SPDX-License-Identifier: Apache-2.0
#include "plan/rules.h"

#include <string.h>

#include "plan/parts.h"
#include "plan/places.h"
#include "sharing/mechanism.h"

/* An engine that a limiter does not hold still asks for a percent of it. */
static const double least_turn = 0.01;

static bool lists(const struct sw_workload *w, const char *name)
{
	for (size_t i = 0; i < w->n_not_with; i++) {
		if (strcmp(w->not_with[i], name) == 0)
			return true;
	}
	return false;
}

bool sw__may_meet(const struct sw_problem *problem, size_t a, size_t b)
{
	const struct sw_workload *x = &problem->workloads[a], *y = &problem->workloads[b];

	if (a == b)
		return !sw__apart(x);
	return !lists(x, y->name) || !lists(y, x->name);
}

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

static bool all_may_meet(const struct sw__sizing *sizing, struct sw__size *const *engines, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < i; j++) {
			if (!sw__may_meet(sizing->problem, engines[i]->workload,
					  engines[j]->workload))
				return false;
		}
	}
	return true;
}

/* Of an unlimited kind nodes come full, and each GPU has its part of the cores; else places.c looks at whole nodes. */
static bool cores_hold(const struct sw_fleet_entry *entry, struct sw__size *const *engines,
		       size_t n)
{
	bool whole_node = n == 1 || isfinite(entry->count);
	double most = entry->cores_per_node / (whole_node ? 1 : entry->gpus_per_node);

	return !sw_known(entry->gpus_per_node) || !sw_known(most) ||
	       sw__cores_of(entry, engines, n) <= most + SW__SUM_ROUNDING;
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

bool sw__rules_allow_beside(const struct sw__sizing *sizing, size_t fleet,
			    struct sw__size *const *engines, size_t n)
{
	const struct sw_fleet_entry *entry = &sizing->problem->fleet[fleet];

	return n <= entry->max_tenants && isolation_holds(sizing, entry->mechanism, engines, n) &&
	       all_may_meet(sizing, engines, n) && cores_hold(entry, engines, n) &&
	       sw__pins_agree(sizing->problem, fleet, engines, n);
}

bool sw__rules_allow_company(const struct sw__sizing *sizing, size_t fleet,
			     struct sw__size *const *engines, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!engines[i]->possible)
			return false;
	}
	return sw__rules_allow_beside(sizing, fleet, engines, n);
}

bool sw__rules_allow(const struct sw__sizing *sizing, size_t fleet, struct sw__size *const *engines,
		     size_t n)
{
	return sw__rules_allow_company(sizing, fleet, engines, n) &&
	       sw__rules_allow_levels(sizing, fleet, engines, NULL, n);
}
