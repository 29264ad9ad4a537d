// SPDX-License-Identifier: Apache-2.0
/* Engines on the CPU and on a clock that only steps and waits move. */
#include "engine.h"

#include "check.h"
#include "tiny_fixture.h"

enum { RECORDS = 256 };

struct world {
	double now_s;
	double waited_s;
	struct engine_request_record request[RECORDS];
	struct engine_step_record step[RECORDS];
	size_t n_requests, n_steps;
};

/* Every look at the clock costs a millisecond. */
static double now_s(void *context)
{
	struct world *w = context;

	return w->now_s += 1e-3;
}

static void wait_until_s(void *context, double at_s)
{
	struct world *w = context;

	w->waited_s += at_s > w->now_s ? at_s - w->now_s : 0;
	w->now_s = at_s > w->now_s ? at_s : w->now_s;
}

static enum sw_status keep_request(void *context, const struct engine_request_record *record,
				   struct sw_error *err)
{
	struct world *w = context;

	(void)err;
	w->request[w->n_requests++ % RECORDS] = *record;
	return SW_OK;
}

static enum sw_status keep_step(void *context, const struct engine_step_record *record,
				struct sw_error *err)
{
	struct world *w = context;

	(void)err;
	w->step[w->n_steps++ % RECORDS] = *record;
	return SW_OK;
}

static struct engine_setting setting_of(struct sw_load load, double duration_s)
{
	return (struct engine_setting){
		.model = tiny_model(),
		.serving = {SW__SERVE_MIXED, 4, 32, 256, 64, 16, true},
		.load = load,
		.seed = 3,
		.duration_s = duration_s,
	};
}

static enum sw_status play(const struct engine_setting *setting, struct world *w,
			   struct engine_summary *summary)
{
	struct engine_clock clock = {w, now_s, wait_until_s};
	struct engine_sink sink = {w, keep_request, keep_step};
	struct device *device;
	enum sw_status st;
	engine *e;

	CHECK_INT(device_open_emulated(&device, NULL), SW_OK);
	st = engine_new(device, setting, &e, NULL);
	if (st == SW_OK)
		st = engine_run(e, &clock, &sink, summary, NULL);
	engine_free(e);
	device->operations->close(device);
	return st;
}

static struct world world;

TEST(a_trace_is_played_and_answered)
{
	double at[] = {0, 0.05, 2}, in[] = {40, 3, 20}, out[] = {3, 2, 1};
	struct sw_trace trace = {NULL, 3, at, in, out};
	struct sw_load load = {.rate = 1, .concurrency = NAN, .trace = &trace};
	struct engine_setting setting = setting_of(load, 100);
	struct engine_summary summary = {0};

	world = (struct world){0};
	CHECK_INT(play(&setting, &world, &summary), SW_OK);
	CHECK(summary.requests == 3 && summary.unfinished == 0 && summary.output_tokens == 6);
	CHECK(world.n_requests == 3 && world.n_steps == summary.steps);
	for (size_t i = 0; i < 3; i++) {
		const struct engine_request_record *r = &world.request[i];

		CHECK(r->first_s > r->arrival_s && r->last_s >= r->first_s);
		CHECK_INT(r->output_tokens, out[r->id - 1]);
		CHECK_NEAR(r->arrival_s, at[r->id - 1], 1e-12);
	}
	CHECK(world.waited_s > 1.5);
	/* 40 tokens in chunks of 32. */
	CHECK(world.step[0].prompts == 1 && world.step[0].prompt_tokens == 32);
	CHECK(world.step[1].prompt_tokens >= 8 && !world.step[0].graph_sized);
	CHECK(summary.duration_s < 3);
}

TEST(clients_come_back_until_the_end)
{
	struct sw_load load = {.rate = NAN,
			       .concurrency = 3,
			       .prompt_tokens = {10, NAN},
			       .output_tokens = {4, NAN}};
	struct engine_setting setting = setting_of(load, 0.2);
	struct engine_summary summary = {0};
	size_t decodes = 0;

	world = (struct world){0};
	CHECK_INT(play(&setting, &world, &summary), SW_OK);
	CHECK(summary.requests > 3 && summary.unfinished == 3);
	for (size_t i = 0; i < world.n_steps; i++) {
		CHECK(world.step[i].decodes + world.step[i].prompts <= 3);
		CHECK(world.step[i].wall_ms > 0 && world.step[i].device_ms >= 0);
		decodes += world.step[i].graph_sized;
	}
	CHECK(decodes > 0);
	CHECK(world.waited_s == 0);
}

TEST(the_same_seed_gives_the_same_records)
{
	struct sw_load load = {.rate = 30,
			       .concurrency = NAN,
			       .burstiness = 1,
			       .prompt_tokens = {20, 60},
			       .output_tokens = {5, 15}};
	struct engine_setting setting = setting_of(load, 0.5);
	struct engine_summary first = {0}, second = {0};
	static struct world again;

	world = again = (struct world){0};
	CHECK_INT(play(&setting, &world, &first), SW_OK);
	CHECK_INT(play(&setting, &again, &second), SW_OK);
	CHECK(first.requests == second.requests && first.requests > 5);
	for (size_t i = 0; i < world.n_requests; i++)
		CHECK(world.request[i].last_s == again.request[i].last_s);
}

TEST(what_is_not_built_is_refused_by_name)
{
	struct sw_load load = {.rate = 1,
			       .concurrency = NAN,
			       .burstiness = 1,
			       .prompt_tokens = {20, NAN},
			       .output_tokens = {5, NAN}};
	struct engine_setting setting = setting_of(load, 1);
	struct engine_summary summary = {0};

	setting.model.head_dim = 80;
	CHECK_INT(play(&setting, &world, &summary), SW_INFEASIBLE);
	setting = setting_of(load, 1);
	setting.model.family = SW_PHI;
	CHECK_INT(play(&setting, &world, &summary), SW_INFEASIBLE);
	setting = setting_of(load, 1);
	setting.serving.max_num_seqs = 0;
	CHECK_INT(play(&setting, &world, &summary), SW_BAD_INPUT);
}

TEST_MAIN()
