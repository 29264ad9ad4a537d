// SPDX-License-Identifier: Apache-2.0
/* What the tenants of a mix must keep together. */
#include <stdlib.h>

#include "base/text.h"
#include "catalog/described.h"
#include "predict/mix_read.h"
#include "predict/tenant_read.h"
#include "sharing/mechanism.h"

/*
 * Shares and memories are sums of decimal fractions: the last bit must not refuse 0.1 + 0.2 + 0.7, nor the ninth digit, where
 * plan files end, seven sevenths.
 */
static const double SUM_ROUNDING = 1e-8;

struct checking {
	const struct sw_node *tenants;
	const char *path;
	struct sw_mix *mix;
	struct sw_text warning;
};

static void warn(struct checking *r, const char *format, ...) SW__PRINTF(2, 3);

static void warn(struct checking *r, const char *format, ...)
{
	va_list args;

	if (r->warning.size)
		sw_text_puts(&r->warning, "\n");
	va_start(args, format);
	sw_text_vaddf(&r->warning, format, args);
	va_end(args);
}

static enum sw_status check_share_sum(struct checking *r, struct sw_error *err)
{
	const struct sw__mechanism *mechanism = sw__mechanism(r->mix->mechanism);
	double sum = 0;

	for (size_t i = 0; i < r->mix->n; i++)
		sum += r->mix->tenants[i].slice.share;
	/* A quota is of one core, of which there may be many. */
	if (!mechanism->share_has_effect || mechanism->share_is_quota || sum <= 1 + SUM_ROUNDING)
		return SW_OK;
	if (!mechanism->sum_may_exceed_one)
		return sw_node_complain(
			r->tenants, err,
			"found shares that add up to %.6g, expected at most 1 under %s", sum,
			mechanism->id);
	warn(r,
	     "%s:%d: shares add up to %.6g: under %s a share is a cap, and engines compete for SMs",
	     r->path, r->tenants->line, sum, mechanism->id);
	return SW_OK;
}

/* Instances that MIG can cut side by side. */
static enum sw_status check_mig(const struct checking *r, struct sw_error *err)
{
	const struct sw_gpu *gpu = &r->mix->gpu;
	const struct sw_mig_profile *profiles[SW_TENANTS_MAX];
	unsigned compute = 0, memory = 0, starts[SW_TENANTS_MAX];

	for (size_t i = 0; r->mix->mechanism == SW_MIG && i < r->mix->n; i++) {
		const struct sw_slice *slice = &r->mix->tenants[i].slice;
		const struct sw_mig_profile *profile =
			sw_gpu_mig_profile(gpu, slice->share, slice->memory_gib);

		profiles[i] = profile;
		if (!profile)
			return sw_node_complain(r->tenants->children[i], err,
						"no MIG profile of %s has share %.6g and %.6g GiB",
						gpu->id, slice->share, slice->memory_gib);
		compute += profile->compute_slices;
		memory += profile->memory_slices;
	}
	if (compute > gpu->mig_compute_slices || memory > gpu->mig_memory_slices)
		return sw_node_complain(
			r->tenants, err,
			"found MIG instances of %u compute and %u memory slices, expected "
			"at most %u and %u on %s",
			compute, memory, gpu->mig_compute_slices, gpu->mig_memory_slices, gpu->id);
	if (r->mix->mechanism == SW_MIG && !sw_gpu_mig_arrange(gpu, profiles, r->mix->n, starts))
		return sw_node_complain(r->tenants, err,
					"found MIG instances that cannot lie side by side on %s",
					gpu->id);
	return SW_OK;
}

/*
 * What a tenant surely takes: its memory_gib, or the part of the GPU it was told to take where nothing caps it.
 * NAN: neither was given.
 */
static double claimed_gib(const struct sw_mix *mix, const struct sw_tenant *tenant)
{
	bool part_of_gpu = !sw__mechanism(mix->mechanism)->memory_is_capped &&
			   (tenant->engine.given & SW_KEY_GPU_MEMORY_UTILIZATION);

	if (sw_known(tenant->slice.memory_gib))
		return tenant->slice.memory_gib;
	return part_of_gpu ? tenant->engine.gpu_memory_utilization * sw_gpu_visible_gib(&mix->gpu)
			   : NAN;
}

