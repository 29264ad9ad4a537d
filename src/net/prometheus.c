// SPDX-License-Identifier: Apache-2.0
#include "net/prometheus.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Digits after which every double reads back as itself. */
enum { DIGITS_MAX = 17, LABELS_MAX = 8 };

/* From here on the Python client writes an exponent, and so do we: labels are compared as strings. */
static const double EXPONENT_FROM = 1e6;

static const char *const kinds[] = {"counter", "gauge", "histogram"};

static void put_escaped(struct sw_text *out, const char *text, const char *escaped)
{
	for (; *text; text++) {
		if (*text == '\n')
			sw_text_puts(out, "\\n");
		else if (strchr(escaped, *text))
			sw_text_addf(out, "\\%c", *text);
		else
			sw_text_add(out, text, 1);
	}
}

void sw__prometheus_family(struct sw_text *out, const char *name, enum sw__prometheus_kind kind,
			   const char *help)
{
	sw_text_addf(out, "# HELP %s ", name);
	put_escaped(out, help, "\\");
	sw_text_addf(out, "\n# TYPE %s %s\n", name, kinds[kind]);
}

/* The shortest "%.Ne" that reads back the same. */
static void shortest(double value, char *out, size_t capacity)
{
	for (int digits = 0; digits < DIGITS_MAX; digits++) {
		(void)snprintf(out, capacity, "%.*e", digits, value);
		if (strtod(out, NULL) == value)
			return;
	}
}

static void put_plain(struct sw_text *out, double value, const char *scientific)
{
	int exponent = (int)strtol(strchr(scientific, 'e') + 1, NULL, 10);
	int digits = (int)strcspn(scientific, "e") - (*scientific == '-');
	int decimals = (digits > 1 ? digits - 2 : 0) - exponent;

	sw_text_addf(out, "%.*f", decimals > 1 ? decimals : 1, value);
}

void sw__prometheus_number(struct sw_text *out, double value)
{
	char scientific[40];

	if (isnan(value)) {
		sw_text_puts(out, "NaN");
	} else if (isinf(value)) {
		sw_text_puts(out, value > 0 ? "+Inf" : "-Inf");
	} else if (value == 0) {
		sw_text_puts(out, "0.0");
	} else {
		shortest(value, scientific, sizeof(scientific));
		if (fabs(value) >= EXPONENT_FROM || fabs(value) < 1e-4)
			sw_text_puts(out, scientific);
		else
			put_plain(out, value, scientific);
	}
}

static void put_labels(struct sw_text *out, const struct sw__prometheus_label *labels, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		sw_text_addf(out, "%c%s=\"", i ? ',' : '{', labels[i].name);
		put_escaped(out, labels[i].value, "\\\"");
		sw_text_puts(out, "\"");
	}
	sw_text_puts(out, n ? "} " : " ");
}

void sw__prometheus_sample(struct sw_text *out, const char *name,
			   const struct sw__prometheus_label *labels, size_t n, double value)
{
	sw_text_puts(out, name);
	put_labels(out, labels, n);
	sw__prometheus_number(out, value);
	sw_text_puts(out, "\n");
}

void sw__histogram_init(struct sw__histogram *histogram, const double *bounds, size_t n)
{
	*histogram = (struct sw__histogram){
		.bounds = bounds,
		.n = n < SW__HISTOGRAM_BOUNDS_MAX ? n : SW__HISTOGRAM_BOUNDS_MAX,
	};
}

void sw__histogram_observe(struct sw__histogram *histogram, double value)
{
	size_t i = 0;

	while (i < histogram->n && !(value <= histogram->bounds[i]))
		i++;
	histogram->counts[i]++;
	if (!isnan(value))
		histogram->sum += value;
}

uint64_t sw__histogram_count(const struct sw__histogram *histogram)
{
	uint64_t count = 0;

	for (size_t i = 0; i <= histogram->n; i++)
		count += histogram->counts[i];
	return count;
}

static void put_buckets(struct sw_text *out, const char *name, struct sw__prometheus_label *labels,
			size_t n, const struct sw__histogram *histogram)
{
	struct sw_text bucket = {0}, bound = {0};
	uint64_t below = 0;

	sw_text_addf(&bucket, "%s_bucket", name);
	for (size_t i = 0; i <= histogram->n; i++) {
		bound.size = 0;
		sw__prometheus_number(&bound, i < histogram->n ? histogram->bounds[i] : INFINITY);
		labels[n] = (struct sw__prometheus_label){"le", sw_text_string(&bound)};
		below += histogram->counts[i];
		sw__prometheus_sample(out, sw_text_string(&bucket), labels, n + 1, (double)below);
	}
	out->failed |= !sw_text_ok(&bucket) || !sw_text_ok(&bound);
	sw_text_free(&bucket);
	sw_text_free(&bound);
}

static void put_part(struct sw_text *out, const char *name, const char *part,
		     const struct sw__prometheus_label *labels, size_t n, double value)
{
	sw_text_addf(out, "%s_%s", name, part);
	put_labels(out, labels, n);
	sw__prometheus_number(out, value);
	sw_text_puts(out, "\n");
}

void sw__prometheus_histogram(struct sw_text *out, const char *name,
			      const struct sw__prometheus_label *labels, size_t n,
			      const struct sw__histogram *histogram)
{
	struct sw__prometheus_label with_bound[LABELS_MAX + 1];

	n = n < LABELS_MAX ? n : LABELS_MAX;
	if (n)
		memcpy(with_bound, labels, n * sizeof(*labels));
	put_buckets(out, name, with_bound, n, histogram);
	put_part(out, name, "sum", labels, n, histogram->sum);
	put_part(out, name, "count", labels, n, (double)sw__histogram_count(histogram));
}
