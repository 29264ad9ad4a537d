/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file prometheus_read.h
 * Metrics of others in Prometheus' text format 0.0.4 (and what of OpenMetrics looks the same), sample by sample.
 */
#ifndef SLICEWISE_NET_PROMETHEUS_READ_H
#define SLICEWISE_NET_PROMETHEUS_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "net/prometheus.h"

enum { SW__SCRAPED_LABELS_MAX = 32 };

/** One line. Texts lie in the scraped text and are unescaped. */
struct sw__scraped {
	const char *name;
	size_t n_labels;
	struct sw__prometheus_label labels[SW__SCRAPED_LABELS_MAX];
	double value; /* NAN and infinities as they are written */
};

/** The value of a label; NULL where the sample has none of this name. */
const char *sw__scraped_label(const struct sw__scraped *sample, const char *name);

/**
 * Tell `sample` of every sample in `text`, which is cut up meanwhile. Comments, empty lines and timestamps are passed over.
 * Returns the number of lines that are none of the format (also those with more labels than there is room for).
 */
size_t sw__prometheus_read(char *text, void (*sample)(void *context, const struct sw__scraped *),
			   void *context);

#endif
