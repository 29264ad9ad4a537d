// SPDX-License-Identifier: Apache-2.0
#include "catalog/engine_setting.h"

#include "catalog/catalog_fixture.h"

/* 80 GiB seen, 36 of them as budget: 16 of weights, 2 of workspace, 18 of KV cache. */
static struct sw_memory_fit fit_of(enum sw_engine_kind kind)
{
	struct sw_engine engine = {.kind = kind};
	struct sw_memory_fit fit = {.seen_gib = 80,
				    .budget_gib = 36,
				    .kv_gib = 18,
				    .kv_tokens = 1234,
				    .n_addends = 2,
				    .addends = {{.name = "weights", .likely_gib = 16},
						{.name = "activations", .likely_gib = 2}}};

	sw__engine_setting(&engine, &fit);
	return fit;
}

TEST(each_engine_is_told_the_same_budget_in_its_own_terms)
{
	struct sw_memory_fit fit = fit_of(SW_VLLM);

	CHECK_STR(fit.setting, "--gpu-memory-utilization");
	CHECK_NEAR(fit.setting_value, 36.0 / 80, 1e-12);
	fit = fit_of(SW_SGLANG);
	CHECK_STR(fit.setting, "--mem-fraction-static");
	CHECK_NEAR(fit.setting_value, 34.0 / 80, 1e-12);
	fit = fit_of(SW_TENSORRT_LLM);
	CHECK_NEAR(fit.setting_value, 18.0 / 62, 1e-12);
	fit = fit_of(SW_LLAMA_CPP);
	CHECK_STR(fit.setting, "--ctx-size");
	CHECK_NEAR(fit.setting_value, 1234, 0);
}

TEST_MAIN()
