/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fit_fixture.h
 * Runs whose truth is known: mixes that were played with coefficients of the test's own.
 */
#ifndef SLICEWISE_FIT_FIT_FIXTURE_H
#define SLICEWISE_FIT_FIT_FIXTURE_H

#include <stdlib.h>

#include "predict/mix_read.h"
#include "predict/played_fixture.h"
#include "slicewise/fit.h"

/** What the measured world is like: factors on what is known without measurement. */
struct truth {
	double prefill, decode, host, switch_ms, dram_together;
	double slice_ms; /* 0: as without measurement */
	double look_back_ms; /* itself; 0: likewise */
};

static inline struct sw_measured measured_of(const struct sw__played *p)
{
	struct sw_measured m;

	memset(&m, 0, sizeof(m));
	memcpy(m.ms, p->ms, sizeof(m.ms));
	m.output_tok_s = p->output_tok_s;
	m.requests_per_s = p->requests_per_s;
	m.requests = p->requests;
	return m;
}

/* A deep copy is made by writing and reading: runs own their mixes. */
static inline struct sw_mix *copy_mix(const struct played_fixture *p)
{
	struct sw_error err = {SW_OK, ""};
	struct sw_mix *mix = NULL;
	char *text = NULL;

	CHECK_INT(sw_mix_to_json(p->f.catalog, &p->mix, &text, &err), SW_OK);
	CHECK_INT(sw__mix_parse(p->f.catalog, text, "a mix", &mix, &err), SW_OK);
	CHECK_STR(err.message, "");
	free(text);
	return mix;
}

static inline void play_truth(const struct played_fixture *p, const struct truth *truth,
			      uint64_t seed, struct sw__played *out)
{
	struct sw__shared_values shared = sw__shared_unmeasured();
	struct sw__model_values model = sw__model_unmeasured();

	shared.at[SW__SHARED_switch_ms] *= truth->switch_ms;
	shared.at[SW__SHARED_dram_together] *= truth->dram_together;
	if (truth->slice_ms > 0)
		shared.at[SW__SHARED_slice_ms] *= truth->slice_ms;
	if (truth->look_back_ms > 0)
		shared.at[SW__SHARED_look_back_ms] = truth->look_back_ms;
	model.at[SW__MODEL_prefill] = truth->prefill;
	model.at[SW__MODEL_decode] = truth->decode;
	model.at[SW__MODEL_host] = truth->host;
	played_play_as(p, &shared, &model, seed, 150, out);
}

/* The mix of the fixture, measured once more. */
static inline void add_run(struct sw_runs *runs, const struct played_fixture *p,
			   const struct truth *truth, const char *name, unsigned repeat)
{
	struct sw__played played[SW_TENANTS_MAX];
	struct sw_run *run;

	run = realloc(runs->run, (runs->n + 1) * sizeof(*runs->run));
	if (!CHECK(run != NULL))
		return;
	runs->run = run;
	run = &runs->run[runs->n++];
	memset(run, 0, sizeof(*run));
	(void)snprintf(run->experiment, sizeof(run->experiment), "%s", name);
	run->repeat = repeat;
	run->mix = copy_mix(p);
	run->measured = calloc(p->mix.n, sizeof(*run->measured));
	play_truth(p, truth, 100 + runs->n, played);
	for (size_t i = 0; i < p->mix.n; i++)
		run->measured[i] = measured_of(&played[i]);
}

/* Two models alone and together under a mechanism, with 1, 4 and 16 requests in flight: twelve runs. */
static inline struct sw_runs measured_runs(enum sw_mechanism mechanism, const struct truth *truth)
{
	static const char *const models[] = {"llama-3.2-3b", "qwen3-1.7b"};
	static const double flights[] = {1, 4, 16};
	struct sw_runs runs = {0};

	for (int k = 0; k < 9; k++) {
		struct played_fixture p;
		char name[32];

		(void)snprintf(name, sizeof(name), "mix-%d", k);
		played_open(&p, "a100-sxm4-80gb", mechanism);
		if (k % 3 != 1)
			played_add(&p, models[0], 0.5, flights[k / 3]);
		if (k % 3 != 0)
			played_add(&p, models[1], 0.5, flights[(k / 3 + k) % 3]);
		add_run(&runs, &p, truth, name, 1);
		played_close(&p);
	}
	return runs;
}

#endif
