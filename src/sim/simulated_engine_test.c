// SPDX-License-Identifier: Apache-2.0
#include "sim/simulated_engine.h"

#include "sim/sim.h"
#include "sim/sim_fixture.h"

static sw_sim *open_sim(const struct sim_fixture *f, bool external)
{
	struct sw_sim_settings settings = {.seed = 1, .external = external};
	struct sw_error err = {SW_OK, ""};
	sw_sim *sim = NULL;

	CHECK_INT(sw_sim_new(&f->mix, &settings, &sim, &err), SW_OK);
	CHECK_STR(err.message, "");
	return sim;
}

TEST(an_engine_has_the_cache_that_its_memory_gives)
{
	struct sim_fixture f;
	struct sw_memory_fit fit;
	struct sw_sim_engine e;
	struct sw_tenant *t;
	sw_sim *sim;

	sim_fixture_open(&f, "l4", SW_EXCLUSIVE);
	t = sim_fixture_open_loop(&f, "qwen2.5-0.5b", 1, 1);
	CHECK_INT(sw_memory_fit(&f.mix.gpu, &t->model, &t->engine, &t->slice, &fit, NULL), SW_OK);
	sim = open_sim(&f, true);
	sw_sim_engine_state(sim, 0, &e);
	CHECK_NEAR((double)e.kv_blocks * e.kv_block_tokens, fit.kv_tokens, 1e-12);
	CHECK_INT(e.kv_blocks_free, e.kv_blocks);
	CHECK(e.ready);
	sw_sim_free(sim);
	sim_fixture_close(&f);
}

TEST(only_llama_cpp_composes_steps_when_the_one_before_has_ended)
{
	static const enum sw_engine_kind kinds[] = {SW_VLLM, SW_SGLANG, SW_TENSORRT_LLM,
						    SW_LLAMA_CPP};

	for (int i = 0; i < 4; i++) {
		struct sim_fixture f;
		sw_sim *sim;

		sim_fixture_open(&f, "l4", SW_EXCLUSIVE);
		sim_fixture_open_loop(&f, "qwen2.5-0.5b", 1, 1)->engine.kind = kinds[i];
		sim = open_sim(&f, true);
		CHECK_INT(sw__sim_engine(sim, 0)->schedule_ahead, kinds[i] != SW_LLAMA_CPP);
		sw_sim_free(sim);
		sim_fixture_close(&f);
	}
}

TEST(the_clients_of_a_closed_loop_all_ask_at_once)
{
	struct sim_fixture f;
	struct sw_sim_engine e;
	sw_sim *sim;

	sim_fixture_open(&f, "l4", SW_EXCLUSIVE);
	(void)sim_fixture_closed_loop(&f, "qwen2.5-0.5b", 1, 7);
	sim = open_sim(&f, false);
	sw_sim_engine_state(sim, 0, &e);
	CHECK_INT(e.waiting, 7);
	CHECK_INT(sw_sim_advance(sim, 20, NULL), SW_OK);
	sw_sim_engine_state(sim, 0, &e);
	CHECK_INT(e.waiting + e.running, 7);
	CHECK(e.ended > 7);
	sw_sim_free(sim);
	sim_fixture_close(&f);
}

TEST(who_is_not_let_in_waits_and_the_cache_stays)
{
	struct sim_fixture f;
	struct sw_sim_engine e, all;
	struct sw_tenant *t;
	sw_sim *sim;

	sim_fixture_open(&f, "l4", SW_EXCLUSIVE);
	t = sim_fixture_closed_loop(&f, "qwen2.5-0.5b", 1, 7);
	sim = open_sim(&f, false);
	sw_sim_engine_state(sim, 0, &all);
	sw_sim_free(sim);
	t->max_in_flight = 3;
	sim = open_sim(&f, false);
	for (int i = 1; i <= 20; i++) {
		CHECK_INT(sw_sim_advance(sim, i, NULL), SW_OK);
		sw_sim_engine_state(sim, 0, &e);
		CHECK(e.running <= 3);
		CHECK_INT(e.waiting + e.running, 7);
	}
	CHECK(e.ended > 7);
	CHECK_INT(e.kv_blocks, all.kv_blocks);
	sw_sim_free(sim);
	sim_fixture_close(&f);
}

TEST(the_share_decides_what_kernels_see)
{
	struct sim_fixture f;
	sw_sim *sim;

	sim_fixture_open(&f, "a100-sxm4-80gb", SW_MPS);
	(void)sim_fixture_open_loop(&f, "qwen3-0.6b", 0.5, 1);
	sim = open_sim(&f, true);
	CHECK_NEAR(sw__sim_engine(sim, 0)->steps.setting.dev.sms, 54, 0);
	CHECK_INT(sw_sim_set_share(sim, 0, 0.25, NULL), SW_OK);
	CHECK_NEAR(sw__sim_engine(sim, 0)->steps.setting.dev.sms, 26, 0);
	CHECK_INT(sw_sim_set_share(sim, 0, 1.5, NULL), SW_BAD_INPUT);
	CHECK_INT(sw_sim_set_share(sim, 0, NAN, NULL), SW_BAD_INPUT);
	CHECK_NEAR(sw__sim_engine(sim, 0)->share, 0.25, 0);
	sw_sim_free(sim);
	sim_fixture_close(&f);
}

TEST(a_model_that_does_not_fit_is_refused_by_name)
{
	struct sim_fixture f;
	struct sw_sim_settings settings = {.seed = 1};
	struct sw_error err = {SW_OK, ""};
	sw_sim *sim;

	sim_fixture_open(&f, "l4", SW_EXCLUSIVE);
	(void)sim_fixture_open_loop(&f, "qwen2.5-14b", 1, 1);
	CHECK_INT(sw_sim_new(&f.mix, &settings, &sim, &err), SW_INFEASIBLE);
	CHECK(sim == NULL && strncmp(err.message, "engine 1", 8) == 0);
	sim_fixture_close(&f);
}

TEST_MAIN()
