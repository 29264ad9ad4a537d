// SPDX-License-Identifier: Apache-2.0
#include "emulate/routes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "emulate/region_share.h"
#include "emulate/replies.h"

static void answer_health(void *context, const struct sw__http_request *request,
			  sw__http_exchange *exchange)
{
	struct sw__site *site = context;
	unsigned status = sw__engine_ready(site->engine) ? 200 : 503;

	(void)request;
	(void)sw__http_answer(exchange, status, "text/plain; charset=utf-8", "", 0);
}

static void answer_models(void *context, const struct sw__http_request *request,
			  sw__http_exchange *exchange)
{
	struct sw__site *site = context;
	struct sw__engine *engine = site->engine;
	struct sw_text text = {0};

	(void)request;
	sw_text_addf(
		&text,
		"{\"object\":\"list\",\"data\":[{\"id\":%s,\"object\":\"model\",\"created\":%lld,"
		"\"owned_by\":\"slicewise\",\"root\":%s,\"parent\":null,\"max_model_len\":%u}]}",
		engine->model_json, site->created, engine->model_json,
		engine->tenant->engine.max_model_len);
	if (sw_text_ok(&text))
		sw__reply_json(exchange, 200, sw_text_string(&text));
	sw_text_free(&text);
}

static void answer_metrics(void *context, const struct sw__http_request *request,
			   sw__http_exchange *exchange)
{
	struct sw__site *site = context;
	struct sw_text text = {0};

	(void)request;
	sw__engine_write_metrics(site->engine, &text);
	if (sw_text_ok(&text))
		(void)sw__http_answer(exchange, 200, SW__PROMETHEUS_TYPE, text.data, text.size);
	sw_text_free(&text);
}

/* Wrong models are not found, as with vLLM. */
static bool knows_model(const struct sw__engine *engine, const struct sw__completion *completion,
			struct sw__refusal *why)
{
	if (!completion->model[0] || strcmp(completion->model, engine->tenant->model.id) == 0)
		return true;
	why->status = 404;
	why->param = "model";
	(void)snprintf(why->message, sizeof(why->message), "The model `%s` does not exist.",
		       completion->model);
	return false;
}

static bool ask(struct sw__engine *engine, const struct sw__http_request *request, bool chat,
		sw__http_exchange *exchange, struct sw__refusal *why)
{
	struct sw__completion completion;
	uint32_t tokens;
	bool stops;

	if (!sw__completion_read(request->body, request->body_size, chat, &completion, why) ||
	    !knows_model(engine, &completion, why))
		return false;
	tokens = sw__completion_length(&completion, engine->tenant->engine.max_model_len,
				       sw__engine_natural_length(engine), &stops, why);
	if (!tokens)
		return false;
	if (sw__engine_ask(engine, &completion, tokens, stops, exchange))
		return true;
	*why = (struct sw__refusal){500, NULL, "out of memory"};
	return false;
}

static void complete(struct sw__site *site, const struct sw__http_request *request, bool chat,
		     sw__http_exchange *exchange)
{
	struct sw__refusal why;

	if (!sw__engine_ready(site->engine))
		sw__reply_error(exchange, 503, NULL, "The engine is starting.");
	else if (!ask(site->engine, request, chat, exchange, &why))
		sw__reply_error(exchange, why.status, why.param, why.message);
}

static void answer_completions(void *context, const struct sw__http_request *request,
			       sw__http_exchange *exchange)
{
	complete(context, request, false, exchange);
}

static void answer_chat(void *context, const struct sw__http_request *request,
			sw__http_exchange *exchange)
{
	complete(context, request, true, exchange);
}

static void answer_restart(void *context, const struct sw__http_request *request,
			   sw__http_exchange *exchange)
{
	struct sw__site *site = context;
	struct sw_error err = {SW_OK, ""};
	double share = NAN;

	(void)request;
	/* A process reads its limit as it starts, and never again. */
	if (site->region && sw__region_share(site->region, &share, &err) != SW_OK)
		sw__reply_error(exchange, 500, NULL, err.message);
	else if (!sw__engine_restart(site->engine, share, exchange))
		sw__reply_error(exchange, 500, NULL, "out of memory");
}

static const struct sw__http_route routes[] = {
	{"GET", "/health", answer_health},
	{"GET", "/metrics", answer_metrics},
	{"GET", "/v1/models", answer_models},
	{"POST", "/v1/completions", answer_completions},
	{"POST", "/v1/chat/completions", answer_chat},
	{"POST", "/restart", answer_restart},
};

static void refuse(void *context, sw__http_exchange *exchange, unsigned status, const char *why)
{
	(void)context;
	sw__reply_error(exchange, status, NULL, why);
}

static void sent(void *context, double due_s)
{
	struct sw__site *site = context;

	sw__engine_sent(site->engine, due_s);
}

struct sw__http_settings sw__site_settings(struct sw__site *site)
{
	struct sw__http_settings settings = sw__http_defaults();

	settings.routes = routes;
	settings.n_routes = sizeof(routes) / sizeof(routes[0]);
	settings.context = site;
	settings.refuse = refuse;
	settings.sent = sent;
	return settings;
}
