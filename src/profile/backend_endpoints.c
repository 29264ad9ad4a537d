// SPDX-License-Identifier: Apache-2.0
/* Engines that are running, anywhere: each experiment loads those that are in it, and leaves the others idle. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "profile/driven.h"

static enum sw_status open_endpoints(struct sw__backend *backend, struct sw_error *err)
{
	struct sw__watched_gpu *watched = calloc(1, sizeof(*watched));

	backend->self = watched;
	if (!watched)
		return sw_fail(err, SW_NO_MEMORY, "endpoints");
	return sw__watch_open(&backend->campaign->metrics, watched, err);
}

static void close_endpoints(struct sw__backend *backend)
{
	if (backend->self)
		sw__watch_close(backend->self);
	free(backend->self);
	backend->self = NULL;
}

static enum sw_status run_endpoints(struct sw__backend *backend, const struct sw_experiment *e,
				    unsigned repeat, struct sw__outcome *out, struct sw_error *err)
{
	const sw_campaign *c = backend->campaign;
	struct sw__driven engines[SW_TENANTS_MAX] = {{0}};

	for (size_t i = 0; i < e->mix->n; i++) {
		for (size_t m = 0; m < c->n_models; m++) {
			if (strcmp(c->models[m].name, e->mix->tenants[i].name) == 0)
				engines[i] = (struct sw__driven){c->models[m].url,
								 c->models[m].served_name, 0};
		}
	}
	return sw__drive_all(backend, e, repeat, engines, backend->self, out, err);
}

const struct sw__backend_ops sw__backend_endpoints = {
	.open = open_endpoints,
	.run = run_endpoints,
	.close = close_endpoints,
};
