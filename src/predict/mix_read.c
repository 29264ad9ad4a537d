// SPDX-License-Identifier: Apache-2.0
/* A mix file: the engines on one GPU. Format: docs/formats/mix.md. */
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "predict/contention.h"
#include "predict/tenant_read.h"
#include "sharing/mechanism.h"
#include "slicewise/predict.h"

/* Shares and memories are sums of decimal fractions: the last bit must not refuse 0.1 + 0.2 + 0.7. */
static const double SUM_ROUNDING = 1e-9;

#define MEMORY_MAX_GIB           1e4
#define START_MAX_S              1e6
#define RANGE(min_, max_, unit_) .min = min_, .max = max_, .unit = unit_, .min_open = true

enum { GIVEN_NAME = 1 << 0, GIVEN_SHARE = 1 << 1, GIVEN_MEMORY = 1 << 2 };

static const struct sw_field tenant_fields[] = {
	{.key = "name",
	 .type = SW_FIELD_NAME,
	 .offset = offsetof(struct sw_tenant, name),
	 .capacity = SW_NAME_MAX,
	 .given_bit = GIVEN_NAME},
	{.key = "model",
	 .type = SW_FIELD_CALL,
	 .offset = offsetof(struct sw_tenant, model),
	 .read = sw__read_model,
	 .required = true},
	{.key = "share",
	 .type = SW_FIELD_NUMBER,
	 .offset = offsetof(struct sw_tenant, slice.share),
	 RANGE(0, 1, "fraction of the GPU's compute"),
	 .given_bit = GIVEN_SHARE},
	{.key = "memory_gib",
	 .type = SW_FIELD_NUMBER,
	 .offset = offsetof(struct sw_tenant, slice.memory_gib),
	 RANGE(0, MEMORY_MAX_GIB, "GiB"),
	 .given_bit = GIVEN_MEMORY},
	{.key = "engine",
	 .type = SW_FIELD_CALL,
	 .offset = offsetof(struct sw_tenant, engine),
	 .read = sw__read_engine,
	 .null_is_absent = true},
	{.key = "load",
	 .type = SW_FIELD_CALL,
	 .offset = offsetof(struct sw_tenant, load),
	 .read = sw__read_load,
	 .required = true},
	{.key = "start_s",
	 .type = SW_FIELD_NUMBER,
	 .offset = offsetof(struct sw_tenant, start_s),
	 RANGE(0, START_MAX_S, "seconds")},
	{.key = "slo",
	 .type = SW_FIELD_CALL,
	 .offset = offsetof(struct sw_tenant, slo),
	 .read = sw__read_slo,
	 .null_is_absent = true},
};

static enum sw_status keep_node(const struct sw_node *node, void *into, void *source,
				struct sw_error *err)
{
	(void)node, (void)into, (void)source, (void)err;
	return SW_OK; /* tenants are read once the GPU and the mechanism are known */
}

static const struct sw_field mix_fields[] = {
	{.key = "gpu",
	 .type = SW_FIELD_CALL,
	 .offset = offsetof(struct sw_mix, gpu),
	 .read = sw__read_gpu,
	 .required = true},
	{.key = "mechanism",
	 .type = SW_FIELD_CHOICE,
	 .offset = offsetof(struct sw_mix, mechanism),
	 .choices = sw__usable_mechanisms,
	 .required = true},
	{.key = "tenants", .type = SW_FIELD_CALL, .read = keep_node, .required = true},
};

/* What reading a mix needs beside the mix. */
struct mix_reading {
	struct sw__source source;
	const struct sw_node *tenants;
	struct sw_mix *mix;
	struct sw_text warning;
};

static void warn(struct mix_reading *r, const char *format, ...) SW__PRINTF(2, 3);

static void warn(struct mix_reading *r, const char *format, ...)
{
	va_list args;

	if (r->warning.size)
		sw_text_puts(&r->warning, "\n");
	va_start(args, format);
	sw_text_vaddf(&r->warning, format, args);
	va_end(args);
}

