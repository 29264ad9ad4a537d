// SPDX-License-Identifier: Apache-2.0
#include "predict/prepared.h"

#include "predict/predict_fixture.h"

TEST(a_prepared_engine_knows_its_cache_and_its_time_alone)
{
	struct fixture f = fixture_open("a100-sxm4-80gb");
	struct sw_tenant t = fixture_tenant(&f, "qwen3-4b", SW_EXCLUSIVE, 1, 1);
	struct sw_memory_fit fit;
	struct sw_prediction out;
	sw_prepared *p = fixture_prepare(&f, &t);

	CHECK_INT(sw_memory_fit(&f.gpu, &t.model, &t.engine, &t.slice, &fit, NULL), SW_OK);
	CHECK_NEAR(sw_prepared_kv_tokens(p), fit.kv_tokens, 0);
	sw_predict(SW_EXCLUSIVE, (const sw_prepared *const *)&p, 1, &out);
	CHECK_NEAR(p->alone_latency.tpot_ms[SW_MEAN], out.latency[SW_TPOT].at[SW_MEAN], 1e-12);
	CHECK(!p->extrapolated);
	sw_prepared_free(p);
	fixture_close(&f);
}

TEST(a_new_rate_is_a_new_preparation)
{
	struct fixture f = fixture_open("l40s");
	struct sw_tenant slow = fixture_tenant(&f, "qwen3-1.7b", SW_MPS, 0.5, 1);
	struct sw_tenant fast = fixture_tenant(&f, "qwen3-1.7b", SW_MPS, 0.5, 3);
	sw_prepared *a = fixture_prepare(&f, &slow), *b = fixture_prepare(&f, &fast);
	struct sw_prediction x, y;

	sw_prepared_set_rate(a, 3);
	sw_predict(SW_MPS, (const sw_prepared *const *)&a, 1, &x);
	sw_predict(SW_MPS, (const sw_prepared *const *)&b, 1, &y);
	CHECK(memcmp(&x, &y, sizeof(x)) == 0);
	sw_prepared_free(a);
	sw_prepared_free(b);
	fixture_close(&f);
}

TEST(what_cannot_be_is_refused)
{
	struct fixture f = fixture_open("l4");
	struct sw_tenant t = fixture_tenant(&f, "qwen3-4b", SW_MPS, 0.5, 1);
	sw_prepared *p;
	struct sw_error err;

	t.slice.share = 0;
	CHECK_INT(sw_prepare(f.calibration, &f.gpu, &t, &p, &err), SW_BAD_INPUT);
	CHECK(!p);
	t.slice.share = 0.5;
	t.slice.memory_gib = 4;
	CHECK_INT(sw_prepare(f.calibration, &f.gpu, &t, &p, &err), SW_INFEASIBLE);
	t.slice.memory_gib = NAN;
	t.load.prompt_tokens.p95 = 100;
	CHECK_INT(sw_prepare(f.calibration, &f.gpu, &t, &p, &err), SW_BAD_INPUT);
	fixture_close(&f);
}

TEST(a_carried_gpu_and_an_unmeasured_mechanism_say_so)
{
	struct fixture f = fixture_open("rtx-4090"), g = fixture_open("l40s");
	struct sw_tenant carried = fixture_tenant(&f, "qwen3-1.7b", SW_MPS, 0.5, 1);
	struct sw_tenant hami = fixture_tenant(&g, "qwen3-1.7b", SW_HAMI, 0.5, 1);
	sw_prepared *a = fixture_prepare(&f, &carried), *b = fixture_prepare(&g, &hami);

	CHECK(a->extrapolated && b->extrapolated);
	CHECK(b->decode_doubt > sw_calibration_describe(g.calibration)->decode_doubt);
	sw_prepared_free(a);
	sw_prepared_free(b);
	fixture_close(&f);
	fixture_close(&g);
}

TEST_MAIN()
