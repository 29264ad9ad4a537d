// SPDX-License-Identifier: Apache-2.0
#include "predict/mix_measured.h"

#include "catalog/described.h"
#include "check.h"
#include "predict/tenant_read.h"

static sw_catalog *catalog;
static struct sw_error err;

static struct sw_tenant tenant_of(const char *model, double memory_gib)
{
	struct sw_tenant tenant = {.engine = sw__engine_nothing_given(),
				   .slice = {SW_MPS, 0.5, memory_gib}};

	CHECK_INT(sw_catalog_model(catalog, model, &tenant.model, &err), SW_OK);
	return tenant;
}

static struct sw_gpu gpu_of(const char *id)
{
	struct sw_gpu gpu;

	CHECK_INT(sw_catalog_gpu(catalog, id, &gpu, &err), SW_OK);
	return gpu;
}

TEST(memory_is_divided_as_in_a_mix_file)
{
	struct sw_gpu gpu = gpu_of("a100-sxm4-80gb");
	double seen = sw_gpu_visible_gib(&gpu);
	struct sw_tenant t[] = {tenant_of("qwen3-0.6b", 20), tenant_of("qwen3-0.6b", NAN),
				tenant_of("qwen3-0.6b", NAN), tenant_of("qwen3-0.6b", NAN)};

	/* One that takes a part of the whole GPU by itself. */
	t[3].engine.gpu_memory_utilization = 0.25;
	t[3].engine.given |= SW_KEY_GPU_MEMORY_UTILIZATION;
	CHECK_INT(sw__settle_measured(&gpu, SW_MPS, t, 4, &err), SW_OK);
	CHECK_NEAR(t[0].slice.memory_gib, 20, 0);
	CHECK_NEAR(t[1].slice.memory_gib, (seen - 20 - 0.25 * seen) / 2, 1e-12);
	CHECK_NEAR(t[2].slice.memory_gib, t[1].slice.memory_gib, 0);
	CHECK(isnan(t[3].slice.memory_gib));
}

TEST(a_context_that_fits_is_found)
{
	struct sw_gpu gpu = gpu_of("l4");
	struct sw_tenant t = tenant_of("llama-3.1-8b", 20);
	struct sw_memory_fit fit;

	CHECK_INT(sw__settle_measured(&gpu, SW_MPS, &t, 1, &err), SW_OK);
	CHECK(t.engine.max_model_len < t.model.max_position && t.engine.max_model_len > 0);
	CHECK(t.engine.given == SW_KEY_MAX_MODEL_LEN);
	CHECK_INT(sw_memory_fit(&gpu, &t.model, &t.engine, &t.slice, &fit, &err), SW_OK);
}

TEST(who_does_not_fit_is_told_and_the_others_are_filled_in)
{
	struct sw_gpu gpu = gpu_of("l4");
	struct sw_tenant t[] = {tenant_of("llama-13b", 10), tenant_of("qwen3-0.6b", 10)};

	CHECK_INT(sw__settle_measured(&gpu, SW_MPS, t, 2, &err), SW_INFEASIBLE);
	CHECK(strstr(err.message, "llama-13b does not fit on l4"));
	CHECK(t[0].engine.max_num_seqs == 256 && t[1].engine.max_num_seqs == 256);
}

TEST(a_setting_that_cannot_be_is_refused)
{
	struct sw_gpu gpu = gpu_of("l4");
	struct sw_tenant t = tenant_of("qwen3-0.6b", 10);

	t.engine.max_num_seqs = 100;
	t.engine.max_num_batched_tokens = 50;
	t.engine.given = SW_KEY_MAX_NUM_SEQS | SW_KEY_MAX_NUM_BATCHED_TOKENS;
	CHECK_INT(sw__settle_measured(&gpu, SW_MPS, &t, 1, &err), SW_BAD_INPUT);
	CHECK(strstr(err.message, "max_num_batched_tokens: found 50"));
}

TEST(on_a_host_nothing_is_reckoned_with)
{
	struct sw_gpu host = sw__host("xeon");
	struct sw_tenant t[] = {tenant_of("llama-13b", NAN), tenant_of("qwen3-0.6b", NAN)};

	CHECK_INT(sw__settle_measured(&host, SW_CPU_QUOTA, t, 2, &err), SW_OK);
	CHECK(isnan(t[0].slice.memory_gib) && t[0].engine.dtype == t[0].model.dtype);
	CHECK_INT(t[1].engine.max_model_len, t[1].model.max_position);
}

int main(void)
{
	int status;

	if (sw_catalog_open(&catalog, NULL) != SW_OK)
		return 1;
	status = check_main();
	sw_catalog_free(catalog);
	return status;
}
