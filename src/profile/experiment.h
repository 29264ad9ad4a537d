/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file experiment.h
 * One experiment out of a campaign's models: which, with which shares and loads.
 */
#ifndef SLICEWISE_PROFILE_EXPERIMENT_H
#define SLICEWISE_PROFILE_EXPERIMENT_H

#include "profile/campaign.h"

/** One engine of an experiment. */
struct sw__pick {
	size_t model; /* in the campaign */
	double share;
	enum sw__load_kind kind;
	double level;
};

/** What of a campaign is opened once for all its experiments. */
struct sw__workbench {
	const sw_campaign *campaign;
	const sw_fit *fit; /* of what was measured before; NULL: nothing was */
	sw_calibration *calibration; /* NULL: nothing can be predicted here */
};

/** `fit` is borrowed, and may be NULL. */
enum sw_status sw__workbench_open(const sw_campaign *campaign, const sw_fit *fit,
				  struct sw__workbench *out, struct sw_error *err);
void sw__workbench_close(struct sw__workbench *bench);

/**
 * The mix of `n` picks: memory divided, engines resolved on their slices, rates found, and the run's length. A pick's share is
 * overruled by the model's own. SW_OK: *out holds it; release out->mix with sw_mix_free(). SW_INFEASIBLE: it does not fit the
 * memory. SW_BAD_INPUT: shares that the mechanism cannot give, or lengths beyond max_model_len.
 */
enum sw_status sw__experiment_make(const struct sw__workbench *bench, const struct sw__pick *picks,
				   size_t n, struct sw_experiment *out, struct sw_error *err);

/** 64 bits that a run's chance comes from: campaign's seed, experiment and repeat, not its place in the design. */
uint64_t sw__run_seed(const sw_campaign *campaign, const char *experiment, unsigned repeat);

#endif
