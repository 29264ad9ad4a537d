/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file played_fixture.h
 * Mixes to be played, for tests of predictions and fits. Include predict_fixture.h's rules.
 */
#ifndef SLICEWISE_PREDICT_PLAYED_FIXTURE_H
#define SLICEWISE_PREDICT_PLAYED_FIXTURE_H

#include "predict/played.h"
#include "predict/predict_fixture.h"

/** mix.tenants are `tenants`: do not copy it. */
struct played_fixture {
	struct fixture f;
	struct sw_mix mix;
	struct sw_tenant tenants[SW_TENANTS_MAX];
};

static inline void played_open(struct played_fixture *p, const char *gpu,
			       enum sw_mechanism mechanism)
{
	memset(p, 0, sizeof(*p));
	p->f = fixture_open(gpu);
	p->mix.gpu = p->f.gpu;
	p->mix.mechanism = mechanism;
	p->mix.tenants = p->tenants;
}

static inline void played_close(struct played_fixture *p)
{
	fixture_close(&p->f);
}

/* So many requests in flight, prompts of 200 tokens, answers of 50; memory for four such. */
static inline struct sw_tenant *played_add(struct played_fixture *p, const char *model,
					   double share, double concurrency)
{
	struct sw_tenant *t = &p->tenants[p->mix.n++];

	*t = fixture_tenant(&p->f, model, p->mix.mechanism, share, NAN);
	(void)snprintf(t->name, sizeof(t->name), "engine-%zu", p->mix.n);
	t->engine.gpu_memory_utilization = 0.22;
	t->load.concurrency = concurrency;
	t->load.prompt_tokens = (struct sw_length){200, NAN};
	t->load.output_tokens = (struct sw_length){50, NAN};
	return t;
}

/* So long. `model` is every engine's. */
static inline void played_play_for(const struct played_fixture *p,
				   const struct sw__shared_values *shared,
				   const struct sw__model_values *model, uint64_t seed,
				   const struct sw__play_length *length, struct sw__played *out)
{
	struct sw__model_values models[SW_TENANTS_MAX];
	double rates[SW_TENANTS_MAX];
	struct sw_error err = {SW_OK, ""};
	struct sw__play_ask ask = {.mix = &p->mix,
				   .calibration = p->f.calibration,
				   .rates = rates,
				   .shared = shared,
				   .models = models,
				   .seed = seed,
				   .length = *length};

	for (size_t i = 0; i < p->mix.n; i++) {
		const struct sw_load *load = &p->mix.tenants[i].load;

		models[i] = *model;
		rates[i] = isnan(load->rate) ? load->concurrency : load->rate;
	}
	CHECK_INT(sw__play(&ask, out, &err), SW_OK);
	CHECK_STR(err.message, "");
}

/* About as many requests of each as asked for. */
static inline void played_play_as(const struct played_fixture *p,
				  const struct sw__shared_values *shared,
				  const struct sw__model_values *model, uint64_t seed,
				  double requests, struct sw__played *out)
{
	const struct sw__play_length length = {.requests = requests, .events = 1e7};

	played_play_for(p, shared, model, seed, &length, out);
}

/* With coefficients as without measurement. */
static inline void played_play(const struct played_fixture *p, double requests,
			       struct sw__played *out)
{
	struct sw__shared_values shared = sw__shared_unmeasured();
	struct sw__model_values model = sw__model_unmeasured();

	played_play_as(p, &shared, &model, 3, requests, out);
}

#endif
