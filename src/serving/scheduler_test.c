// SPDX-License-Identifier: Apache-2.0
#include "serving/scheduler.h"

#include <stdlib.h>

#include "base/random.h"
#include "check.h"

static const struct sw__serving roomy = {SW__SERVE_MIXED, 8, 100, 4096, 1000, 16, true};

static sw__scheduler *make(const struct sw__serving *settings)
{
	sw__scheduler *s;

	CHECK_INT(sw__scheduler_new(settings, &s, NULL), SW_OK);
	return s;
}

static struct sw__sequence request(uint64_t id, uint32_t prompt, uint32_t output)
{
	return (struct sw__sequence){.id = id, .prompt_tokens = prompt, .output_tokens = output};
}

static const struct sw__step *step(sw__scheduler *s)
{
	const struct sw__step *out;

	CHECK_INT(sw__scheduler_next(s, &out, NULL), SW_OK);
	if (out)
		sw__scheduler_done(s);
	return out;
}

TEST(a_request_alone)
{
	sw__scheduler *s = make(&roomy);
	struct sw__sequence a = request(1, 250, 3);
	const struct sw__step *t;

	CHECK_INT(sw__scheduler_add(s, &a, NULL), SW_OK);
	t = step(s);
	CHECK(t->n == 1 && t->tokens == 100 && !t->part[0].samples && t->part[0].start == 0);
	t = step(s);
	CHECK(t->tokens == 100 && t->part[0].start == 100);
	t = step(s);
	CHECK(t->tokens == 50 && t->part[0].samples && a.generated == 1);
	t = step(s);
	CHECK(t->tokens == 1 && t->part[0].start == 250 && a.generated == 2);
	CHECK(a.state == SW__SEQ_RUNNING);
	step(s);
	CHECK(a.state == SW__SEQ_ENDED && a.generated == 3);
	CHECK(!step(s));
	CHECK_INT(sw__kv_blocks_free(sw__scheduler_pages(s)), 1000);
	sw__scheduler_free(s);
}

TEST(prompts_share_what_decodes_leave)
{
	sw__scheduler *s = make(&roomy);
	struct sw__sequence a = request(1, 10, 5), b = request(2, 150, 2), c = request(3, 20, 2);
	const struct sw__step *t;

	sw__scheduler_add(s, &a, NULL);
	step(s);
	sw__scheduler_add(s, &b, NULL);
	sw__scheduler_add(s, &c, NULL);
	t = step(s);
	CHECK(t->n == 2 && t->part[0].sequence == &a && t->part[0].tokens == 1);
	CHECK(t->part[1].sequence == &b && t->part[1].tokens == 99 && !t->part[1].samples);
	t = step(s);
	CHECK(t->n == 3 && t->part[1].tokens == 51 && t->part[1].samples);
	CHECK(t->part[2].sequence == &c && t->part[2].tokens == 20 && t->tokens == 72);
	sw__scheduler_free(s);
}

TEST(prompts_first_where_steps_are_not_mixed)
{
	struct sw__serving settings = roomy;
	struct sw__sequence a = request(1, 10, 3), b = request(2, 150, 2);
	const struct sw__step *t;
	sw__scheduler *s;

	settings.policy = SW__SERVE_PREFILL_FIRST;
	s = make(&settings);
	sw__scheduler_add(s, &a, NULL);
	step(s);
	sw__scheduler_add(s, &b, NULL);
	t = step(s);
	CHECK(t->n == 1 && t->part[0].sequence == &b && t->tokens == 100);
	t = step(s);
	CHECK(t->n == 1 && t->tokens == 50 && t->part[0].samples);
	t = step(s);
	CHECK(t->n == 2 && t->tokens == 2);
	CHECK(b.state == SW__SEQ_ENDED && a.generated == 2);
	sw__scheduler_free(s);
}

/* Two of 60 tokens grow in a cache of 8 blocks (128 tokens): at 64 + 64 the later one must go, and comes back to what is
 * left of it: its first blocks, because the earlier one has taken only one block since. */
TEST(the_later_one_is_preempted_and_finds_its_prefix)
{
	struct sw__serving settings = roomy;
	struct sw__sequence a = request(1, 60, 12), b = request(2, 60, 12);
	bool seen = false;
	sw__scheduler *s;

	settings.kv_blocks = 8;
	settings.max_num_batched_tokens = 200;
	s = make(&settings);
	sw__scheduler_add(s, &a, NULL);
	sw__scheduler_add(s, &b, NULL);
	while (a.state != SW__SEQ_ENDED) {
		const struct sw__step *t = step(s);

		if (t->n_preempted == 0)
			continue;
		seen = true;
		CHECK(b.preemptions == 1 && b.computed == 0 && t->n == 1);
		CHECK_INT(sw__scheduler_waiting(s), 1);
	}
	CHECK(seen && a.preemptions == 0);
	while (b.state != SW__SEQ_ENDED) {
		const struct sw__step *t = step(s);

		if (t->part[0].start > 0 && t->part[0].tokens > 1)
			CHECK_INT(t->part[0].start, 48);
	}
	CHECK_INT(b.generated, 12);
	CHECK_INT(sw__kv_blocks_free(sw__scheduler_pages(s)), 8);
	sw__scheduler_free(s);
}

