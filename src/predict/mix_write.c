// SPDX-License-Identifier: Apache-2.0
/* A mix as a mix file: docs/formats/mix.md, and what a data set adds to it, docs/formats/dataset.md. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "base/error.h"
#include "catalog/described.h"
#include "formats/fields_write.h"
#include "predict/tenant_read.h"
#include "slicewise/predict.h"

static json_t *gpu_json(const sw_catalog *catalog, const struct sw_gpu *gpu, bool *ok)
{
	return catalog && sw__gpu_is_listed(catalog, gpu, ok) ? json_string(gpu->id)
							      : sw__gpu_described(gpu, ok);
}

static json_t *model_json(const sw_catalog *catalog, const struct sw_model *model, bool *ok)
{
	return catalog && sw__model_is_listed(catalog, model, ok) ? json_string(model->id)
								  : sw__model_described(model, ok);
}

static json_t *length_json(const struct sw_length *length, bool *ok)
{
	json_t *object;

	if (!sw_known(length->p95))
		return sw__number_json(length->mean);
	object = json_object();
	sw__put_json(object, "mean", sw__number_json(length->mean), ok);
	sw__put_json(object, "p95", sw__number_json(length->p95), ok);
	return object;
}

/* Absolute where that can be said (the file may have gone): the mix leaves the folder it was read in. */
static json_t *trace_json(const struct sw_trace *trace, bool *ok)
{
	char *absolute = realpath(trace->path, NULL);
	json_t *path;

	if (!absolute && errno == ENOMEM)
		*ok = false;
	path = json_string(absolute ? absolute : trace->path);
	free(absolute);
	return path;
}

static json_t *load_json(const struct sw_load *load, bool *ok)
{
	json_t *object = json_object();

	if (sw_known(load->rate) && !load->trace_once)
		sw__put_json(object, "rate", sw__number_json(load->rate), ok);
	if (sw_known(load->concurrency))
		sw__put_json(object, "concurrency", sw__number_json(load->concurrency), ok);
	if (load->trace) {
		sw__put_json(object, "trace", trace_json(load->trace, ok), ok);
	} else {
		sw__put_json(object, "prompt_tokens", length_json(&load->prompt_tokens, ok), ok);
		sw__put_json(object, "output_tokens", length_json(&load->output_tokens, ok), ok);
	}
	if (load->prefix_hit_ratio > 0)
		sw__put_json(object, "prefix_hit_ratio", sw__number_json(load->prefix_hit_ratio),
			     ok);
	if (!load->trace && !sw_known(load->concurrency) && load->burstiness != 1)
		sw__put_json(object, "burstiness", sw__number_json(load->burstiness), ok);
	return object;
}

/* A map that has nothing in it says nothing. */
static void put_filled(json_t *object, const char *key, json_t *map, bool *ok)
{
	if (json_object_size(map))
		sw__put_json(object, key, map, ok);
	else
		json_decref(map);
}

static json_t *tenant_json(const sw_catalog *catalog, const struct sw_tenant *tenant, bool *ok)
{
	json_t *object = json_object();

	sw__put_json(object, "name", json_string(tenant->name), ok);
	sw__put_json(object, "model", model_json(catalog, &tenant->model, ok), ok);
	sw__put_json(object, "share", sw__number_json(tenant->slice.share), ok);
	if (sw_known(tenant->slice.memory_gib))
		sw__put_json(object, "memory_gib", sw__number_json(tenant->slice.memory_gib), ok);
	put_filled(object, "engine",
		   sw__fields_json(sw__engine_fields, SW__ENGINE_FIELDS, &tenant->engine,
				   tenant->engine.given, ok),
		   ok);
	sw__put_json(object, "load", load_json(&tenant->load, ok), ok);
	if (tenant->max_in_flight)
		sw__put_json(object, "max_in_flight", json_integer(tenant->max_in_flight), ok);
	if (tenant->start_s > 0)
		sw__put_json(object, "start_s", sw__number_json(tenant->start_s), ok);
	put_filled(object, "slo",
		   sw__fields_json(sw__slo_fields, SW__SLO_FIELDS, &tenant->slo, 0, ok), ok);
	return object;
}

static json_t *mix_json(const sw_catalog *catalog, const struct sw_mix *mix, bool *ok)
{
	json_t *object = json_object(), *tenants = json_array();

	sw__put_json(object, "gpu", gpu_json(catalog, &mix->gpu, ok), ok);
	sw__put_json(object, "mechanism", json_string(sw_mechanism_name(mix->mechanism)), ok);
	for (size_t i = 0; i < mix->n; i++) {
		if (json_array_append_new(tenants, tenant_json(catalog, &mix->tenants[i], ok)) != 0)
			*ok = false;
	}
	sw__put_json(object, "tenants", tenants, ok);
	return object;
}

enum sw_status sw_mix_to_json(const sw_catalog *catalog, const struct sw_mix *mix, char **out,
			      struct sw_error *err)
{
	bool ok = true;
	json_t *object = mix_json(catalog, mix, &ok);

	*out = ok ? json_dumps(object, JSON_COMPACT) : NULL;
	json_decref(object);
	return *out ? SW_OK : sw_fail(err, SW_NO_MEMORY, "a mix: out of memory");
}
