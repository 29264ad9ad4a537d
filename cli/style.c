// SPDX-License-Identifier: Apache-2.0
#include "style.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Colours of the terminal's own palette, so that they suit its background. */
static const char *const tones[TONE_COUNT] = {
	[TONE_PLAIN] = "",           [TONE_STRONG] = "\033[1m",   [TONE_DIM] = "\033[2m",
	[TONE_GOOD] = "\033[32m",    [TONE_BAD] = "\033[1;31m",   [TONE_HUE] = "\033[36m",
	[TONE_HUE + 1] = "\033[35m", [TONE_HUE + 2] = "\033[33m", [TONE_HUE + 3] = "\033[34m",
};

enum tone tone_of(size_t i)
{
	return (enum tone)(TONE_HUE + i % TONE_HUES);
}

static bool is_set(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value;
}

struct style style_detect(void)
{
	const char *terminal = getenv("TERM");
	struct style style = {false, false};

	if (!isatty(STDOUT_FILENO))
		return style;
	style.colour = !is_set("NO_COLOR") && terminal && strcmp(terminal, "dumb") != 0;
	if (setlocale(LC_CTYPE, ""))
		style.unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	return style;
}

const char *style_on(const struct style *style, enum tone tone)
{
	return style->colour ? tones[tone] : "";
}

const char *style_off(const struct style *style, enum tone tone)
{
	return style->colour && tone != TONE_PLAIN ? "\033[0m" : "";
}

void style_rule(const struct style *style, size_t width, FILE *out)
{
	for (size_t i = 0; i < width; i++)
		(void)fputs(style->unicode ? "─" : "-", out);
}

void text_plain(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == '\x7f')
			*text = '?';
	}
}

static bool begins_character(char c)
{
	return (c & 0xc0) != 0x80;
}

size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += begins_character(*text);
	return width;
}

size_t text_prefix(const char *text, size_t columns)
{
	size_t bytes = 0, width = 0;

	for (; text[bytes]; bytes++) {
		if (begins_character(text[bytes]) && width++ == columns)
			break;
	}
	return bytes;
}

void text_wrap(const char *text, size_t at, size_t indent, size_t width, FILE *out)
{
	size_t column = at;
	bool first = true;

	for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
		size_t word = strcspn(text, " ");

		if (!first && column + 1 + word > width) {
			(void)fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!first) {
			(void)fputc(' ', out);
			column++;
		}
		(void)fprintf(out, "%.*s", (int)word, text);
		column += word;
		text += word;
		first = false;
	}
	(void)fputc('\n', out);
}
