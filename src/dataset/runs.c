// SPDX-License-Identifier: Apache-2.0
#include "dataset/runs.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define SOURCE_ID(name, id) [name] = id,
static const char *const source_ids[SW_SOURCE_COUNT] = {SW_SOURCE_LIST(SOURCE_ID)};

const char *const sw__measured_names[SW__MEASURED] = {
	"ttft_mean_ms", "ttft_p50_ms", "ttft_p95_ms", "ttft_p99_ms",  "tpot_mean_ms",
	"tpot_p50_ms",  "tpot_p95_ms", "tpot_p99_ms", "output_tok_s", "requests_per_s",
	"requests",     "failed",      "running",     "kv_used",      "preemptions",
};

/* The members behind the latencies, in the order of their names. */
static const size_t other_offsets[] = {
	offsetof(struct sw_measured, output_tok_s), offsetof(struct sw_measured, requests_per_s),
	offsetof(struct sw_measured, requests),     offsetof(struct sw_measured, failed),
	offsetof(struct sw_measured, running),      offsetof(struct sw_measured, kv_used),
	offsetof(struct sw_measured, preemptions),
};

double *sw__measured_at(struct sw_measured *measured, size_t i)
{
	enum { LATENCIES = SW_METRIC_COUNT * SW_STATISTIC_COUNT };

	if (i < LATENCIES)
		return &measured->ms[i / SW_STATISTIC_COUNT][i % SW_STATISTIC_COUNT];
	return (double *)((char *)measured + other_offsets[i - LATENCIES]);
}

struct sw_measured sw__measured_nothing(void)
{
	struct sw_measured measured;

	for (size_t i = 0; i < SW__MEASURED; i++)
		*sw__measured_at(&measured, i) = NAN;
	return measured;
}

const char *sw_source_id(enum sw_source source)
{
	return (unsigned)source < SW_SOURCE_COUNT ? source_ids[source] : "?";
}

bool sw__source_of(const char *id, enum sw_source *out)
{
	for (int i = 0; i < SW_SOURCE_COUNT; i++) {
		if (strcmp(id, source_ids[i]) == 0) {
			*out = (enum sw_source)i;
			return true;
		}
	}
	return false;
}

void sw__dataset_run_clear(struct sw_run *run)
{
	sw_mix_free(run->mix);
	free(run->measured);
	free(run->failed);
	free(run->origin);
	free(run->software);
	*run = (struct sw_run){0};
}

void sw_runs_clear(struct sw_runs *runs)
{
	if (!runs)
		return;
	for (size_t i = 0; i < runs->n; i++)
		sw__dataset_run_clear(&runs->run[i]);
	free(runs->run);
	*runs = (struct sw_runs){0};
}

enum sw_status sw__runs_add(struct sw_runs *runs, struct sw_run *run, struct sw_error *err)
{
	/* Room for twice as many at every power of two. */
	bool full = (runs->n & (runs->n - 1)) == 0;
	struct sw_run *grown = runs->run;

	if (full)
		grown = realloc(runs->run, (runs->n ? 2 * runs->n : 1) * sizeof(*grown));
	if (!grown) {
		sw__dataset_run_clear(run);
		return sw_fail(err, SW_NO_MEMORY, "%zu runs: out of memory", runs->n + 1);
	}
	runs->run = grown;
	runs->run[runs->n++] = *run;
	*run = (struct sw_run){0};
	return SW_OK;
}

/* Where a run stood: qsort() does not keep the order of equals. */
struct placed {
	struct sw_run run;
	size_t place;
};

static int by_key(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	int order = strcmp(x->run.experiment, y->run.experiment);

	if (order == 0)
		order = (x->run.repeat > y->run.repeat) - (x->run.repeat < y->run.repeat);
	return order ? order : (x->place > y->place) - (x->place < y->place);
}

enum sw_status sw__runs_sort(struct sw_runs *runs, struct sw_error *err)
{
	struct placed *placed = calloc(runs->n + 1, sizeof(*placed));

	if (!placed)
		return sw_fail(err, SW_NO_MEMORY, "%zu runs: out of memory", runs->n);
	for (size_t i = 0; i < runs->n; i++)
		placed[i] = (struct placed){runs->run[i], i};
	qsort(placed, runs->n, sizeof(*placed), by_key);
	for (size_t i = 0; i < runs->n; i++)
		runs->run[i] = placed[i].run;
	free(placed);
	return SW_OK;
}

enum sw_status sw_runs_join(struct sw_runs *runs, struct sw_runs *more, struct sw_error *err)
{
	struct sw_run *grown = realloc(runs->run, (runs->n + more->n + 1) * sizeof(*grown));

	if (!grown)
		return sw_fail(err, SW_NO_MEMORY, "%zu runs", runs->n + more->n);
	runs->run = grown;
	if (more->n > 0)
		memcpy(grown + runs->n, more->run, more->n * sizeof(*grown));
	runs->n += more->n;
	free(more->run);
	*more = (struct sw_runs){0};
	return SW_OK;
}

struct sw_measured sw_measured_of(const struct sw_simulated_tenant *from)
{
	struct sw_measured to = {
		.output_tok_s = from->output_tokens_per_s,
		.requests_per_s = from->requests_per_s,
		.requests = (double)from->requests,
		.failed = 0,
		.running = from->running,
		.kv_used = from->kv_used,
		.preemptions = from->preemptions_per_request,
	};

	for (int m = 0; m < SW_METRIC_COUNT; m++)
		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			to.ms[m][s] = from->latency[m].at[s];
	return to;
}
