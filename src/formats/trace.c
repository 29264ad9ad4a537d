// SPDX-License-Identifier: Apache-2.0
#include "formats/trace.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/csv.h"
#include "math/ordered.h"

/* Arrivals are kept as whole nanoseconds until the first one is subtracted: seconds since 1970 in a double would lose
 * the seventh digit of Azure's timestamps. */
enum { NS_PER_MS = 1000000, NS_PER_S = 1000000000, FRACTION_DIGITS = 9 };
enum { FIRST_YEAR = 1970, LAST_YEAR = 2200 }; /* 64 bits of nanoseconds end in 2262 */
static const double ms_max =
	8e12; /* milliseconds since 1970: the year 2223; the same end of 64 bits */

struct arrival {
	int64_t ns;
	double prompt, output;
	size_t row;
};

enum trace_form { TRACE_MILLISECONDS, TRACE_POINTS_IN_TIME };

static const struct {
	enum trace_form form;
	const char *header;
} forms[] = {
	{TRACE_MILLISECONDS, "timestamp_ms,input_tokens,output_tokens"},
	{TRACE_POINTS_IN_TIME, "TIMESTAMP,ContextTokens,GeneratedTokens"},
};

/* Days from 1970-01-01 in the Gregorian calendar; years count from March so that the leap day comes last. */
static int64_t days_since_1970(int year, int month, int day)
{
	static const int days_before[] = {0, 31, 61, 92, 122, 153, 184, 214, 245, 275, 306, 337};
	static const int64_t march_0000_to_1970 = 719468;
	int y = month < 3 ? year - 1 : year;

	return 365 * (int64_t)y + y / 4 - y / 100 + y / 400 + days_before[(month + 9) % 12] + day -
	       1 - march_0000_to_1970;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool valid_date(int year, int month, int day)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return year >= FIRST_YEAR && year <= LAST_YEAR && month >= 1 && month <= 12 && day >= 1 &&
	       day <= days[month - 1] + (month == 2 && is_leap(year));
}

/* `count` digits at *at as a number; -1 where one is missing. */
static int digits(const char **at, int count)
{
	int value = 0;

	for (int i = 0; i < count; i++, (*at)++) {
		if (!isdigit((unsigned char)**at))
			return -1;
		value = value * 10 + (**at - '0');
	}
	return value;
}

/* By `pattern`: '0' two digits, '4' four digits, ' ' a blank or T, anything else itself. */
static bool fields_of(const char **at, const char *pattern, int *fields)
{
	for (; *pattern; pattern++) {
		if (*pattern == '0' || *pattern == '4') {
			*fields = digits(at, *pattern == '4' ? 4 : 2);
			if (*fields++ < 0)
				return false;
		} else {
			if (**at != *pattern && !(*pattern == ' ' && **at == 'T'))
				return false;
			(*at)++;
		}
	}
	return true;
}

/* An optional ".1234567" in nanoseconds; -1 where it is malformed. */
static int64_t fraction_ns(const char **at)
{
	int64_t ns = 0;
	int n = 0;

	if (**at != '.')
		return 0;
	for ((*at)++; isdigit((unsigned char)**at) && n < FRACTION_DIGITS; (*at)++, n++)
		ns = ns * 10 + (**at - '0');
	if (n == 0)
		return -1;
	for (; n < FRACTION_DIGITS; n++)
		ns *= 10;
	return ns;
}

/* All times of a file are taken in one zone, so only that a zone is well-formed matters, and that it is UTC. */
static bool point_in_time(const char *text, int64_t *ns)
{
	enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, FIELDS };
	int f[FIELDS];
	int64_t fraction;

	if (!fields_of(&text, "4-0-0 0:0:0", f) || !valid_date(f[YEAR], f[MONTH], f[DAY]) ||
	    f[HOUR] > 23 || f[MINUTE] > 59 || f[SECOND] > 60)
		return false;
	fraction = fraction_ns(&text);
	if (fraction < 0 || (*text && strcmp(text, "Z") != 0 && strcmp(text, "+00:00") != 0))
		return false;
	*ns = ((days_since_1970(f[YEAR], f[MONTH], f[DAY]) * 24 + f[HOUR]) * 3600 + f[MINUTE] * 60 +
	       f[SECOND]) *
		      NS_PER_S +
	      fraction;
	return true;
}

static enum sw_status read_time(const struct sw_csv *table, enum trace_form form, size_t row,
				int64_t *ns, struct sw_error *err)
{
	static const struct sw_csv_range range = {0, ms_max, false, "ms"};
	enum sw_status st;
	double ms;

	if (form == TRACE_POINTS_IN_TIME) {
		if (!point_in_time(sw_csv_cell(table, row, 0), ns))
			return sw_csv_refuse(table, row, 0, err,
					     "a point in time such as 2023-11-16 18:15:46.6805900");
		return SW_OK;
	}
	st = sw_csv_required(table, row, 0, &range, &ms, err);
	if (st == SW_OK)
		*ns = llround(ms * NS_PER_MS);
	return st;
}

static enum sw_status read_tokens(const struct sw_csv *table, size_t row, size_t column,
				  double *tokens, struct sw_error *err)
{
	static const struct sw_csv_range range = {0, SW__TOKENS_MAX, false, "tokens"};
	enum sw_status st = sw_csv_required(table, row, column, &range, tokens, err);

	if (st != SW_OK)
		return st;
	if (*tokens != floor(*tokens))
		return sw_csv_refuse(table, row, column, err, "a whole number of tokens");
	*tokens = fmax(1, *tokens);
	return SW_OK;
}

