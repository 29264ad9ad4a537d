// SPDX-License-Identifier: Apache-2.0
#include "predict/played.h"

#include "predict/played_fixture.h"
#include "slicewise/step.h"

static double step_ms(const struct played_fixture *p, const struct sw_step_work *work)
{
	struct sw_step_time t;
	const struct sw_tenant *e = &p->tenants[0];

	CHECK_INT(sw_step_time(p->f.calibration, &e->model, &e->engine, &e->slice, work, &t, NULL),
		  SW_OK);
	return t.total_ms;
}

/* One request after another, of 200 and 50 tokens: their steps, and 4 ms from the socket to the scheduler. */
static void check_sum_of_steps(const struct played_fixture *p, const struct sw__played *out)
{
	double decodes = 0;
	double prompt = step_ms(p, &(struct sw_step_work){.n_prefill = 1, .prefill_tokens = 200});

	for (int i = 1; i < 50; i++)
		decodes += step_ms(
			p, &(struct sw_step_work){.n_decode = 1, .decode_kv_tokens = 200 + i});
	CHECK_NEAR(out->ms[SW_TTFT][SW_MEAN], prompt + 4, 0.02);
	CHECK_NEAR(out->ms[SW_TPOT][SW_MEAN], decodes / 49, 0.01);
	CHECK_NEAR(out->requests_per_s, 1000 / (prompt + 4 + decodes), 0.02);
	CHECK_NEAR(out->running, 1, 0.05);
	CHECK(!out->overload);
}

TEST(one_request_after_another_takes_the_sum_of_its_steps)
{
	struct played_fixture p;
	struct sw__played out;

	played_open(&p, "l4", SW_EXCLUSIVE);
	played_add(&p, "qwen2.5-0.5b", 1, 1)->engine.gpu_memory_utilization = 0.9;
	played_play(&p, 200, &out);
	check_sum_of_steps(&p, &out);
	played_close(&p);
}

/* Launched one by one: pieces with rests between them are the whole step all the same. */
TEST(an_eager_engine_alone_takes_the_sum_of_its_steps_too)
{
	struct played_fixture p;
	struct sw__played out;
	struct sw_tenant *t;

	played_open(&p, "a100-sxm4-80gb", SW_EXCLUSIVE);
	t = played_add(&p, "llama-3.2-1b", 1, 1);
	t->engine.gpu_memory_utilization = 0.9;
	t->engine.cuda_graphs = false;
	t->engine.given |= SW_KEY_CUDA_GRAPHS;
	played_play(&p, 200, &out);
	check_sum_of_steps(&p, &out);
	played_close(&p);
}

/* With one seat, one token and requests at random it is an M/D/1 queue: W = rho S / (2 (1 - rho)). */
TEST(a_queue_of_one_token_answers_waits_as_pollaczek_and_khinchine_say)
{
	static const double loads[] = {0.3, 0.6};

	for (size_t i = 0; i < 2; i++) {
		struct played_fixture p;
		struct sw__played out;
		struct sw_tenant *t;
		double s;

		played_open(&p, "l4", SW_EXCLUSIVE);
		t = played_add(&p, "qwen2.5-3b", 1, NAN);
		t->engine.kind = SW_LLAMA_CPP; /* composes no step ahead */
		t->engine.gpu_memory_utilization = 0.9;
		t->engine.max_num_seqs = 1;
		t->load.prompt_tokens.mean = 1000;
		t->load.output_tokens.mean = 1;
		s = step_ms(&p, &(struct sw_step_work){.n_prefill = 1, .prefill_tokens = 1000});
		t->load.rate = loads[i] / s * 1000;
		played_play(&p, 20000, &out);
		CHECK_NEAR(out.ms[SW_TTFT][SW_MEAN] - 4, s + loads[i] * s / (2 * (1 - loads[i])),
			   0.04);
		CHECK_NEAR(out.busy, loads[i], 0.03);
		CHECK(isnan(out.ms[SW_TPOT][SW_MEAN]));
		played_close(&p);
	}
}

TEST(two_that_are_always_busy_take_turns)
{
	struct played_fixture p;
	struct sw__played alone, two[2];
	double stretch;

	played_open(&p, "a100-sxm4-80gb", SW_TIMESLICE);
	played_add(&p, "llama-3.1-8b", 1, 4);
	played_play(&p, 200, &alone);
	played_add(&p, "llama-3.1-8b", 1, 4);
	played_play(&p, 200, two);
	/* Two slices of 2 ms with a switch of 0.25 ms each, while what the CPU does is the other's time. */
	stretch = two[0].ms[SW_TPOT][SW_MEAN] / alone.ms[SW_TPOT][SW_MEAN];
	CHECK(stretch > 1.8 && stretch < 2.3);
	CHECK_NEAR(two[0].ms[SW_TPOT][SW_MEAN], two[1].ms[SW_TPOT][SW_MEAN], 0.03);
	CHECK(two[0].gpu_busy + two[1].gpu_busy <= 1);
	played_close(&p);
}

