/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file profile.h
 * Experiments with engines that share a GPU: designed from a campaign file (docs/formats/campaign.md), run on a simulator, on
 * engines that are running, on engines launched for it, or on a GPU with synthetic weights, and kept in a data set run by run:
 * src/profile/README.md.
 *
 *     sw_campaign_load(catalog, "campaign.yaml", &campaign, &err);
 *     sw_design_make(campaign, fit, &design, &err);    fit: NULL, if nothing was measured yet
 *     sw_profiler_new(campaign, design, dataset, &settings, &profiler, &err);
 *     sw_profiler_run(profiler, &summary, &err);       a second time it goes on where the first one ended
 *     sw_profiler_free(profiler); sw_design_free(design); sw_campaign_free(campaign);
 *
 * Objects are borrowed by those made later. A campaign and a design are pure: the same files give the same experiments.
 */
#ifndef SLICEWISE_PROFILE_H
#define SLICEWISE_PROFILE_H

#include "slicewise/dataset.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sw_campaign sw_campaign;

/**
 * Read a campaign file. SW_OK: *out is the caller's, release it with sw_campaign_free(). SW_BAD_INPUT names file, line and
 * key; SW_IO: the file cannot be read.
 */
SW_API enum sw_status sw_campaign_load(const sw_catalog *catalog, const char *path,
				       sw_campaign **out, struct sw_error *err);

/** Release it; NULL is fine. */
SW_API void sw_campaign_free(sw_campaign *campaign);

/** What a campaign is, in short. Strings are the campaign's. */
struct sw_campaign_info {
	const char *name;
	const char *gpu; /* its id in the catalogue, or the host's name */
	enum sw_mechanism mechanism;
	enum sw_source source;
	size_t models;
	unsigned repeats;
	uint64_t seed;
};

SW_API struct sw_campaign_info sw_campaign_describe(const sw_campaign *campaign);

/** One experiment: a mix with its loads, and how long it is measured. */
struct sw_experiment {
	char name[SW_NAME_MAX]; /* from what it is: "qwen3-0.6b@0.5:c8+qwen3-4b@0.5:c1" */
	struct sw_mix *mix; /* the design's */
	double warm_up_s; /* of load before what counts, and again after it */
	double duration_s; /* that counts */
	double gain; /* of information, in nats, when it was chosen; NAN without a budget */
};

struct sw_design {
	size_t n;
	struct sw_experiment *experiments; /* in the order in which they are run */
	unsigned repeats; /* of each */
	size_t unfit; /* sets of models that were left out: they do not fit the memory */
	size_t candidates; /* that a budget chose from; 0 without one */
};

/**
 * `fit` (borrowed, NULL: nothing was measured yet) says what engines sustain, so that loads given as parts of that are, and runs last
 * as many requests as they should. SW_OK: *out is the caller's, release it with sw_design_free(). SW_BAD_INPUT: no experiment is
 * left. SW_NO_MEMORY.
 */
SW_API enum sw_status sw_design_make(const sw_campaign *campaign, const sw_fit *fit,
				     struct sw_design **out, struct sw_error *err);

/** Release it with its mixes; NULL is fine. */
SW_API void sw_design_free(struct sw_design *design);

/** Seconds that one run of an experiment lasts on a real clock: load and, for what is launched, nothing more. */
SW_API double sw_experiment_load_s(const struct sw_experiment *experiment);

struct sw_profile_progress {
	size_t done, todo; /* runs of this call */
	double fraction; /* of its time */
	const char *experiment; /* that ended last; NULL at the beginning */
	const char *failed; /* why it has no numbers; NULL: it has */
};

struct sw_profile_settings {
	unsigned
		threads; /* simulations at once; 0: as many as there are processors. Real runs go one by one. */
	bool retry; /* run again what failed before */
	unsigned
		failures_max; /* runs that fail one after another before the campaign is given up; 0: never */
	/* Told after every run, by the thread that called sw_profiler_run(). NULL: nobody listens. */
	void (*progress)(void *context, const struct sw_profile_progress *progress);
	void *context;
};

SW_API struct sw_profile_settings sw_profile_defaults(void);

struct sw_profile_summary {
	size_t planned, kept_before; /* runs of the design; of which the data set had */
	size_t done, failed; /* in this call; failed ones are among them */
	bool stopped; /* by sw_profiler_stop() */
	char failure[512]; /* the first one's reason; "" */
};

typedef struct sw_profiler sw_profiler;

/** SW_OK: *out is the caller's, release it with sw_profiler_free(). `settings` NULL: the defaults. SW_NO_MEMORY. */
SW_API enum sw_status sw_profiler_new(const sw_campaign *campaign, const struct sw_design *design,
				      sw_dataset *dataset,
				      const struct sw_profile_settings *settings, sw_profiler **out,
				      struct sw_error *err);

SW_API void sw_profiler_free(sw_profiler *profiler);

/**
 * Run what the data set does not have yet; each run is in it before the next one is told of. A run that fails is kept with its
 * reason. SW_OK also where it was stopped: see *summary, which is filled in either way. A campaign whose conditions (all but name,
 * alone, together, repeats, budget, metrics) changed is another campaign of the data set, and runs from its beginning. SW_IO: the data set cannot be written, the backend cannot work at all, or
 * failures_max runs failed one after another.
 */
SW_API enum sw_status sw_profiler_run(sw_profiler *profiler, struct sw_profile_summary *summary,
				      struct sw_error *err);

/** End soon: the run under way is given up and not kept, what was launched is stopped. Any thread, any signal handler. */
SW_API void sw_profiler_stop(sw_profiler *profiler);

#ifdef __cplusplus
}
#endif

#endif
