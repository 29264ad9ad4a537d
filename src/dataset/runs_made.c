// SPDX-License-Identifier: Apache-2.0
#include "dataset/runs_made.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "dataset/runs.h"
#include "predict/mix_measured.h"

enum sw_status sw__run_make(const struct sw_gpu *gpu, enum sw_mechanism mechanism,
			    const struct sw_tenant *tenants, size_t n, struct sw_run *run,
			    struct sw_error *err)
{
	run->duration_s = run->started_s = NAN;
	run->measured = calloc(n, sizeof(*run->measured));
	run->mix = calloc(1, sizeof(*run->mix));
	if (run->mix)
		run->mix->tenants = calloc(n, sizeof(*run->mix->tenants));
	if (!run->measured || !run->mix || !run->mix->tenants)
		return sw_fail(err, SW_NO_MEMORY, "%zu engines: out of memory", n);
	run->mix->gpu = *gpu;
	run->mix->mechanism = mechanism;
	run->mix->n = n;
	memcpy(run->mix->tenants, tenants, n * sizeof(*tenants));
	for (size_t i = 0; i < n; i++)
		run->measured[i] = sw__measured_nothing();
	return SW_OK;
}

static bool is_taken(const struct sw_mix *mix, size_t before, const char *name)
{
	for (size_t i = 0; i < before; i++) {
		if (strcmp(mix->tenants[i].name, name) == 0)
			return true;
	}
	return false;
}

/* No two alike, as a mix file has them. */
static void name_tenants(struct sw_mix *mix)
{
	for (size_t i = 0; i < mix->n; i++) {
		struct sw_tenant *tenant = &mix->tenants[i];

		if (!*tenant->name || !sw_is_plain(tenant->name) || is_taken(mix, i, tenant->name))
			(void)snprintf(tenant->name, sizeof(tenant->name), "tenant-%zu", i + 1);
		for (size_t more = mix->n + 1; is_taken(mix, i, tenant->name); more++)
			(void)snprintf(tenant->name, sizeof(tenant->name), "tenant-%zu", more);
	}
}

enum sw_status sw__run_settle(struct sw_run *run, struct sw_error *err)
{
	struct sw_mix *mix = run->mix;
	enum sw_status st;

	name_tenants(mix);
	st = sw__settle_measured(&mix->gpu, mix->mechanism, mix->tenants, mix->n, err);
	/* It ran, so it is our memory model that is wrong. */
	return st == SW_INFEASIBLE ? SW_OK : st;
}

static bool same_key(const struct sw_run *a, const struct sw_run *b)
{
	return a->repeat == b->repeat && strcmp(a->experiment, b->experiment) == 0;
}

/* Room for what is put behind a name. */
enum { SHORTENED = SW_NAME_MAX - 32 };

static void rename_alone(struct sw_run *run, size_t number)
{
	char name[SW_NAME_MAX];

	(void)snprintf(name, sizeof(name), "%.*s/%zu", SHORTENED, run->experiment, number);
	(void)sw_copy_name(run->experiment, sizeof(run->experiment), name);
}

enum sw_status sw__runs_tell_apart(struct sw_runs *runs, const char *name, struct sw_error *err)
{
	for (size_t first = 0, next; first < runs->n; first = next) {
		for (next = first + 1;
		     next < runs->n && same_key(&runs->run[first], &runs->run[next]); next++)
			;
		for (size_t i = first; next - first > 1 && i < next; i++) {
			const struct sw_run *run = &runs->run[i];

			if (run->mix->mechanism != SW_EXCLUSIVE)
				return sw_fail(err, SW_BAD_INPUT,
					       "%s: found experiment %s, repeat %u twice, expected "
					       "another repeat for each",
					       name, run->experiment, run->repeat);
		}
		/* The first keeps the name, which the others are compared with. */
		for (size_t i = first + 1; i < next; i++)
			rename_alone(&runs->run[i], i - first + 1);
	}
	return sw__runs_sort(runs, err);
}
