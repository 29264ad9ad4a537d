// SPDX-License-Identifier: Apache-2.0
#include "emulate/served_engine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "emulate/served_engine_parts.h"

static const double PACING_BOUNDS_S[] = {50e-6, 100e-6, 200e-6, 500e-6, 1e-3,   2e-3,   5e-3,
					 10e-3, 20e-3,  50e-3,  100e-3, 200e-3, 500e-3, 1};

static enum sw_status read_lengths(const struct sw_load *load, struct sw__lengths *out,
				   struct sw_error *err)
{
	if (load->trace)
		return sw__lengths_trace(load->trace->output_tokens, load->trace->n, out, err);
	if (sw_known(load->output_tokens.p95))
		return sw__lengths_lognormal(load->output_tokens.mean, load->output_tokens.p95, out,
					     err);
	return sw__lengths_constant(load->output_tokens.mean, out, err);
}

static enum sw_status name_model(struct sw__engine *engine, struct sw_error *err)
{
	struct sw_text text = {0};

	sw__json_string(&text, engine->tenant->model.id);
	if (!sw_text_ok(&text)) {
		sw_text_free(&text);
		return sw_fail(err, SW_NO_MEMORY, "an engine");
	}
	engine->model_json = text.data;
	return SW_OK;
}

enum sw_status sw__engine_init(struct sw__engine *engine,
			       const struct sw__engine_settings *settings, struct sw_error *err)
{
	enum sw_status st;

	memset(engine, 0, sizeof(*engine));
	engine->index = settings->index;
	engine->tenant = settings->tenant;
	engine->ops = settings->ops;
	engine->sim = settings->sim;
	engine->speed = settings->speed;
	engine->seed = settings->seed;
	TAILQ_INIT(&engine->queue);
	engine->n_token_bounds =
		sw__vllm_token_bounds(engine->tenant->engine.max_model_len, engine->token_bounds);
	sw__vllm_reset(&engine->metrics, engine->token_bounds, engine->n_token_bounds);
	sw__histogram_init(&engine->pacing_error, PACING_BOUNDS_S,
			   sizeof(PACING_BOUNDS_S) / sizeof(PACING_BOUNDS_S[0]));
	engine->ops->engine_state(engine->sim, engine->index, &engine->state);
	st = read_lengths(&engine->tenant->load, &engine->natural, err);
	if (st == SW_OK)
		st = name_model(engine, err);
	if (st == SW_OK)
		(void)pthread_mutex_init(&engine->lock, NULL);
	return st;
}

void sw__engine_free(struct sw__engine *engine)
{
	/* One whose making failed has no lock. */
	if (!engine->model_json)
		return;
	sw__calls_cut(engine);
	free(engine->model_json);
	engine->model_json = NULL;
	(void)pthread_mutex_destroy(&engine->lock);
}

bool sw__engine_ready(struct sw__engine *engine)
{
	bool ready;

	(void)pthread_mutex_lock(&engine->lock);
	ready = engine->state.ready && !engine->failed;
	(void)pthread_mutex_unlock(&engine->lock);
	return ready;
}

uint32_t sw__engine_natural_length(struct sw__engine *engine)
{
	struct sw__random random = sw__random_make(engine->seed, atomic_load(&engine->last_id) + 1);
	double length = sw__lengths_quantile(&engine->natural, sw__random_uniform(&random));

	return (uint32_t)fmin(fmax(round(length), 1), (double)UINT32_MAX);
}

struct sw_sim_engine sw__engine_state(struct sw__engine *engine)
{
	struct sw_sim_engine state;

	(void)pthread_mutex_lock(&engine->lock);
	state = engine->state;
	(void)pthread_mutex_unlock(&engine->lock);
	return state;
}

void sw__engine_sent(struct sw__engine *engine, double due_s)
{
	double late_s = sw__pacer_now_s(engine->pacer) - due_s;

	(void)pthread_mutex_lock(&engine->lock);
	sw__histogram_observe(&engine->pacing_error, late_s);
	(void)pthread_mutex_unlock(&engine->lock);
}

static void write_own(struct sw_text *out, const struct sw__vllm_engine *engine,
		      const struct sw__histogram *pacing_error)
{
	const struct sw__prometheus_label labels[] = {{"engine", "0"},
						      {"model_name", engine->model}};

	sw__prometheus_family(out, "slicewise_emulate_share_ratio", SW__PROMETHEUS_GAUGE,
			      "Share of the GPU's compute that the engine is held to.");
	sw__prometheus_sample(out, "slicewise_emulate_share_ratio", labels, 2, engine->state.share);
	sw__prometheus_family(out, "slicewise_emulate_kernel_seconds_total", SW__PROMETHEUS_COUNTER,
			      "Simulated time in which the engine's kernels ran.");
	sw__prometheus_sample(out, "slicewise_emulate_kernel_seconds_total", labels, 2,
			      engine->state.gpu_s);
	sw__prometheus_family(out, "slicewise_emulate_pacing_error_seconds",
			      SW__PROMETHEUS_HISTOGRAM,
			      "Time from a token's due time to its bytes being with the kernel.");
	sw__prometheus_histogram(out, "slicewise_emulate_pacing_error_seconds", labels, 2,
				 pacing_error);
}

void sw__engine_write_metrics(struct sw__engine *engine, struct sw_text *out)
{
	struct sw__vllm_engine shown = {engine->tenant->model.id, &engine->tenant->engine, {0}};
	struct sw__vllm_metrics metrics;
	struct sw__histogram pacing_error;

	/* Copied out: the pacer must not wait for hundreds of lines to be written. */
	(void)pthread_mutex_lock(&engine->lock);
	metrics = engine->metrics;
	pacing_error = engine->pacing_error;
	shown.state = engine->state;
	metrics.preemptions = engine->state.preemptions - engine->preemptions_before;
	(void)pthread_mutex_unlock(&engine->lock);
	sw__vllm_write(out, &metrics, &shown);
	write_own(out, &shown, &pacing_error);
}

/* Engines take up requests first come, first served: those beyond the waiting ones have been. */
static void start_queued(struct sw__engine *engine, size_t waiting, double now_s)
{
	while (engine->queued > waiting) {
		struct sw__call *call = TAILQ_FIRST(&engine->queue);

		call->times.started_s = now_s;
		sw__call_start(engine, call);
	}
}

void sw__engine_look(struct sw__engine *engine)
{
	double now_s = engine->ops->now_s(engine->sim) / engine->speed;
	struct sw_sim_engine state;

	engine->ops->engine_state(engine->sim, engine->index, &state);
	start_queued(engine, state.waiting, now_s);
	(void)pthread_mutex_lock(&engine->lock);
	engine->state = state;
	(void)pthread_mutex_unlock(&engine->lock);
}

void sw__engine_fail(struct sw__engine *engine)
{
	(void)pthread_mutex_lock(&engine->lock);
	engine->failed = true;
	(void)pthread_mutex_unlock(&engine->lock);
	sw__calls_cut(engine);
}
