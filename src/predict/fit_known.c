// SPDX-License-Identifier: Apache-2.0
#include "predict/fit_known.h"

#include <stdlib.h>
#include <string.h>

#include "sharing/mechanism.h"

const char *const sw__range_names[SW__RANGE_COUNT] = {
#define RANGE_NAME(name, unit, meaning) #name,
	SW__RANGE_LIST(RANGE_NAME)
#undef RANGE_NAME
};

void sw_fit_free(sw_fit *fit)
{
	if (!fit)
		return;
	free(fit->groups);
	free(fit->models);
	free(fit);
}

const struct sw__fit_group *sw__fit_group(const struct sw_fit *fit, const char *gpu,
					  enum sw_mechanism mechanism)
{
	const struct sw__fit_group *any = NULL;

	for (size_t i = 0; fit && i < fit->n_groups; i++) {
		const struct sw__fit_group *g = &fit->groups[i];

		if (g->mechanism == mechanism && strcmp(g->gpu, gpu) == 0)
			return g;
		if (g->mechanism == mechanism && !*g->gpu)
			any = g;
	}
	return any;
}

const struct sw__fit_model *sw__fit_model(const struct sw_fit *fit, const char *gpu,
					  const char *model)
{
	const struct sw__fit_model *others = NULL;

	for (size_t i = 0; fit && i < fit->n_models; i++) {
		const struct sw__fit_model *m = &fit->models[i];

		if (strcmp(m->gpu, gpu) != 0)
			continue;
		if (strcmp(m->model, model) == 0)
			return m;
		if (!*m->model)
			others = m;
	}
	return others;
}

struct sw__shared_values sw__fit_shared(const struct sw__fit_group *group)
{
	struct sw__shared_values v = sw__shared_unmeasured();

	for (int i = 0; group && i < SW__SHARED_COUNT; i++)
		v.at[i] = group->shared[i].value;
	return v;
}

struct sw__model_values sw__fit_values(const struct sw__fit_model *model)
{
	struct sw__model_values v = sw__model_unmeasured();

	for (int i = 0; model && i < SW__MODEL_COUNT; i++)
		v.at[i] = model->at[i].value;
	return v;
}

enum sw__bound_kind sw__bound_kind(const struct sw_tenant *tenant)
{
	return sw__mechanism_holds(tenant->slice.mechanism, tenant->slice.share,
				   tenant->engine.cuda_graphs)
		       ? SW__BOUND_HELD
		       : SW__BOUND_FREE;
}
