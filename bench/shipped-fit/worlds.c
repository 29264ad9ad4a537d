// SPDX-License-Identifier: Apache-2.0
#include "shipped-fit/worlds.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/parallel_for.h"
#include "predictor-vs-sim/random_mix.h"
#include "slicewise/simulate.h"

const char worlds_gpu[] = "a100-sxm4-80gb";

static const double loads[] = {0.1, 0.2, 0.3, 0.5, 0.4, 0.6, 0.7, 0.8};
static const struct random_choice choice = {worlds_gpu, loads, sizeof(loads) / sizeof(loads[0])};

/* Mixes with these numbers are in the usual world, for errors; from WORLDS_FROM on each is in a world of its own. */
enum { USUAL_FROM = 0, WORLDS_FROM = 1000, USUAL_MIXES = 40 };
/* So many are simulated before they are kept, in order. */
enum { TOGETHER = 8 };

/* A mix in its world, and what was seen there. */
struct job {
	char experiment[SW_NAME_MAX];
	uint64_t world;
	struct random_mix mix;
	struct sw_measured measured[SW_TENANTS_MAX];
	double duration_s;
	uint64_t seed;
	enum sw_status status;
	struct sw_error err;
};

/* Those that wait, and where they go. */
struct work {
	const sw_catalog *catalog;
	sw_dataset *dataset;
	int64_t campaign;
	size_t n;
	struct job job[TOGETHER];
};

static void simulate(void *context, size_t i)
{
	struct job *job = &((struct work *)context)->job[i];
	struct sw_simulate_settings settings = sw_simulate_defaults();
	struct sw_simulated *simulated;

	settings.world = job->world;
	settings.alone = false;
	job->seed = settings.seed;
	job->status = sw_simulate(&job->mix.made.mix, &settings, &simulated, &job->err);
	if (job->status != SW_OK)
		return;
	job->duration_s = simulated->duration_s;
	for (size_t k = 0; k < simulated->n; k++)
		job->measured[k] = sw_measured_of(&simulated->tenants[k]);
	sw_simulated_free(simulated);
}

static enum sw_status keep(struct work *w, struct job *job, struct sw_error *err)
{
	struct sw_run run = {.repeat = 1,
			     .source = SW_SOURCE_SIMULATOR,
			     .started_s = NAN,
			     .duration_s = job->duration_s,
			     .mix = &job->mix.made.mix,
			     .measured = job->measured,
			     .seed = job->seed};

	(void)snprintf(run.experiment, sizeof(run.experiment), "%s", job->experiment);
	if (job->status != SW_OK) {
		*err = job->err;
		return job->status;
	}
	return sw_dataset_add_run(w->dataset, w->campaign, &run, NULL, 0, err);
}

static enum sw_status do_all(struct work *w, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	parallel_for(w->n, simulate, w);
	for (size_t i = 0; i < w->n && st == SW_OK; i++)
		st = keep(w, &w->job[i], err);
	w->n = 0;
	return st;
}

static enum sw_status one_mix(struct work *w, enum sw_mechanism mechanism, unsigned index,
			      struct sw_error *err)
{
	struct job *job = &w->job[w->n];
	enum sw_held held;
	enum sw_status st;

	memset(job, 0, sizeof(*job));
	job->world = index >= WORLDS_FROM ? index : 0;
	(void)snprintf(job->experiment, sizeof(job->experiment), "%s-%04u-world-%u",
		       sw_mechanism_name(mechanism), index, (unsigned)job->world);
	st = sw_dataset_has(w->dataset, w->campaign, job->experiment, 1, &held, err);
	if (st != SW_OK || held == SW_HELD_WELL ||
	    !random_mix_draw_of(w->catalog, mechanism, index, &choice, &job->mix))
		return st;
	(void)fprintf(stderr, "%s\n", job->experiment);
	return ++w->n == TOGETHER ? do_all(w, err) : SW_OK;
}

enum sw_status worlds_simulate(const sw_catalog *catalog, sw_dataset *dataset, int64_t campaign,
			       unsigned n, struct sw_error *err)
{
	static const enum sw_mechanism kinds[] = {SW_MPS, SW_TIMESLICE, SW_HAMI, SW_EXCLUSIVE,
						  SW_MIG};
	static struct work w;
	enum sw_status st = SW_OK;

	w = (struct work){.catalog = catalog, .dataset = dataset, .campaign = campaign};
	for (unsigned i = 0; i < n && st == SW_OK; i++)
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]) && st == SW_OK; k++) {
			bool rare = k > 2 && i % 3 != 1; /* nothing is shared there */

			if (!rare && i < USUAL_MIXES)
				st = one_mix(&w, kinds[k], USUAL_FROM + i, err);
			if (!rare && st == SW_OK)
				st = one_mix(&w, kinds[k], WORLDS_FROM + i, err);
		}
	return st == SW_OK ? do_all(&w, err) : st;
}