TEST(under_mps_small_engines_hardly_touch_and_large_ones_share_dram)
{
	struct played_fixture p;
	struct sw__played alone, beside[2];
	double small, large;

	played_open(&p, "a100-sxm4-80gb", SW_MPS);
	played_add(&p, "qwen2.5-0.5b", 0.5, 1);
	played_play(&p, 200, &alone);
	played_add(&p, "qwen2.5-0.5b", 0.5, 1);
	played_play(&p, 200, beside);
	small = beside[0].ms[SW_TPOT][SW_MEAN] / alone.ms[SW_TPOT][SW_MEAN];
	played_close(&p);

	played_open(&p, "a100-sxm4-80gb", SW_MPS);
	played_add(&p, "llama-3.1-8b", 0.5, 1);
	played_play(&p, 200, &alone);
	played_add(&p, "llama-3.1-8b", 0.5, 1);
	played_play(&p, 200, beside);
	large = beside[0].ms[SW_TPOT][SW_MEAN] / alone.ms[SW_TPOT][SW_MEAN];
	played_close(&p);
	CHECK(small >= 1 && small < 1.25);
	CHECK(large > small + 0.1 && large < 2.1);
}

TEST(a_launch_limiter_binds_engines_without_graphs_alone)
{
	struct played_fixture p;
	struct sw__played free_of, held;

	played_open(&p, "a100-sxm4-80gb", SW_HAMI);
	played_add(&p, "llama-3.1-8b", 0.3, 8);
	played_play(&p, 150, &free_of);
	p.tenants[0].engine.cuda_graphs = false;
	played_play(&p, 150, &held);
	/* To more than the 30 %, as users report; far less than all of the time. */
	CHECK(free_of.gpu_busy > 0.8);
	CHECK(held.gpu_busy > 0.28 && held.gpu_busy < 0.5);
	CHECK(held.output_tok_s < 0.6 * free_of.output_tok_s);
	played_close(&p);
}

TEST(overload_is_seen_and_the_same_mix_gives_the_same_numbers)
{
	struct played_fixture p;
	struct sw__played once[2], twice[2];

	played_open(&p, "l4", SW_MPS);
	played_add(&p, "qwen2.5-1.5b", 0.5, NAN)->load.rate = 200;
	played_add(&p, "qwen2.5-0.5b", 0.5, 2);
	played_play(&p, 400, once);
	played_play(&p, 400, twice);
	CHECK(once[0].overload && !once[1].overload);
	CHECK_INT(memcmp(once, twice, sizeof(once)), 0);
	played_close(&p);
}

static void play_for(const struct played_fixture *p, const struct sw__play_length *length,
		     struct sw__played *out)
{
	struct sw__shared_values shared = sw__shared_unmeasured();
	struct sw__model_values model = sw__model_unmeasured();

	played_play_for(p, &shared, &model, 3, length, out);
}

TEST(a_play_ends_when_what_it_shows_is_sure_enough)
{
	const struct sw__play_length all = {.requests = 3000, .events = 1e8};
	const struct sw__play_length enough = {
		.requests = 3000, .events = 1e8, .enough = {0.03, 0.01}};
	struct played_fixture p;
	struct sw__played whole[2], part[2], again[2];

	played_open(&p, "a100-sxm4-80gb", SW_TIMESLICE);
	played_add(&p, "llama-3.2-3b", 1, 4);
	played_add(&p, "qwen3-1.7b", 1, NAN)->load.rate = 2;
	play_for(&p, &all, whole);
	play_for(&p, &enough, part);
	for (int i = 0; i < 2; i++) {
		CHECK(part[i].span_ms < whole[i].span_ms / 3);
		CHECK(part[i].requests < whole[i].requests / 3);
		CHECK(part[i].chance[SW_TTFT] <= 0.03 && part[i].chance[SW_TPOT] <= 0.01);
		CHECK_NEAR(part[i].ms[SW_TTFT][SW_MEAN], whole[i].ms[SW_TTFT][SW_MEAN], 0.12);
		CHECK_NEAR(part[i].ms[SW_TPOT][SW_MEAN], whole[i].ms[SW_TPOT][SW_MEAN], 0.04);
	}
	/* As long once more, whatever it shows: what slopes are made of. */
	play_for(&p,
		 &(struct sw__play_length){
			 .requests = 3000, .events = 1e8, .span_ms = part[0].span_ms},
		 again);
	CHECK_NEAR(again[0].span_ms, part[0].span_ms, 1e-9);
	CHECK_NEAR(again[1].requests, part[1].requests, 0);
	CHECK_NEAR(again[1].ms[SW_TPOT][SW_MEAN], part[1].ms[SW_TPOT][SW_MEAN], 1e-9);
	played_close(&p);
}

TEST(events_that_are_used_up_end_a_play_with_what_was_seen)
{
	const struct sw__play_length few = {
		.requests = 1000, .events = 20000, .enough = {1e-4, 1e-4}};
	struct played_fixture p;
	struct sw__played out;

	played_open(&p, "a100-sxm4-80gb", SW_TIMESLICE);
	played_add(&p, "llama-3.1-8b", 1, 8);
	play_for(&p, &few, &out);
	CHECK(out.requests > 50 && out.requests < 5000);
	CHECK(out.span_ms < 1e6);
	CHECK(out.chance[SW_TPOT] > 0 && out.chance[SW_TPOT] < 0.1);
	CHECK(!out.overload);
	played_close(&p);
}

TEST_MAIN()
