// SPDX-License-Identifier: Apache-2.0
#include "sim/sim.h"
#include "sim/sim_fixture.h"

struct heard {
	uint32_t tokens, last, aborted;
	double first_s, end_s;
};

static void token(void *context, size_t tenant, uint64_t id, uint32_t n, bool last, double at_s)
{
	struct heard *h = &((struct heard *)context)[id];

	CHECK_INT(tenant, 0);
	CHECK_INT(n, h->tokens + 1); /* in their order, none missing */
	h->tokens = n;
	h->last += last;
	if (n == 1)
		h->first_s = at_s;
	h->end_s = at_s;
}

static void aborted(void *context, size_t tenant, uint64_t id, double at_s)
{
	(void)tenant, (void)at_s;
	((struct heard *)context)[id].aborted++;
}

enum { IDS = 64 };

struct stage {
	struct sim_fixture fixture;
	struct heard heard[IDS];
	sw_sim *sim;
};

static void open_stage(struct stage *s)
{
	struct sw_sim_settings settings = {
		.seed = 3, .external = true, .listener = {s->heard, token, aborted}};

	memset(s->heard, 0, sizeof(s->heard));
	sim_fixture_open(&s->fixture, "l4", SW_EXCLUSIVE);
	(void)sim_fixture_add(&s->fixture, "qwen2.5-0.5b", 1);
	CHECK_INT(sw_sim_new(&s->fixture.mix, &settings, &s->sim, NULL), SW_OK);
}

static void close_stage(struct stage *s)
{
	sw_sim_free(s->sim);
	sim_fixture_close(&s->fixture);
}

static enum sw_status submit(struct stage *s, uint64_t id, uint32_t prompt, uint32_t output)
{
	struct sw_sim_request r = {.id = id, .prompt_tokens = prompt, .output_tokens = output};

	return sw_sim_submit(s->sim, 0, &r, NULL);
}

TEST(a_submitted_request_is_answered_token_by_token)
{
	struct stage s;
	struct sw_sim_engine e;

	open_stage(&s);
	CHECK_NEAR(sw_sim_next_s(s.sim), INFINITY, 0);
	CHECK_INT(sw_sim_advance(s.sim, 5, NULL), SW_OK);
	CHECK_INT(submit(&s, 1, 300, 20), SW_OK);
	CHECK(sw_sim_next_s(s.sim) > 5 && sw_sim_next_s(s.sim) < 5.1);
	CHECK_INT(sw_sim_advance(s.sim, 60, NULL), SW_OK);
	CHECK_INT(s.heard[1].tokens, 20);
	CHECK_INT(s.heard[1].last, 1);
	CHECK(s.heard[1].first_s > 5 && s.heard[1].end_s > s.heard[1].first_s);
	sw_sim_engine_state(s.sim, 0, &e);
	CHECK_INT(e.prompt_tokens, 300);
	CHECK_INT(e.generated_tokens, 20);
	CHECK_INT(e.ended, 1);
	CHECK_INT(e.running + e.waiting, 0);
	CHECK_INT(e.kv_blocks_free, e.kv_blocks);
	CHECK_NEAR(sw_sim_next_s(s.sim), INFINITY, 0);
	close_stage(&s);
}

TEST(what_can_never_be_served_is_refused_and_changes_nothing)
{
	struct stage s;

	open_stage(&s);
	CHECK_INT(submit(&s, 1, 2000, 49), SW_BAD_INPUT); /* 2048 is the context */
	CHECK_INT(submit(&s, 1, 0, 4), SW_BAD_INPUT);
	CHECK_INT(submit(&s, 1, 4, 0), SW_BAD_INPUT);
	CHECK_INT(submit(&s, 1, 4, 4), SW_OK);
	CHECK_INT(submit(&s, 1, 4, 4), SW_BAD_INPUT); /* in flight */
	CHECK_INT(sw_sim_advance(s.sim, 1, NULL), SW_OK);
	CHECK_INT(submit(&s, 1, 4, 4), SW_OK); /* no longer */
	close_stage(&s);
}

