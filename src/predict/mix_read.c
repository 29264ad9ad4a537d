// SPDX-License-Identifier: Apache-2.0
/* A mix file: the engines on one GPU. Format: docs/formats/mix.md. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "catalog/described.h"
#include "catalog/names.h"
#include "predict/mix_measured.h"
#include "predict/mix_read.h"
#include "predict/tenant_read.h"
#include "sharing/mechanism.h"

#define MEMORY_MAX_GIB           1e4
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
	{.key = "max_in_flight",
	 .type = SW_FIELD_UINT,
	 .offset = offsetof(struct sw_tenant, max_in_flight),
	 .min = 1,
	 .max = SW__IN_FLIGHT_MAX,
	 .unit = "requests"},
	{.key = "start_s",
	 .type = SW_FIELD_NUMBER,
	 .offset = offsetof(struct sw_tenant, start_s),
	 RANGE(0, SW__START_MAX_S, "seconds")},
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
	return SW_OK; /* a GPU is read once the mechanism is known, tenants once both are */
}

/* Data sets know one that nothing predicts. */
static enum sw_status read_mechanism(const struct sw_node *node, void *into, void *source,
				     struct sw_error *err)
{
	const struct sw__source *from = source;

	for (int i = 0; i < SW_MECHANISM_COUNT && node->kind == SW_NODE_STRING; i++) {
		const struct sw__mechanism *m = sw__mechanism((enum sw_mechanism)i);

		if (strcmp(node->text, m->id) != 0 || (m->unpredicted && !from->measured))
			continue;
		*(enum sw_mechanism *)into = (enum sw_mechanism)i;
		return SW_OK;
	}
	return sw_node_refuse(node, err,
			      from->measured
				      ? "a mechanism"
				      : "one of exclusive, mps, timeslice, hami, mig, cpu-quota");
}

static const struct sw_field mix_fields[] = {
	{.key = "gpu", .type = SW_FIELD_CALL, .read = keep_node, .required = true},
	{.key = "mechanism",
	 .type = SW_FIELD_CALL,
	 .offset = offsetof(struct sw_mix, mechanism),
	 .read = read_mechanism,
	 .required = true},
	{.key = "tenants", .type = SW_FIELD_CALL, .read = keep_node, .required = true},
};

/* What reading a mix needs beside the mix. */
struct mix_reading {
	struct sw__source source;
	const struct sw_node *tenants;
	struct sw_mix *mix;
};

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

static enum sw_status read_keys(struct mix_reading *r, const struct sw_node *root,
				struct sw_error *err)
{
	struct sw_mix *mix = r->mix;
	enum sw_status st =
		sw_node_read(root, mix_fields, sizeof(mix_fields) / sizeof(mix_fields[0]), false,
			     mix, &r->source, NULL, err);

	if (st != SW_OK)
		return st;
	return sw__read_place(sw_node_get(root, "gpu"), mix->mechanism, &mix->gpu, &r->source, err);
}

/* What was measured needs no judge, only what it leaves open; that our memory model has no room for it is no reason. */
static enum sw_status settle(const struct mix_reading *r, struct sw_error *err)
{
	struct sw_error inner;
	enum sw_status st = sw__settle_measured(&r->mix->gpu, r->mix->mechanism, r->mix->tenants,
						r->mix->n, &inner);

	return st == SW_INFEASIBLE ? SW_OK : sw__relay(r->tenants, st, &inner, err);
}

static enum sw_status read_mix(struct mix_reading *r, const struct sw_node *root,
			       struct sw_error *err)
{
	enum sw_status st = read_keys(r, root, err);

	if (st != SW_OK)
		return st;
	r->tenants = sw_node_get(root, "tenants");
	st = read_tenants(r, err);
	if (st == SW_OK && r->source.measured)
		return settle(r, err);
	return st == SW_OK ? sw__mix_check(r->tenants, r->source.path, r->mix, err) : st;
}

static enum sw_status read_any(const struct sw__source *source, const struct sw_node *root,
			       struct sw_mix **out, struct sw_error *err)
{
	struct mix_reading r = {.source = *source};
	enum sw_status st;

	*out = NULL;
	r.mix = calloc(1, sizeof(*r.mix));
	if (!r.mix)
		return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", source->path);
	st = read_mix(&r, root, err);
	r.mix->traces = r.source.traces;
	r.mix->n_traces = r.source.n_traces;
	if (st == SW_OK)
		*out = r.mix;
	else
		sw_mix_free(r.mix);
	return st;
}

enum sw_status sw__mix_read(const sw_catalog *catalog, const char *path, const struct sw_node *root,
			    struct sw_mix **out, struct sw_error *err)
{
	struct sw__source source = {.catalog = catalog, .path = path};

	return read_any(&source, root, out, err);
}

enum sw_status sw__mix_parse(const sw_catalog *catalog, const char *text, const char *name,
			     struct sw_mix **out, struct sw_error *err)
{
	struct sw__source source = {.catalog = catalog, .path = name, .measured = true};
	struct sw_document *document = NULL;
	enum sw_status st =
		sw_document_parse(text, strlen(text), name, SW_FORMAT_JSON, &document, err);

	*out = NULL;
	if (st != SW_OK)
		return st;
	st = read_any(&source, sw_document_root(document), out, err);
	sw_document_free(document);
	return st;
}

enum sw_status sw_mix_load(const sw_catalog *catalog, const char *path, struct sw_mix **out,
			   struct sw_error *err)
{
	struct sw_document *document = NULL;
	enum sw_status st = sw_document_load(path, &document, err);

	*out = NULL;
	if (st != SW_OK)
		return st;
	st = sw__mix_read(catalog, path, sw_document_root(document), out, err);
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
