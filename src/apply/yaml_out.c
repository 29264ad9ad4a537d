// SPDX-License-Identifier: Apache-2.0
#include "apply/yaml_out.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

/* Words that YAML 1.1 reads as something else than text, in any case. */
static bool is_word_of_yaml(const char *text)
{
	static const char *const words[] = {"null", "true", "false", "yes", "no",   "on",
					    "off",  "y",    "n",     "~",   ".nan", ".inf"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(text, words[i]) == 0)
			return true;
	return false;
}

/* Plain only where nobody could take it for anything else: a letter first, and no sign that means something. */
static bool is_plain(const char *text)
{
	if (!isalpha((unsigned char)text[0]) && text[0] != '/')
		return false;
	for (const char *c = text; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-_./", *c))
			return false;
	return !is_word_of_yaml(text);
}

static void write_string(const char *text, struct sw_text *out)
{
	if (is_plain(text)) {
		sw_text_puts(out, text);
		return;
	}
	sw_text_puts(out, "\"");
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (*c == '"' || *c == '\\')
			sw_text_addf(out, "\\%c", *c);
		else if (*c == '\n')
			sw_text_puts(out, "\\n");
		else if (*c < 0x20 || *c == 0x7f)
			sw_text_addf(out, "\\x%02x", *c);
		else
			sw_text_add(out, (const char *)c, 1);
	}
	sw_text_puts(out, "\"");
}

static void write_number(double x, struct sw_text *out)
{
	if (isfinite(x))
		sw_text_addf(out, "%.9g", x);
	else
		sw_text_puts(out, isnan(x) ? ".nan" : x > 0 ? ".inf" : "-.inf");
}

static void write_scalar(const json_t *value, struct sw_text *out)
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		write_string(json_string_value(value), out);
		break;
	case JSON_INTEGER:
		sw_text_addf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		break;
	case JSON_REAL:
		write_number(json_real_value(value), out);
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		sw_text_puts(out, json_is_true(value) ? "true" : "false");
		break;
	default:
		sw_text_puts(out, "null");
		break;
	}
}

static void write_node(const json_t *value, size_t depth, bool begun, struct sw_text *out);

static void begin_line(size_t depth, bool begun, struct sw_text *out)
{
	if (!begun)
		sw_text_fill(out, ' ', 2 * depth);
}

static void write_list(const json_t *list, size_t depth, bool begun, struct sw_text *out)
{
	size_t i;
	const json_t *item;

	json_array_foreach(list, i, item)
	{
		begin_line(depth, begun && i == 0, out);
		sw_text_puts(out, "- ");
		write_node(item, depth + 1, true, out);
	}
}

static bool is_empty(const json_t *value)
{
	return (json_is_object(value) && json_object_size(value) == 0) ||
	       (json_is_array(value) && json_array_size(value) == 0);
}

/* A list stands at the depth of its key, as kubectl writes it. */
static void write_member(const json_t *value, size_t depth, struct sw_text *out)
{
	if (is_empty(value) || !(json_is_object(value) || json_is_array(value))) {
		sw_text_puts(out, " ");
		write_node(value, depth, true, out);
		return;
	}
	sw_text_puts(out, "\n");
	write_node(value, json_is_array(value) ? depth : depth + 1, false, out);
}

static void write_map(const json_t *map, size_t depth, bool begun, struct sw_text *out)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)map, key, value)
	{
		begin_line(depth, begun, out);
		begun = false;
		write_string(key, out);
		sw_text_puts(out, ":");
		write_member(value, depth, out);
	}
}

/* `begun`: something stands on the line already. */
static void write_node(const json_t *value, size_t depth, bool begun, struct sw_text *out)
{
	if (is_empty(value)) {
		begin_line(depth, begun, out);
		sw_text_puts(out, json_is_object(value) ? "{}\n" : "[]\n");
	} else if (json_is_object(value)) {
		write_map(value, depth, begun, out);
	} else if (json_is_array(value)) {
		write_list(value, depth, begun, out);
	} else {
		begin_line(depth, begun, out);
		write_scalar(value, out);
		sw_text_puts(out, "\n");
	}
}

void sw__yaml_write(const json_t *tree, struct sw_text *out)
{
	sw_text_puts(out, "---\n");
	write_node(tree, 0, false, out);
}