TEST(cached_tokens_are_not_computed)
{
	sw__scheduler *s = make(&roomy);
	struct sw__sequence a = request(1, 90, 1);
	const struct sw__step *t;

	a.cached_tokens = 64;
	sw__scheduler_add(s, &a, NULL);
	t = step(s);
	CHECK(t->part[0].start == 64 && t->part[0].tokens == 26 && t->part[0].samples);
	CHECK(a.state == SW__SEQ_ENDED);
	sw__scheduler_free(s);
}

TEST(refusals)
{
	struct sw__serving settings = roomy;
	struct sw__sequence none = request(1, 0, 1), silent = request(1, 1, 0),
			    longer = request(1, 4000, 97), cached = request(1, 5, 1),
			    large = request(1, 4000, 2);
	sw__scheduler *s = make(&roomy);

	cached.cached_tokens = 5;
	CHECK_INT(sw__scheduler_add(s, &none, NULL), SW_BAD_INPUT);
	CHECK_INT(sw__scheduler_add(s, &silent, NULL), SW_BAD_INPUT);
	CHECK_INT(sw__scheduler_add(s, &longer, NULL), SW_BAD_INPUT);
	CHECK_INT(sw__scheduler_add(s, &cached, NULL), SW_BAD_INPUT);
	sw__scheduler_free(s);
	settings.kv_blocks = 250; /* 4000 tokens: the prompt, and one whose KV nobody needs */
	s = make(&settings);
	CHECK_INT(sw__scheduler_add(s, &large, NULL), SW_BAD_INPUT);
	large.output_tokens = 1;
	CHECK_INT(sw__scheduler_add(s, &large, NULL), SW_OK);
	sw__scheduler_free(s);
	settings.max_num_batched_tokens = 7;
	CHECK_INT(sw__scheduler_new(&settings, &s, NULL), SW_BAD_INPUT);
	settings.max_num_seqs = 0;
	CHECK_INT(sw__scheduler_new(&settings, &s, NULL), SW_BAD_INPUT);
	CHECK(!s);
}

enum { REQUESTS = 300 };

/* What holds for any step, whatever came before. */
static void check_step(const struct sw__serving *settings, const struct sw__step *t)
{
	uint32_t tokens = 0;
	bool prompts = false;

	CHECK(t->n > 0 && t->n <= settings->max_num_seqs);
	for (size_t i = 0; i < t->n; i++) {
		const struct sw__step_part *p = &t->part[i];

		CHECK(p->tokens > 0);
		CHECK(p->start + p->tokens == p->sequence->computed);
		prompts |= p->tokens > 1;
		tokens += p->tokens;
	}
	CHECK(tokens == t->tokens && tokens <= settings->max_num_batched_tokens);
	if (settings->policy == SW__SERVE_PREFILL_FIRST && prompts)
		for (size_t i = 0; i < t->n; i++)
			CHECK(t->part[i].tokens > 1 || t->part[i].sequence->generated <= 1 ||
			      t->part[i].sequence->preemptions > 0);
}

static void run_random(const struct sw__serving *settings, uint64_t seed)
{
	static struct sw__sequence all[REQUESTS];
	struct sw__random random = sw__random_make(seed, 0);
	sw__scheduler *s = make(settings);
	uint64_t work = 0, done = 0;
	size_t added = 0, ended = 0;

	while (ended < REQUESTS) {
		const struct sw__step *t;

		while (added < REQUESTS && sw__random_below(&random, 3) > 0) {
			all[added] =
				request(added + 1, 1 + (uint32_t)sw__random_below(&random, 300),
					1 + (uint32_t)sw__random_below(&random, 60));
			work += all[added].prompt_tokens + all[added].output_tokens - 1;
			CHECK_INT(sw__scheduler_add(s, &all[added++], NULL), SW_OK);
		}
		t = step(s);
		if (!t)
			continue;
		check_step(settings, t);
		done += t->tokens;
		for (size_t i = 0; i < t->n; i++)
			ended += t->part[i].sequence->state == SW__SEQ_ENDED;
	}
	for (size_t i = 0; i < REQUESTS; i++)
		CHECK_INT(all[i].generated, all[i].output_tokens);
	CHECK(done >= work); /* recomputed tokens come on top */
	if (settings->kv_blocks > 500)
		CHECK(done == work);
	CHECK_INT(sw__kv_blocks_free(sw__scheduler_pages(s)), settings->kv_blocks);
	sw__scheduler_free(s);
}

TEST(every_request_ends_under_any_limits)
{
	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct sw__random random = sw__random_make(seed, 9);
		struct sw__serving settings = {
			.policy = seed % 2 ? SW__SERVE_MIXED : SW__SERVE_PREFILL_FIRST,
			.max_num_seqs = 1 + (uint32_t)sw__random_below(&random, 40),
			.max_model_len = 1000,
			.kv_blocks = 23 + sw__random_below(&random, 700),
			.block_tokens = 16,
			.prefix_caching = sw__random_below(&random, 2),
		};

		settings.max_num_batched_tokens =
			settings.max_num_seqs + (uint32_t)sw__random_below(&random, 300);
		run_random(&settings, seed);
	}
}

TEST_MAIN()
