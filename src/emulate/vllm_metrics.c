// SPDX-License-Identifier: Apache-2.0
#include "emulate/vllm_metrics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "slicewise/catalog.h"

/* vllm/v1/metrics/buckets.py, the same from v0.9 to v0.30. */
static const double ttft[] = {0.001, 0.005, 0.01, 0.02,  0.04,  0.06,  0.08, 0.1,
			      0.25,  0.5,   0.75, 1.0,   2.5,   5.0,   7.5,  10.0,
			      20.0,  40.0,  80.0, 160.0, 640.0, 2560.0};
static const double itl[] = {0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2,  0.3,  0.4, 0.5,
			     0.75, 1.0,   2.5,  5.0,   7.5, 10.0, 20.0, 40.0, 80.0};
static const double latency[] = {0.3,  0.5,   0.8,   1.0,   1.5,   2.0,    2.5,
				 5.0,  10.0,  15.0,  20.0,  30.0,  40.0,   50.0,
				 60.0, 120.0, 240.0, 480.0, 960.0, 1920.0, 7680.0};
static const double iteration[] = {1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384};

struct bounds {
	const double *at;
	size_t n;
};

enum buckets { TTFT, ITL, LATENCY, ITERATION, TOKENS };

#define BOUNDS(array)                                       \
	{                                                   \
		(array), sizeof(array) / sizeof((array)[0]) \
	}
static const struct bounds fixed[] = {
	[TTFT] = BOUNDS(ttft),
	[ITL] = BOUNDS(itl),
	[LATENCY] = BOUNDS(latency),
	[ITERATION] = BOUNDS(iteration),
};

static const char *const finishes[] = {
#define NAME(member, label) [member] = (label),
	SW__VLLM_FINISH_LIST(NAME)
#undef NAME
};

const char *sw__vllm_finish_name(enum sw__vllm_finish finish)
{
	return finishes[finish];
}

size_t sw__vllm_token_bounds(unsigned max_model_len, double out[SW__TOKEN_BOUNDS_MAX])
{
	static const double mantissas[] = {1, 2, 5};
	size_t n = 0;

	for (double power = 1;; power *= 10) {
		for (int i = 0; i < 3; i++) {
			if (mantissas[i] * power > max_model_len || n == SW__TOKEN_BOUNDS_MAX)
				return n;
			out[n++] = mantissas[i] * power;
		}
	}
}

void sw__vllm_reset(struct sw__vllm_metrics *metrics, const double *token_bounds, size_t n)
{
	const struct bounds tokens = {token_bounds, n};
	struct bounds bounds;

	memset(metrics, 0, sizeof(*metrics));
#define INIT(member, name, help, buckets)                       \
	bounds = (buckets) == TOKENS ? tokens : fixed[buckets]; \
	sw__histogram_init(&metrics->member, bounds.at, bounds.n);
	SW__VLLM_HISTOGRAM_LIST(INIT)
#undef INIT
	metrics->iteration_at_s = NAN;
}

/* Tokens of one step have one moment. */
static void count_iteration(struct sw__vllm_metrics *metrics, double at_s, uint64_t tokens)
{
	if (at_s != metrics->iteration_at_s) {
		if (!isnan(metrics->iteration_at_s))
			sw__histogram_observe(&metrics->iteration,
					      (double)metrics->iteration_tokens);
		metrics->iteration_at_s = at_s;
		metrics->iteration_tokens = 0;
	}
	metrics->iteration_tokens += tokens;
}

void sw__vllm_token(struct sw__vllm_metrics *metrics, uint32_t n, uint32_t prompt_tokens,
		    double arrival_s, double before_s, double at_s)
{
	uint64_t read = n == 1 ? prompt_tokens : 0;

	if (n == 1)
		sw__histogram_observe(&metrics->ttft, at_s - arrival_s);
	else
		sw__histogram_observe(&metrics->itl, at_s - before_s);
	metrics->prompt_tokens += read;
	metrics->generation_tokens++;
	count_iteration(metrics, at_s, read + 1);
}

void sw__vllm_finished(struct sw__vllm_metrics *metrics, enum sw__vllm_finish finish,
		       const struct sw__vllm_times *t, uint32_t prompt_tokens, uint32_t n)
{
	double decode_s = t->last_s - t->first_s;

	metrics->finished[finish]++;
	sw__histogram_observe(&metrics->e2e, t->last_s - t->arrival_s);
	sw__histogram_observe(&metrics->queue, t->started_s - t->arrival_s);
	sw__histogram_observe(&metrics->inference, t->last_s - t->started_s);
	sw__histogram_observe(&metrics->prefill, t->first_s - t->started_s);
	sw__histogram_observe(&metrics->decode, decode_s);
	/* One-token answers count as 0, there as here. */
	sw__histogram_observe(&metrics->tpot, n > 1 ? decode_s / (n - 1) : 0);
	sw__histogram_observe(&metrics->prompt, prompt_tokens);
	sw__histogram_observe(&metrics->generation, n);
}

