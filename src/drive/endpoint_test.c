// SPDX-License-Identifier: Apache-2.0
#include "drive/endpoint.h"

#include "check.h"

TEST(addresses_are_completed)
{
	static const struct {
		const char *given, *completions, *models;
		bool chat;
	} cases[] = {
		{"http://host:8000", "http://host:8000/v1/completions",
		 "http://host:8000/v1/models", false},
		{"http://host:8000/", "http://host:8000/v1/completions",
		 "http://host:8000/v1/models", false},
		{"host:8000", "http://host:8000/v1/chat/completions", "http://host:8000/v1/models",
		 true},
		{"https://host/v1", "https://host/v1/completions", "https://host/v1/models", false},
		{"https://host/api/v1/", "https://host/api/v1/completions",
		 "https://host/api/v1/models", false},
		{"https://host/llm", "https://host/llm/v1/completions",
		 "https://host/llm/v1/models", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sw__endpoint endpoint;

		CHECK_INT(sw__endpoint_init(&endpoint, cases[i].given, cases[i].chat, NULL, NULL),
			  SW_OK);
		CHECK_STR(sw_text_string(&endpoint.completions), cases[i].completions);
		CHECK_STR(sw_text_string(&endpoint.models), cases[i].models);
		CHECK(endpoint.headers[0] && !endpoint.headers[2]);
		sw__endpoint_free(&endpoint);
	}
}

TEST(what_is_no_address_is_refused)
{
	static const char *const wrong[] = {
		"", " ", "http://a b", "ftp://host", "file:///etc/passwd", "http://host\r\nX: y"};
	struct sw__endpoint endpoint;
	struct sw_error err;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		CHECK_INT(sw__endpoint_init(&endpoint, wrong[i], false, NULL, &err), SW_BAD_INPUT);
		sw__endpoint_free(&endpoint);
	}
}

TEST(a_key_becomes_a_header_and_cannot_become_two)
{
	struct sw__endpoint endpoint;

	CHECK_INT(sw__endpoint_init(&endpoint, "host", false, "secret", NULL), SW_OK);
	CHECK_STR(endpoint.headers[2], "Authorization: Bearer secret");
	CHECK(!endpoint.headers[3]);
	sw__endpoint_free(&endpoint);
	CHECK_INT(sw__endpoint_init(&endpoint, "host", false, "a\r\nX-Other: b", NULL),
		  SW_BAD_INPUT);
	sw__endpoint_free(&endpoint);
}

TEST(the_only_model_is_taken)
{
	static const struct {
		const char *json, *model;
		enum sw_status status;
	} cases[] = {
		{"{\"object\":\"list\",\"data\":[{\"id\":\"qwen\"}]}", "qwen", SW_OK},
		{"{\"data\":[{\"id\":\"a\"},{\"id\":\"b\"}]}", "", SW_BAD_INPUT},
		{"{\"data\":[]}", "", SW_IO},
		{"{\"data\":[{\"id\":\"\"}]}", "", SW_IO},
		{"{\"data\":[{\"id\":\"a\\nb\"}]}", "", SW_IO},
		{"{\"data\":7}", "", SW_IO},
		{"[]", "", SW_IO},
		{"<html>", "", SW_IO},
		{"", "", SW_IO},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sw_text model = {0};
		struct sw_error err = {0};

		CHECK_INT(sw__endpoint_read_models(cases[i].json, strlen(cases[i].json), &model,
						   &err),
			  cases[i].status);
		CHECK_STR(sw_text_string(&model), cases[i].model);
		sw_text_free(&model);
	}
}

TEST_MAIN()
