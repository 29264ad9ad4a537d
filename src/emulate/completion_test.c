// SPDX-License-Identifier: Apache-2.0
#include "emulate/completion.h"

#include "check.h"

static struct sw__completion c;
static struct sw__refusal why;

static bool plain(const char *body)
{
	return sw__completion_read(body, strlen(body), false, &c, &why);
}

static bool chat(const char *body)
{
	return sw__completion_read(body, strlen(body), true, &c, &why);
}

TEST(prompts_come_in_four_shapes)
{
	CHECK(plain("{\"prompt\": \"twelve chars\"}"));
	CHECK_INT(c.prompt_tokens, 3);
	CHECK(plain("{\"prompt\": [\"twelve chars\"]}"));
	CHECK_INT(c.prompt_tokens, 3);
	CHECK(plain("{\"prompt\": [1, 2, 3, 4, 5]}"));
	CHECK_INT(c.prompt_tokens, 5);
	CHECK(plain("{\"prompt\": [[1, 2, 3, 4, 5, 6]]}"));
	CHECK_INT(c.prompt_tokens, 6);
	CHECK(plain("{\"prompt\": \"\"}"));
	CHECK_INT(c.prompt_tokens, 1);
}

TEST(defaults_are_openais)
{
	CHECK(plain("{\"prompt\": \"x\"}"));
	CHECK_INT(c.max_tokens, 16);
	CHECK(!c.stream && !c.include_usage && !c.ignore_eos);
	CHECK_STR(c.model, "");
	CHECK(chat("{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}]}"));
	CHECK_INT(c.max_tokens, 0);
}

TEST(messages_are_counted_with_their_template)
{
	CHECK(chat(
		"{\"messages\": [{\"role\": \"system\", \"content\": \"eight ch\"}, {\"role\": "
		"\"user\", \"content\": [{\"type\": \"text\", \"text\": \"four\"}, {\"type\": "
		"\"text\", \"text\": \"fiver\"}]}, {\"role\": \"assistant\", \"content\": null}], "
		"\"max_tokens\": 5, \"max_completion_tokens\": 7}"));
	CHECK_INT(c.prompt_tokens, 3 * 4 + 2 + 1 + 2);
	CHECK_INT(c.max_tokens, 7);
}

TEST(streams_and_their_options)
{
	CHECK(plain(
		"{\"prompt\": \"x\", \"model\": \"m\", \"stream\": true, \"ignore_eos\": true, "
		"\"stream_options\": {\"include_usage\": true}, \"temperature\": 0.5, \"n\": 1}"));
	CHECK(c.stream && c.include_usage && !c.continuous_usage && c.ignore_eos);
	CHECK_STR(c.model, "m");
	CHECK(!plain("{\"prompt\": \"x\", \"stream_options\": {\"include_usage\": true}}"));
	CHECK(strstr(why.message, "when `stream=True`"));
}

TEST(what_cannot_be_served_is_refused_with_its_key)
{
	static const struct {
		const char *body, *param;
	} bad[] = {
		{"", NULL},
		{"{", NULL},
		{"[]", NULL},
		{"{}", "prompt"},
		{"{\"prompt\": null}", "prompt"},
		{"{\"prompt\": []}", "prompt"},
		{"{\"prompt\": [\"a\", \"b\"]}", "prompt"},
		{"{\"prompt\": [1, \"b\"]}", "prompt"},
		{"{\"prompt\": [1, -2]}", "prompt"},
		{"{\"prompt\": [[]]}", "prompt"},
		{"{\"prompt\": {\"a\": 1}}", "prompt"},
		{"{\"prompt\": \"x\", \"model\": 3}", "model"},
		{"{\"prompt\": \"x\", \"n\": 2}", "n"},
		{"{\"prompt\": \"x\", \"best_of\": 2}", "best_of"},
		{"{\"prompt\": \"x\", \"max_tokens\": 0}", "max_tokens"},
		{"{\"prompt\": \"x\", \"max_tokens\": -1}", "max_tokens"},
		{"{\"prompt\": \"x\", \"max_tokens\": 1.5}", "max_tokens"},
		{"{\"prompt\": \"x\", \"max_tokens\": \"5\"}", "max_tokens"},
		{"{\"prompt\": \"x\", \"max_tokens\": 99999999999}", "max_tokens"},
		{"{\"prompt\": \"x\", \"stream\": 1}", "stream"},
		{"{\"prompt\": \"x\", \"stream\": true, \"stream_options\": 1}", "stream_options"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why = (struct sw__refusal){0};
		CHECK(!plain(bad[i].body));
		CHECK_INT(why.status, 400);
		CHECK(why.message[0]);
		CHECK_STR(why.param ? why.param : "", bad[i].param ? bad[i].param : "");
	}
	CHECK(!chat("{\"messages\": []}"));
	CHECK(!chat("{\"messages\": [{\"content\": \"x\"}]}"));
	CHECK(!chat("{\"messages\": [3]}"));
	CHECK(!chat("{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": "
		    "\"image_url\"}]}]}"));
	CHECK(!chat("{\"messages\": [{\"role\": \"user\", \"content\": 3}]}"));
}

TEST(nesting_without_end_is_refused)
{
	static char deep[100000];

	memset(deep, '[', sizeof(deep) - 1);
	CHECK(!plain(deep));
}

TEST(an_answer_stops_by_itself_or_at_a_limit)
{
	struct sw__completion it = {.prompt_tokens = 100, .max_tokens = 50};
	bool stops;

	CHECK_INT(sw__completion_length(&it, 1000, 20, &stops, &why), 20);
	CHECK(stops);
	CHECK_INT(sw__completion_length(&it, 1000, 80, &stops, &why), 50);
	CHECK(!stops);
	it.ignore_eos = true;
	CHECK_INT(sw__completion_length(&it, 1000, 20, &stops, &why), 50);
	CHECK(!stops);
	it.ignore_eos = false;
	it.min_tokens = 30;
	CHECK_INT(sw__completion_length(&it, 1000, 20, &stops, &why), 30);
	CHECK(stops);
	it.max_tokens = 0;
	CHECK_INT(sw__completion_length(&it, 1000, 5000, &stops, &why), 900);
	CHECK(!stops);
}

TEST(what_exceeds_the_context_is_refused)
{
	struct sw__completion it = {.prompt_tokens = 100, .max_tokens = 50};
	bool stops;

	CHECK_INT(sw__completion_length(&it, 150, 80, &stops, &why), 50);
	CHECK_INT(sw__completion_length(&it, 149, 80, &stops, &why), 0);
	CHECK_INT(why.status, 400);
	CHECK(strstr(why.message,
		     "maximum context length is 149 tokens. However, you requested 150"));
	it.max_tokens = 0;
	CHECK_INT(sw__completion_length(&it, 100, 80, &stops, &why), 0);
}

TEST_MAIN()
