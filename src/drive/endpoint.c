// SPDX-License-Identifier: Apache-2.0
#include "drive/endpoint.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { MODELS_BYTES_MAX = 1 << 20, NS_PER_S = 1000000000 };

static bool ends_with(const char *text, size_t size, const char *end)
{
	size_t n = strlen(end);

	return size >= n && memcmp(text + size - n, end, n) == 0;
}

static bool is_url(const char *address)
{
	for (const char *c = address; *c; c++) {
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return false;
	}
	return *address != '\0';
}

static enum sw_status check_address(const char *address, struct sw_error *err)
{
	const char *scheme_end = strstr(address, "://");

	if (!is_url(address))
		return sw_fail(err, SW_BAD_INPUT,
			       "endpoint: found \"%s\", expected an address such as "
			       "http://127.0.0.1:8000",
			       address);
	if (scheme_end && strncmp(address, "http://", 7) != 0 &&
	    strncmp(address, "https://", 8) != 0)
		return sw_fail(err, SW_BAD_INPUT, "endpoint: found %s, expected http or https",
			       address);
	return SW_OK;
}

static void put_url(struct sw_text *out, const char *address, const char *path)
{
	size_t size = strlen(address);

	while (size && address[size - 1] == '/')
		size--;
	if (!strstr(address, "://"))
		sw_text_puts(out, "http://");
	sw_text_add(out, address, size);
	if (!ends_with(address, size, "/v1"))
		sw_text_puts(out, "/v1");
	sw_text_puts(out, path);
}

static void set_headers(struct sw__endpoint *endpoint, const char *api_key)
{
	size_t n = 0;

	if (api_key)
		sw_text_addf(&endpoint->authorization, "Authorization: Bearer %s", api_key);
	endpoint->headers[n++] = "Content-Type: application/json";
	endpoint->headers[n++] = "Accept: text/event-stream, application/json";
	if (api_key)
		endpoint->headers[n++] = sw_text_string(&endpoint->authorization);
	endpoint->headers[n] = NULL;
}

enum sw_status sw__endpoint_init(struct sw__endpoint *endpoint, const char *address, bool chat,
				 const char *api_key, struct sw_error *err)
{
	enum sw_status st = check_address(address, err);

	*endpoint = (struct sw__endpoint){.headers = {NULL}};
	if (st != SW_OK)
		return st;
	if (api_key && !is_url(api_key)) /* which would end the header and begin another */
		return sw_fail(err, SW_BAD_INPUT,
			       "api_key: expected no blanks and no control characters");
	put_url(&endpoint->completions, address, chat ? "/chat/completions" : "/completions");
	put_url(&endpoint->models, address, "/models");
	set_headers(endpoint, api_key);
	if (!sw_text_ok(&endpoint->completions) || !sw_text_ok(&endpoint->models) ||
	    !sw_text_ok(&endpoint->authorization))
		return sw_fail(err, SW_NO_MEMORY, "%s", address);
	return SW_OK;
}

void sw__endpoint_free(struct sw__endpoint *endpoint)
{
	sw_text_free(&endpoint->completions);
	sw_text_free(&endpoint->models);
	sw_text_free(&endpoint->authorization);
}

/* One short exchange. */
struct question {
	struct sw_text body;
	bool too_long, ended;
	enum sw__http_fate fate;
	int status;
	char message[256];
};

static bool take_body(void *owner, const struct sw__http_head *head, const char *bytes, size_t n,
		      uint64_t at_ns)
{
	struct question *question = owner;

	(void)head, (void)at_ns;
	question->too_long = question->body.size + n > MODELS_BYTES_MAX;
	if (question->too_long)
		return false;
	sw_text_add(&question->body, bytes, n);
	return sw_text_ok(&question->body);
}

static void take_end(void *owner, const struct sw__http_end *end)
{
	struct question *question = owner;

	question->ended = true;
	question->fate = end->fate;
	question->status = end->status;
	(void)sw_copy_name(question->message, sizeof(question->message), end->message);
}

