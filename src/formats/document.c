// SPDX-License-Identifier: Apache-2.0
#include "formats/document.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "formats/tree.h"

enum { SHOWN_VALUE_MAX = 60 };

static enum sw_document_format guess_format(const char *text, size_t size, const char *name)
{
	size_t length = strlen(name);
	size_t i = 0;

	if (length > 5 && strcmp(name + length - 5, ".json") == 0)
		return SW_FORMAT_JSON;
	while (i < size && strchr(" \t\r\n", text[i]))
		i++;
	return i < size && (text[i] == '{' || text[i] == '[') ? SW_FORMAT_JSON : SW_FORMAT_YAML;
}

enum sw_status sw_document_parse(const char *text, size_t size, const char *name,
				 enum sw_document_format format, struct sw_document **out,
				 struct sw_error *err)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";
	struct sw_document *document = calloc(1, sizeof(*document));
	enum sw_status st;

	*out = NULL;
	if (size >= strlen(byte_order_mark) &&
	    memcmp(text, byte_order_mark, strlen(byte_order_mark)) == 0) {
		text += strlen(byte_order_mark);
		size -= strlen(byte_order_mark);
	}
	if (document)
		document->name = strdup(name);
	if (!document || !document->name) {
		free(document);
		return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", name);
	}
	if (format == SW_FORMAT_GUESS)
		format = guess_format(text, size, name);
	st = format == SW_FORMAT_JSON ? sw__json_read(document, text, size, err)
				      : sw__yaml_read(document, text, size, err);
	if (st != SW_OK) {
		sw_document_free(document);
		return st;
	}
	*out = document;
	return SW_OK;
}

enum sw_status sw_document_load(const char *path, struct sw_document **out, struct sw_error *err)
{
	struct sw_text text = {0};
	enum sw_status st = sw_file_read(path, SW_DOCUMENT_BYTES_MAX, &text, err);

	*out = NULL;
	if (st == SW_OK)
		st = sw_document_parse(sw_text_string(&text), text.size, path, SW_FORMAT_GUESS, out,
				       err);
	sw_text_free(&text);
	return st;
}

const struct sw_node *sw_document_root(const struct sw_document *document)
{
	return document->root;
}

const char *sw_document_name(const struct sw_document *document)
{
	return document->name;
}

const struct sw_node *sw_node_get(const struct sw_node *node, const char *key)
{
	for (size_t i = 0; node->kind == SW_NODE_MAP && i < node->count; i++) {
		if (strcmp(node->children[i]->key, key) == 0)
			return node->children[i];
	}
	return NULL;
}

/* "workloads[1].slo.ttft_p95_ms", or "the document" for the root. */
static void add_path(struct sw_text *text, const struct sw_node *node)
{
	if (!node->parent)
		return;
	add_path(text, node->parent);
	if (node->key)
		sw_text_addf(text, "%s%s", node->parent->parent ? "." : "", node->key);
	else
		sw_text_addf(text, "[%zu]", node->index);
}

static void add_place(struct sw_text *text, const struct sw_node *node)
{
	sw_text_addf(text, "%s:%d: ", sw_document_name(node->document), node->line);
	if (node->parent) {
		add_path(text, node);
		sw_text_puts(text, ": ");
	}
}

static void add_found(struct sw_text *text, const struct sw_node *node)
{
	static const char *const kinds[] = {"nothing", "", "", "", "list", "map"};
	bool holds = node->kind == SW_NODE_LIST || node->kind == SW_NODE_MAP;
	bool cut = strlen(node->text) > SHOWN_VALUE_MAX;

	if (node->kind == SW_NODE_STRING)
		sw_text_addf(text, "found \"%.*s\"%s, ", SHOWN_VALUE_MAX, node->text,
			     cut ? "..." : "");
	else if (*kinds[node->kind])
		sw_text_addf(text, "found %s%s, ",
			     !holds        ? ""
			     : node->count ? "a "
					   : "an empty ",
			     kinds[node->kind]);
	else
		sw_text_addf(text, "found %.*s, ", SHOWN_VALUE_MAX, node->text);
}

static enum sw_status finish(struct sw_text *text, struct sw_error *err)
{
	enum sw_status st = sw_text_ok(text)
				    ? sw_fail(err, SW_BAD_INPUT, "%s", sw_text_string(text))
				    : sw_fail(err, SW_NO_MEMORY, "out of memory for a message");

	sw_text_free(text);
	return st;
}

enum sw_status sw_node_refuse(const struct sw_node *node, struct sw_error *err, const char *format,
			      ...)
{
	struct sw_text text = {0};
	va_list args;

	add_place(&text, node);
	add_found(&text, node);
	sw_text_puts(&text, "expected ");
	va_start(args, format);
	sw_text_vaddf(&text, format, args);
	va_end(args);
	return finish(&text, err);
}

enum sw_status sw_node_complain(const struct sw_node *node, struct sw_error *err,
				const char *format, ...)
{
	struct sw_text text = {0};
	va_list args;

	add_place(&text, node);
	va_start(args, format);
	sw_text_vaddf(&text, format, args);
	va_end(args);
	return finish(&text, err);
}

enum sw_status sw_node_expect(const struct sw_node *node, enum sw_node_kind kind,
			      struct sw_error *err)
{
	static const char *const names[] = {"nothing", "true or false", "a number",
					    "a text",  "a list",        "a map of keys"};

	return node->kind == kind ? SW_OK : sw_node_refuse(node, err, "%s", names[kind]);
}

enum sw_status sw_node_check_list(const struct sw_node *list, size_t max, const char *what,
				  struct sw_error *err)
{
	if (list->kind != SW_NODE_LIST || list->count == 0)
		return sw_node_refuse(list, err, "a list of at least one %s", what);
	if (list->count > max)
		return sw_node_complain(list, err, "found %zu elements, expected at most %zu",
					list->count, max);
	return SW_OK;
}
