// SPDX-License-Identifier: Apache-2.0
#include "net/sse.h"

#include <string.h>

static const char byte_order_mark[] = "\xEF\xBB\xBF";

static void empty(struct sw_text *text)
{
	text->size = 0;
	if (text->data)
		text->data[0] = '\0';
}

static bool is_field(const char *name, size_t size, const char *field)
{
	return strlen(field) == size && memcmp(name, field, size) == 0;
}

/* A blank line: what was collected is an event. */
static enum sw__sse_status dispatch(struct sw__sse *sse, sw__sse_take take, void *self)
{
	struct sw__sse_event event = {sw_text_string(&sse->type), sw_text_string(&sse->data),
				      sse->data.size};
	bool more = !sse->has_data || take(self, &event);

	empty(&sse->data);
	empty(&sse->type);
	sse->has_data = false;
	return more ? SW__SSE_OK : SW__SSE_ENOUGH;
}

static enum sw__sse_status add_data(struct sw__sse *sse, const char *value, size_t size)
{
	if (sse->data.size + size + 1 > sse->size_max)
		return SW__SSE_TOO_LONG;
	if (sse->has_data)
		sw_text_add(&sse->data, "\n", 1);
	sw_text_add(&sse->data, value, size);
	sse->has_data = true;
	return sw_text_ok(&sse->data) ? SW__SSE_OK : SW__SSE_NO_MEMORY;
}

static enum sw__sse_status set_type(struct sw__sse *sse, const char *value, size_t size)
{
	empty(&sse->type);
	sw_text_add(&sse->type, value, size);
	return sw_text_ok(&sse->type) ? SW__SSE_OK : SW__SSE_NO_MEMORY;
}

static enum sw__sse_status take_field(struct sw__sse *sse, const char *line, size_t size)
{
	const char *colon = memchr(line, ':', size);
	size_t name = colon ? (size_t)(colon - line) : size;
	const char *value = colon ? colon + 1 : line + size;
	size_t left = (size_t)(line + size - value);

	if (left && *value == ' ') {
		value++;
		left--;
	}
	if (is_field(line, name, "data"))
		return add_data(sse, value, left);
	if (is_field(line, name, "event"))
		return set_type(sse, value, left);
	/* A comment has an empty name. */
	if (name && !is_field(line, name, "id") && !is_field(line, name, "retry"))
		sse->foreign_lines++;
	return SW__SSE_OK;
}

static enum sw__sse_status take_line(struct sw__sse *sse, const char *line, size_t size,
				     sw__sse_take take, void *self)
{
	if (!sse->began) {
		size_t mark = sizeof(byte_order_mark) - 1;

		sse->began = true;
		if (size >= mark && memcmp(line, byte_order_mark, mark) == 0) {
			line += mark;
			size -= mark;
		}
	}
	return size ? take_field(sse, line, size) : dispatch(sse, take, self);
}

/* A line that ends here; its beginning may have come earlier. */
static enum sw__sse_status end_line(struct sw__sse *sse, const char *rest, size_t size,
				    sw__sse_take take, void *self)
{
	enum sw__sse_status st;

	if (!sse->line.size) /* the usual case: nothing to copy */
		return take_line(sse, rest, size, take, self);
	sw_text_add(&sse->line, rest, size);
	if (!sw_text_ok(&sse->line))
		return SW__SSE_NO_MEMORY;
	st = take_line(sse, sse->line.data, sse->line.size, take, self);
	empty(&sse->line);
	return st;
}

static size_t until_line_end(const char *bytes, size_t n)
{
	size_t i = 0;

	while (i < n && bytes[i] != '\n' && bytes[i] != '\r')
		i++;
	return i;
}

enum sw__sse_status sw__sse_feed(struct sw__sse *sse, const char *bytes, size_t n,
				 sw__sse_take take, void *self)
{
	enum sw__sse_status st = SW__SSE_OK;

	while (n && st == SW__SSE_OK) {
		size_t size;

		/* The second half of a CRLF, which may come alone. */
		if (sse->after_cr && *bytes == '\n') {
			sse->after_cr = false;
			bytes++;
			n--;
			continue;
		}
		sse->after_cr = false;
		size = until_line_end(bytes, n);
		if (sse->line.size + size > sse->size_max)
			return SW__SSE_TOO_LONG;
		if (size == n) {
			sw_text_add(&sse->line, bytes, n);
			return sw_text_ok(&sse->line) ? SW__SSE_OK : SW__SSE_NO_MEMORY;
		}
		sse->after_cr = bytes[size] == '\r';
		st = end_line(sse, bytes, size, take, self);
		bytes += size + 1;
		n -= size + 1;
	}
	return st;
}

void sw__sse_reset(struct sw__sse *sse)
{
	empty(&sse->line);
	empty(&sse->data);
	empty(&sse->type);
	sse->foreign_lines = 0;
	sse->after_cr = sse->began = sse->has_data = false;
}

void sw__sse_free(struct sw__sse *sse)
{
	sw_text_free(&sse->line);
	sw_text_free(&sse->data);
	sw_text_free(&sse->type);
}
