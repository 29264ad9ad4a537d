// SPDX-License-Identifier: Apache-2.0
#include "emulate/completion.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "emulate/token_text.h"

enum {
	BAD_REQUEST = 400,
	COMPLETION_TOKENS = 16, /* OpenAI's default of max_tokens for plain completions */
	TOKENS_MAX = 10000000
};

static bool refuse(struct sw__refusal *why, const char *param, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static bool refuse(struct sw__refusal *why, const char *param, const char *format, ...)
{
	va_list args;

	why->status = BAD_REQUEST;
	why->param = param;
	va_start(args, format);
	(void)vsnprintf(why->message, sizeof(why->message), format, args);
	va_end(args);
	return false;
}

static bool read_bool(const json_t *body, const char *key, bool *out, struct sw__refusal *why)
{
	const json_t *value = json_object_get(body, key);

	if (!value || json_is_null(value))
		return true;
	if (!json_is_boolean(value))
		return refuse(why, key, "%s: expected true or false", key);
	*out = json_is_true(value);
	return true;
}

static bool read_count(const json_t *body, const char *key, json_int_t min, uint32_t *out,
		       struct sw__refusal *why)
{
	const json_t *value = json_object_get(body, key);
	json_int_t count = json_integer_value(value);

	if (!value || json_is_null(value))
		return true;
	if (!json_is_integer(value) || count < min || count > TOKENS_MAX)
		return refuse(why, key, "%s: expected a whole number from %lld to %d", key,
			      (long long)min, TOKENS_MAX);
	*out = (uint32_t)count;
	return true;
}

static bool read_model(const json_t *body, struct sw__completion *out, struct sw__refusal *why)
{
	const json_t *model = json_object_get(body, "model");

	if (!model || json_is_null(model))
		return true;
	if (!json_is_string(model))
		return refuse(why, "model", "model: expected a string");
	/* Too long a name is no served model's; its beginning says as much. */
	(void)sw_copy_name(out->model, sizeof(out->model), json_string_value(model));
	return true;
}

static bool read_n(const json_t *body, const char *key, struct sw__refusal *why)
{
	uint32_t n = 1;

	if (!read_count(body, key, 1, &n, why))
		return false;
	return n == 1 || refuse(why, key, "%s: only 1 is served", key);
}

static bool read_stream_options(const json_t *body, struct sw__completion *out,
				struct sw__refusal *why)
{
	const json_t *options = json_object_get(body, "stream_options");

	if (!options || json_is_null(options))
		return true;
	if (!json_is_object(options))
		return refuse(why, "stream_options", "stream_options: expected an object");
	if (!out->stream)
		return refuse(why, "stream_options",
			      "Stream options can only be defined when `stream=True`.");
	return read_bool(options, "include_usage", &out->include_usage, why) &&
	       read_bool(options, "continuous_usage_stats", &out->continuous_usage, why);
}

static bool all_integers(const json_t *list)
{
	size_t i;
	json_t *value;

	json_array_foreach(list, i, value)
	{
		if (!json_is_integer(value) || json_integer_value(value) < 0)
			return false;
	}
	return json_array_size(list) > 0;
}

/* "text", ["text"], [1, 2, 3] or [[1, 2, 3]]. */
static bool read_prompt(const json_t *body, struct sw__completion *out, struct sw__refusal *why)
{
	const json_t *prompt = json_object_get(body, "prompt");

	if (json_is_array(prompt) && !json_is_integer(json_array_get(prompt, 0))) {
		if (json_array_size(prompt) != 1)
			return refuse(why, "prompt", "prompt: expected one prompt, found %zu",
				      json_array_size(prompt));
		prompt = json_array_get(prompt, 0);
	}
	if (json_is_string(prompt))
		out->prompt_tokens =
			sw__token_count(json_string_value(prompt), json_string_length(prompt));
	else if (json_is_array(prompt) && all_integers(prompt))
		out->prompt_tokens = (uint32_t)json_array_size(prompt);
	else
		return refuse(why, "prompt",
			      "prompt: expected a string, a list of one string or a list of token "
			      "ids");
	return true;
}

/* A string, or parts of which those of type "text" count. */
static bool count_content(const json_t *content, uint32_t *tokens, struct sw__refusal *why)
{
	size_t i;
	json_t *part;

	if (json_is_string(content)) {
		*tokens += sw__token_count(json_string_value(content), json_string_length(content));
		return true;
	}
	if (content && !json_is_null(content) && !json_is_array(content))
		return refuse(why, "messages", "messages: content: expected a string or parts");
	json_array_foreach(content, i, part)
	{
		const json_t *text = json_object_get(part, "text");

		if (!json_is_string(text))
			return refuse(why, "messages", "messages: only parts of text are served");
		*tokens += sw__token_count(json_string_value(text), json_string_length(text));
	}
	return true;
}

static bool read_messages(const json_t *body, struct sw__completion *out, struct sw__refusal *why)
{
	const json_t *messages = json_object_get(body, "messages");
	size_t i;
	json_t *message;

	if (!json_is_array(messages) || json_array_size(messages) == 0)
		return refuse(why, "messages", "messages: expected a list of at least one message");
	json_array_foreach(messages, i, message)
	{
		if (!json_is_string(json_object_get(message, "role")))
			return refuse(why, "messages", "messages: message %zu has no role", i);
		out->prompt_tokens += SW__TEMPLATE_TOKENS;
		if (!count_content(json_object_get(message, "content"), &out->prompt_tokens, why))
			return false;
	}
	return true;
}

static bool read_keys(const json_t *body, struct sw__completion *out, struct sw__refusal *why)
{
	bool chat = out->chat;

	if (!read_model(body, out, why) || !read_n(body, "n", why) || !read_n(body, "best_of", why))
		return false;
	if (chat ? !read_messages(body, out, why) : !read_prompt(body, out, why))
		return false;
	/* The older name first: where both are given the newer one counts. */
	return read_count(body, "max_tokens", 1, &out->max_tokens, why) &&
	       (!chat || read_count(body, "max_completion_tokens", 1, &out->max_tokens, why)) &&
	       read_count(body, "min_tokens", 0, &out->min_tokens, why) &&
	       read_bool(body, "ignore_eos", &out->ignore_eos, why) &&
	       read_bool(body, "stream", &out->stream, why) && read_stream_options(body, out, why);
}

bool sw__completion_read(const char *body, size_t size, bool chat, struct sw__completion *out,
			 struct sw__refusal *why)
{
	json_error_t fault;
	json_t *json = json_loadb(body, size, JSON_ALLOW_NUL, &fault);
	bool good;

	*out = (struct sw__completion){.chat = chat};
	if (!json)
		return refuse(why, NULL, "not valid JSON: %s at line %d", fault.text, fault.line);
	good = json_is_object(json) ? read_keys(json, out, why)
				    : refuse(why, NULL, "expected a JSON object");
	json_decref(json);
	if (good && !chat && !out->max_tokens)
		out->max_tokens = COMPLETION_TOKENS;
	return good;
}

uint32_t sw__completion_length(const struct sw__completion *completion, uint32_t max_model_len,
			       uint32_t natural, bool *stops, struct sw__refusal *why)
{
	uint32_t prompt = completion->prompt_tokens, wanted = completion->max_tokens;
	uint32_t room = max_model_len > prompt ? max_model_len - prompt : 0;
	uint32_t most = wanted ? wanted : room;

	if (room == 0 || wanted > room) {
		(void)refuse(why, completion->chat ? "messages" : "prompt",
			     "This model's maximum context length is %u tokens. However, you "
			     "requested %llu tokens (%u in the prompt, %u in the completion). "
			     "Please reduce the length of the prompt or completion.",
			     max_model_len, (unsigned long long)prompt + (wanted ? wanted : 1),
			     prompt, wanted ? wanted : 1);
		return 0;
	}
	if (natural < completion->min_tokens)
		natural = completion->min_tokens;
	*stops = !completion->ignore_eos && natural <= most;
	return *stops ? (natural ? natural : 1) : most;
}
