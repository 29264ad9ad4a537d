// SPDX-License-Identifier: Apache-2.0
#include "emulate/completion_answer.h"

#include <inttypes.h>
#include <stdio.h>

#include "emulate/token_text.h"

void sw__json_string(struct sw_text *out, const char *text)
{
	sw_text_puts(out, "\"");
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			sw_text_addf(out, "\\%c", *text);
		else if ((unsigned char)*text < ' ')
			sw_text_addf(out, "\\u%04x", (unsigned)(unsigned char)*text);
		else
			sw_text_add(out, text, 1);
	}
	sw_text_puts(out, "\"");
}

void sw__completion_name(struct sw__completion_answer *answer, uint64_t bits)
{
	(void)snprintf(answer->id, sizeof(answer->id), "%s-%016" PRIx64,
		       answer->chat ? "chatcmpl" : "cmpl", bits);
}

static void put_head(struct sw_text *out, const struct sw__completion_answer *a, const char *object)
{
	sw_text_addf(out,
		     "{\"id\":\"%s\",\"object\":\"%s\",\"created\":%lld,\"model\":%s,\"choices\":[",
		     a->id, object, a->created, a->model_json);
}

static void put_usage(struct sw_text *out, const struct sw__completion_answer *a, uint32_t n)
{
	sw_text_addf(out,
		     "\"usage\":{\"prompt_tokens\":%" PRIu32 ",\"total_tokens\":%" PRIu64
		     ",\"completion_tokens\":%" PRIu32 "}",
		     a->prompt_tokens, (uint64_t)a->prompt_tokens + n, n);
}

static void put_finish(struct sw_text *out, const char *finish)
{
	if (finish)
		sw_text_addf(out, "\"finish_reason\":\"%s\",\"stop_reason\":null}]", finish);
	else
		sw_text_puts(out, "\"finish_reason\":null}]");
}

static const char *event_object(const struct sw__completion_answer *a)
{
	return a->chat ? "chat.completion.chunk" : "text_completion";
}

static void put_choice(struct sw_text *out, const struct sw__completion_answer *a, const char *word,
		       bool is_role, const char *finish)
{
	sw_text_puts(out, "data: ");
	put_head(out, a, event_object(a));
	sw_text_puts(out, "{\"index\":0,");
	if (is_role)
		sw_text_puts(out, "\"delta\":{\"role\":\"assistant\",\"content\":\"\"},");
	else if (a->chat)
		sw_text_addf(out, "\"delta\":{\"content\":\"%s\"},", word);
	else
		sw_text_addf(out, "\"text\":\"%s\",", word);
	sw_text_puts(out, "\"logprobs\":null,");
	put_finish(out, finish);
}

static void end_event(struct sw_text *out, const struct sw__completion_answer *a, uint32_t n)
{
	if (a->continuous_usage) {
		sw_text_puts(out, ",");
		put_usage(out, a, n);
	} else if (a->include_usage) {
		sw_text_puts(out, ",\"usage\":null");
	}
	sw_text_puts(out, "}\n\n");
}

void sw__completion_event(struct sw_text *out, const struct sw__completion_answer *answer,
			  uint32_t n, const char *finish)
{
	if (answer->chat && n == 1) {
		put_choice(out, answer, "", true, NULL);
		end_event(out, answer, 0);
	}
	put_choice(out, answer, sw__token_word(answer->seed, n), false, finish);
	end_event(out, answer, n);
}

void sw__completion_close(struct sw_text *out, const struct sw__completion_answer *answer,
			  uint32_t n)
{
	if (answer->include_usage) {
		sw_text_puts(out, "data: ");
		put_head(out, answer, event_object(answer));
		sw_text_puts(out, "],");
		put_usage(out, answer, n);
		sw_text_puts(out, "}\n\n");
	}
	sw_text_puts(out, "data: [DONE]\n\n");
}

void sw__completion_whole(struct sw_text *out, const struct sw__completion_answer *answer,
			  uint32_t n, const char *finish)
{
	put_head(out, answer, answer->chat ? "chat.completion" : "text_completion");
	sw_text_puts(out, "{\"index\":0,");
	sw_text_puts(out, answer->chat ? "\"message\":{\"role\":\"assistant\",\"content\":\""
				       : "\"text\":\"");
	sw__token_words(out, answer->seed, n);
	sw_text_puts(out, answer->chat ? "\"}," : "\",");
	sw_text_puts(out, "\"logprobs\":null,");
	put_finish(out, finish);
	sw_text_puts(out, ",");
	put_usage(out, answer, n);
	sw_text_puts(out, "}");
}

/* The names vLLM gives to statuses. */
static const char *error_type(unsigned status)
{
	static const struct {
		unsigned status;
		const char *type;
	} types[] = {
		{400, "BadRequestError"},         {404, "NotFoundError"},
		{405, "MethodNotAllowedError"},   {413, "RequestEntityTooLargeError"},
		{503, "ServiceUnavailableError"},
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (types[i].status == status)
			return types[i].type;
	}
	return "InternalServerError";
}

void sw__completion_error(struct sw_text *out, unsigned status, const char *param,
			  const char *message)
{
	sw_text_puts(out, "{\"error\":{\"message\":");
	sw__json_string(out, message);
	sw_text_addf(out, ",\"type\":\"%s\",\"param\":", error_type(status));
	if (param)
		sw__json_string(out, param);
	else
		sw_text_puts(out, "null");
	sw_text_addf(out, ",\"code\":%u}}", status);
}