static const char *dtype_name(const struct sw_engine *settings)
{
	return settings->given & SW_KEY_KV_CACHE_DTYPE ? sw_dtype_name(settings->kv_cache_dtype)
						       : "auto";
}

static void write_config(struct sw_text *out, const struct sw__vllm_engine *engine)
{
	char blocks[16], block_tokens[16];
	struct sw_text utilization = {0};

	(void)snprintf(blocks, sizeof(blocks), "%u", engine->state.kv_blocks);
	(void)snprintf(block_tokens, sizeof(block_tokens), "%u", engine->state.kv_block_tokens);
	sw__prometheus_number(&utilization, engine->settings->gpu_memory_utilization);
	sw__prometheus_family(out, "vllm:cache_config_info", SW__PROMETHEUS_GAUGE,
			      "Information of the LLMEngine CacheConfig");
	sw__prometheus_sample(out, "vllm:cache_config_info",
			      (const struct sw__prometheus_label[]){
				      {"block_size", block_tokens},
				      {"cache_dtype", dtype_name(engine->settings)},
				      {"enable_prefix_caching",
				       engine->settings->prefix_caching ? "True" : "False"},
				      {"engine", "0"},
				      {"gpu_memory_utilization", sw_text_string(&utilization)},
				      {"num_gpu_blocks", blocks}},
			      6, 1);
	out->failed |= !sw_text_ok(&utilization);
	sw_text_free(&utilization);
}

enum { LABELS = 2 };

static void write_gauges(struct sw_text *out, const struct sw__prometheus_label *labels,
			 const struct sw_sim_engine *state)
{
	double used =
		state->kv_blocks ? 1 - (double)state->kv_blocks_free / (double)state->kv_blocks : 0;
	const struct {
		const char *name, *help;
		double value;
	} gauges[] = {
		{"vllm:num_requests_running", "Number of requests in model execution batches.",
		 state->running},
		{"vllm:num_requests_waiting", "Number of requests waiting to be processed.",
		 state->waiting},
		{"vllm:kv_cache_usage_perc", "KV-cache usage. 1 means 100 percent usage.", used},
	};

	for (size_t i = 0; i < sizeof(gauges) / sizeof(gauges[0]); i++) {
		sw__prometheus_family(out, gauges[i].name, SW__PROMETHEUS_GAUGE, gauges[i].help);
		sw__prometheus_sample(out, gauges[i].name, labels, LABELS, gauges[i].value);
	}
}

static void write_finished(struct sw_text *out, const struct sw__prometheus_label *labels,
			   const struct sw__vllm_metrics *metrics)
{
	struct sw__prometheus_label with_reason[LABELS + 1];

	memcpy(with_reason, labels, LABELS * sizeof(*labels));
	sw__prometheus_family(out, "vllm:request_success_total", SW__PROMETHEUS_COUNTER,
			      "Count of successfully processed requests.");
	for (int i = 0; i < SW__FINISH_COUNT; i++) {
		with_reason[LABELS] = (struct sw__prometheus_label){"finished_reason", finishes[i]};
		sw__prometheus_sample(out, "vllm:request_success_total", with_reason, LABELS + 1,
				      (double)metrics->finished[i]);
	}
}

void sw__vllm_write(struct sw_text *out, const struct sw__vllm_metrics *metrics,
		    const struct sw__vllm_engine *engine)
{
	const struct sw__prometheus_label labels[LABELS] = {{"engine", "0"},
							    {"model_name", engine->model}};
	struct sw__vllm_metrics now = *metrics;

	count_iteration(&now, NAN, 0);
	write_gauges(out, labels, &engine->state);
#define WRITE(member, name, help)                                                 \
	sw__prometheus_family(out, "vllm:" name, SW__PROMETHEUS_COUNTER, (help)); \
	sw__prometheus_sample(out, "vllm:" name, labels, LABELS, (double)now.member);
	SW__VLLM_COUNTER_LIST(WRITE)
#undef WRITE
	write_finished(out, labels, &now);
#define WRITE(member, name, help, buckets)                                          \
	sw__prometheus_family(out, "vllm:" name, SW__PROMETHEUS_HISTOGRAM, (help)); \
	sw__prometheus_histogram(out, "vllm:" name, labels, LABELS, &now.member);
	SW__VLLM_HISTOGRAM_LIST(WRITE)
#undef WRITE
	write_config(out, engine);
}
