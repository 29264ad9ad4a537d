/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file prometheus.h
 * Metrics in Prometheus' text format 0.0.4, number by number as the Python client writes them, so that a label such as
 * le="1.0" is the same string that vLLM's own endpoint shows.
 *
 *     sw__prometheus_family(&text, "x_seconds", SW__PROMETHEUS_HISTOGRAM, "How long x took.");
 *     sw__prometheus_histogram(&text, "x_seconds", labels, n, &histogram);
 *
 * Everything is appended to a struct sw_text, which remembers whether memory ran out.
 */
#ifndef SLICEWISE_NET_PROMETHEUS_H
#define SLICEWISE_NET_PROMETHEUS_H

#include <stdint.h>

#include "base/text.h"

#define SW__PROMETHEUS_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum sw__prometheus_kind { SW__PROMETHEUS_COUNTER, SW__PROMETHEUS_GAUGE, SW__PROMETHEUS_HISTOGRAM };

struct sw__prometheus_label {
	const char *name, *value; /* the value is escaped on its way out */
};

/** The lines HELP and TYPE. A counter's name ends in "_total". */
void sw__prometheus_family(struct sw_text *out, const char *name, enum sw__prometheus_kind kind,
			   const char *help);

/** One sample of a counter or a gauge. */
void sw__prometheus_sample(struct sw_text *out, const char *name,
			   const struct sw__prometheus_label *labels, size_t n, double value);

enum { SW__HISTOGRAM_BOUNDS_MAX = 32 };

/** Counts by bucket. A value: copy it freely; `bounds` is borrowed. */
struct sw__histogram {
	const double *bounds; /* increasing; +Inf is not among them */
	size_t n; /* of bounds, at most SW__HISTOGRAM_BOUNDS_MAX */
	uint64_t counts[SW__HISTOGRAM_BOUNDS_MAX + 1]; /* of each bucket alone; the last: above */
	double sum;
};

/** Empty; `n` beyond SW__HISTOGRAM_BOUNDS_MAX are left out. */
void sw__histogram_init(struct sw__histogram *histogram, const double *bounds, size_t n);

/** One more value; a bound belongs to the bucket below it. NAN counts above all bounds and not in the sum. */
void sw__histogram_observe(struct sw__histogram *histogram, double value);

uint64_t sw__histogram_count(const struct sw__histogram *histogram);

/** The samples _bucket, _sum and _count, cumulative as the format wants them. At most 8 labels. */
void sw__prometheus_histogram(struct sw_text *out, const char *name,
			      const struct sw__prometheus_label *labels, size_t n,
			      const struct sw__histogram *histogram);

/** A number as the format has it: the shortest digits that read back the same, "1.0", "1e+06", "+Inf", "NaN". */
void sw__prometheus_number(struct sw_text *out, double value);

#endif
