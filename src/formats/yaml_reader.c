// SPDX-License-Identifier: Apache-2.0
#include <string.h>
#include <yaml.h>

#include "formats/tree.h"

/* The map or list that is being filled, and for a map the key that waits for its value. */
struct level {
	struct sw_node *node;
	bool has_key;
	int key_line;
	char key[512];
};

struct reader {
	struct sw_document *document;
	struct sw_error *err;
	int depth; /* levels in use */
	struct level levels[SW_DOCUMENT_DEPTH_MAX + 2];
};

static enum sw_status refuse(const struct reader *reader, const yaml_event_t *event,
			     const char *what)
{
	return sw_fail(reader->err, SW_BAD_INPUT, "%s:%zu: %s", reader->document->name,
		       event->start_mark.line + 1, what);
}

static bool is_map(const struct level *level)
{
	return level && level->node && level->node->kind == SW_NODE_MAP;
}

/* A node for the event's value, under the key that waits for it. */
static enum sw_status place(struct reader *reader, const yaml_event_t *event, struct sw_node **out)
{
	struct level *level = reader->depth ? &reader->levels[reader->depth - 1] : NULL;
	bool in_map = is_map(level);
	int line = (int)event->start_mark.line + 1;

	if (in_map && !level->has_key)
		return refuse(reader, event, "found a map or list as a key, expected a name");
	if (in_map) {
		level->has_key = false;
		/* A value on its own line is still known by the line of its key. */
		line = level->key_line;
	}
	return sw__document_node(reader->document, level ? level->node : NULL,
				 in_map ? level->key : NULL, line, out, reader->err);
}

static enum sw_status on_key(struct reader *reader, struct level *level, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t size = event->data.scalar.length;

	if (size >= sizeof(level->key) || strlen(text) != size)
		return refuse(reader, event, "found a key that is too long or holds a NUL");
	memcpy(level->key, text, size + 1);
	level->has_key = true;
	level->key_line = (int)event->start_mark.line + 1;
	return SW_OK;
}

static enum sw_status on_scalar(struct reader *reader, const yaml_event_t *event)
{
	struct level *level = reader->depth ? &reader->levels[reader->depth - 1] : NULL;
	const char *text = (const char *)event->data.scalar.value;
	struct sw_node *node;
	enum sw_status st;

	if (is_map(level) && !level->has_key)
		return on_key(reader, level, event);
	if (strlen(text) != event->data.scalar.length)
		return refuse(reader, event, "found a NUL inside a value");
	st = place(reader, event, &node);
	if (st != SW_OK)
		return st;
	if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		return sw__document_plain(reader->document, node, text, reader->err);
	node->quoted = true;
	return sw__document_string(reader->document, node, text, reader->err);
}

static enum sw_status on_open(struct reader *reader, const yaml_event_t *event,
			      enum sw_node_kind kind)
{
	struct sw_node *node;
	enum sw_status st = place(reader, event, &node);

	if (st != SW_OK)
		return st;
	node->kind = kind;
	reader->levels[reader->depth++] = (struct level){.node = node};
	return SW_OK;
}

static enum sw_status on_event(struct reader *reader, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return on_scalar(reader, event);
	case YAML_MAPPING_START_EVENT:
		return on_open(reader, event, SW_NODE_MAP);
	case YAML_SEQUENCE_START_EVENT:
		return on_open(reader, event, SW_NODE_LIST);
	case YAML_MAPPING_END_EVENT:
		return sw__document_unique(reader->document, reader->levels[--reader->depth].node,
					   reader->err);
	case YAML_SEQUENCE_END_EVENT:
		reader->depth--;
		return SW_OK;
	case YAML_ALIAS_EVENT:
		return refuse(reader, event, "found an alias (*name), expected the value itself");
	case YAML_DOCUMENT_START_EVENT:
		return reader->document->root
			       ? refuse(reader, event, "found a second document, expected one")
			       : SW_OK;
	default:
		return SW_OK;
	}
}

static enum sw_status syntax_error(const struct reader *reader, const yaml_parser_t *parser)
{
	if (parser->error == YAML_MEMORY_ERROR)
		return sw_fail(reader->err, SW_NO_MEMORY, "%s: out of memory",
			       reader->document->name);
	return sw_fail(reader->err, SW_BAD_INPUT, "%s:%zu: not valid YAML: %s%s%s",
		       reader->document->name, parser->problem_mark.line + 1,
		       parser->problem ? parser->problem : "unreadable characters",
		       parser->context ? ", " : "", parser->context ? parser->context : "");
}

enum sw_status sw__yaml_read(struct sw_document *document, const char *text, size_t size,
			     struct sw_error *err)
{
	struct reader reader = {.document = document, .err = err};
	enum sw_status st = SW_OK;
	yaml_parser_t parser;
	bool ended = false;

	if (!yaml_parser_initialize(&parser))
		return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", document->name);
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
	while (st == SW_OK && !ended) {
		yaml_event_t event;

		if (!yaml_parser_parse(&parser, &event)) {
			st = syntax_error(&reader, &parser);
			break;
		}
		st = on_event(&reader, &event);
		ended = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	if (st == SW_OK && !document->root)
		st = sw_fail(err, SW_BAD_INPUT, "%s:1: found an empty file, expected keys",
			     document->name);
	return st;
}
