// SPDX-License-Identifier: Apache-2.0
#include "sharing/mechanism.h"

#include <math.h>

#include "base/error.h"

/* TPCs hold two SMs on every GPU of the catalogue. */
enum { SMS_PER_TPC = 2 };

/* A share is a sum of decimal percentages: 0.3 * 108 must not lose an SM to its last bit. */
static const double SHARE_ROUNDING = 1e-9;

static const struct sw__mechanism mechanisms[SW_MECHANISM_COUNT] = {
	[SW_EXCLUSIVE] = {.id = "exclusive", .measured = true},
	[SW_MPS] = {.id = "mps",
		    .share_is_sms = true,
		    .share_has_effect = true,
		    .shares_dram = true,
		    .sum_may_exceed_one = true,
		    .measured = true},
	[SW_TIMESLICE] = {.id = "timeslice",
			  .takes_turns = true,
			  .sum_may_exceed_one = true,
			  .measured = true},
	[SW_HAMI] = {.id = "hami",
		     .share_is_duty = true,
		     .share_has_effect = true,
		     .takes_turns = true,
		     .memory_is_capped = true},
	[SW_MIG] = {.id = "mig",
		    .share_is_sms = true,
		    .share_is_memory = true,
		    .share_has_effect = true,
		    .memory_is_capped = true},
	[SW_GREEN_CONTEXT] = {.id = "green-context",
			      .share_is_sms = true,
			      .share_has_effect = true,
			      .shares_dram = true,
			      .unpredicted = true},
	/* Hosts have more cores than one. */
	[SW_CPU_QUOTA] = {.id = "cpu-quota",
			  .share_is_quota = true,
			  .share_has_effect = true,
			  .sum_may_exceed_one = true,
			  .measured = true},
};

const struct sw__mechanism *sw__mechanism(enum sw_mechanism mechanism)
{
	return &mechanisms[mechanism];
}

double sw__mechanism_sms(enum sw_mechanism mechanism, const struct sw_gpu *gpu, double share)
{
	double sms = fmax(1, gpu->sms);
	double pairs;

	if (!mechanisms[mechanism].share_is_sms || share >= 1)
		return sms;
	pairs = floor(share * sms / SMS_PER_TPC + SHARE_ROUNDING);
	return fmax(1, pairs * SMS_PER_TPC);
}

double sw__mechanism_duty_stretch(enum sw_mechanism mechanism, double share, bool cuda_graphs)
{
	const struct sw__mechanism *row = &mechanisms[mechanism];

	return row->share_is_quota || (row->share_is_duty && !cuda_graphs) ? 1 / share : 1;
}

bool sw__mechanism_holds(enum sw_mechanism mechanism, double share, bool cuda_graphs)
{
	return mechanisms[mechanism].share_is_duty && !cuda_graphs && share < 1;
}

enum sw_status sw__mechanism_check(enum sw_mechanism mechanism, const struct sw_gpu *gpu,
				   double share, struct sw_error *err)
{
	const struct sw__mechanism *row = &mechanisms[mechanism];

	if (!(share > 0 && share <= 1))
		return sw_fail(err, SW_BAD_INPUT, "share: found %g, expected above 0 and at most 1",
			       share);
	if (mechanism == SW_EXCLUSIVE && share < 1)
		return sw_fail(err, SW_BAD_INPUT,
			       "share: found %g, expected 1 under exclusive (nobody else is there)",
			       share);
	if (row->share_is_sms && share * gpu->sms < 1 - SHARE_ROUNDING)
		return sw_fail(err, SW_BAD_INPUT,
			       "share: found %g, expected at least one of the %u SMs of %s (%.4f)",
			       share, gpu->sms, gpu->id, 1.0 / gpu->sms);
	if (mechanism == SW_MIG && gpu->n_mig == 0)
		return sw_fail(err, SW_BAD_INPUT, "mechanism: %s has no MIG", gpu->id);
	return SW_OK;
}
