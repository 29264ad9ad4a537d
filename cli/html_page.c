// SPDX-License-Identifier: Apache-2.0
#include "html_page.h"

static const char style[] =
	":root{color-scheme:light dark;--ink:#1c1c1c;--page:#fff;--rule:#d5d5d5;--bad:#b3261e}\n"
	"@media(prefers-color-scheme:dark){:root{--ink:#e4e4e4;--page:#161616;--rule:#444;"
	"--bad:#ff8a80}}\n"
	"body{margin:2rem auto;padding:0 1rem;max-width:70rem;font:1rem/1.5 sans-serif;"
	"color:var(--ink);background:var(--page)}\n"
	"h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}p{max-width:60rem}\n"
	"figure{margin:1rem 0}svg{width:100%;height:auto}.wide{overflow-x:auto}\n"
	"table{border-collapse:collapse;font-variant-numeric:tabular-nums}\n"
	"caption{text-align:left;font-weight:bold;padding:.4rem 0}\n"
	"th,td{padding:.2rem .6rem;border-bottom:1px solid var(--rule);text-align:right}\n"
	".text{text-align:left}.bad{color:var(--bad);font-weight:bold}\n";

void html_escaped(FILE *html, const char *text)
{
	for (; *text; text++) {
		if (*text == '&')
			(void)fputs("&amp;", html);
		else if (*text == '<')
			(void)fputs("&lt;", html);
		else
			(void)fputc((unsigned char)*text < ' ' ? ' ' : *text, html);
	}
}

static void put_element(FILE *html, const char *name, const char *text)
{
	(void)fprintf(html, "<%s>", name);
	html_escaped(html, text);
	(void)fprintf(html, "</%s>\n", name);
}

void html_begin(FILE *html, const char *title)
{
	(void)fputs("<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n"
		    "<head>\n<meta charset=\"utf-8\"/>\n"
		    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n",
		    html);
	put_element(html, "title", title);
	(void)fprintf(html, "<style>\n%s</style>\n</head>\n<body>\n<main>\n", style);
	put_element(html, "h1", title);
}

void html_end(FILE *html)
{
	(void)fputs("</main>\n</body>\n</html>\n", html);
}

void html_heading(FILE *html, const char *text)
{
	put_element(html, "h2", text);
}

void html_paragraph(FILE *html, const char *text)
{
	put_element(html, "p", text);
}
