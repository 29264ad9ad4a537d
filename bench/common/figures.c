// SPDX-License-Identifier: Apache-2.0
#include "common/figures.h"

#include <math.h>
#include <stdarg.h>

static FILE *open_in(const char *folder, const char *name, const char *ending)
{
	char path[4096];
	FILE *file = NULL;

	if (snprintf(path, sizeof(path), "%s/%s.%s", folder, name, ending) < (int)sizeof(path))
		file = fopen(path, "w");
	if (!file)
		(void)fprintf(stderr, "%s/%s.%s cannot be written\n", folder, name, ending);
	return file;
}

const char figures_columns[] = "section,row,metric,expected,found,error,limit,verdict";

bool figures_open(const char *folder, const char *name, const char *columns, struct figures *out)
{
	*out = (struct figures){.text = open_in(folder, name, "txt"),
				.csv = open_in(folder, name, "csv"),
				.section = ""};
	if (out->text && out->csv) {
		(void)fprintf(out->csv, "%s\n", columns);
		return true;
	}
	if (out->text)
		(void)fclose(out->text);
	if (out->csv)
		(void)fclose(out->csv);
	return false;
}

void figures_say(struct figures *figures, const char *format, ...)
{
	FILE *const both[] = {figures->text, stdout};

	for (int i = 0; i < 2; i++) {
		va_list arguments;

		va_start(arguments, format);
		(void)vfprintf(both[i], format, arguments);
		va_end(arguments);
		(void)fputc('\n', both[i]);
	}
	(void)fflush(stdout);
}

static void close_section(struct figures *f)
{
	if (f->held + f->missed > 0)
		figures_say(f, "  %u of %u limits held", f->held, f->held + f->missed);
	f->all_held += f->held;
	f->all_missed += f->missed;
	f->held = f->missed = 0;
}

bool figures_close(struct figures *figures)
{
	bool ok;

	close_section(figures);
	if (figures->all_held + figures->all_missed > 0)
		figures_say(figures, "\nAll together: %u of %u limits held", figures->all_held,
			    figures->all_held + figures->all_missed);
	ok = !ferror(figures->text) && !ferror(figures->csv);
	ok = fclose(figures->text) == 0 && ok;
	return fclose(figures->csv) == 0 && ok;
}

void figures_section(struct figures *figures, const char *section, const char *what)
{
	close_section(figures);
	figures_say(figures, "%s%s", figures->section[0] ? "\n" : "", what);
	figures->section = section;
}

static const char *judge(struct figures *f, double error, double limit)
{
	bool held = fabs(error) <= limit; /* false for NAN */

	if (isnan(limit))
		return "";
	f->held += held;
	f->missed += !held;
	return held ? "held" : "MISSED";
}

static void cell(FILE *csv, double x)
{
	if (isfinite(x))
		(void)fprintf(csv, ",%.6g", x);
	else
		(void)fputc(',', csv);
}

static void put_row(struct figures *f, const struct figure *figure, double error,
		    const char *verdict)
{
	(void)fprintf(f->csv, "%s,%s,%s", f->section, figure->row, figure->metric);
	cell(f->csv, figure->expected);
	cell(f->csv, figure->found);
	cell(f->csv, error);
	cell(f->csv, figure->limit);
	(void)fprintf(f->csv, ",%s\n", verdict);
}

void figures_add(struct figures *figures, const struct figure *figure)
{
	double error = figure->found / figure->expected - 1;
	const char *verdict = judge(figures, error, figure->limit);

	put_row(figures, figure, error, verdict);
	if (isnan(figure->limit))
		figures_say(figures, "  %-28s %-16s %10.5g (%.5g)  %+6.1f %%", figure->row,
			    figure->metric, figure->found, figure->expected, 100 * error);
	else
		figures_say(figures, "  %-28s %-16s %10.5g (%.5g)  %+6.1f %%, at most %.3g: %s",
			    figure->row, figure->metric, figure->found, figure->expected,
			    100 * error, 100 * figure->limit, verdict);
}

void figures_at_most(struct figures *figures, const char *row, const char *metric, double found,
		     double most)
{
	struct figure figure = {
		.row = row, .metric = metric, .expected = NAN, .found = found, .limit = most};
	const char *verdict = judge(figures, found, most);

	put_row(figures, &figure, NAN, verdict);
	if (isnan(most))
		figures_say(figures, "  %-28s %-16s %10.4g", row, metric, found);
	else
		figures_say(figures, "  %-28s %-16s %10.4g, at most %.4g: %s", row, metric, found,
			    most, verdict);
}
