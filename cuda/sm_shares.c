// SPDX-License-Identifier: Apache-2.0
#include "sm_shares.h"

#include "base/error.h"

static enum sw_status check(const struct sm_units *gpu, const uint32_t *wanted, size_t n,
			    struct sw_error *err)
{
	uint64_t sms = 0, units = 0;

	for (size_t i = 0; i < n; i++) {
		if (wanted[i] < gpu->unit)
			return sw_fail(err, SW_BAD_INPUT,
				       "engine %zu: found %u SMs, expected at least %u, the "
				       "smallest share of this GPU",
				       i + 1, wanted[i], gpu->unit);
		sms += wanted[i];
		units += wanted[i] / gpu->unit;
	}
	if (sms > gpu->sms)
		return sw_fail(err, SW_INFEASIBLE, "the engines want %llu SMs, the GPU has %u",
			       (unsigned long long)sms, gpu->sms);
	if (units > gpu->units)
		return sw_fail(err, SW_INFEASIBLE,
			       "the engines want %llu units of %u SMs, the GPU can be cut into %u",
			       (unsigned long long)units, gpu->unit, gpu->units);
	return SW_OK;
}

static uint32_t missing(const struct sm_units *gpu, uint32_t wanted, uint32_t units)
{
	uint32_t given = units * gpu->unit;

	return given < wanted ? wanted - given : 0;
}

enum sw_status sm_shares(const struct sm_units *gpu, const uint32_t *wanted, size_t n,
			 uint32_t *units, struct sw_error *err)
{
	enum sw_status st = check(gpu, wanted, n, err);
	uint32_t left = gpu->units;

	if (st != SW_OK)
		return st;
	for (size_t i = 0; i < n; i++) {
		units[i] = wanted[i] / gpu->unit;
		left -= units[i];
	}
	for (; n > 0 && left > 0; left--) {
		size_t most = 0;

		for (size_t i = 1; i < n; i++)
			if (missing(gpu, wanted[i], units[i]) >
			    missing(gpu, wanted[most], units[most]))
				most = i;
		if (2 * missing(gpu, wanted[most], units[most]) <= gpu->unit)
			break;
		units[most]++;
	}
	return SW_OK;
}
