/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tree.h
 * How the JSON and the YAML reader build a document; inside src/formats only.
 */
#ifndef SLICEWISE_FORMATS_TREE_H
#define SLICEWISE_FORMATS_TREE_H

#include "formats/document.h"

struct sw__arena;

struct sw_document {
	struct sw__arena *blocks;
	char *name;
	struct sw_node *root;
	size_t nodes;
};

/** A zeroed piece of the document's memory; NULL without memory. */
void *sw__document_alloc(struct sw_document *document, size_t size);
char *sw__document_copy(struct sw_document *document, const char *text, size_t size);

/**
 * A new node under `parent` (NULL: the root); `key` (copied) in maps. SW_BAD_INPUT where the document is too deep or too
 * large.
 */
enum sw_status sw__document_node(struct sw_document *document, struct sw_node *parent,
				 const char *key, int line, struct sw_node **out,
				 struct sw_error *err);

/** SW_BAD_INPUT where two keys of a whole map are the same. By sorting: a hostile file may have millions of keys. */
enum sw_status sw__document_unique(struct sw_document *document, const struct sw_node *map,
				   struct sw_error *err);

/** Fill a scalar that was written plainly: null, true, false, a number, else a string (YAML 1.2 core schema). */
enum sw_status sw__document_plain(struct sw_document *document, struct sw_node *node,
				  const char *text, struct sw_error *err);

/** Fill a string. */
enum sw_status sw__document_string(struct sw_document *document, struct sw_node *node,
				   const char *text, struct sw_error *err);

enum sw_status sw__json_read(struct sw_document *document, const char *text, size_t size,
			     struct sw_error *err);
enum sw_status sw__yaml_read(struct sw_document *document, const char *text, size_t size,
			     struct sw_error *err);

#endif
