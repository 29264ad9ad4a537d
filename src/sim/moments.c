// SPDX-License-Identifier: Apache-2.0
#include "sim/moments.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"

static const double MS = 1e-3, GIB = 1024.0 * 1024 * 1024;

static struct sw_simulated_request request_of(const struct sw_mix *mix, const struct sw__record *r)
{
	double ms[SW_METRIC_COUNT];
	struct sw_simulated_request q = {
		.tenant = r->tenant,
		.prompt_tokens = r->prompt_tokens,
		.output_tokens = r->output_tokens,
		.preemptions = r->preemptions,
		.arrival_s = r->arrival_s,
		.e2e_ms = (r->last_s - r->arrival_s) / MS,
	};

	sw__record_latency(r, ms);
	q.ttft_ms = ms[SW_TTFT];
	q.tpot_ms = ms[SW_TPOT];
	if (isnan(r->last_s))
		ms[SW_TTFT] = ms[SW_TPOT] = INFINITY;
	q.late = sw__late(&mix->tenants[r->tenant].slo, ms);
	return q;
}

static struct sw_simulated_moment engine_moment(const struct sw_mix *mix,
						const struct sw__repetition *r, size_t k, size_t i,
						double step_s)
{
	const struct sw_sim_engine *a = &r->moment[(k - 1) * r->n + i].engine;
	const struct sw_sim_engine *b = &r->moment[k * r->n + i].engine;
	const struct sw_tenant *t = &mix->tenants[i];
	double used = b->kv_blocks - b->kv_blocks_free;

	return (struct sw_simulated_moment){
		.time_s = step_s * (double)k,
		.tenant = (uint32_t)i,
		.running = b->running,
		.waiting = b->waiting,
		.kv_used = used / b->kv_blocks,
		.memory_gib = sw_weight_gib(&t->model, &t->engine) +
			      used * b->kv_block_tokens *
				      sw_kv_bytes_per_token(&t->model, &t->engine) / GIB,
		.output_tokens_per_s = (double)(b->generated_tokens - a->generated_tokens) / step_s,
		.busy = (b->gpu_s - a->gpu_s) / step_s,
		.sms = NAN,
		.dram = NAN,
		.power_w = NAN,
		.clock = NAN,
	};
}

/* The GPU's moment after its engines'. */
static struct sw_simulated_moment gpu_moment(const struct sw__repetition *r, size_t k,
					     double step_s,
					     const struct sw_simulated_moment *engines)
{
	const struct sw_sim_gpu *a = &r->gpu[k - 1], *b = &r->gpu[k];
	struct sw_simulated_moment m = {
		.time_s = step_s * (double)k,
		.tenant = (uint32_t)r->n,
		.kv_used = NAN,
		.busy = (b->busy_s - a->busy_s) / step_s,
		.sms = (b->sm_s - a->sm_s) / step_s,
		.dram = (b->dram_s - a->dram_s) / step_s,
		.power_w = (b->energy_j - a->energy_j) / step_s,
		.clock = (b->clock_s - a->clock_s) / step_s,
	};

	for (size_t i = 0; i < r->n; i++) {
		m.running += engines[i].running;
		m.waiting += engines[i].waiting;
		m.memory_gib += engines[i].memory_gib;
		m.output_tokens_per_s += engines[i].output_tokens_per_s;
	}
	return m;
}

static void fill_moments(const struct sw_mix *mix, const struct sw__repetition *r, double step_s,
			 struct sw_simulated *out)
{
	for (size_t k = 1; k <= SW_MOMENTS; k++) {
		struct sw_simulated_moment *engines = &out->moments[out->n_moments];

		for (size_t i = 0; i < r->n; i++)
			out->moments[out->n_moments++] = engine_moment(mix, r, k, i, step_s);
		out->moments[out->n_moments++] = gpu_moment(r, k, step_s, engines);
	}
}

enum sw_status sw__moments_of(const struct sw_mix *mix, const struct sw__repetition *repetition,
			      double duration_s, bool timeline, struct sw_simulated *out,
			      struct sw_error *err)
{
	const struct sw__repetition *r = repetition;

	out->requests = calloc(r->n_records + 1, sizeof(*out->requests));
	if (timeline)
		out->moments = calloc((r->n + 1) * SW_MOMENTS, sizeof(*out->moments));
	if (!out->requests || (timeline && !out->moments))
		return sw_fail(err, SW_NO_MEMORY, "%zu requests", r->n_records);
	for (size_t i = 0; i < r->n_records; i++)
		out->requests[out->n_requests++] = request_of(mix, &r->record[i]);
	if (timeline)
		fill_moments(mix, r, duration_s / SW_MOMENTS, out);
	return SW_OK;
}
