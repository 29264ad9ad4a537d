// SPDX-License-Identifier: Apache-2.0
#include "emulate/completion_answer.h"

#include <jansson.h>

#include "check.h"

static struct sw__completion_answer make(bool chat)
{
	struct sw__completion_answer a = {.chat = chat,
					  .model_json = "\"m\"",
					  .created = 1700000000,
					  .seed = 5,
					  .prompt_tokens = 7};

	sw__completion_name(&a, 0xabc);
	return a;
}

/* Every event of a stream is "data: JSON", the last one the end mark. Counts the events that are JSON. */
static int check_events(const char *text)
{
	int n = 0;

	while (*text) {
		const char *end = strstr(text, "\n\n");
		json_t *json;

		CHECK(end && strncmp(text, "data: ", 6) == 0);
		if (!end)
			return -1;
		json = json_loadb(text + 6, (size_t)(end - text) - 6, 0, NULL);
		CHECK(json || strncmp(text, "data: [DONE]", 12) == 0);
		n += json != NULL;
		json_decref(json);
		text = end + 2;
	}
	return n;
}

TEST(a_plain_event_is_worded_as_vllm_words_it)
{
	struct sw__completion_answer a = make(false);
	struct sw_text text = {0};

	sw__completion_event(&text, &a, 1, NULL);
	CHECK(strstr(sw_text_string(&text),
		     "data: {\"id\":\"cmpl-0000000000000abc\",\"object\":\"text_completion\","
		     "\"created\":1700000000,\"model\":\"m\",\"choices\":[{\"index\":0,\"text\":"
		     "\"") == sw_text_string(&text));
	CHECK(strstr(sw_text_string(&text), "\"logprobs\":null,\"finish_reason\":null}]}\n\n"));
	CHECK(!strstr(sw_text_string(&text), "usage"));
	sw_text_free(&text);
}

TEST(a_chat_begins_with_its_role_and_ends_with_usage_and_mark)
{
	struct sw__completion_answer a = make(true);
	struct sw_text text = {0};

	a.include_usage = true;
	sw__completion_event(&text, &a, 1, NULL);
	sw__completion_event(&text, &a, 2, "length");
	sw__completion_close(&text, &a, 2);
	CHECK_INT(check_events(sw_text_string(&text)), 4);
	CHECK(strstr(sw_text_string(&text), "\"delta\":{\"role\":\"assistant\",\"content\":\"\"}"));
	CHECK(strstr(sw_text_string(&text), "\"usage\":null"));
	CHECK(strstr(sw_text_string(&text), "\"finish_reason\":\"length\""));
	CHECK(strstr(sw_text_string(&text),
		     "\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"total_tokens\":9,"
		     "\"completion_tokens\":2}}\n\ndata: [DONE]\n\n"));
	sw_text_free(&text);
}

TEST(a_stream_and_a_whole_answer_say_the_same)
{
	struct sw__completion_answer a = make(false);
	struct sw_text whole = {0}, words = {0};

	for (uint32_t n = 1; n <= 5; n++) {
		struct sw_text event = {0};
		const char *from, *to;

		sw__completion_event(&event, &a, n, NULL);
		from = strstr(sw_text_string(&event), "\"text\":\"") + 8;
		to = strchr(from, '"');
		sw_text_add(&words, from, (size_t)(to - from));
		sw_text_free(&event);
	}
	sw__completion_whole(&whole, &a, 5, "stop");
	CHECK(strstr(sw_text_string(&whole), sw_text_string(&words)));
	sw_text_free(&whole);
	sw_text_free(&words);
}

TEST(errors_are_json_whatever_they_say)
{
	struct sw_text text = {0};
	json_t *json, *error;

	sw__completion_error(&text, 404, "model", "The model `a\"b\\c\n\x01` does not exist.");
	json = json_loads(sw_text_string(&text), 0, NULL);
	error = json_object_get(json, "error");
	CHECK_STR(json_string_value(json_object_get(error, "message")),
		  "The model `a\"b\\c\n\x01` does not exist.");
	CHECK_STR(json_string_value(json_object_get(error, "type")), "NotFoundError");
	CHECK_INT(json_integer_value(json_object_get(error, "code")), 404);
	json_decref(json);
	text.size = 0;
	sw__completion_error(&text, 502, NULL, "x");
	CHECK(strstr(sw_text_string(&text), "\"InternalServerError\",\"param\":null,\"code\":502"));
	sw_text_free(&text);
}

TEST_MAIN()
