// SPDX-License-Identifier: Apache-2.0
#include "drive/prompt.h"

#include <jansson.h>

#include "check.h"

static char model_json[] = "\"a \\\"model\\\"\"";

static json_t *body_of(const struct sw__prompt_style *style, uint64_t number, uint32_t prompt,
		       uint32_t cached)
{
	struct sw__arrival arrival = {0, prompt, 17, cached};
	struct sw_text text = {0};
	json_t *json;

	sw__prompt_body(style, number, &arrival, &text);
	json = json_loadb(text.data, text.size, 0, NULL);
	CHECK(json != NULL);
	sw_text_free(&text);
	return json;
}

static size_t words_in(const char *text)
{
	size_t n = 1;

	for (; *text; text++)
		n += *text == ' ';
	return n;
}

TEST(the_body_asks_for_an_exact_length_as_a_stream)
{
	struct sw__prompt_style style = {.model_json = model_json, .ignore_eos = true};
	json_t *body = body_of(&style, 0, 30, 0);

	CHECK_STR(json_string_value(json_object_get(body, "model")), "a \"model\"");
	CHECK_INT(json_integer_value(json_object_get(body, "max_tokens")), 17);
	CHECK(json_is_true(json_object_get(body, "ignore_eos")));
	CHECK(json_is_true(json_object_get(body, "stream")));
	CHECK(json_is_true(
		json_object_get(json_object_get(body, "stream_options"), "include_usage")));
	CHECK_INT(words_in(json_string_value(json_object_get(body, "prompt"))), 30);
	json_decref(body);

	style.ignore_eos = false;
	style.chat = true;
	body = body_of(&style, 0, 30, 0);
	CHECK(!json_object_get(body, "ignore_eos") && !json_object_get(body, "prompt"));
	CHECK_STR(json_string_value(json_object_get(
			  json_array_get(json_object_get(body, "messages"), 0), "role")),
		  "user");
	json_decref(body);
}

static long long id_of(const json_t *body, size_t i)
{
	return json_integer_value(json_array_get(json_object_get(body, "prompt"), i));
}

TEST(token_ids_stay_in_their_range)
{
	struct sw__prompt_style style = {.model_json = model_json,
					 .token_id_first = 1000,
					 .token_id_last = 1002,
					 .salt = 12345};
	bool seen[3] = {false};
	json_t *body = body_of(&style, 5, 200, 0);

	CHECK_INT(json_array_size(json_object_get(body, "prompt")), 200);
	for (size_t i = 0; i < 200; i++) {
		long long id = id_of(body, i);

		if (CHECK(id >= 1000 && id <= 1002))
			seen[id - 1000] = true;
	}
	CHECK(seen[0] && seen[1] && seen[2]);
	json_decref(body);
}

/* Tokens at the beginning that two prompts have in common. */
static size_t common(const json_t *a, const json_t *b)
{
	size_t n = 0, size = json_array_size(json_object_get(a, "prompt"));

	while (n < size && id_of(a, n) == id_of(b, n))
		n++;
	return n;
}

TEST(no_two_prompts_begin_alike)
{
	struct sw__prompt_style style = {
		.model_json = model_json, .token_id_first = 0, .token_id_last = 99, .salt = 99};
	enum { N = 300 };
	static json_t *bodies[N];

	for (size_t i = 0; i < N; i++)
		bodies[i] = body_of(&style, i, 20, 0);
	for (size_t i = 0; i < N; i++)
		for (size_t j = i + 1; j < N; j++)
			CHECK(common(bodies[i], bodies[j]) < 2);
	for (size_t i = 0; i < N; i++)
		json_decref(bodies[i]);
}

TEST(what_is_to_be_found_in_the_cache_is_shared)
{
	struct sw__prompt_style style = {
		.model_json = model_json, .token_id_first = 0, .token_id_last = 9999, .salt = 7};
	json_t *a = body_of(&style, 1, 100, 60), *b = body_of(&style, 2, 80, 40);

	CHECK_INT(common(a, b), 40);
	json_decref(a);
	json_decref(b);
}

TEST(another_run_has_other_prompts_and_the_same_one_the_same)
{
	struct sw__prompt_style style = {
		.model_json = model_json, .token_id_first = 0, .token_id_last = 9999, .salt = 7};
	json_t *a = body_of(&style, 1, 50, 20), *same = body_of(&style, 1, 50, 20), *other;

	style.salt = 8;
	other = body_of(&style, 1, 50, 20);
	CHECK(json_equal(a, same));
	CHECK(common(a, other) < 3);
	json_decref(a);
	json_decref(same);
	json_decref(other);
}

TEST_MAIN()
