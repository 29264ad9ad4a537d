// SPDX-License-Identifier: Apache-2.0
/*
 * Jansson judges and reads the JSON; it keeps no positions. Because it keeps the order of keys, a second walk over the
 * text that only steps from token to token, over text already known to be valid, finds every value's line.
 */
#include <jansson.h>
#include <string.h>

#include "formats/tree.h"

struct cursor {
	const char *at, *end;
	int line;
};

static void skip_to_token(struct cursor *cursor)
{
	while (cursor->at < cursor->end && strchr(" \t\r\n,:]}", *cursor->at)) {
		if (*cursor->at == '\n')
			cursor->line++;
		cursor->at++;
	}
}

static void skip_string(struct cursor *cursor)
{
	cursor->at++;
	while (cursor->at < cursor->end && *cursor->at != '"')
		cursor->at += *cursor->at == '\\' ? 2 : 1;
	cursor->at++;
}

/* Step over one token (an opening bracket, a string, a word or a number) and return its start. */
static const char *next_token(struct cursor *cursor, size_t *size)
{
	const char *start;

	skip_to_token(cursor);
	start = cursor->at;
	if (cursor->at < cursor->end) {
		if (*start == '"')
			skip_string(cursor);
		else if (*start == '{' || *start == '[')
			cursor->at++;
		else
			cursor->at += strcspn(cursor->at, " \t\r\n,:]}");
	}
	*size = (size_t)(cursor->at - start);
	return start;
}

static enum sw_status build(struct sw_document *document, json_t *json, struct sw_node *parent,
			    const char *key, struct cursor *cursor, struct sw_error *err);

static enum sw_status build_map(struct sw_document *document, json_t *json, struct sw_node *node,
				struct cursor *cursor, struct sw_error *err)
{
	const char *key;
	json_t *value;

	node->kind = SW_NODE_MAP;
	json_object_foreach(json, key, value)
	{
		enum sw_status st;
		size_t size;

		(void)next_token(cursor, &size);
		st = build(document, value, node, key, cursor, err);
		if (st != SW_OK)
			return st;
	}
	return SW_OK;
}

static enum sw_status build_list(struct sw_document *document, json_t *json, struct sw_node *node,
				 struct cursor *cursor, struct sw_error *err)
{
	size_t index;
	json_t *value;

	node->kind = SW_NODE_LIST;
	json_array_foreach(json, index, value)
	{
		enum sw_status st = build(document, value, node, NULL, cursor, err);

		if (st != SW_OK)
			return st;
	}
	return SW_OK;
}

static enum sw_status build(struct sw_document *document, json_t *json, struct sw_node *parent,
			    const char *key, struct cursor *cursor, struct sw_error *err)
{
	struct sw_node *node;
	enum sw_status st;
	const char *token;
	size_t size;

	token = next_token(cursor, &size);
	st = sw__document_node(document, parent, key, cursor->line, &node, err);
	if (st != SW_OK)
		return st;
	if (json_is_object(json))
		return build_map(document, json, node, cursor, err);
	if (json_is_array(json))
		return build_list(document, json, node, cursor, err);
	if (json_is_string(json)) {
		node->quoted = true;
		return sw__document_string(document, node, json_string_value(json), err);
	}
	node->text = sw__document_copy(document, token, size);
	if (!node->text)
		return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", document->name);
	node->kind = json_is_null(json)      ? SW_NODE_NULL
		     : json_is_boolean(json) ? SW_NODE_BOOL
					     : SW_NODE_NUMBER;
	node->number = json_is_true(json) ? 1.0 : json_number_value(json);
	return SW_OK;
}

enum sw_status sw__json_read(struct sw_document *document, const char *text, size_t size,
			     struct sw_error *err)
{
	struct cursor cursor = {text, text + size, 1};
	enum sw_status st;
	json_error_t why;
	json_t *json = json_loadb(
		text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL | JSON_DECODE_ANY,
		&why);

	/* Where it gets no memory Jansson gives up without a word. */
	if (!json && !*why.text)
		return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", document->name);
	if (!json)
		return sw_fail(err, SW_BAD_INPUT, "%s:%d: not valid JSON: %s", document->name,
			       why.line, why.text);
	st = build(document, json, NULL, NULL, &cursor, err);
	json_decref(json);
	return st;
}
