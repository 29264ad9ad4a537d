// SPDX-License-Identifier: Apache-2.0
/*
 * From a budget in GiB to what an engine is told. Each counts something else: vLLM everything it
 * takes, SGLang weights and KV cache, TensorRT-LLM the KV cache over what is free after loading,
 * llama.cpp tokens. And each counts it of the memory it *sees*, which under MPS and time-slicing is
 * the whole GPU: half of an A100-80GB at 0.9 is 0.45 there, and 0.9 under HAMi.
 */
#include "catalog/engine_setting.h"

#include <string.h>

#include "catalog/engine_traits.h"

static double likely_of(const struct sw_memory_fit *fit, const char *name)
{
	double sum = 0;

	for (size_t i = 0; i < fit->n_addends; i++) {
		if (!name || strcmp(fit->addends[i].name, name) == 0)
			sum += fit->addends[i].likely_gib;
	}
	return sum;
}

void sw__engine_setting(const struct sw_engine *engine, struct sw_memory_fit *fit)
{
	const struct sw__engine_traits *traits = sw__engine_traits(engine->kind);

	fit->setting = traits->setting;
	switch (traits->rule) {
	case SW__SETTING_ALL:
		fit->setting_value = fit->budget_gib / fit->seen_gib;
		break;
	case SW__SETTING_STATIC:
		fit->setting_value = (likely_of(fit, "weights") + fit->kv_gib) / fit->seen_gib;
		break;
	case SW__SETTING_FREE:
		fit->setting_value = fit->kv_gib / (fit->seen_gib - likely_of(fit, NULL));
		break;
	case SW__SETTING_TOKENS:
		fit->setting_value = fit->kv_tokens;
		break;
	}
}
