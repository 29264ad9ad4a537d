// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_FIRST_CAPACITY = 256, EDIT_LENGTH_MAX = 64, DELETE = 0x7f };

static bool reserve(struct sw_text *text, size_t more)
{
	size_t capacity = text->capacity ? text->capacity : TEXT_FIRST_CAPACITY;
	char *data;

	if (text->failed)
		return false;
	while (capacity - text->size <= more)
		capacity *= 2;
	if (capacity == text->capacity)
		return true;
	data = realloc(text->data, capacity);
	if (!data) {
		text->failed = true;
		return false;
	}
	text->data = data;
	text->capacity = capacity;
	return true;
}

void sw_text_add(struct sw_text *text, const char *bytes, size_t size)
{
	if (!reserve(text, size))
		return;
	if (size)
		memcpy(text->data + text->size, bytes, size);
	text->size += size;
	text->data[text->size] = '\0';
}

void sw_text_puts(struct sw_text *text, const char *string)
{
	sw_text_add(text, string, strlen(string));
}

void sw_text_vaddf(struct sw_text *text, const char *format, va_list args)
{
	va_list again;
	int size;

	va_copy(again, args);
	size = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (size < 0 || !reserve(text, (size_t)size)) {
		text->failed = true;
		return;
	}
	(void)vsnprintf(text->data + text->size, (size_t)size + 1, format, args);
	text->size += (size_t)size;
}

void sw_text_addf(struct sw_text *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	sw_text_vaddf(text, format, args);
	va_end(args);
}

void sw_text_fill(struct sw_text *text, char c, size_t count)
{
	if (!reserve(text, count))
		return;
	memset(text->data + text->size, c, count);
	text->size += count;
	text->data[text->size] = '\0';
}

const char *sw_text_string(const struct sw_text *text)
{
	return text->data ? text->data : "";
}

bool sw_text_ok(const struct sw_text *text)
{
	return !text->failed;
}

void sw_text_free(struct sw_text *text)
{
	free(text->data);
	*text = (struct sw_text){0};
}

bool sw_copy_name(char *to, size_t capacity, const char *from)
{
	int size = snprintf(to, capacity, "%s", from);

	return size >= 0 && (size_t)size < capacity;
}

bool sw_is_plain(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == DELETE)
			return false;
	}
	return true;
}

bool sw_decimal(const char *text, double *out)
{
	char *end;

	if (!strpbrk(text, "0123456789") || text[strspn(text, "0123456789+-.eE")] != '\0')
		return false;
	*out = strtod(text, &end);
	return *end == '\0';
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* Optimal string alignment: three rows of the dynamic programme are enough. */
size_t sw_edit_distance(const char *a, const char *b)
{
	size_t rows[3][EDIT_LENGTH_MAX + 1];
	size_t na = strnlen(a, EDIT_LENGTH_MAX);
	size_t nb = strnlen(b, EDIT_LENGTH_MAX);

	for (size_t j = 0; j <= nb; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t *row = rows[i % 3];
		const size_t *above = rows[(i + 2) % 3];
		const size_t *two_above = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t replace = above[j - 1] + (a[i - 1] != b[j - 1]);

			row[j] = min3(above[j] + 1, row[j - 1] + 1, replace);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    two_above[j - 2] + 1 < row[j])
				row[j] = two_above[j - 2] + 1;
		}
	}
	return rows[na % 3][nb];
}