/* Until it has ended, or *stop is set: then as if answered. */
static enum sw_status ask(const struct sw__endpoint *endpoint, sw__http_client *client,
			  const atomic_bool *stop, bool connect_only, struct question *question,
			  struct sw_error *err)
{
	static const struct sw__http_handler handler = {take_body, take_end};
	struct sw__http_request request = {
		.url = sw_text_string(&endpoint->models),
		.headers = endpoint->headers,
		.timeout_s = SW__ENDPOINT_PATIENCE_S,
		.connect_only = connect_only,
		.handler = &handler,
		.owner = question,
	};
	enum sw_status st = sw__http_client_send(client, &request, err);

	while (st == SW_OK && !question->ended && !atomic_load(stop))
		sw__http_client_poll(client, sw__http_now_ns() + NS_PER_S);
	if (st == SW_OK && !question->ended)
		sw__http_client_cancel(client);
	return st;
}

enum sw_status sw__endpoint_probe(const struct sw__endpoint *endpoint, sw__http_client *client,
				  const atomic_bool *stop, struct sw_error *err)
{
	struct question question = {.fate = SW__HTTP_CANCELLED};
	enum sw_status st = ask(endpoint, client, stop, true, &question, err);

	sw_text_free(&question.body);
	if (st == SW_OK && question.fate != SW__HTTP_ANSWERED &&
	    question.fate != SW__HTTP_CANCELLED)
		st = sw_fail(err, SW_IO, "%s: %s", sw_text_string(&endpoint->completions),
			     question.message);
	return st;
}

static enum sw_status refuse_models(struct sw_error *err, const char *found)
{
	return sw_fail(err, SW_IO,
		       "found %s, expected a list of models; the model's name can be given", found);
}

static enum sw_status pick_model(const json_t *models, struct sw_text *model, struct sw_error *err)
{
	const char *name = json_string_value(json_object_get(json_array_get(models, 0), "id"));
	const char *second = json_string_value(json_object_get(json_array_get(models, 1), "id"));

	if (!name || !*name || !sw_is_plain(name))
		return refuse_models(err, "no model's name");
	if (json_array_size(models) > 1)
		return sw_fail(err, SW_BAD_INPUT,
			       "found %zu models (%s, %s%s), expected one, or its name to be given",
			       json_array_size(models), name, second ? second : "?",
			       json_array_size(models) > 2 ? ", ..." : "");
	sw_text_puts(model, name);
	return sw_text_ok(model) ? SW_OK : sw_fail(err, SW_NO_MEMORY, "a model's name");
}

enum sw_status sw__endpoint_read_models(const char *json, size_t size, struct sw_text *model,
					struct sw_error *err)
{
	json_t *root = json_loadb(json, size, 0, NULL);
	enum sw_status st = root ? pick_model(json_object_get(root, "data"), model, err)
				 : refuse_models(err, "no JSON");

	json_decref(root);
	return st;
}

static enum sw_status read_answer(const struct question *question, struct sw_text *model,
				  struct sw_error *err)
{
	char found[32];

	if (question->too_long)
		return refuse_models(err, "an endless answer");
	if (question->fate != SW__HTTP_ANSWERED)
		return sw_fail(err, SW_IO, "%s", question->message);
	(void)snprintf(found, sizeof(found), "status %d", question->status);
	if (question->status != 200)
		return refuse_models(err, found);
	return sw__endpoint_read_models(sw_text_string(&question->body), question->body.size, model,
					err);
}

enum sw_status sw__endpoint_model(const struct sw__endpoint *endpoint, sw__http_client *client,
				  const atomic_bool *stop, struct sw_text *model,
				  struct sw_error *err)
{
	struct question question = {.fate = SW__HTTP_CANCELLED};
	enum sw_status st = ask(endpoint, client, stop, false, &question, err);

	if (st == SW_OK && question.fate != SW__HTTP_CANCELLED) {
		st = read_answer(&question, model, err);
		if (st != SW_OK)
			st = sw_fail_in(err, st, "%s", sw_text_string(&endpoint->models));
	}
	sw_text_free(&question.body);
	return st;
}
