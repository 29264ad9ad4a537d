// SPDX-License-Identifier: Apache-2.0
#include "predictor/trials_of_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"

const int curve_levels[CURVE_LEVELS] = {2, 4, 8, 12, 24};
enum { MODELS_MAX = 64 };

struct trying {
	const struct measured_set *set;
	const struct effort *effort;
	struct estimate (*unfitted)[BENCH_ENGINES_MAX];
	struct judged_rows *rows;
};

static bool start(const struct trying *t, struct trial *trial)
{
	return trial_make(t->set, (const struct estimate(*)[BENCH_ENGINES_MAX])t->unfitted, trial);
}

static bool finish(const struct trying *t, struct trial *trial, enum stage stage, int level)
{
	bool ok = trial_run(trial) && judged_add(t->rows, trial, stage, level);

	trial_clear(trial);
	return ok;
}

static bool try_fold(const struct trying *t, unsigned fold)
{
	struct trial trial;

	if (!start(t, &trial))
		return false;
	for (size_t i = 0; i < t->set->n; i++) {
		trial.held[i] = t->set->at[i].fold == fold;
		trial.repeats[i] = trial.held[i] ? 0 : t->set->at[i].repeats;
	}
	trial.bounded = true;
	return finish(t, &trial, STAGE_FOLDS, 0);
}

static bool try_larger(const struct trying *t)
{
	struct trial trial;

	if (!start(t, &trial))
		return false;
	for (size_t i = 0; i < t->set->n; i++) {
		trial.held[i] = t->set->at[i].mix->n > 2;
		trial.repeats[i] = trial.held[i] ? 0 : t->set->at[i].repeats;
	}
	return finish(t, &trial, STAGE_LARGER, 0);
}

/* How often the models of a mix have been in what is taken already. */
struct usage {
	size_t n, runs[MODELS_MAX];
	const char *model[MODELS_MAX];
};

static size_t *usage_of(struct usage *u, const char *model)
{
	size_t i = 0;

	while (i < u->n && strcmp(u->model[i], model) != 0)
		i++;
	if (i == u->n && u->n < MODELS_MAX)
		u->model[u->n++] = model;
	return &u->runs[i < MODELS_MAX ? i : MODELS_MAX - 1];
}

static double use_of_mix(struct usage *u, const struct sw_mix *mix)
{
	double sum = 0;

	for (size_t e = 0; e < mix->n; e++)
		sum += (double)*usage_of(u, mix->tenants[e].model.id);
	return sum / (double)mix->n;
}

/* The next run: of the mix whose models were used least, new mixes before repeats; chance decides between equals. */
static size_t next_mix(const struct trying *t, const struct trial *trial, struct usage *u,
		       struct sw__random *random)
{
	size_t best = SIZE_MAX;
	double least = 0;

	for (size_t i = 0; i < t->set->n; i++) {
		double use;

		if (trial->held[i] || trial->repeats[i] == t->set->at[i].repeats)
			continue;
		use = use_of_mix(u, t->set->at[i].mix) + 1000 * (double)trial->repeats[i] +
		      sw__random_uniform(random);
		if (best == SIZE_MAX || use < least) {
			best = i;
			least = use;
		}
	}
	return best;
}

static void take(const struct trying *t, struct trial *trial, int level, unsigned fold)
{
	struct sw__random random = sw__random_make(2, fold);
	struct usage usage = {0};

	for (size_t n = 0; n < (size_t)level * t->set->n_models; n++) {
		size_t i = next_mix(t, trial, &usage, &random);

		if (i == SIZE_MAX)
			return;
		trial->repeats[i]++;
		for (size_t e = 0; e < t->set->at[i].mix->n; e++)
			++*usage_of(&usage, t->set->at[i].mix->tenants[e].model.id);
	}
}

/* Sets of fewer runs are parts of those of more: the same chance in the same order. */
static bool try_few(const struct trying *t, int level, unsigned fold)
{
	struct trial trial;

	if (!start(t, &trial))
		return false;
	for (size_t i = 0; i < t->set->n; i++)
		trial.held[i] = t->set->at[i].fold == fold;
	take(t, &trial, level, fold);
	return finish(t, &trial, STAGE_CURVE, level);
}

static bool try_all(const struct trying *t)
{
	bool ok = true;

	for (unsigned fold = 0; ok && fold < t->effort->folds; fold++)
		ok = try_fold(t, fold);
	ok = ok && try_larger(t);
	for (unsigned fold = 0; ok && fold < t->effort->curve_folds; fold++)
		for (int k = 0; ok && k < CURVE_LEVELS; k++)
			ok = try_few(t, curve_levels[k], fold);
	return ok;
}

bool trials_of_set(const struct measured_set *set, const struct effort *effort,
		   struct judged_rows *rows)
{
	struct trying t = {set, effort, calloc(set->n, sizeof(*t.unfitted)), rows};
	bool ok = t.unfitted != NULL;

	if (ok) {
		predict_mixes(set, NULL, NULL, false, t.unfitted);
		ok = try_all(&t);
	}
	free(t.unfitted);
	return ok;
}