/* Who was given no memory gets an equal part of what the others leave; an engine alone keeps the whole GPU. */
static enum sw_status divide_memory(struct checking *r, struct sw_error *err)
{
	struct sw_mix *mix = r->mix;
	double claimed = 0, each;
	size_t without = 0;

	if (sw__is_host(&mix->gpu))
		return SW_OK;
	for (size_t i = 0; i < mix->n; i++) {
		double gib = claimed_gib(mix, &mix->tenants[i]);

		claimed += sw_known(gib) ? gib : 0;
		without += !sw_known(gib);
	}
	if (claimed > mix->gpu.dram_gib * (1 + SUM_ROUNDING))
		return sw_node_complain(
			r->tenants, err,
			"found %.6g GiB of memory in all, expected at most the %.6g GiB "
			"of %s",
			claimed, mix->gpu.dram_gib, mix->gpu.id);
	if (without == 0 || mix->n == 1 || sw__mechanism(mix->mechanism)->share_is_memory)
		return SW_OK;
	each = (sw_gpu_visible_gib(&mix->gpu) - claimed) / (double)without;
	if (each <= 0)
		return sw_node_complain(
			r->tenants, err,
			"found no memory left for the %zu tenants without memory_gib", without);
	for (size_t i = 0; i < mix->n; i++) {
		if (!sw_known(claimed_gib(mix, &mix->tenants[i])))
			mix->tenants[i].slice.memory_gib = each;
	}
	warn(r, "%s:%d: memory_gib left out: an equal part of what is left, %.4g GiB each", r->path,
	     r->tenants->line, each);
	return SW_OK;
}

/* Beyond what the engine runs at once a limit is none, and a slip. */
static enum sw_status check_in_flight(const struct sw_node *node, const struct sw_tenant *tenant,
				      struct sw_error *err)
{
	if (tenant->max_in_flight <= tenant->engine.max_num_seqs)
		return SW_OK;
	return sw_node_refuse(sw_node_get(node, "max_in_flight"), err,
			      "at most the engine's max_num_seqs of %u",
			      tenant->engine.max_num_seqs);
}

static enum sw_status check_fit(const struct checking *r, size_t i, struct sw_error *err)
{
	const struct sw_node *node = r->tenants->children[i];
	const struct sw_node *engine = sw_node_get(node, "engine");
	const struct sw_node *load = sw_node_get(node, "load"); /* a plan's stands elsewhere */
	struct sw_tenant *tenant = &r->mix->tenants[i];
	struct sw_memory_fit fit;
	struct sw_error inner;
	enum sw_status st = sw_engine_resolve(&tenant->engine, &r->mix->gpu, &tenant->model,
					      &tenant->slice, &inner);

	if (st != SW_OK)
		return sw__relay(engine ? engine : node, st, &inner, err);
	st = check_in_flight(node, tenant, err);
	if (st != SW_OK)
		return st;
	st = sw__check_lengths(load ? load : node, &tenant->load, tenant->engine.max_model_len,
			       err);
	if (st != SW_OK)
		return st;
	return sw__relay(node,
			 sw_memory_fit(&r->mix->gpu, &tenant->model, &tenant->engine,
				       &tenant->slice, &fit, &inner),
			 &inner, err);
}

/* The words become the mix's own. */
static enum sw_status hand_over_warning(struct checking *r, struct sw_error *err)
{
	if (!sw_text_ok(&r->warning))
		return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", r->path);
	r->mix->warning = r->warning.data;
	r->warning = (struct sw_text){0};
	return SW_OK;
}

enum sw_status sw__mix_check(const struct sw_node *tenants, const char *path, struct sw_mix *mix,
			     struct sw_error *err)
{
	struct checking r = {.tenants = tenants, .path = path, .mix = mix};
	enum sw_status st = check_share_sum(&r, err);

	if (st == SW_OK)
		st = check_mig(&r, err);
	if (st == SW_OK)
		st = divide_memory(&r, err);
	for (size_t i = 0; st == SW_OK && i < mix->n; i++)
		st = check_fit(&r, i, err);
	if (st == SW_OK)
		st = hand_over_warning(&r, err);
	sw_text_free(&r.warning);
	return st;
}
