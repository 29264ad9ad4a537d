// SPDX-License-Identifier: Apache-2.0
#include "net/prometheus_read.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *sw__scraped_label(const struct sw__scraped *sample, const char *name)
{
	for (size_t i = 0; i < sample->n_labels; i++) {
		if (strcmp(sample->labels[i].name, name) == 0)
			return sample->labels[i].value;
	}
	return NULL;
}

static bool is_name_start(char c)
{
	return isalpha((unsigned char)c) || c == '_' || c == ':';
}

static bool is_name(char c)
{
	return is_name_start(c) || isdigit((unsigned char)c);
}

static char *skip_blanks(char *at)
{
	return at + strspn(at, " \t");
}

/* The end of a name; NULL: none begins here. */
static char *name_end(char *at)
{
	if (!is_name_start(*at))
		return NULL;
	while (is_name(*at))
		at++;
	return at;
}

/* A quoted value, unescaped in place; *at moves behind the closing quote. */
static const char *read_quoted(char **at)
{
	char *from = *at + 1, *to = from, *value = from;

	if (**at != '"')
		return NULL;
	for (; *from && *from != '"'; from++) {
		if (*from == '\\' && from[1]) {
			from++;
			*to++ = *from == 'n' ? '\n' : *from;
		} else {
			*to++ = *from;
		}
	}
	if (*from != '"')
		return NULL;
	*at = from + 1;
	*to = '\0';
	return value;
}

/* name="value"; *at moves behind it. */
static bool read_label(char **at, struct sw__prometheus_label *out)
{
	char *end = name_end(*at), *quote;

	if (!end)
		return false;
	quote = skip_blanks(end);
	if (*quote != '=')
		return false;
	quote = skip_blanks(quote + 1);
	out->name = *at;
	out->value = read_quoted(&quote);
	*end = '\0';
	*at = quote;
	return out->value != NULL;
}

/* {a="b",c="d",}; *at stands behind the opening brace and moves behind the closing one. */
static bool read_labels(char **at, struct sw__scraped *s)
{
	*at = skip_blanks(*at);
	while (**at != '}') {
		if (s->n_labels == SW__SCRAPED_LABELS_MAX ||
		    !read_label(at, &s->labels[s->n_labels]))
			return false;
		s->n_labels++;
		*at = skip_blanks(*at);
		if (**at == ',')
			*at = skip_blanks(*at + 1);
		else if (**at != '}')
			return false;
	}
	++*at;
	return true;
}

/* A number as Go's ParseFloat takes it, hexadecimal left out. */
static bool read_value(char *at, double *out)
{
	char *end;

	at = skip_blanks(at);
	if (!*at || at[strspn(at, "+-")] == '\0' || strpbrk(at, "xX"))
		return false;
	*out = strtod(at, &end);
	return end != at && (*end == '\0' || *end == ' ' || *end == '\t');
}

static bool read_line(char *line, struct sw__scraped *s)
{
	char *end = name_end(line), *at;
	bool labels;

	if (!end)
		return false;
	at = skip_blanks(end);
	labels = *at == '{';
	s->name = line;
	s->n_labels = 0;
	if (!labels && at == end)
		return false; /* no blank before the value */
	at += labels;
	*end = '\0';
	if (labels && !read_labels(&at, s))
		return false;
	return read_value(at, &s->value);
}

size_t sw__prometheus_read(char *text, void (*sample)(void *context, const struct sw__scraped *),
			   void *context)
{
	struct sw__scraped s;
	size_t bad = 0;

	while (text && *text) {
		char *next = strchr(text, '\n'), *line = skip_blanks(text);

		if (next)
			*next++ = '\0';
		line[strcspn(line, "\r")] = '\0';
		if (*line && *line != '#') {
			if (read_line(line, &s))
				sample(context, &s);
			else
				bad++;
		}
		text = next;
	}
	return bad;
}
