// SPDX-License-Identifier: Apache-2.0
#include "predictor-vs-sim/random_mix.h"

#include <math.h>
#include <stdio.h>

#include "common/chance.h"

enum { ENGINES_MAX = 4, TRIES = 500, LOAD_ROUNDS = 8 };

static const double PARAMETERS_MAX = 15e9; /* 14B models have up to 14.8 */
/* Every ninth mix is offered too much: what is told apart at the limit is a matter of its own. */
static const double all_loads[] = {0.1, 0.2, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.2};

/* Parts of the mixes. */
static const double CLOSED = 0.3, CONSTANT_LENGTH = 0.2, EAGER = 0.15, EAGER_HAMI = 0.5;
static const double TOO_SLOW = 0.02; /* requests/s: an hour would not show enough of them */

static const char *any_gpu(const sw_catalog *catalog, const struct random_choice *choice,
			   struct sw__random *r)
{
	if (choice->gpu)
		return choice->gpu;
	return sw_catalog_gpu_id(catalog, sw__random_below(r, sw_catalog_gpu_count(catalog)));
}

static struct sw_length any_length(struct sw__random *r, double low, double high)
{
	struct sw_length l = {floor(chance_log_between(r, low, high)), NAN};

	if (sw__random_uniform(r) > CONSTANT_LENGTH)
		l.p95 = l.mean * chance_between(r, 1.4, 3.4);
	return l;
}

static struct sw_engine any_engine(enum sw_mechanism mechanism, struct sw__random *r)
{
	static const unsigned seqs[] = {16, 32, 64, 128, 256}, tokens[] = {512, 2048, 8192};
	struct sw_engine engine = made_engine();

	engine.max_num_seqs = seqs[sw__random_below(r, 5)];
	engine.max_num_batched_tokens = tokens[sw__random_below(r, 3)];
	engine.max_model_len = 8192;
	engine.cuda_graphs = sw__random_uniform(r) > (mechanism == SW_HAMI ? EAGER_HAMI : EAGER);
	engine.given = SW_KEY_MAX_NUM_SEQS | SW_KEY_MAX_NUM_BATCHED_TOKENS | SW_KEY_CUDA_GRAPHS;
	return engine;
}

/* Rates come later; what a closed loop has in flight is drawn here. */
static struct sw_load any_load(const struct sw_engine *engine, double load, struct sw__random *r)
{
	struct sw_length prompt = any_length(r, 50, 2500), output = any_length(r, 10, 500);
	struct sw_load l = made_arrivals(TOO_SLOW, prompt, output);

	if (sw__random_uniform(r) < CLOSED) {
		l.rate = NAN;
		l.concurrency = fmax(
			1, floor(fmin(load, 1) * chance_log_between(r, 1, engine->max_num_seqs)));
	}
	return l;
}

struct slice {
	double share, memory_gib;
};

/* Shares in twentieths, none below three of them; memory goes with them. */
static void cut_freely(const struct sw_gpu *gpu, size_t n, struct sw__random *r,
		       struct slice *slices)
{
	unsigned left = 20 - 3 * (unsigned)n;

	for (size_t i = 0; i < n; i++) {
		unsigned more = i + 1 < n ? (unsigned)sw__random_below(r, left + 1) : left;

		left -= more;
		slices[i].share = (3 + more) / 20.0;
		slices[i].memory_gib = slices[i].share * sw_gpu_visible_gib(gpu);
	}
}

/* Instances of one profile. */
static bool cut_instances(const struct sw_gpu *gpu, size_t n, struct sw__random *r,
			  struct slice *slices)
{
	const struct sw_mig_profile *p = &gpu->mig[sw__random_below(r, gpu->n_mig)];

	if (p->max_instances < n)
		return false;
	for (size_t i = 0; i < n; i++)
		slices[i] = (struct slice){(double)p->compute_slices / gpu->mig_compute_slices,
					   p->memory_gib};
	return true;
}

static bool cut(const struct sw_gpu *gpu, enum sw_mechanism mechanism, size_t n,
		struct sw__random *r, struct slice *slices)
{
	if (mechanism == SW_MIG)
		return gpu->n_mig > 0 && cut_instances(gpu, n, r, slices);
	cut_freely(gpu, n, r, slices);
	for (size_t i = 0; i < n; i++) {
		if (mechanism == SW_TIMESLICE || mechanism == SW_EXCLUSIVE)
			slices[i].share = 1;
		if (mechanism == SW_EXCLUSIVE)
			slices[i].memory_gib = NAN;
	}
	return true;
}

