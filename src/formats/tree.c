// SPDX-License-Identifier: Apache-2.0
#include "formats/tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { ARENA_BLOCK = 1 << 16, ARENA_ALIGN = 16, FIRST_CHILDREN = 4 };

struct sw__arena {
	struct sw__arena *next;
	size_t used, capacity;
	_Alignas(ARENA_ALIGN) char bytes[];
};

static struct sw__arena *block_with_room(struct sw_document *document, size_t size)
{
	struct sw__arena *block = document->blocks;
	size_t capacity = size > ARENA_BLOCK ? size : ARENA_BLOCK;

	if (block && block->capacity - block->used >= size)
		return block;
	block = calloc(1, sizeof(*block) + capacity);
	if (!block)
		return NULL;
	block->capacity = capacity;
	block->next = document->blocks;
	document->blocks = block;
	return block;
}

void *sw__document_alloc(struct sw_document *document, size_t size)
{
	size_t rounded = (size + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
	struct sw__arena *block = block_with_room(document, rounded);
	void *piece;

	if (!block)
		return NULL;
	piece = block->bytes + block->used;
	block->used += rounded;
	return piece;
}

char *sw__document_copy(struct sw_document *document, const char *text, size_t size)
{
	char *copy = sw__document_alloc(document, size + 1);

	if (copy && size)
		memcpy(copy, text, size);
	return copy;
}

void sw_document_free(struct sw_document *document)
{
	struct sw__arena *next;

	if (!document)
		return;
	for (struct sw__arena *block = document->blocks; block; block = next) {
		next = block->next;
		free(block);
	}
	free(document->name);
	free(document);
}

static enum sw_status no_memory(const struct sw_document *document, struct sw_error *err)
{
	return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", document->name);
}

static bool grow_children(struct sw_document *document, struct sw_node *parent)
{
	size_t n = parent->count;
	size_t capacity = n ? n * 2 : FIRST_CHILDREN;
	struct sw_node **children;

	/* The capacity is the next power of two, so growth is due exactly when the count is one. */
	if (n && (n < FIRST_CHILDREN || (n & (n - 1)) != 0))
		return true;
	children = sw__document_alloc(document, capacity * sizeof(struct sw_node *));
	if (!children)
		return false;
	if (n)
		memcpy(children, parent->children, n * sizeof(struct sw_node *));
	parent->children = children;
	return true;
}

static enum sw_status check_place(const struct sw_document *document, const struct sw_node *parent,
				  int line, struct sw_error *err)
{
	int depth = 0;

	for (const struct sw_node *up = parent; up; up = up->parent)
		depth++;
	if (depth > SW_DOCUMENT_DEPTH_MAX)
		return sw_fail(err, SW_BAD_INPUT, "%s:%d: nested deeper than %d levels",
			       document->name, line, SW_DOCUMENT_DEPTH_MAX);
	if (document->nodes >= SW_DOCUMENT_NODES_MAX)
		return sw_fail(err, SW_BAD_INPUT, "%s:%d: more than %d values", document->name,
			       line, SW_DOCUMENT_NODES_MAX);
	return SW_OK;
}

static int by_key(const void *a, const void *b)
{
	const struct sw_node *x = *(struct sw_node *const *)a, *y = *(struct sw_node *const *)b;
	int order = strcmp(x->key, y->key);

	return order ? order : (x->index > y->index) - (x->index < y->index);
}

enum sw_status sw__document_unique(struct sw_document *document, const struct sw_node *map,
				   struct sw_error *err)
{
	size_t size = map->count * sizeof(struct sw_node *);
	struct sw_node **sorted;

	if (map->count < 2)
		return SW_OK;
	sorted = sw__document_alloc(document, size);
	if (!sorted)
		return no_memory(document, err);
	memcpy(sorted, map->children, size);
	qsort(sorted, map->count, sizeof(struct sw_node *), by_key);
	for (size_t i = 1; i < map->count; i++) {
		if (strcmp(sorted[i - 1]->key, sorted[i]->key) == 0)
			return sw_fail(err, SW_BAD_INPUT,
				       "%s:%d: %s: found a second time (first on line %d), "
				       "expected once",
				       document->name, sorted[i]->line, sorted[i]->key,
				       sorted[i - 1]->line);
	}
	return SW_OK;
}

enum sw_status sw__document_node(struct sw_document *document, struct sw_node *parent,
				 const char *key, int line, struct sw_node **out,
				 struct sw_error *err)
{
	enum sw_status st = check_place(document, parent, line, err);
	struct sw_node *node;

	if (st != SW_OK)
		return st;
	node = sw__document_alloc(document, sizeof(*node));
	if (!node)
		return no_memory(document, err);
	node->line = line;
	node->parent = parent;
	node->document = document;
	node->text = "";
	document->nodes++;
	if (key) {
		node->key = sw__document_copy(document, key, strlen(key));
		if (!node->key)
			return no_memory(document, err);
	}
	if (!parent) {
		document->root = node;
	} else {
		if (!grow_children(document, parent))
			return no_memory(document, err);
		node->index = parent->count;
		parent->children[parent->count++] = node;
	}
	*out = node;
	return SW_OK;
}

enum sw_status sw__document_string(struct sw_document *document, struct sw_node *node,
				   const char *text, struct sw_error *err)
{
	node->kind = SW_NODE_STRING;
	node->text = sw__document_copy(document, text, strlen(text));
	return node->text ? SW_OK : no_memory(document, err);
}

/* The numbers of YAML 1.2's core schema less octal and hexadecimal, which nobody writes here on purpose. */
static bool is_number(const char *text, double *number)
{
	static const char *const special[] = {".nan", ".NaN", ".inf", "+.inf", "-.inf", ".Inf"};
	static const double value[] = {NAN, NAN, INFINITY, INFINITY, -INFINITY, INFINITY};

	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
		if (strcmp(text, special[i]) == 0) {
			*number = value[i];
			return true;
		}
	}
	return sw_decimal(text, number);
}

enum sw_status sw__document_plain(struct sw_document *document, struct sw_node *node,
				  const char *text, struct sw_error *err)
{
	static const struct {
		const char *text;
		enum sw_node_kind kind;
		double number;
	} words[] = {
		{"", SW_NODE_NULL, 0},      {"~", SW_NODE_NULL, 0},     {"null", SW_NODE_NULL, 0},
		{"Null", SW_NODE_NULL, 0},  {"true", SW_NODE_BOOL, 1},  {"True", SW_NODE_BOOL, 1},
		{"TRUE", SW_NODE_BOOL, 1},  {"false", SW_NODE_BOOL, 0}, {"False", SW_NODE_BOOL, 0},
		{"FALSE", SW_NODE_BOOL, 0}, {"NULL", SW_NODE_NULL, 0},
	};
	enum sw_status st = sw__document_string(document, node, text, err);

	if (st != SW_OK)
		return st;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(text, words[i].text) == 0) {
			node->kind = words[i].kind;
			node->number = words[i].number;
			return SW_OK;
		}
	}
	if (is_number(text, &node->number))
		node->kind = SW_NODE_NUMBER;
	return SW_OK;
}
