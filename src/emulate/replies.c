// SPDX-License-Identifier: Apache-2.0
#include "emulate/replies.h"

#include <math.h>
#include <string.h>

void sw__reply_json(sw__http_exchange *exchange, unsigned status, const char *json)
{
	(void)sw__http_answer(exchange, status, SW__REPLY_JSON, json, strlen(json));
}

void sw__reply_error(sw__http_exchange *exchange, unsigned status, const char *param,
		     const char *message)
{
	struct sw_text text = {0};

	sw__completion_error(&text, status, param, message);
	if (sw_text_ok(&text))
		sw__reply_json(exchange, status, sw_text_string(&text));
	else
		sw__http_cut(exchange);
	sw_text_free(&text);
}

static bool push(struct sw__call *call, const struct sw_text *text, double due_s)
{
	return sw_text_ok(text) && sw__http_push(call->exchange, text->data, text->size, due_s);
}

static bool push_token(struct sw__call *call, uint32_t n, bool last, double due_s)
{
	struct sw_text text = {0};
	bool heard;

	sw__completion_event(&text, &call->answer, n,
			     last ? sw__vllm_finish_name(call->finish) : NULL);
	if (last)
		sw__completion_close(&text, &call->answer, n);
	heard = push(call, &text, due_s);
	sw_text_free(&text);
	if (!heard)
		sw__http_cut(call->exchange);
	else if (last)
		sw__http_end(call->exchange);
	return heard;
}

static bool answer_whole(struct sw__call *call, uint32_t n)
{
	struct sw_text text = {0};
	bool heard;

	sw__completion_whole(&text, &call->answer, n, sw__vllm_finish_name(call->finish));
	heard = sw_text_ok(&text) &&
		sw__http_answer(call->exchange, 200, SW__REPLY_JSON, text.data, text.size);
	sw_text_free(&text);
	if (!heard)
		sw__http_cut(call->exchange);
	return heard;
}

bool sw__reply_token(struct sw__call *call, uint32_t n, bool last, double due_s)
{
	if (call->stream)
		return push_token(call, n, last, due_s);
	return !last || answer_whole(call, n);
}

void sw__reply_abort(struct sw__call *call)
{
	static const char message[] = "The engine gave the request up.";
	struct sw_text text = {0};

	if (!call->stream) {
		sw__reply_error(call->exchange, 500, NULL, message);
		return;
	}
	sw_text_puts(&text, "data: ");
	sw__completion_error(&text, 500, NULL, message);
	sw_text_puts(&text, "\n\ndata: [DONE]\n\n");
	if (push(call, &text, NAN))
		sw__http_end(call->exchange);
	else
		sw__http_cut(call->exchange);
	sw_text_free(&text);
}