static enum sw_status read_row(const struct sw_csv *table, enum trace_form form, size_t row,
			       struct arrival *arrival, struct sw_error *err)
{
	enum sw_status st = read_time(table, form, row, &arrival->ns, err);

	arrival->row = row;
	if (st == SW_OK)
		st = read_tokens(table, row, 1, &arrival->prompt, err);
	if (st == SW_OK)
		st = read_tokens(table, row, 2, &arrival->output, err);
	return st;
}

static int by_time(const void *a, const void *b)
{
	const struct arrival *x = a, *y = b;

	if (x->ns != y->ns)
		return x->ns < y->ns ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

static struct sw_trace *new_trace(const char *path, size_t n)
{
	struct sw_trace *trace = calloc(1, sizeof(*trace));

	if (!trace)
		return NULL;
	trace->n = n;
	trace->path = strdup(path);
	trace->arrival_s = calloc(n, sizeof(double));
	trace->prompt_tokens = calloc(n, sizeof(double));
	trace->output_tokens = calloc(n, sizeof(double));
	if (trace->path && trace->arrival_s && trace->prompt_tokens && trace->output_tokens)
		return trace;
	sw__trace_free(trace);
	return NULL;
}

void sw__trace_free(struct sw_trace *trace)
{
	if (!trace)
		return;
	free(trace->path);
	free(trace->arrival_s);
	free(trace->prompt_tokens);
	free(trace->output_tokens);
	free(trace);
}

static enum sw_status find_form(const struct sw_csv *table, enum trace_form *form,
				struct sw_error *err)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (sw_csv_header_is(table, forms[i].header)) {
			*form = forms[i].form;
			return SW_OK;
		}
	}
	return sw_fail(err, SW_BAD_INPUT, "%s:%d: expected the header %s or %s", table->name,
		       table->lines[0], forms[0].header, forms[1].header);
}

static enum sw_status fill(struct arrival *arrivals, const struct sw_csv *table,
			   struct sw_trace **out, struct sw_error *err)
{
	size_t n = table->n_rows;
	struct sw_trace *trace;

	qsort(arrivals, n, sizeof(*arrivals), by_time);
	if (arrivals[0].ns == arrivals[n - 1].ns)
		return sw_fail(err, SW_BAD_INPUT,
			       "%s: found %zu requests at one time, expected at least two times",
			       table->name, n);
	trace = new_trace(table->name, n);
	if (!trace)
		return sw_fail(err, SW_NO_MEMORY, "%s: %zu requests", table->name, n);
	for (size_t i = 0; i < n; i++) {
		trace->arrival_s[i] = (double)(arrivals[i].ns - arrivals[0].ns) / NS_PER_S;
		trace->prompt_tokens[i] = arrivals[i].prompt;
		trace->output_tokens[i] = arrivals[i].output;
	}
	*out = trace;
	return SW_OK;
}

static enum sw_status from_table(const struct sw_csv *table, struct sw_trace **out,
				 struct sw_error *err)
{
	enum trace_form form = TRACE_MILLISECONDS;
	enum sw_status st = find_form(table, &form, err);
	struct arrival *arrivals;

	if (st != SW_OK)
		return st;
	if (table->n_rows < 2)
		return sw_fail(err, SW_BAD_INPUT, "%s: found %zu requests, expected at least two",
			       table->name, table->n_rows);
	arrivals = calloc(table->n_rows, sizeof(*arrivals));
	if (!arrivals)
		return sw_fail(err, SW_NO_MEMORY, "%s: %zu requests", table->name, table->n_rows);
	for (size_t row = 0; st == SW_OK && row < table->n_rows; row++)
		st = read_row(table, form, row, &arrivals[row], err);
	if (st == SW_OK)
		st = fill(arrivals, table, out, err);
	free(arrivals);
	return st;
}

enum sw_status sw__trace_load(const char *path, struct sw_trace **out, struct sw_error *err)
{
	struct sw_csv *table;
	enum sw_status st = sw_csv_load(path, &table, err);

	*out = NULL;
	if (st == SW_OK)
		st = from_table(table, out, err);
	sw_csv_free(table);
	return st;
}

double sw__trace_rate(const struct sw_trace *trace)
{
	return (double)(trace->n - 1) / trace->arrival_s[trace->n - 1];
}

double sw__trace_burstiness(const struct sw_trace *trace)
{
	double n = (double)(trace->n - 1);
	double mean = trace->arrival_s[trace->n - 1] / n;
	double squares = 0;

	for (size_t i = 1; i < trace->n; i++) {
		double off = trace->arrival_s[i] - trace->arrival_s[i - 1] - mean;

		squares += off * off;
	}
	return sqrt(squares / n) / mean;
}

enum sw_status sw__trace_lengths(const double *tokens, size_t n, struct sw_length *out,
				 struct sw_error *err)
{
	double *sorted = calloc(n, sizeof(*sorted));
	double sum = 0;

	if (!sorted)
		return sw_fail(err, SW_NO_MEMORY, "%zu lengths", n);
	memcpy(sorted, tokens, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), sw__ascending);
	for (size_t k = 0; k < n; k++)
		sum += sorted[k];
	out->mean = sum / (double)n;
	out->p95 = sorted[0] == sorted[n - 1] ? NAN : sw__sorted_quantile(sorted, n, 0.95);
	free(sorted);
	return SW_OK;
}