static bool fill(const sw_catalog *catalog, size_t n, struct sw__random *r, struct random_mix *out)
{
	enum sw_mechanism mechanism = out->made.mix.mechanism;
	struct slice slices[ENGINES_MAX];

	if (!cut(&out->made.mix.gpu, mechanism, n, r, slices))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct sw_engine engine = any_engine(mechanism, r);
		struct sw_load load = any_load(&engine, out->load, r);
		enum sw_status st =
			made_mix_add(catalog, &out->made, chance_model(catalog, r, PARAMETERS_MAX),
				     &engine, slices[i].share, slices[i].memory_gib, &load, NULL);
		double longest = load.prompt_tokens.mean + load.output_tokens.mean;

		if (st != SW_OK || longest * 2 > out->made.tenants[i].engine.max_model_len)
			return false;
	}
	return true;
}

/* What every engine sustains beside its neighbours as they are now, requests/s; NAN in a closed loop. */
static bool sustained(const struct sw_mix *mix, double *rates)
{
	sw_prepared *prepared[SW_TENANTS_MAX] = {NULL};
	struct sw_prediction predictions[SW_TENANTS_MAX];
	sw_calibration *calibration;
	bool ok = sw_calibration_open(&mix->gpu, NULL, &calibration, NULL) == SW_OK;

	for (size_t i = 0; i < mix->n && ok; i++)
		ok = sw_prepare(calibration, &mix->gpu, &mix->tenants[i], &prepared[i], NULL) ==
		     SW_OK;
	if (ok) {
		sw_predict(mix->mechanism, (const sw_prepared *const *)prepared, mix->n,
			   predictions);
		sw_predict_max_rates(mix->mechanism, (const sw_prepared *const *)prepared, mix->n,
				     predictions);
	}
	for (size_t i = 0; i < mix->n; i++) {
		rates[i] = ok ? predictions[i].max_rate_per_s : NAN;
		sw_prepared_free(prepared[i]);
	}
	sw_calibration_free(calibration);
	return ok;
}

/* Each open engine its part of what it sustains beside the others' loads, which are parts of theirs: by turns, half of the way. */
static bool set_rates(struct random_mix *m)
{
	struct sw_mix *mix = &m->made.mix;
	double rates[SW_TENANTS_MAX];

	for (int round = 0; round < LOAD_ROUNDS; round++) {
		if (!sustained(mix, rates))
			return false;
		for (size_t i = 0; i < mix->n; i++) {
			double *rate = &mix->tenants[i].load.rate;

			if (isnan(*rate))
				continue;
			if (!(rates[i] > TOO_SLOW))
				return false;
			*rate = round == 0 ? m->load * rates[i] : sqrt(*rate * m->load * rates[i]);
		}
	}
	for (size_t i = 0; i < mix->n; i++)
		if (mix->tenants[i].load.rate < TOO_SLOW)
			return false;
	return true;
}

bool random_mix_draw_of(const sw_catalog *catalog, enum sw_mechanism mechanism, unsigned index,
			const struct random_choice *choice, struct random_mix *out)
{
	struct sw__random r = sw__random_make(index, 1000 + (uint64_t)mechanism);
	size_t n = mechanism == SW_EXCLUSIVE ? 1 : 1 + index % ENGINES_MAX;

	for (int i = 0; i < TRIES; i++) {
		out->index = index;
		out->load = choice->loads[index % choice->n_loads];
		if (made_mix_start(catalog, any_gpu(catalog, choice, &r), mechanism, &out->made) &&
		    fill(catalog, n, &r, out) && set_rates(out))
			return true;
	}
	return false;
}

bool random_mix_draw(const sw_catalog *catalog, enum sw_mechanism mechanism, unsigned index,
		     struct random_mix *out)
{
	static const struct random_choice any = {
		.loads = all_loads, .n_loads = sizeof(all_loads) / sizeof(all_loads[0])};

	return random_mix_draw_of(catalog, mechanism, index, &any, out);
}