/* At every moment of a request's life: waiting, in a prompt's step, decoding. */
TEST(cancelled_requests_say_nothing_more_and_give_their_blocks_back)
{
	for (double at = 0.001; at < 0.4; at += 0.007) {
		struct stage s;
		struct sw_sim_engine e;
		uint32_t before;
		bool there;

		open_stage(&s);
		CHECK_INT(submit(&s, 1, 1500, 100), SW_OK);
		CHECK_INT(submit(&s, 2, 1500, 10), SW_OK);
		CHECK_INT(sw_sim_advance(s.sim, at, NULL), SW_OK);
		before = s.heard[1].tokens;
		there = sw_sim_cancel(s.sim, 0, 1);
		CHECK_INT(there, s.heard[1].last == 0);
		CHECK(!sw_sim_cancel(s.sim, 0, 1));
		CHECK(!sw_sim_cancel(s.sim, 0, 9));
		CHECK_INT(sw_sim_advance(s.sim, 30, NULL), SW_OK);
		CHECK_INT(s.heard[1].tokens, before);
		CHECK_INT(s.heard[2].tokens, 10);
		sw_sim_engine_state(s.sim, 0, &e);
		CHECK_INT(e.kv_blocks_free, e.kv_blocks);
		CHECK_INT(e.running + e.waiting, 0);
		CHECK_INT(e.aborted, there ? 1 : 0);
		close_stage(&s);
	}
}

TEST(a_restart_aborts_everybody_and_serves_again_when_it_is_ready)
{
	struct stage s;
	struct sw_sim_engine e;
	double ready_s;

	open_stage(&s);
	for (uint64_t id = 1; id <= 5; id++)
		CHECK_INT(submit(&s, id, 200, 2000 / 10), SW_OK);
	CHECK_INT(sw_sim_advance(s.sim, 0.5, NULL), SW_OK);
	CHECK_INT(sw_sim_restart(s.sim, 0, NULL), SW_OK);
	for (uint64_t id = 1; id <= 5; id++)
		CHECK_INT(s.heard[id].aborted + s.heard[id].last, 1);
	sw_sim_engine_state(s.sim, 0, &e);
	CHECK(!e.ready);
	ready_s = e.ready_s;
	/* Process, weights, compilation, capture: 5 + 15 + 8 s and a gigabyte over the bus. */
	CHECK(ready_s > 28 && ready_s < 32);
	CHECK_INT(submit(&s, 6, 200, 5), SW_OK);
	CHECK_INT(sw_sim_advance(s.sim, ready_s - 1, NULL), SW_OK);
	CHECK_INT(s.heard[6].tokens, 0);
	CHECK_INT(sw_sim_advance(s.sim, ready_s + 2, NULL), SW_OK);
	CHECK_INT(s.heard[6].tokens, 5);
	sw_sim_engine_state(s.sim, 0, &e);
	CHECK(e.ready);
	CHECK_NEAR(e.ready_s, ready_s, 0.02);
	close_stage(&s);
}

/* Whoever moves the time in small steps hears the same at the same moments. */
TEST(how_time_is_cut_does_not_matter)
{
	struct stage whole, cut;

	open_stage(&whole);
	open_stage(&cut);
	for (uint64_t id = 1; id <= 20; id++) {
		CHECK_INT(submit(&whole, id, (uint32_t)(50 * id), 30), SW_OK);
		CHECK_INT(submit(&cut, id, (uint32_t)(50 * id), 30), SW_OK);
	}
	CHECK_INT(sw_sim_advance(whole.sim, 30, NULL), SW_OK);
	for (double t = 0; t < 30; t += 0.0137)
		CHECK_INT(sw_sim_advance(cut.sim, t, NULL), SW_OK);
	for (uint64_t id = 1; id <= 20; id++) {
		CHECK_NEAR(whole.heard[id].first_s, cut.heard[id].first_s, 1e-9);
		CHECK_NEAR(whole.heard[id].end_s, cut.heard[id].end_s, 1e-9);
	}
	close_stage(&whole);
	close_stage(&cut);
}

TEST_MAIN()
