// SPDX-License-Identifier: Apache-2.0
/* Reading maps by tables: the ranges, the names and the unknown keys. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "formats/document.h"

enum { KEY_DISTANCE_MAX = 3 };

static void *member(void *into, const struct sw_field *field)
{
	return (char *)into + field->offset;
}

static void add_range(struct sw_text *text, const struct sw_field *field)
{
	if (isfinite(field->min) && isfinite(field->max))
		sw_text_addf(text, " %s %.15g and %s %.15g", field->min_open ? "above" : "from",
			     field->min, "at most", field->max);
	else if (isfinite(field->min))
		sw_text_addf(text, " %s %.15g", field->min_open ? "above" : "of at least",
			     field->min);
	else if (isfinite(field->max))
		sw_text_addf(text, " of at most %.15g", field->max);
}

static enum sw_status refuse_number(const struct sw_node *node, const struct sw_field *field,
				    struct sw_error *err)
{
	struct sw_text text = {0};
	enum sw_status st;

	sw_text_puts(&text, field->type == SW_FIELD_UINT ? "a whole number" : "a number");
	if (field->unit)
		sw_text_addf(&text, " (%s)", field->unit);
	add_range(&text, field);
	st = sw_node_refuse(node, err, "%s", sw_text_string(&text));
	sw_text_free(&text);
	return st;
}

static bool in_range(double x, const struct sw_field *field)
{
	return isfinite(x) && x <= field->max &&
	       (field->min_open ? x > field->min : x >= field->min);
}

static enum sw_status read_number(const struct sw_node *node, const struct sw_field *field,
				  void *into, struct sw_error *err)
{
	double x = node->number;

	if (node->kind != SW_NODE_NUMBER || !in_range(x, field))
		return refuse_number(node, field, err);
	if (field->type == SW_FIELD_NUMBER) {
		memcpy(member(into, field), &x, sizeof(x));
	} else {
		unsigned u = (unsigned)x;

		if (x != floor(x) || x > 4294967295.0 || x < 0)
			return refuse_number(node, field, err);
		memcpy(member(into, field), &u, sizeof(u));
	}
	return SW_OK;
}

static enum sw_status read_bool(const struct sw_node *node, const struct sw_field *field,
				void *into, struct sw_error *err)
{
	bool value = node->number != 0;

	if (node->kind != SW_NODE_BOOL)
		return sw_node_refuse(node, err, "true or false");
	memcpy(member(into, field), &value, sizeof(value));
	return SW_OK;
}

static enum sw_status read_name(const struct sw_node *node, const struct sw_field *field,
				void *into, struct sw_error *err)
{
	/* A plain 7b or 12 is a name where a name is due, so any scalar that was written will do. */
	bool scalar = node->kind == SW_NODE_STRING || node->kind == SW_NODE_NUMBER;

	if (!scalar || !*node->text)
		return sw_node_refuse(node, err, "a name");
	if (!sw_is_plain(node->text))
		return sw_node_complain(node, err,
					"found a control character or a line end, expected a name "
					"without");
	if (!sw_copy_name(member(into, field), field->capacity, node->text))
		return sw_node_refuse(node, err, "a name of at most %zu characters",
				      field->capacity - 1);
	return SW_OK;
}

static enum sw_status read_choice(const struct sw_node *node, const struct sw_field *field,
				  void *into, struct sw_error *err)
{
	struct sw_text text = {0};
	enum sw_status st;

	for (int i = 0; node->kind == SW_NODE_STRING && field->choices[i]; i++) {
		if (strcmp(field->choices[i], node->text) == 0) {
			memcpy(member(into, field), &i, sizeof(i));
			return SW_OK;
		}
	}
	for (int i = 0; field->choices[i]; i++)
		sw_text_addf(&text, "%s%s", i ? ", " : "one of ", field->choices[i]);
	st = sw_node_refuse(node, err, "%s", sw_text_string(&text));
	sw_text_free(&text);
	return st;
}

enum sw_status sw_node_read_field(const struct sw_node *node, const struct sw_field *field,
				  void *into, void *context, struct sw_error *err)
{
	switch (field->type) {
	case SW_FIELD_NUMBER:
	case SW_FIELD_UINT:
		return read_number(node, field, into, err);
	case SW_FIELD_BOOL:
		return read_bool(node, field, into, err);
	case SW_FIELD_NAME:
		return read_name(node, field, into, err);
	case SW_FIELD_CHOICE:
		return read_choice(node, field, into, err);
	case SW_FIELD_CALL:
		break;
	}
	return field->read(node, member(into, field), context, err);
}

static const struct sw_field *find_field(const struct sw_field *fields, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(fields[i].key, key) == 0)
			return &fields[i];
	}
	return NULL;
}

static enum sw_status unknown_key(const struct sw_node *node, const struct sw_field *fields,
				  size_t n, struct sw_error *err)
{
	struct sw_text text = {0};
	size_t best = KEY_DISTANCE_MAX;
	const char *nearest = NULL;
	enum sw_status st;

	for (size_t i = 0; i < n; i++) {
		size_t distance = sw_edit_distance(node->key, fields[i].key);

		if (distance < best) {
			best = distance;
			nearest = fields[i].key;
		}
		sw_text_addf(&text, "%s%s", i ? ", " : "", fields[i].key);
	}
	st = nearest ? sw_node_complain(node, err, "unknown key; did you mean %s?", nearest)
		     : sw_node_complain(node, err, "unknown key; expected one of %s",
					sw_text_string(&text));
	sw_text_free(&text);
	return st;
}

static enum sw_status check_required(const struct sw_node *node, const struct sw_field *fields,
				     size_t n, struct sw_error *err)
{
	for (size_t i = 0; i < n; i++) {
		if (fields[i].required && !sw_node_get(node, fields[i].key))
			return sw_node_complain(node, err, "key %s is missing", fields[i].key);
	}
	return SW_OK;
}

enum sw_status sw_node_read(const struct sw_node *node, const struct sw_field *fields, size_t n,
			    bool other_keys_allowed, void *into, void *context, unsigned *given,
			    struct sw_error *err)
{
	enum sw_status st = sw_node_expect(node, SW_NODE_MAP, err);

	for (size_t i = 0; st == SW_OK && i < node->count; i++) {
		const struct sw_node *child = node->children[i];
		const struct sw_field *field = find_field(fields, n, child->key);

		if (!field && !other_keys_allowed)
			return unknown_key(child, fields, n, err);
		if (!field || (child->kind == SW_NODE_NULL && field->null_is_absent))
			continue;
		if (given)
			*given |= field->given_bit;
		st = sw_node_read_field(child, field, into, context, err);
	}
	return st == SW_OK ? check_required(node, fields, n, err) : st;
}
