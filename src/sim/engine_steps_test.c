// SPDX-License-Identifier: Apache-2.0
#include "sim/sim.h"
#include "sim/sim_fixture.h"

static const double MS = 1e-3;

/* Mean times of an engine's requests after the first `skip`. */
struct means {
	size_t n, skip;
	double ttft_ms, tpot_ms;
};

static enum sw_status ended(void *context, size_t tenant, const struct sw__sim_request *r,
			    struct sw_error *err)
{
	struct means *m = context;

	(void)tenant, (void)err;
	if (m->skip > 0) {
		m->skip--;
		return SW_OK;
	}
	m->n++;
	m->ttft_ms += (r->first_s - r->arrival_s) / MS;
	m->tpot_ms += (r->last_s - r->first_s) / MS / (r->sequence.output_tokens - 1);
	return SW_OK;
}

static struct means play(const struct sim_fixture *f, double seconds, size_t skip)
{
	struct sw_sim_settings settings = {.seed = 5};
	struct means m = {.skip = skip};
	struct sw__sim_recorder recorder = {&m, ended};
	sw_sim *sim;

	CHECK_INT(sw__sim_new(&f->mix, &settings, &recorder, &sim, NULL), SW_OK);
	CHECK_INT(sw_sim_advance(sim, seconds, NULL), SW_OK);
	sw_sim_free(sim);
	m.ttft_ms /= (double)m.n;
	m.tpot_ms /= (double)m.n;
	return m;
}

static double step_ms(const struct sim_fixture *f, const struct sw_step_work *work)
{
	const struct sw_tenant *t = &f->tenants[0];
	sw_calibration *calibration;
	struct sw_step_time time;

	CHECK_INT(sw_calibration_open(&f->mix.gpu, NULL, &calibration, NULL), SW_OK);
	CHECK_INT(sw_step_time(calibration, &t->model, &t->engine, &t->slice, work, &time, NULL),
		  SW_OK);
	sw_calibration_free(calibration);
	return time.total_ms;
}

/* One client: a step for its prompt, then a step per token with a context of 201 to 249. */
TEST(one_client_gets_the_arithmetic_of_its_steps)
{
	struct sim_fixture f;
	struct sw_step_work prompt = {.n_prefill = 1, .prefill_tokens = 200};
	struct sw_step_work decode = {.n_decode = 1, .decode_kv_tokens = 225};
	struct means m;

	sim_fixture_open(&f, "l4", SW_EXCLUSIVE);
	(void)sim_fixture_closed_loop(&f, "qwen2.5-1.5b", 1, 1);
	m = play(&f, 200, 2);
	/* 4 ms from the socket to the scheduler. */
	CHECK_NEAR(m.ttft_ms, step_ms(&f, &prompt) + 4, 0.01);
	CHECK_NEAR(m.tpot_ms, step_ms(&f, &decode), 0.01);
	sim_fixture_close(&f);
}

/* Sixteen clients in step: decodes of sixteen, and fifteen other prompts during one's answer. */
TEST(clients_share_steps)
{
	struct sim_fixture f;
	struct sw_step_work decode = {.n_decode = 16, .decode_kv_tokens = 16 * 225};
	struct sw_step_work prompt = {.n_prefill = 1, .prefill_tokens = 200};
	struct means m;
	double most;

	sim_fixture_open(&f, "l4", SW_EXCLUSIVE);
	(void)sim_fixture_closed_loop(&f, "qwen2.5-1.5b", 1, 16);
	m = play(&f, 200, 40);
	most = step_ms(&f, &decode) + 15 * step_ms(&f, &prompt) / 49;
	CHECK(m.tpot_ms > step_ms(&f, &decode) && m.tpot_ms < most * 1.05);
	sim_fixture_close(&f);
}

TEST(a_slice_of_a_mig_gpu_is_a_smaller_gpu)
{
	struct sim_fixture f;
	double whole, slice;

	sim_fixture_open(&f, "a100-sxm4-80gb", SW_MIG);
	(void)sim_fixture_closed_loop(&f, "qwen3-4b", 3.0 / 7, 4);
	f.tenants[0].slice.memory_gib = 38;
	f.tenants[0].engine.gpu_memory_utilization = 0.9;
	slice = play(&f, 60, 8).tpot_ms;
	f.mix.mechanism = f.tenants[0].slice.mechanism = SW_EXCLUSIVE;
	f.tenants[0].slice.share = 1;
	f.tenants[0].slice.memory_gib = NAN;
	whole = play(&f, 60, 8).tpot_ms;
	CHECK(slice > whole * 1.05);
	sim_fixture_close(&f);
}

/* SGLang's prompts do not ride with decodes: who decodes waits for whole steps of prompts. */
TEST(engines_follow_their_own_policy)
{
	struct sim_fixture f;
	struct means mixed, apart;

	sim_fixture_open(&f, "l4", SW_EXCLUSIVE);
	(void)sim_fixture_open_loop(&f, "qwen2.5-1.5b", 1, 2);
	f.tenants[0].load.prompt_tokens.mean = 1500;
	mixed = play(&f, 200, 20);
	f.tenants[0].engine.kind = SW_SGLANG;
	apart = play(&f, 200, 20);
	CHECK(apart.tpot_ms != mixed.tpot_ms);
	CHECK(apart.ttft_ms < mixed.ttft_ms); /* nobody's prompt shares its step */
	sim_fixture_close(&f);
}

TEST(found_prefixes_are_not_computed)
{
	struct sim_fixture f;
	double without;

	sim_fixture_open(&f, "l4", SW_EXCLUSIVE);
	(void)sim_fixture_closed_loop(&f, "qwen2.5-1.5b", 1, 1);
	f.tenants[0].load.prompt_tokens.mean = 1900;
	without = play(&f, 60, 1).ttft_ms;
	f.tenants[0].load.prefix_hit_ratio = 0.75;
	CHECK(play(&f, 60, 1).ttft_ms < 0.45 * without);
	sim_fixture_close(&f);
}

TEST_MAIN()
