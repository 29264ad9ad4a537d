// SPDX-License-Identifier: Apache-2.0
#include "sim/segments.h"

#include "sim/sim_fixture.h"

struct bench {
	struct sim_fixture fixture;
	sw_calibration *calibration;
	struct sw__sim_steps steps;
	struct sw__sim_constants constants;
};

static void open_bench(struct bench *b, enum sw_mechanism mechanism, double share, bool graphs)
{
	struct sw_tenant *t;

	sw__sim_constants(0, &b->constants);
	sim_fixture_open(&b->fixture, "a100-sxm4-80gb", mechanism);
	t = sim_fixture_open_loop(&b->fixture, "qwen3-4b", share, 1);
	t->engine.cuda_graphs = graphs;
	CHECK_INT(sw_calibration_open(&b->fixture.mix.gpu, NULL, &b->calibration, NULL), SW_OK);
	b->steps = (struct sw__sim_steps){
		.calibration = b->calibration,
		.engine = &t->engine,
		.setting = sw__step_setting(b->calibration, &t->engine, &t->slice),
		.ops = sw__model_ops(&t->model),
		.prefill_pace = 1,
		.decode_pace = 1,
		.host_pace = 1,
		.constants = &b->constants,
	};
}

static void close_bench(struct bench *b)
{
	sw_calibration_free(b->calibration);
	sim_fixture_close(&b->fixture);
}

static double total(const struct sw__sim_segments *s, bool gpu, bool host)
{
	double ms = 0;

	for (size_t i = 0; i < s->n; i++)
		ms += s->segment[i].on_gpu ? gpu * s->segment[i].ms : host * s->segment[i].ms;
	return ms;
}

static const struct sw_step_work decodes = {.n_decode = 16, .decode_kv_tokens = 16000};
static const struct sw_step_work prompt = {.n_prefill = 1, .prefill_tokens = 2048};

TEST(segments_add_up_to_the_step)
{
	static const bool graphs[] = {true, false};
	const struct sw_step_work *works[] = {&decodes, &prompt};

	for (int g = 0; g < 2; g++) {
		struct bench b;

		open_bench(&b, SW_MPS, 0.5, graphs[g]);
		for (int i = 0; i < 2; i++) {
			const struct sw_tenant *t = &b.fixture.tenants[0];
			struct sw__sim_segments s;
			struct sw_step_time time;

			CHECK_INT(sw_step_time(b.calibration, &t->model, &t->engine, &t->slice,
					       works[i], &time, NULL),
				  SW_OK);
			sw__sim_segments(&b.steps, works[i], &s);
			CHECK_NEAR(total(&s, true, true), time.total_ms, 1e-9);
			CHECK_NEAR(total(&s, false, true), time.host_ms, 1e-9);
		}
		close_bench(&b);
	}
}

TEST(kernels_move_and_compute_what_the_step_does)
{
	struct bench b;
	struct sw__sim_segments s;
	struct sw_step_time t;
	double gb = 0, tflop = 0;

	open_bench(&b, SW_EXCLUSIVE, 1, true);
	t = sw__step_time_of(b.calibration, b.steps.engine, &b.steps.setting, &b.steps.ops,
			     &decodes);
	sw__sim_segments(&b.steps, &decodes, &s);
	for (size_t i = 0; i < s.n; i++) {
		const struct sw__sim_kernel *k = &s.segment[i].kernel;

		gb += k->dram * b.fixture.mix.gpu.dram_gb_s * s.segment[i].ms / 1000;
		tflop += k->tensor * b.steps.setting.dev.peak_tflops * s.segment[i].ms / 1000;
	}
	CHECK_NEAR(gb, t.dram_gb, 0.01);
	CHECK_NEAR(tflop, t.tflop, 0.01);
	close_bench(&b);
}

TEST(decodes_ask_for_dram_and_prompts_for_tensor_cores)
{
	struct bench b;
	struct sw__sim_segments s;

	open_bench(&b, SW_MPS, 0.5, true);
	sw__sim_segments(&b.steps, &decodes, &s);
	CHECK(s.segment[0].kernel.traffic > 0.5 && s.segment[0].kernel.compute < 0.2);
	CHECK_NEAR(s.segment[0].kernel.sms, 0.5, 0.02);
	sw__sim_segments(&b.steps, &prompt, &s);
	CHECK(s.segment[0].kernel.compute > 0.6 && s.segment[0].kernel.traffic < 0.4);
	CHECK_NEAR(s.segment[0].kernel.tensor, s.segment[0].kernel.compute / 2, 0.02);
	close_bench(&b);
}

static double blocks_of(const struct sw__sim_segments *s)
{
	double blocks = 0;

	for (size_t i = 0; i < s->n; i++)
		blocks += s->segment[i].blocks;
	return blocks;
}

TEST(graphs_launch_nothing_one_by_one)
{
	struct bench graphs, eager;
	struct sw__sim_segments s;

	open_bench(&graphs, SW_HAMI, 0.5, true);
	open_bench(&eager, SW_HAMI, 0.5, false);
	sw__sim_segments(&graphs.steps, &decodes, &s);
	CHECK_NEAR(blocks_of(&s), 0, 0);
	sw__sim_segments(&eager.steps, &prompt, &s);
	CHECK(blocks_of(&s) > 1e5);
	sw__sim_segments(&eager.steps, &decodes, &s);
	/* Products of 16 rows: a tile per 128 columns of 6144, 2560, 19456 and 2560, in 36 layers. */
	CHECK(blocks_of(&s) > 36 * (48 + 20 + 152 + 20));
	CHECK(blocks_of(&s) < 20 * 36 * (48 + 20 + 152 + 20));
	close_bench(&graphs);
	close_bench(&eager);
}

TEST(a_slower_world_has_slower_segments)
{
	struct bench b;
	struct sw__sim_segments s, slow;

	open_bench(&b, SW_EXCLUSIVE, 1, true);
	sw__sim_segments(&b.steps, &decodes, &s);
	b.steps.decode_pace = 1.1;
	b.steps.prefill_pace = 2;
	b.steps.host_pace = 3;
	sw__sim_segments(&b.steps, &decodes, &slow);
	CHECK_NEAR(total(&slow, true, false), 1.1 * total(&s, true, false), 1e-9);
	CHECK_NEAR(total(&slow, false, true), 3 * total(&s, false, true), 1e-9);
	close_bench(&b);
}

static struct sw__sequence sequence(uint32_t generated)
{
	return (struct sw__sequence){.prompt_tokens = 100, .generated = generated};
}

TEST(work_tells_decodes_from_chunks)
{
	struct sw__sequence decoding = sequence(5), preempted = sequence(5), fresh = sequence(0);
	struct sw__step_part parts[] = {
		{&decoding, 104, 1, true}, /* its context is 105 with the new token */
		{&preempted, 0, 105, true}, /* computed again */
		{&fresh, 64, 36, true}, /* the end of a prompt */
		{&fresh, 99, 1, true}, /* a prompt's last token alone is a chunk */
	};
	struct sw__step step = {.n = 4, .part = parts};
	struct sw_step_work work = sw__sim_work(&step);

	CHECK_NEAR(work.n_decode, 1, 0);
	CHECK_NEAR(work.decode_kv_tokens, 105, 0);
	CHECK_NEAR(work.n_prefill, 3, 0);
	CHECK_NEAR(work.prefill_tokens, 105 + 36 + 1, 0);
	CHECK_NEAR(work.prefill_kv_tokens, 64 + 99, 0);
}

TEST_MAIN()
