// SPDX-License-Identifier: Apache-2.0
#include "slicewise/emulate.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "emulate/emulate_on.h"
#include "emulate/region_keeper.h"
#include "emulate/region_share.h"
#include "emulate/routes.h"

/* Faster than this no client keeps up, and slower nobody waits. */
static const double SPEED_MIN = 1e-3, SPEED_MAX = 1e4;

enum { PORT_MAX = 65535 };

struct sw_emulation {
	const struct sw_mix *mix;
	const struct sw__gpu_ops *ops;
	sw_sim *sim;
	sw__pacer *pacer;
	struct sw__region_keeper *keeper;
	struct sw__engine engines[SW_TENANTS_MAX];
	struct sw__site sites[SW_TENANTS_MAX];
	sw__http_server *servers[SW_TENANTS_MAX];
	char *urls[SW_TENANTS_MAX], *regions[SW_TENANTS_MAX];
};

struct sw_emulate_settings sw_emulate_defaults(void)
{
	return (struct sw_emulate_settings){.host = "127.0.0.1", .seed = 1, .speed = 1};
}

static void on_token(void *context, size_t tenant, uint64_t id, uint32_t n, bool last, double at_s)
{
	struct sw_emulation *emulation = context;

	sw__engine_token(&emulation->engines[tenant], id, n, last, at_s);
}

static void on_aborted(void *context, size_t tenant, uint64_t id, double at_s)
{
	struct sw_emulation *emulation = context;

	(void)at_s;
	sw__engine_aborted(&emulation->engines[tenant], id);
}

static void look(void *context)
{
	struct sw_emulation *emulation = context;

	for (size_t i = 0; i < emulation->mix->n; i++)
		sw__engine_look(&emulation->engines[i]);
}

static void fail_all(void *context)
{
	struct sw_emulation *emulation = context;

	for (size_t i = 0; i < emulation->mix->n; i++)
		sw__engine_fail(&emulation->engines[i]);
}

static enum sw_status check(const struct sw_mix *mix, const struct sw_emulate_settings *settings,
			    struct sw_error *err)
{
	if (!(settings->speed >= SPEED_MIN && settings->speed <= SPEED_MAX))
		return sw_fail(err, SW_BAD_INPUT, "speed: found %g, expected %g to %g",
			       settings->speed, SPEED_MIN, SPEED_MAX);
	if (settings->port && settings->port + mix->n - 1 > PORT_MAX)
		return sw_fail(err, SW_BAD_INPUT,
			       "port: found %u, expected at most %zu for %zu engines",
			       settings->port, PORT_MAX + 1 - mix->n, mix->n);
	if (settings->regions && mix->mechanism != SW_HAMI)
		return sw_fail(err, SW_BAD_INPUT,
			       "regions belong to mechanism hami; the mix has %s",
			       sw_mechanism_name(mix->mechanism));
	return SW_OK;
}

static enum sw_status give_region(struct sw_emulation *emulation, size_t i,
				  const struct sw_emulate_settings *settings, struct sw_error *err)
{
	struct sw_text path = {0};

	sw__region_path(&path, settings->regions, emulation->mix->tenants[i].name);
	if (!sw_text_ok(&path)) {
		sw_text_free(&path);
		return sw_fail(err, SW_NO_MEMORY, "a region");
	}
	emulation->regions[i] = path.data;
	for (size_t j = 0; j < i; j++) {
		if (strcmp(emulation->regions[j], path.data) == 0)
			return sw_fail(err, SW_BAD_INPUT, "%s: the region of two engines",
				       path.data);
	}
	return sw__region_ensure(path.data, &emulation->mix->tenants[i], settings->seed, err);
}

/* The engines' first start: what stands in a region binds, whatever the mix says. */
static enum sw_status bind_regions(struct sw_emulation *emulation,
				   const struct sw_emulate_settings *settings, struct sw_error *err)
{
	enum sw_status st = SW_OK;
	double share;

	for (size_t i = 0; settings->regions && i < emulation->mix->n && st == SW_OK; i++) {
		st = give_region(emulation, i, settings, err);
		if (st == SW_OK)
			st = sw__region_share(emulation->regions[i], &share, err);
		if (st == SW_OK)
			st = emulation->ops->set_share(emulation->sim, i, share, err);
	}
	return st;
}

static enum sw_status make_gpu(struct sw_emulation *emulation,
			       const struct sw_emulate_settings *settings, struct sw_error *err)
{
	const struct sw_sim_settings simulated = {
		.seed = settings->seed,
		.world = settings->world,
		.external = true,
		.listener = {emulation, on_token, on_aborted},
	};

	return emulation->ops->create(emulation->mix, &simulated, &emulation->sim, err);
}

static enum sw_status make_engines(struct sw_emulation *emulation,
				   const struct sw_emulate_settings *settings, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < emulation->mix->n && st == SW_OK; i++) {
		emulation->sites[i] = (struct sw__site){
			&emulation->engines[i], emulation->regions[i], (long long)time(NULL)};
		st = sw__engine_init(&emulation->engines[i],
				     &(struct sw__engine_settings){
					     .tenant = &emulation->mix->tenants[i],
					     .index = i,
					     .ops = emulation->ops,
					     .sim = emulation->sim,
					     .speed = settings->speed,
					     .seed = settings->seed,
				     },
				     err);
	}
	return st;
}

