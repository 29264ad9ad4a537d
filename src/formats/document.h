/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file document.h
 * A JSON or YAML file as a tree whose every node knows its line, so that a refusal can name file, line and key.
 *
 * The tree is read-only and belongs to its document; nodes live until sw_document_free(). Values are read through
 * tables (struct sw_field), which is where ranges and units are stated once and unknown keys are found.
 */
#ifndef SLICEWISE_FORMATS_DOCUMENT_H
#define SLICEWISE_FORMATS_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum {
	SW_DOCUMENT_BYTES_MAX = 64 << 20,
	SW_DOCUMENT_DEPTH_MAX = 64,
	SW_DOCUMENT_NODES_MAX = 4000000
};

enum sw_node_kind {
	SW_NODE_NULL,
	SW_NODE_BOOL,
	SW_NODE_NUMBER,
	SW_NODE_STRING,
	SW_NODE_LIST,
	SW_NODE_MAP
};

struct sw_document;

struct sw_node {
	enum sw_node_kind kind;
	int line;
	bool quoted; /* a string in quotes: never taken for a number */
	double number; /* SW_NODE_NUMBER; SW_NODE_BOOL: 0 or 1 */
	const char *text; /* scalars: as written */
	const char *key; /* in a map; NULL elsewhere */
	size_t index; /* in a list */
	const struct sw_node *parent;
	const struct sw_document *document;
	size_t count; /* children of a list or map */
	struct sw_node **children;
};

enum sw_document_format { SW_FORMAT_GUESS, SW_FORMAT_JSON, SW_FORMAT_YAML };

/**
 * Parse `size` bytes called `name` in messages. SW_FORMAT_GUESS: JSON where the name ends in ".json" or the first
 * character is '{' or '[', else YAML. A byte order mark in front is passed over. Duplicate keys, more than one document, and nesting beyond SW_DOCUMENT_DEPTH_MAX
 * are refused. SW_OK: *out is the caller's, release it with sw_document_free().
 */
enum sw_status sw_document_parse(const char *text, size_t size, const char *name,
				 enum sw_document_format format, struct sw_document **out,
				 struct sw_error *err);

/** sw_document_parse() of a file's content. SW_IO where it cannot be read. */
enum sw_status sw_document_load(const char *path, struct sw_document **out, struct sw_error *err);

void sw_document_free(struct sw_document *document);
const struct sw_node *sw_document_root(const struct sw_document *document);
const char *sw_document_name(const struct sw_document *document);

/** The child of a map called `key`; NULL where there is none or `node` is not a map. */
const struct sw_node *sw_node_get(const struct sw_node *node, const char *key);

/**
 * Refuse `node`: SW_BAD_INPUT with "FILE:LINE: KEY.PATH: found WHAT, expected ...", the last part from `format`.
 */
enum sw_status sw_node_refuse(const struct sw_node *node, struct sw_error *err, const char *format,
			      ...) SW__PRINTF(3, 4);

/** The same without "found": "FILE:LINE: KEY.PATH: ...". */
enum sw_status sw_node_complain(const struct sw_node *node, struct sw_error *err,
				const char *format, ...) SW__PRINTF(3, 4);

/** Whether a node is a list of 1 to `max` elements; `what` one of them is, for the message. */
enum sw_status sw_node_check_list(const struct sw_node *list, size_t max, const char *what,
				  struct sw_error *err);

enum sw_status sw_node_expect(const struct sw_node *node, enum sw_node_kind kind,
			      struct sw_error *err);

/** What a key of a map may hold and where it goes. Tables of these are the formats. */
enum sw_field_type {
	SW_FIELD_NUMBER, /* double in [min, max]; min itself excluded where min_open */
	SW_FIELD_UINT, /* unsigned in [min, max], written without a fraction */
	SW_FIELD_BOOL, /* bool */
	SW_FIELD_NAME, /* char[capacity] */
	SW_FIELD_CHOICE, /* int-sized enum: index in `choices` (NULL-terminated) */
	SW_FIELD_CALL /* `read` does it, into the member at `offset` */
};

struct sw_field {
	const char *key;
	enum sw_field_type type;
	size_t offset; /* in the structure that is filled */
	double min, max; /* numbers */
	bool min_open;
	bool required;
	bool null_is_absent; /* an explicit null leaves the member as it was */
	size_t capacity; /* SW_FIELD_NAME: bytes of the array */
	const char *const *choices; /* SW_FIELD_CHOICE */
	unsigned given_bit; /* set in *given where the key is present */
	enum sw_status (*read)(const struct sw_node *node, void *into, void *context,
			       struct sw_error *err);
	const char *unit; /* for messages: "ms", "requests per second" */
};

/**
 * Read a map by a table of `n` fields into `into`. Keys the table does not know are refused (with the nearest known key)
 * unless `other_keys_allowed`. Members whose key is absent keep their value. `given` (may be NULL) collects given_bit.
 * `context` reaches the SW_FIELD_CALL readers.
 */
enum sw_status sw_node_read(const struct sw_node *node, const struct sw_field *fields, size_t n,
			    bool other_keys_allowed, void *into, void *context, unsigned *given,
			    struct sw_error *err);

/** Read one scalar by one field. */
enum sw_status sw_node_read_field(const struct sw_node *node, const struct sw_field *field,
				  void *into, void *context, struct sw_error *err);

#endif
