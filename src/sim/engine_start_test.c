// SPDX-License-Identifier: Apache-2.0
#include "sim/sim.h"
#include "sim/sim_fixture.h"

static sw_sim *open_pair(struct sim_fixture *f, enum sw_mechanism mechanism)
{
	struct sw_sim_settings settings = {.seed = 2};
	sw_sim *sim;

	sim_fixture_open(f, "a100-sxm4-80gb", mechanism);
	(void)sim_fixture_closed_loop(f, "qwen3-4b", 0.5, 8);
	sim_fixture_closed_loop(f, "qwen3-8b", 0.5, 1)->load.output_tokens.mean = 1;
	CHECK_INT(sw_sim_new(&f->mix, &settings, &sim, NULL), SW_OK);
	return sim;
}

static double tokens_in(sw_sim *sim, double seconds)
{
	struct sw_sim_engine before, after;

	sw_sim_engine_state(sim, 0, &before);
	CHECK_INT(sw_sim_advance(sim, sw_sim_now_s(sim) + seconds, NULL), SW_OK);
	sw_sim_engine_state(sim, 0, &after);
	return (double)(after.generated_tokens - before.generated_tokens) / seconds;
}

/* Weights come over the bus and compilation is the CPU's: only profiling and capture slow a neighbour. */
TEST(a_neighbour_that_starts_disturbs_when_it_captures)
{
	static const enum sw_mechanism mechanisms[] = {SW_MPS, SW_TIMESLICE};

	for (int i = 0; i < 2; i++) {
		struct sim_fixture f;
		sw_sim *sim = open_pair(&f, mechanisms[i]);
		struct sw_sim_engine e;
		double loading, capturing;

		CHECK_INT(sw_sim_advance(sim, 20, NULL), SW_OK);
		CHECK_INT(sw_sim_restart(sim, 1, NULL), SW_OK);
		sw_sim_engine_state(sim, 1, &e);
		loading = tokens_in(sim, 10);
		CHECK_INT(sw_sim_advance(sim, e.ready_s - 7, NULL), SW_OK);
		capturing = tokens_in(sim, 6);
		CHECK(capturing < 0.97 * loading && capturing > 0.4 * loading);
		sw_sim_free(sim);
		sim_fixture_close(&f);
	}
}

TEST(weights_take_as_long_as_the_bus_makes_them)
{
	struct sim_fixture f;
	sw_sim *sim = open_pair(&f, SW_MPS);
	struct sw__sim_constants c;
	struct sw_sim_engine e;
	double gb = sw_weight_gib(&f.tenants[1].model, &f.tenants[1].engine) * 1.073741824;

	sw__sim_constants(0, &c);
	CHECK_INT(sw_sim_restart(sim, 1, NULL), SW_OK);
	sw_sim_engine_state(sim, 1, &e);
	CHECK_NEAR(e.ready_s,
		   c.start_process_s + c.start_compile_s + c.start_capture_s +
			   gb / (f.mix.gpu.pcie_gb_s * c.start_bus),
		   1e-9);
	sw_sim_free(sim);
	sim_fixture_close(&f);
}

TEST(an_engine_may_start_while_others_serve)
{
	struct sw_sim_settings settings = {.seed = 2};
	struct sw_sim_engine e;
	struct sim_fixture f;
	sw_sim *sim;

	sim_fixture_open(&f, "a100-sxm4-80gb", SW_MPS);
	(void)sim_fixture_open_loop(&f, "qwen3-4b", 0.5, 1);
	sim_fixture_open_loop(&f, "qwen3-4b", 0.5, 1)->start_s = 10;
	CHECK_INT(sw_sim_new(&f.mix, &settings, &sim, NULL), SW_OK);
	CHECK_INT(sw_sim_advance(sim, 30, NULL), SW_OK);
	sw_sim_engine_state(sim, 1, &e);
	CHECK(!e.ready && e.generated_tokens == 0 && e.waiting > 10);
	CHECK(e.ready_s > 38 && e.ready_s < 44);
	sw_sim_engine_state(sim, 0, &e);
	CHECK(e.ready && e.generated_tokens > 0);
	CHECK_INT(sw_sim_advance(sim, 60, NULL), SW_OK);
	sw_sim_engine_state(sim, 1, &e);
	CHECK(e.ready && e.generated_tokens > 0);
	sw_sim_free(sim);
	sim_fixture_close(&f);
}

TEST(clients_of_a_closed_loop_ask_again_and_none_is_lost)
{
	struct sim_fixture f;
	sw_sim *sim = open_pair(&f, SW_MPS);
	struct sw_sim_engine e;

	CHECK_INT(sw_sim_advance(sim, 5, NULL), SW_OK);
	CHECK_INT(sw_sim_restart(sim, 0, NULL), SW_OK);
	sw_sim_engine_state(sim, 0, &e);
	CHECK_INT(e.waiting, 8);
	CHECK_INT(sw_sim_restart(sim, 0, NULL), SW_OK); /* again, while it starts */
	CHECK_INT(sw_sim_advance(sim, 60, NULL), SW_OK);
	sw_sim_engine_state(sim, 0, &e);
	CHECK(e.ready);
	CHECK_INT(e.waiting + e.running, 8);
	CHECK_INT(e.aborted, 16);
	sw_sim_free(sim);
	sim_fixture_close(&f);
}

TEST_MAIN()