static enum sw_status check_share(const struct mix_reading *r, const struct sw_node *node,
				  struct sw_tenant *tenant, unsigned given, struct sw_error *err)
{
	const struct sw__mechanism *mechanism = sw__mechanism(r->mix->mechanism);
	const struct sw_node *share = sw_node_get(node, "share");
	struct sw_error inner;

	if (!(given & GIVEN_SHARE)) {
		if (mechanism->share_has_effect)
			return sw_node_complain(node, err, "key share is missing: %s needs one",
						mechanism->id);
		tenant->slice.share = 1;
		return SW_OK;
	}
	return sw__relay(
		share,
		sw__mechanism_check(r->mix->mechanism, &r->mix->gpu, tenant->slice.share, &inner),
		&inner, err);
}

static enum sw_status read_tenant(struct mix_reading *r, size_t i, struct sw_error *err)
{
	const struct sw_node *node = r->tenants->children[i];
	struct sw_tenant *tenant = &r->mix->tenants[i];
	unsigned given = 0;
	enum sw_status st;

	*tenant = (struct sw_tenant){
		.engine = sw__engine_nothing_given(),
		.slo = sw__slo_none(),
		.slice = {.mechanism = r->mix->mechanism, .share = 1, .memory_gib = NAN},
	};
	(void)snprintf(tenant->name, sizeof(tenant->name), "tenant-%zu", i + 1);
	st = sw_node_read(node, tenant_fields, sizeof(tenant_fields) / sizeof(tenant_fields[0]),
			  false, tenant, &r->source, &given, err);
	return st == SW_OK ? check_share(r, node, tenant, given, err) : st;
}

static enum sw_status check_share_sum(struct mix_reading *r, struct sw_error *err)
{
	const struct sw__mechanism *mechanism = sw__mechanism(r->mix->mechanism);
	double sum = 0;

	for (size_t i = 0; i < r->mix->n; i++)
		sum += r->mix->tenants[i].slice.share;
	if (!mechanism->share_has_effect || sum <= 1 + SUM_ROUNDING)
		return SW_OK;
	if (!mechanism->sum_may_exceed_one)
		return sw_node_complain(
			r->tenants, err,
			"found shares that add up to %.6g, expected at most 1 under %s", sum,
			mechanism->id);
	warn(r,
	     "%s:%d: shares add up to %.6g: under %s a share is a cap, and engines compete for SMs",
	     r->source.path, r->tenants->line, sum, mechanism->id);
	return SW_OK;
}

/* Slices that MIG can cut side by side; which instances may lie where is checked by the planner's placement. */
static enum sw_status check_mig(const struct mix_reading *r, struct sw_error *err)
{
	const struct sw_gpu *gpu = &r->mix->gpu;
	unsigned compute = 0, memory = 0;

