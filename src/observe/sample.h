/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sample.h
 * The fields of a sample by number, so that reading, summing and writing are loops over one list.
 */
#ifndef SLICEWISE_OBSERVE_SAMPLE_H
#define SLICEWISE_OBSERVE_SAMPLE_H

#include "slicewise/observe.h"

/** Where a field of a sample or of a window is; `field` < SW_DEVICE_FIELD_COUNT. */
double *sw__sample_field(struct sw_device_sample *sample, enum sw_device_field field);
double sw__sample_value(const struct sw_device_sample *sample, enum sw_device_field field);
struct sw_field_summary *sw__window_field(struct sw_device_window *window,
					  enum sw_device_field field);

/** The name of a field, as its CSV column. */
const char *sw__field_name(enum sw_device_field field);

/** A sample that knows nothing. */
struct sw_device_sample sw__sample_unknown(double time_s);

/** Give a field its value and its bit. */
void sw__sample_set(struct sw_device_sample *sample, enum sw_device_field field, double value);

#endif
