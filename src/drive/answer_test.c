// SPDX-License-Identifier: Apache-2.0
#include "drive/answer.h"

#include "check.h"

static const struct sw__http_head events = {200, "text/event-stream; charset=utf-8"};

static bool take(struct sw__answer *answer, const char *bytes, uint64_t at_ns)
{
	return sw__answer_take(answer, &events, bytes, strlen(bytes), at_ns);
}

TEST(pieces_are_counted_and_timed_in_both_forms)
{
	static const char *const streams[][3] = {
		{"data: {\"choices\":[{\"text\":\"a\",\"finish_reason\":null}]}\n\n",
		 "data: {\"choices\":[{\"text\":\"b\"}]}\n\n",
		 "data: {\"choices\":[{\"text\":\"\",\"finish_reason\":\"length\"}]}\n\n"},
		{"data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"x\"}}]}\n\n",
		 "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"b\"}}]}\n\n",
		 "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"},
	};

	for (size_t i = 0; i < 2; i++) {
		struct sw__answer answer = {.pieces = 0};
		static struct sw__histogram gaps;

		gaps = (struct sw__histogram){.n = 0};
		sw__answer_begin(&answer, 10);
		answer.gaps = &gaps;
		answer.window_from_ns = 8000000;
		CHECK(take(&answer,
			   "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\","
			   "\"content\":\"\"}}]}\n\n",
			   1000000));
		CHECK_INT(answer.first_ns, 0);
		CHECK(take(&answer, streams[i][0], 5000000));
		CHECK(take(&answer, streams[i][1], 9000000));
		CHECK(!answer.finished);
		CHECK(take(&answer, streams[i][2], 11000000));
		CHECK(answer.finished && !answer.done);
		CHECK(take(&answer, "data: [DONE]\n\n", 12000000));
		CHECK(answer.done);
		CHECK_INT(answer.pieces, 2);
		CHECK_INT(answer.pieces_in_window, 1);
		CHECK_INT(answer.first_ns, 5000000);
		CHECK_INT(answer.last_ns, 9000000);
		CHECK_INT(gaps.n, 1);
		CHECK_NEAR(gaps.sum, 4, 1e-12);
		sw__answer_free(&answer);
	}
}

TEST(what_the_server_counted_is_kept)
{
	struct sw__answer answer = {.pieces = 0};

	sw__answer_begin(&answer, 10);
	CHECK(isnan(answer.prompt_tokens) && isnan(answer.output_tokens));
	CHECK(take(&answer,
		   "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":9,"
		   "\"prompt_tokens_details\":{\"cached_tokens\":3}},"
		   "\"timings\":{\"prompt_ms\":1.5,\"predicted_ms\":20,\"cache_n\":2}}\n\n",
		   1));
	CHECK_NEAR(answer.prompt_tokens, 7, 0);
	CHECK_NEAR(answer.output_tokens, 9, 0);
	CHECK_NEAR(answer.cached_tokens, 3, 0);
	CHECK_NEAR(answer.server_prompt_ms, 1.5, 0);
	CHECK_NEAR(answer.server_output_ms, 20, 0);
	/* Nonsense in place of numbers changes nothing. */
	CHECK(take(&answer,
		   "data: {\"usage\":{\"prompt_tokens\":\"many\",\"completion_tokens\":-1},"
		   "\"choices\":{\"a\":1},\"timings\":[]}\n\n",
		   2));
	CHECK_NEAR(answer.prompt_tokens, 7, 0);
	CHECK_NEAR(answer.output_tokens, 9, 0);
	sw__answer_free(&answer);
}

TEST(faults_are_told_apart)
{
	static const struct {
		struct sw__http_head head;
		const char *bytes;
		enum sw__answer_fault fault;
		const char *message;
	} cases[] = {
		{{200, "text/html"},
		 "<html>",
		 SW__ANSWER_NOT_EVENTS,
		 "not a stream of events but text/html"},
		{{200, ""}, "x", SW__ANSWER_NOT_EVENTS, "not a stream of events but untyped"},
		{{200, "text/event-stream"},
		 "data: {broken\n\n",
		 SW__ANSWER_NOT_JSON,
		 "an event is not a JSON object: {broken"},
		{{200, "text/event-stream"},
		 "data: 17\n\n",
		 SW__ANSWER_NOT_JSON,
		 "an event is not a JSON object: 17"},
		{{200, "text/event-stream"},
		 "data: {\"error\":{\"message\":\"no\\u0007memory\"}}\n\n",
		 SW__ANSWER_ERROR,
		 "no memory"},
		{{200, "text/event-stream"},
		 "data: {\"error\":\"busy\"}\n\n",
		 SW__ANSWER_ERROR,
		 "busy"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sw__answer answer = {.pieces = 0};

		sw__answer_begin(&answer, 10);
		CHECK(!sw__answer_take(&answer, &cases[i].head, cases[i].bytes,
				       strlen(cases[i].bytes), 1));
		CHECK_INT(answer.fault, cases[i].fault);
		CHECK_STR(answer.message, cases[i].message);
		sw__answer_free(&answer);
	}
}

TEST(the_body_of_a_refusal_is_its_message)
{
	static const struct sw__http_head refused = {503, "application/json"};
	struct sw__answer answer = {.pieces = 0};
	size_t taken = 0;

	sw__answer_begin(&answer, 10);
	CHECK(sw__answer_take(&answer, &refused, "{\"error\":\n", 10, 1));
	CHECK(sw__answer_take(&answer, &refused, "\"busy\"}", 7, 1));
	CHECK_STR(answer.message, "{\"error\": \"busy\"}");
	while (taken < 1 << 20 && sw__answer_take(&answer, &refused, "0123456789", 10, 1))
		taken += 10;
	CHECK(taken < 1 << 17);
	CHECK_INT(strlen(answer.message), SW__ANSWER_MESSAGE_MAX - 1);
	sw__answer_free(&answer);
}

TEST(an_endless_stream_is_given_up)
{
	struct sw__answer answer = {.pieces = 0};
	size_t taken = 0;

	sw__answer_begin(&answer, 10);
	while (taken < 100 << 20 &&
	       take(&answer, "data: {\"choices\":[{\"text\":\"a\"}]}\n\n: and a comment\n\n", 1))
		taken++;
	CHECK_INT(answer.fault, SW__ANSWER_TOO_LONG);
	CHECK(answer.pieces < 1000);
	sw__answer_begin(&answer, 10);
	for (taken = 0; taken < 100 << 20 && take(&answer, ": only comments\n\n", 1);)
		taken++;
	CHECK_INT(answer.fault, SW__ANSWER_TOO_LONG);
	CHECK(answer.bytes < 2 << 20);
	sw__answer_free(&answer);
}

TEST(an_answer_begun_anew_knows_nothing_of_the_old_one)
{
	struct sw__answer answer = {.pieces = 0};

	sw__answer_begin(&answer, 10);
	CHECK(take(&answer, "event: error\ndata: {\"choices\":[{\"text\":\"half", 1));
	sw__answer_begin(&answer, 10);
	CHECK(take(&answer, "data: {\"choices\":[{\"text\":\"a\"}]}\n\n", 2));
	CHECK_INT(answer.pieces, 1);
	CHECK_INT(answer.fault, SW__ANSWER_FINE);
	sw__answer_free(&answer);
}

TEST_MAIN()
