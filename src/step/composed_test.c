// SPDX-License-Identifier: Apache-2.0
#include "step/composed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "slicewise/catalog.h"

static sw_calibration *open_l40s(struct sw_model *model)
{
	sw_calibration *calibration = NULL;
	struct sw_gpu gpu;
	sw_catalog *catalog;

	CHECK_INT(sw_catalog_open(&catalog, NULL), SW_OK);
	CHECK_INT(sw_catalog_gpu(catalog, "l40s", &gpu, NULL), SW_OK);
	CHECK_INT(sw_catalog_model(catalog, "llama-3.1-8b", model, NULL), SW_OK);
	CHECK_INT(sw_calibration_open(&gpu, NULL, &calibration, NULL), SW_OK);
	sw_catalog_free(catalog);
	return calibration;
}

static struct sw__step_setting setting_of(const sw_calibration *calibration)
{
	return (struct sw__step_setting){.dev = sw__calibration_device(calibration, SW_BF16),
					 .kv_bytes = 2,
					 .weight_bytes = 2,
					 .cuda_graphs = true,
					 .host_exposed = 1};
}

TEST(a_step_is_the_sum_of_its_kernels)
{
	struct sw_model model;
	sw_calibration *c = open_l40s(&model);
	struct sw__step_setting s = setting_of(c);
	struct sw__model_ops ops = sw__model_ops(&model);
	struct sw_step_work work = {.n_decode = 16, .decode_kv_tokens = 16000};
	struct sw__composed_time t = sw__composed_step(c, &s, &ops, &work);
	static const double nk[][2] = {{6144, 4096}, {4096, 4096}, {28672, 4096}, {4096, 14336}};
	double us = 0;

	for (int i = 0; i < 4; i++)
		us += 32 * sw__gemm_us(&c->gemm, &s.dev, 16, nk[i][0], nk[i][1]);
	us += sw__gemm_us(&c->gemm, &s.dev, 16, 128256, 4096);
	CHECK_NEAR(t.gemm_ms, us / 1000, 1e-12);
	/* 8.03e9 parameters less the embedding, two bytes each, and the contexts' keys and values: 128 KiB a token. */
	CHECK_NEAR(t.dram_gb, 2 * (8030261248.0 - 525336576.0) / 1e9 + 16000 * 131072 / 1e9, 0.01);
	sw_calibration_free(c);
}

TEST(a_sliding_window_caps_what_is_read)
{
	struct sw_model model;
	sw_calibration *c = open_l40s(&model);
	struct sw__step_setting s = setting_of(c);
	struct sw__model_ops ops = sw__model_ops(&model), windowed = ops;
	struct sw_step_work work = {.n_decode = 4, .decode_kv_tokens = 4 * 16000};
	struct sw_step_work cut = {.n_decode = 4, .decode_kv_tokens = 4 * 1000};

	windowed.window = 1000;
	windowed.window_layers = windowed.layers;
	CHECK_NEAR(sw__composed_step(c, &s, &windowed, &work).attention_ms,
		   sw__composed_step(c, &s, &ops, &cut).attention_ms, 1e-12);
	windowed.window_layers = windowed.layers / 2;
	CHECK_NEAR(sw__composed_step(c, &s, &windowed, &work).attention_ms,
		   (sw__composed_step(c, &s, &ops, &cut).attention_ms +
		    sw__composed_step(c, &s, &ops, &work).attention_ms) /
			   2,
		   1e-12);
	sw_calibration_free(c);
}

TEST(what_is_remembered_of_products_is_what_they_take)
{
	struct sw__known_products *known = sw__known_products_make(3);
	int used = 0;
	struct sw_model model;
	sw_calibration *c = open_l40s(&model);
	struct sw__step_setting s = setting_of(c), remembers = s;
	struct sw__model_ops ops = sw__model_ops(&model);

	remembers.known = known;
	if (!CHECK(known))
		return;
	for (int times = 0; times < 2; times++)
		for (double tokens = 0.5; tokens < 20000; tokens *= 1.7) {
			struct sw_step_work work = {.n_decode = ceil(tokens / 16),
						    .decode_kv_tokens = 100 * ceil(tokens / 16),
						    .n_prefill = 1,
						    .prefill_tokens = tokens};

			CHECK_NEAR(sw__composed_step(c, &remembers, &ops, &work).gemm_ms,
				   sw__composed_step(c, &s, &ops, &work).gemm_ms, 0);
		}
	for (double n = 1; n < 3; n++) {
		struct sw_step_work work = {.n_decode = n, .decode_kv_tokens = n};

		CHECK_NEAR(sw__composed_step(c, &remembers, &ops, &work).gemm_ms,
			   sw__composed_step(c, &s, &ops, &work).gemm_ms, 0);
	}
	for (int i = 0; i < 8; i++)
		used += known->at[i].us > 0;
	CHECK(used > 4);
	free(known);
	sw_calibration_free(c);
}

TEST_MAIN()
