// SPDX-License-Identifier: Apache-2.0
#include "step/coefficients.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS_FEW = 6, DIGITS_ALL = 17, LIST_LINE = 10 };

size_t sw__coefficient_size(const struct sw__coefficient *row)
{
	return row->count ? row->count : 1;
}

double sw__coefficient_get(const struct sw__coefficient *row, const void *from, size_t i)
{
	double value;

	memcpy(&value, (const char *)from + row->offset + i * sizeof(value), sizeof(value));
	return value;
}

void sw__coefficient_set(const struct sw__coefficient *row, void *into, size_t i, double value)
{
	memcpy((char *)into + row->offset + i * sizeof(value), &value, sizeof(value));
}

static const struct sw__coefficient *find(const struct sw__coefficient *table, size_t n,
					  const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	}
	return NULL;
}

static enum sw_status read_number(const struct sw_node *node, const struct sw__coefficient *row,
				  size_t i, void *into, struct sw_error *err)
{
	if (node->kind != SW_NODE_NUMBER || !isfinite(node->number))
		return sw_node_refuse(node, err, "a number (%s)", row->unit);
	sw__coefficient_set(row, into, i, node->number);
	return SW_OK;
}

static enum sw_status read_list(const struct sw_node *node, const struct sw__coefficient *row,
				void *into, struct sw_error *err)
{
	enum sw_status st = sw_node_expect(node, SW_NODE_LIST, err);

	if (st == SW_OK && node->count != row->count)
		st = sw_node_refuse(node, err, "%zu numbers", row->count);
	for (size_t i = 0; st == SW_OK && i < row->count; i++)
		st = read_number(node->children[i], row, i, into, err);
	return st;
}

enum sw_status sw__coefficients_read(const struct sw_node *node,
				     const struct sw__coefficient *table, size_t n, void *into,
				     struct sw_error *err)
{
	enum sw_status st = sw_node_expect(node, SW_NODE_MAP, err);

	for (size_t i = 0; st == SW_OK && i < node->count; i++) {
		const struct sw_node *child = node->children[i];
		const struct sw__coefficient *row = find(table, n, child->key);

		if (!row)
			return sw_node_complain(child, err, "unknown coefficient");
		st = row->count ? read_list(child, row, into, err)
				: read_number(child, row, 0, into, err);
	}
	for (size_t i = 0; st == SW_OK && i < n; i++) {
		if (!sw_node_get(node, table[i].name))
			st = sw_node_complain(node, err, "key %s is missing", table[i].name);
	}
	return st;
}

void sw__number_write(struct sw_text *text, double value)
{
	char digits[40];

	if (!isfinite(value)) {
		sw_text_puts(text, "null");
		return;
	}
	for (int precision = DIGITS_FEW; precision <= DIGITS_ALL; precision++) {
		(void)snprintf(digits, sizeof(digits), "%.*g", precision, value);
		if (strtod(digits, NULL) == value)
			break;
	}
	sw_text_puts(text, digits);
}

static void write_list(struct sw_text *text, const struct sw__coefficient *row, const void *from,
		       int tabs)
{
	for (size_t i = 0; i < row->count; i++) {
		if (i % LIST_LINE == 0) {
			sw_text_puts(text, i ? ",\n" : "[\n");
			sw_text_fill(text, '\t', (size_t)tabs + 1);
		} else {
			sw_text_puts(text, ", ");
		}
		sw__number_write(text, sw__coefficient_get(row, from, i));
	}
	sw_text_puts(text, "]");
}

void sw__coefficients_write(struct sw_text *text, const struct sw__coefficient *table, size_t n,
			    const void *from, int tabs)
{
	for (size_t i = 0; i < n; i++) {
		sw_text_fill(text, '\t', (size_t)tabs);
		sw_text_addf(text, "\"%s\": ", table[i].name);
		if (table[i].count)
			write_list(text, &table[i], from, tabs);
		else
			sw__number_write(text, sw__coefficient_get(&table[i], from, 0));
		sw_text_puts(text, i + 1 < n ? ",\n" : "\n");
	}
}