	for (size_t i = 0; r->mix->mechanism == SW_MIG && i < r->mix->n; i++) {
		const struct sw_slice *slice = &r->mix->tenants[i].slice;
		const struct sw_mig_profile *profile =
			sw_gpu_mig_profile(gpu, slice->share, slice->memory_gib);

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
static enum sw_status divide_memory(struct mix_reading *r, struct sw_error *err)
{
	struct sw_mix *mix = r->mix;
	double claimed = 0, each;
	size_t without = 0;

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
	warn(r, "%s:%d: memory_gib left out: an equal part of what is left, %.4g GiB each",
	     r->source.path, r->tenants->line, each);
	return SW_OK;
}

static enum sw_status check_fit(const struct mix_reading *r, size_t i, struct sw_error *err)
{
	const struct sw_node *node = r->tenants->children[i];
	const struct sw_node *engine = sw_node_get(node, "engine");
	struct sw_tenant *tenant = &r->mix->tenants[i];
	struct sw_memory_fit fit;
	struct sw_error inner;
	enum sw_status st = sw_engine_resolve(&tenant->engine, &r->mix->gpu, &tenant->model,
					      &tenant->slice, &inner);

	if (st != SW_OK)
		return sw__relay(engine ? engine : node, st, &inner, err);
	st = sw__check_lengths(sw_node_get(node, "load"), &tenant->load,
			       tenant->engine.max_model_len, err);
	if (st != SW_OK)
		return st;
	return sw__relay(node,
			 sw_memory_fit(&r->mix->gpu, &tenant->model, &tenant->engine,
				       &tenant->slice, &fit, &inner),
			 &inner, err);
}

static enum sw_status read_tenants(struct mix_reading *r, struct sw_error *err)
{
	size_t n = r->tenants->count;
	enum sw_status st = SW_OK;

	if (r->tenants->kind != SW_NODE_LIST || n == 0)
		return sw_node_refuse(r->tenants, err, "a list of at least one tenant");
	if (n > (r->mix->mechanism == SW_EXCLUSIVE ? 1 : SW_TENANTS_MAX))
		return sw_node_complain(r->tenants, err,
					"found %zu tenants, expected at most %d under %s", n,
					r->mix->mechanism == SW_EXCLUSIVE ? 1 : SW_TENANTS_MAX,
					sw_mechanism_name(r->mix->mechanism));
	r->mix->tenants = calloc(n, sizeof(*r->mix->tenants));
	if (!r->mix->tenants)
		return sw_fail(err, SW_NO_MEMORY, "%s: %zu tenants", r->source.path, n);
	for (; st == SW_OK && r->mix->n < n; r->mix->n++)
		st = read_tenant(r, r->mix->n, err);
	return st == SW_OK ? sw__check_unique(r->tenants, r->mix->tenants[0].name,
					      sizeof(*r->mix->tenants), n, err)
			   : st;
}

static enum sw_status read_mix(struct mix_reading *r, const struct sw_node *root,
			       struct sw_error *err)
{
	enum sw_status st =
		sw_node_read(root, mix_fields, sizeof(mix_fields) / sizeof(mix_fields[0]), false,
			     r->mix, &r->source, NULL, err);

	if (st != SW_OK)
		return st;
	r->tenants = sw_node_get(root, "tenants");
	st = read_tenants(r, err);
	if (st == SW_OK)
		st = check_share_sum(r, err);
	if (st == SW_OK)
		st = check_mig(r, err);
	if (st == SW_OK)
		st = divide_memory(r, err);
	for (size_t i = 0; st == SW_OK && i < r->mix->n; i++)
		st = check_fit(r, i, err);
	return st;
}

/* The mix takes over what was read beside it. */
static enum sw_status finish(struct mix_reading *r, struct sw_error *err)
{
	r->mix->traces = r->source.traces;
	r->mix->n_traces = r->source.n_traces;
	r->source = (struct sw__source){0};
	if (!sw_text_ok(&r->warning))
		return sw_fail(err, SW_NO_MEMORY, "out of memory");
	r->mix->warning = r->warning.data;
	r->warning = (struct sw_text){0};
	return SW_OK;
}

enum sw_status sw_mix_load(const sw_catalog *catalog, const char *path, struct sw_mix **out,
			   struct sw_error *err)
{
	struct mix_reading r = {.source = {.catalog = catalog, .path = path}};
	struct sw_document *document = NULL;
	enum sw_status st = sw_document_load(path, &document, err);

	*out = NULL;
	if (st != SW_OK)
		return st;
	r.mix = calloc(1, sizeof(*r.mix));
	if (!r.mix) {
		sw_document_free(document);
		return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", path);
	}
	st = read_mix(&r, sw_document_root(document), err);
	if (st == SW_OK)
		st = finish(&r, err);
	if (st == SW_OK) {
		*out = r.mix;
		r.mix = NULL;
	}
	sw_mix_free(r.mix);
	sw__source_free(&r.source);
	sw_text_free(&r.warning);
	sw_document_free(document);
	return st;
}

void sw_mix_free(struct sw_mix *mix)
{
	if (!mix)
		return;
	sw__traces_free(mix->traces, mix->n_traces);
	free(mix->tenants);
	free(mix->warning);
	free(mix);
}
