// SPDX-License-Identifier: Apache-2.0
#include "target.h"

#include "lookup.h"
#include "report.h"

/* Those a fleet can use; the list ends before the ones that only data sets know. */
#define NAME(constant, id) constant < SW_GREEN_CONTEXT ? (id) : NULL,

const char *const mechanism_choices[] = {SW_MECHANISM_LIST(NAME) NULL};

#define AT(member) offsetof(struct target, member)

const struct option target_options[TARGET_OPTIONS] = {
	{"gpu", 0, OPTION_GPU, "GPU", AT(gpu_name), .given = TARGET_GPU,
	 .help = "catalogue id, or the path of a GPU file"},
	{"model", 0, OPTION_MODEL, "MODEL", AT(model_name), .given = TARGET_MODEL,
	 .help = "catalogue id, or the path of a config.json"},
	{"mechanism", 0, OPTION_CHOICE, NULL, AT(slice.mechanism), .choices = mechanism_choices,
	 .given = TARGET_MECHANISM, .help = "who enforces the slice; exclusive unless given"},
	{"share", 0, OPTION_NUMBER, "S", AT(slice.share), 0, 1, true, .given = TARGET_SHARE,
	 .help = "fraction of the GPU's compute; needed under mps, hami and mig"},
	{"memory-gib", 0, OPTION_NUMBER, "GIB", AT(slice.memory_gib), 0, INFINITY, true,
	 .given = TARGET_MEMORY,
	 .help = "memory the engine may see; all that the mechanism shows it unless given"},
};

/* Under these the share means nothing or is always the whole GPU. */
static bool needs_share(enum sw_mechanism mechanism)
{
	return mechanism != SW_EXCLUSIVE && mechanism != SW_TIMESLICE;
}

static enum sw_status check_share(const struct target *target, struct sw_error *err)
{
	bool given = target->given & TARGET_SHARE;

	if (needs_share(target->slice.mechanism) && !given)
		return fail(err, SW_USAGE, "--share is missing: %s divides the GPU",
			    sw_mechanism_name(target->slice.mechanism));
	if (target->slice.mechanism == SW_EXCLUSIVE && target->slice.share < 1)
		return fail(err, SW_USAGE,
			    "--share: found %g, expected 1 under exclusive; --mechanism says who "
			    "enforces a smaller one",
			    target->slice.share);
	return SW_OK;
}

enum sw_status target_resolve(const sw_catalog *catalog, struct target *target,
			      struct sw_error *err)
{
	enum sw_status st = check_share(target, err);

	if (st == SW_OK)
		st = lookup_gpu(catalog, target->gpu_name, &target->gpu, err);
	if (st == SW_OK)
		st = lookup_model(catalog, target->model_name, &target->model, err);
	if (st == SW_OK)
		st = sw_engine_resolve(&target->engine, &target->gpu, &target->model,
				       &target->slice, err);
	return st;
}
