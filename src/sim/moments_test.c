// SPDX-License-Identifier: Apache-2.0
#include "sim/moments.h"

#include <stdlib.h>

#include "sim/sim_fixture.h"

static const double GIB = 1024.0 * 1024 * 1024;

/* Two engines whose counters grow by the number of the interval: 1, 2, 3, ... */
static void fill(struct sw__repetition *r)
{
	static struct sw__moment moments[2 * (SW_MOMENTS + 1)];

	*r = (struct sw__repetition){.n = 2, .moment = moments};
	for (size_t k = 0; k <= SW_MOMENTS; k++) {
		double sum = (double)(k * (k + 1)) / 2;

		for (size_t i = 0; i < 2; i++)
			moments[2 * k + i].engine = (struct sw_sim_engine){
				.running = (uint32_t)(10 * i + k % 7),
				.waiting = (uint32_t)(k % 3),
				.kv_blocks = 100,
				.kv_blocks_free = (uint32_t)(100 - k % 50),
				.kv_block_tokens = 16,
				.generated_tokens = (uint64_t)((double)(i + 1) * sum),
				.gpu_s = 1e-3 * (double)(i + 1) * sum};
		r->gpu[k] = (struct sw_sim_gpu){.busy_s = 1e-3 * sum,
						.sm_s = 2e-3 * sum,
						.dram_s = 3e-3 * sum,
						.energy_j = 4 * sum,
						.clock_s = 5e-3 * sum};
	}
}

static struct sw_simulated moments_of(const struct sim_fixture *f, const struct sw__repetition *r,
				      double duration_s, bool timeline)
{
	struct sw_simulated out;

	memset(&out, 0, sizeof(out));
	CHECK_INT(sw__moments_of(&f->mix, r, duration_s, timeline, &out, NULL), SW_OK);
	return out;
}

static void release(struct sw_simulated *out)
{
	free(out->requests);
	free(out->moments);
}

static void check_engine(const struct sw_simulated_moment *m, size_t k, size_t i,
			 const struct sw_tenant *t)
{
	double used = (double)(k % 50);
	double cache = used * 16 * sw_kv_bytes_per_token(&t->model, &t->engine) / GIB;

	CHECK_INT(m->tenant, i);
	CHECK_NEAR(m->time_s, 0.25 * (double)k, 1e-12);
	CHECK_NEAR(m->running, (double)(10 * i + k % 7), 0);
	CHECK_NEAR(m->waiting, (double)(k % 3), 0);
	CHECK_NEAR(m->kv_used, used / 100, 1e-12);
	CHECK_NEAR(m->memory_gib, sw_weight_gib(&t->model, &t->engine) + cache, 1e-12);
	CHECK_NEAR(m->output_tokens_per_s, (double)((i + 1) * k) / 0.25, 1e-12);
	CHECK_NEAR(m->busy, 1e-3 * (double)((i + 1) * k) / 0.25, 1e-9);
	CHECK(isnan(m->sms) && isnan(m->dram) && isnan(m->power_w) && isnan(m->clock));
}

static void check_gpu(const struct sw_simulated_moment *m, size_t k)
{
	double rate = (double)k / 0.25;

	CHECK_INT(m->tenant, 2);
	CHECK_NEAR(m->running, m[-1].running + m[-2].running, 1e-12);
	CHECK_NEAR(m->waiting, 2.0 * (double)(k % 3), 1e-12);
	CHECK_NEAR(m->memory_gib, m[-1].memory_gib + m[-2].memory_gib, 1e-12);
	CHECK_NEAR(m->output_tokens_per_s, 3 * rate, 1e-12);
	CHECK_NEAR(m->busy, 1e-3 * rate, 1e-9);
	CHECK_NEAR(m->sms, 2e-3 * rate, 1e-9);
	CHECK_NEAR(m->dram, 3e-3 * rate, 1e-9);
	CHECK_NEAR(m->power_w, 4 * rate, 1e-9);
	CHECK_NEAR(m->clock, 5e-3 * rate, 1e-9);
	CHECK(isnan(m->kv_used));
}

TEST(a_timeline)
{
	struct sim_fixture f;
	struct sw__repetition r;
	struct sw_simulated out;

	sim_fixture_open(&f, "l4", SW_MPS);
	sim_fixture_open_loop(&f, "qwen2.5-0.5b", 0.5, 1);
	sim_fixture_open_loop(&f, "qwen3-0.6b", 0.5, 1);
	fill(&r);
	out = moments_of(&f, &r, 100, true);
	CHECK_INT(out.n_moments, 3 * SW_MOMENTS);
	CHECK_INT(out.n_requests, 0);
	for (size_t k = 1; k <= SW_MOMENTS && out.n_moments == 3 * SW_MOMENTS; k++) {
		const struct sw_simulated_moment *row = &out.moments[3 * (k - 1)];

		check_engine(&row[0], k, 0, &f.tenants[0]);
		check_engine(&row[1], k, 1, &f.tenants[1]);
		check_gpu(&row[2], k);
	}
	release(&out);
	out = moments_of(&f, &r, 100, false);
	CHECK(out.n_moments == 0 && !out.moments);
	release(&out);
	sim_fixture_close(&f);
}

static struct sw__record record(uint32_t tenant, uint32_t output_tokens, double first_s,
				double last_s)
{
	return (struct sw__record){.tenant = tenant,
				   .prompt_tokens = 7,
				   .output_tokens = output_tokens,
				   .preemptions = 3,
				   .arrival_s = 10,
				   .first_s = first_s,
				   .last_s = last_s};
}

TEST(requests)
{
	struct sim_fixture f;
	struct sw__record records[] = {record(1, 11, 10.2, 11.2), record(0, 1, 10.5, 10.5),
				       record(1, 11, 10.2, NAN), record(1, 11, NAN, NAN),
				       record(1, 11, 10.2, 11.3)};
	struct sw__repetition r;
	struct sw_simulated out;

	sim_fixture_open(&f, "l4", SW_MPS);
	sim_fixture_open_loop(&f, "qwen2.5-0.5b", 0.5, 1);
	sim_fixture_open_loop(&f, "qwen2.5-0.5b", 0.5, 1)->slo.bound_ms[SW_TPOT][SW_P95] = 105;
	fill(&r);
	r.record = records;
	r.n_records = 5;
	out = moments_of(&f, &r, 100, false);
	CHECK_INT(out.n_requests, 5);
	CHECK(out.requests[0].tenant == 1 && out.requests[0].prompt_tokens == 7);
	CHECK(out.requests[0].output_tokens == 11 && out.requests[0].preemptions == 3);
	CHECK_NEAR(out.requests[0].arrival_s, 10, 0);
	CHECK_NEAR(out.requests[0].ttft_ms, 200, 1e-9);
	CHECK_NEAR(out.requests[0].tpot_ms, 100, 1e-9);
	CHECK_NEAR(out.requests[0].e2e_ms, 1200, 1e-9);
	CHECK_INT(out.requests[0].late, 0);
	CHECK(isnan(out.requests[1].tpot_ms) && out.requests[1].late == -1);
	CHECK(check_near(out.requests[2].ttft_ms, 200, 1e-9) && isnan(out.requests[2].e2e_ms));
	CHECK(isnan(out.requests[2].tpot_ms) && out.requests[2].late == 1);
	CHECK(isnan(out.requests[3].ttft_ms) && out.requests[3].late == 1);
	CHECK_INT(out.requests[4].late, 1);
	release(&out);
	sim_fixture_close(&f);
}

TEST_MAIN()
