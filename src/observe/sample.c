// SPDX-License-Identifier: Apache-2.0
#include "observe/sample.h"

struct field_row {
	const char *name;
	size_t in_sample, in_window; /* offsets */
};

static const struct field_row field_rows[] = {
#define FIELD_ROW(bit, member)                               \
	{#member, offsetof(struct sw_device_sample, member), \
	 offsetof(struct sw_device_window, member)},
	SW_DEVICE_FIELD_LIST(FIELD_ROW)
#undef FIELD_ROW
};

double *sw__sample_field(struct sw_device_sample *sample, enum sw_device_field field)
{
	return (double *)((char *)sample + field_rows[field].in_sample);
}

double sw__sample_value(const struct sw_device_sample *sample, enum sw_device_field field)
{
	return *(const double *)((const char *)sample + field_rows[field].in_sample);
}

struct sw_field_summary *sw__window_field(struct sw_device_window *window,
					  enum sw_device_field field)
{
	return (struct sw_field_summary *)((char *)window + field_rows[field].in_window);
}

const char *sw__field_name(enum sw_device_field field)
{
	return field_rows[field].name;
}

struct sw_device_sample sw__sample_unknown(double time_s)
{
	struct sw_device_sample sample = {.time_s = time_s};

	for (unsigned i = 0; i < SW_DEVICE_FIELD_COUNT; i++)
		*sw__sample_field(&sample, (enum sw_device_field)i) = NAN;
	return sample;
}

void sw__sample_set(struct sw_device_sample *sample, enum sw_device_field field, double value)
{
	*sw__sample_field(sample, field) = value;
	sample->known |= 1u << (unsigned)field;
}
