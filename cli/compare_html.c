// SPDX-License-Identifier: Apache-2.0
/* A comparison as a page: the figure, then the tables. */
#include "compare_views.h"
#include "html_page.h"
#include "output.h"

enum sw_status comparison_save_html(const struct comparison_view *view, const char *path,
				    struct sw_error *err)
{
	struct output output;

	output_open(&output);
	html_begin(output.stream, "Strategies side by side");
	(void)fputs("<figure>\n", output.stream);
	comparison_draw(view, output.stream);
	(void)fputs("</figure>\n", output.stream);
	comparison_html(view, output.stream);
	html_end(output.stream);
	return output_close(&output, path, err);
}

enum sw_status curve_save_html(const struct curve_view *view, const char *path,
			       struct sw_error *err)
{
	struct output output;

	output_open(&output);
	html_begin(output.stream, "Strategies side by side, by load");
	(void)fputs("<figure>\n", output.stream);
	curve_draw(view, output.stream);
	(void)fputs("</figure>\n", output.stream);
	curve_html(view, output.stream);
	html_end(output.stream);
	return output_close(&output, path, err);
}
