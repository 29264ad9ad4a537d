// SPDX-License-Identifier: Apache-2.0
#include "predictor/trial.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/parallel_for.h"
#include "predict/predict_mix.h"

/* Requests of each engine, where no bounds are wanted. */
static const struct sw__play_length PLAYED = {.requests = 400, .events = 2e6};

#define WORD(name, word, what) word,
const char *const contender_names[CONTENDERS] = {CONTENDER_LIST(WORD)};
#undef WORD
#define WHAT(name, word, what) what,
const char *const contender_whats[CONTENDERS] = {CONTENDER_LIST(WHAT)};
#undef WHAT

bool trial_make(const struct measured_set *set,
		const struct estimate (*unfitted)[BENCH_ENGINES_MAX], struct trial *out)
{
	bool ok;

	*out = (struct trial){.set = set,
			      .unfitted = unfitted,
			      .repeats = calloc(set->n, sizeof(*out->repeats)),
			      .held = calloc(set->n, sizeof(*out->held)),
			      .alone = calloc(set->n, sizeof(*out->alone))};
	ok = out->repeats && out->held && out->alone;
	for (int c = 0; c < CONTENDERS; c++) {
		out->said[c] = calloc(set->n, sizeof(*out->said[c]));
		ok = ok && out->said[c];
		for (size_t i = 0; ok && i < set->n; i++)
			for (int e = 0; e < BENCH_ENGINES_MAX; e++)
				for (int t = 0; t < BENCH_TARGETS; t++)
					out->said[c][i][e].at[t] = out->said[c][i][e].bound[t] =
						NAN;
	}
	return ok;
}

void trial_clear(struct trial *trial)
{
	free(trial->repeats);
	free(trial->held);
	free(trial->alone);
	for (int c = 0; c < CONTENDERS; c++)
		free(trial->said[c]);
	*trial = (struct trial){0};
}

/* The runs to learn from: borrowed from the set, in its order. */
static struct sw_runs training_runs(const struct trial *trial)
{
	struct sw_runs runs = {0, calloc(trial->set->runs.n, sizeof(*runs.run))};

	for (size_t i = 0; runs.run && i < trial->set->n; i++)
		for (size_t r = 0; r < trial->repeats[i]; r++)
			runs.run[runs.n++] = trial->set->at[i].run[r];
	return runs;
}

static sw_fit *learn(struct trial *trial)
{
	struct sw_fit_settings settings = sw_fit_settings_default();
	struct sw_runs runs = training_runs(trial);
	struct sw_error err = {0};
	sw_fit *fit = NULL;

	settings.threads = parallel_threads();
	trial->runs = runs.n;
	if (sw_fit_make(&runs, &settings, &fit, NULL, &err) != SW_OK)
		(void)fprintf(stderr, "%s: %s\n", trial->set->name, err.message);
	free(runs.run);
	return fit;
}

struct predicting {
	const struct measured_set *set;
	const sw_fit *fit;
	const bool *wanted;
	bool bounded;
	struct estimate (*out)[BENCH_ENGINES_MAX];
};

double played_ms(const struct sw__played *played, int target)
{
	return played->overload ? NAN : played->ms[target_metric(target)][target_statistic(target)];
}

static enum sw_status predict_bounded(const struct sw_mix *mix, const sw_fit *fit,
				      struct estimate *out, struct sw_error *err)
{
	struct sw_prediction predictions[BENCH_ENGINES_MAX];
	enum sw_status st = sw__predict_calibrated(mix, fit, NULL, predictions, err);

	for (size_t e = 0; st == SW_OK && e < mix->n; e++)
		for (int t = 0; t < BENCH_TARGETS; t++) {
			out[e].at[t] = target_predicted(&predictions[e], t);
			out[e].bound[t] = target_bound(&predictions[e], t);
		}
	return st;
}

static enum sw_status play(const struct sw_mix *mix, const sw_fit *fit, struct estimate *out,
			   struct sw_error *err)
{
	struct sw__played played[SW_TENANTS_MAX];
	struct sw__ready_mix ready;
	enum sw_status st = sw__ready_make(mix, fit, NULL, &ready, err);

	if (st == SW_OK)
		st = sw__ready_play(&ready, &PLAYED, played, err);
	for (size_t e = 0; st == SW_OK && e < mix->n; e++)
		for (int t = 0; t < BENCH_TARGETS; t++)
			out[e].at[t] = played_ms(&played[e], t);
	sw__ready_clear(&ready);
	return st;
}

static void predict_one(void *context, size_t i)
{
	const struct predicting *p = context;
	const struct sw_mix *mix = p->set->at[i].mix;
	struct sw_error err = {0};

	if (p->wanted && !p->wanted[i])
		return;
	if ((p->bounded ? predict_bounded : play)(mix, p->fit, p->out[i], &err) != SW_OK)
		(void)fprintf(stderr, "%s: %s\n", p->set->at[i].run->experiment, err.message);
}

void predict_mixes(const struct measured_set *set, const sw_fit *fit, const bool *wanted,
		   bool bounded, struct estimate (*out)[BENCH_ENGINES_MAX])
{
	struct predicting p = {set, fit, wanted, bounded, out};

	parallel_for(set->n, predict_one, &p);
}

bool trial_run(struct trial *trial)
{
	sw_fit *fit = learn(trial);

	if (!fit)
		return false;
	predict_mixes(trial->set, fit, trial->held, trial->bounded, trial->said[OURS]);
	figure_mixes(trial, fit, trial->alone);
	sw_fit_free(fit);
	for (size_t i = 0; i < trial->set->n; i++)
		for (size_t e = 0; trial->held[i] && e < trial->set->at[i].mix->n; e++)
			trial->said[UNFITTED][i][e] = trial->unfitted[i][e];
	trial_forms(trial);
	trial_boosted(trial);
	return true;
}
