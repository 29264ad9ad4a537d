// SPDX-License-Identifier: Apache-2.0
/* The start of an engine: process, weights over the bus, compilation, profiling and capture. */
#include <math.h>

#include "math/ordered.h"
#include "sim/simulated_engine.h"
#include "slicewise/catalog.h"

/* Kernels of profiling and capture come in stretches of this length, with the CPU between them. */
static const double STRETCH_MS = 100;
/* What they take: prompts of max_num_batched_tokens, then decodes of many sizes. */
static const double STRETCH_COMPUTE = 0.5, STRETCH_TRAFFIC = 0.8;

static double weights_s(const struct sw__sim_surroundings *around,
			const struct sw__sim_engine *engine)
{
	double gb = sw_weight_gib(&engine->tenant->model, &engine->tenant->engine) * 1.073741824;

	return gb / (around->mix->gpu.pcie_gb_s * around->constants->start_bus);
}

static void host_only(struct sw__sim_engine *engine, double seconds)
{
	engine->segments.n = 1;
	engine->segments.segment[0] = (struct sw__sim_segment){.ms = seconds * 1000};
}

static void capture(const struct sw__sim_surroundings *around, struct sw__sim_engine *engine)
{
	double slice = engine->steps.setting.dev.sms / around->mix->gpu.sms;
	double gpu = around->constants->start_gpu;
	struct sw__sim_segment kernel = {.on_gpu = true,
					 .ms = STRETCH_MS * gpu,
					 .kernel = {.sms = slice,
						    .tensor = STRETCH_COMPUTE * slice,
						    .dram = STRETCH_TRAFFIC * slice,
						    .compute = STRETCH_COMPUTE,
						    .traffic = STRETCH_TRAFFIC}};

	engine->segments.n = 2;
	engine->segments.segment[0] = kernel;
	engine->segments.segment[1] = (struct sw__sim_segment){.ms = STRETCH_MS * (1 - gpu)};
}

static void set_segments(const struct sw__sim_surroundings *around, struct sw__sim_engine *engine)
{
	const struct sw__sim_constants *c = around->constants;

	switch (engine->phase) {
	case SW__SIM_PROCESS:
		host_only(engine, c->start_process_s);
		break;
	case SW__SIM_WEIGHTS:
		host_only(engine, weights_s(around, engine));
		break;
	case SW__SIM_COMPILE:
		host_only(engine, c->start_compile_s);
		break;
	case SW__SIM_CAPTURE:
		capture(around, engine);
		break;
	default:
		engine->segments.n = 0;
		break;
	}
}

static bool capturing(const struct sw__sim_engine *engine, double now_s)
{
	return engine->phase == SW__SIM_CAPTURE && now_s < engine->capture_until_s;
}

void sw__sim_engine_next_phase(const struct sw__sim_surroundings *around,
			       struct sw__sim_engine *engine, double now_s)
{
	if (!capturing(engine, now_s)) {
		engine->phase++;
		engine->capture_until_s = now_s + around->constants->start_capture_s;
	}
	if (engine->phase == SW__SIM_SERVING) {
		engine->counters.ready_s = now_s;
		engine->seen_s = now_s;
	}
	set_segments(around, engine);
	engine->at = 0;
	sw__sim_engine_enter(around, engine, now_s, 1);
}

void sw__sim_engine_wait_for_start(const struct sw__sim_surroundings *around,
				   struct sw__sim_engine *engine)
{
	host_only(engine, engine->tenant->start_s);
	engine->at = 0;
	engine->counters.ready_s = engine->tenant->start_s + sw__sim_engine_start_s(around, engine);
	sw__sim_engine_enter(around, engine, 0, 1);
}

double sw__sim_engine_start_s(const struct sw__sim_surroundings *around,
			      const struct sw__sim_engine *engine)
{
	const struct sw__sim_constants *c = around->constants;

	return c->start_process_s + weights_s(around, engine) + c->start_compile_s +
	       c->start_capture_s;
}

static void abort_all(const struct sw__sim_surroundings *around, struct sw__sim_engine *engine,
		      double now_s)
{
	const struct sw_sim_listener *listener = &around->settings->listener;

	while (engine->first) {
		struct sw__sim_request *r = engine->first;

		if (listener->aborted && !r->cancelled)
			listener->aborted(listener->context, engine->index, r->id, now_s);
		engine->counters.aborted++;
		sw__sim_engine_release(engine, r);
	}
}

enum sw_status sw__sim_engine_restart(const struct sw__sim_surroundings *around,
				      struct sw__sim_engine *engine, double now_s,
				      struct sw_error *err)
{
	enum sw_status st = sw__sim_engine_schedule_anew(around, engine, err);
	struct sw__sim_request *r;
	double clients = 0;

	if (st != SW_OK)
		return st;
	for (r = engine->first; r; r = r->after)
		clients += r->own;
	abort_all(around, engine, now_s);
	while (st == SW_OK && clients-- > 0)
		st = sw__sim_engine_ask_again(engine, now_s, err);
	sw__hami_limiter_start(&engine->limiter, &around->mix->gpu, engine->share);
	engine->step = NULL;
	engine->phase = SW__SIM_STOPPED;
	engine->counters.ready_s = now_s + sw__sim_engine_start_s(around, engine);
	sw__sim_engine_next_phase(around, engine, now_s);
	return st;
}