/* The pacer's thread does not ask an engine for its pacer before the first request, and servers come after. */
static enum sw_status start_time(struct sw_emulation *emulation,
				 const struct sw_emulate_settings *settings, struct sw_error *err)
{
	enum sw_status st = sw__pacer_start(
		&(struct sw__pacer_settings){
			.ops = emulation->ops,
			.sim = emulation->sim,
			.speed = settings->speed,
			.context = emulation,
			.looked = look,
			.failed = fail_all,
		},
		&emulation->pacer, err);

	for (size_t i = 0; i < emulation->mix->n; i++)
		emulation->engines[i].pacer = emulation->pacer;
	return st;
}

static enum sw_status listen_for(struct sw_emulation *emulation, size_t i,
				 const struct sw_emulate_settings *settings, struct sw_error *err)
{
	struct sw__http_settings http = sw__site_settings(&emulation->sites[i]);
	bool six = strchr(settings->host, ':') != NULL;
	struct sw_text url = {0};
	enum sw_status st;

	http.host = settings->host;
	http.port = settings->port ? settings->port + (unsigned)i : 0;
	st = sw__http_server_start(&http, &emulation->servers[i], err);
	if (st != SW_OK)
		return st;
	sw_text_addf(&url, six ? "http://[%s]:%u" : "http://%s:%u", settings->host,
		     sw__http_server_port(emulation->servers[i]));
	emulation->urls[i] = url.data;
	return sw_text_ok(&url) ? SW_OK : sw_fail(err, SW_NO_MEMORY, "an endpoint");
}

static enum sw_status build(struct sw_emulation *emulation,
			    const struct sw_emulate_settings *settings, struct sw_error *err)
{
	enum sw_status st = make_gpu(emulation, settings, err);

	if (st == SW_OK)
		st = bind_regions(emulation, settings, err);
	if (st == SW_OK)
		st = make_engines(emulation, settings, err);
	if (st == SW_OK)
		st = start_time(emulation, settings, err);
	if (st == SW_OK && settings->regions)
		st = sw__region_keeper_start(emulation->engines, emulation->regions,
					     emulation->mix->n, settings->live, &emulation->keeper,
					     err);
	for (size_t i = 0; i < emulation->mix->n && st == SW_OK; i++)
		st = listen_for(emulation, i, settings, err);
	return st;
}

enum sw_status sw__emulate_start_on(const struct sw__gpu_ops *ops, const struct sw_mix *mix,
				    const struct sw_emulate_settings *settings, sw_emulation **out,
				    struct sw_error *err)
{
	const struct sw_emulate_settings defaults = sw_emulate_defaults();
	struct sw_emulation *emulation;
	enum sw_status st;

	*out = NULL;
	if (!settings)
		settings = &defaults;
	st = check(mix, settings, err);
	if (st != SW_OK)
		return st;
	emulation = calloc(1, sizeof(*emulation));
	if (!emulation)
		return sw_fail(err, SW_NO_MEMORY, "an emulation");
	emulation->mix = mix;
	emulation->ops = ops;
	st = build(emulation, settings, err);
	if (st == SW_OK)
		*out = emulation;
	else
		sw_emulate_stop(emulation);
	return st;
}

enum sw_status sw_emulate_start(const struct sw_mix *mix,
				const struct sw_emulate_settings *settings, sw_emulation **out,
				struct sw_error *err)
{
	return sw__emulate_start_on(&sw__gpu_simulated, mix, settings, out, err);
}

void sw_emulate_endpoint(const sw_emulation *emulation, size_t tenant,
			 struct sw_emulate_endpoint *out)
{
	*out = (struct sw_emulate_endpoint){
		.name = emulation->mix->tenants[tenant].name,
		.model = emulation->mix->tenants[tenant].model.id,
		.url = emulation->urls[tenant],
		.region = emulation->regions[tenant],
	};
}

enum sw_status sw_emulate_status(sw_emulation *emulation, struct sw_error *err)
{
	return sw__pacer_status(emulation->pacer, err);
}

/* Servers' threads post to the pacer, so it goes after them; its thread pushes to them, so that ends first. */
void sw_emulate_stop(sw_emulation *emulation)
{
	if (!emulation)
		return;
	sw__region_keeper_stop(emulation->keeper);
	if (emulation->pacer)
		sw__pacer_stop(emulation->pacer);
	for (size_t i = 0; i < SW_TENANTS_MAX; i++) {
		sw__http_server_stop(emulation->servers[i]);
		sw__engine_free(&emulation->engines[i]);
		free(emulation->urls[i]);
		free(emulation->regions[i]);
	}
	sw__pacer_free(emulation->pacer);
	if (emulation->sim)
		emulation->ops->destroy(emulation->sim);
	free(emulation);
}
