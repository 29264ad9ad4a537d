// SPDX-License-Identifier: Apache-2.0
#include "formats/fields_write.h"

#include <math.h>

/* Beyond 2^53 a double no longer tells one whole number from the next. */
static const double whole_max = 9007199254740992.0;

json_t *sw__number_json(double x)
{
	if (!isfinite(x))
		return NULL;
	if (x == floor(x) && fabs(x) < whole_max)
		return json_integer((json_int_t)x);
	return json_real(x);
}

void sw__put_json(json_t *object, const char *key, json_t *value, bool *ok)
{
	if (json_object_set_new(object, key, value) != 0)
		*ok = false;
}

/* Whether the member says something that reading would not assume anyway. */
static bool is_said(const struct sw_field *field, const void *member, unsigned given)
{
	if (field->type == SW_FIELD_CALL || (field->given_bit && !(given & field->given_bit)))
		return false;
	if (field->type == SW_FIELD_NUMBER)
		return isfinite(*(const double *)member);
	return field->type != SW_FIELD_NAME || *(const char *)member;
}

static json_t *value_json(const struct sw_field *field, const void *member)
{
	switch (field->type) {
	case SW_FIELD_NUMBER:
		return sw__number_json(*(const double *)member);
	case SW_FIELD_UINT:
		return json_integer(*(const unsigned *)member);
	case SW_FIELD_BOOL:
		return json_boolean(*(const bool *)member);
	case SW_FIELD_NAME:
		return json_string(member);
	case SW_FIELD_CHOICE:
		return json_string(field->choices[*(const int *)member]);
	default:
		return NULL;
	}
}

json_t *sw__fields_json(const struct sw_field *fields, size_t n, const void *from, unsigned given,
			bool *ok)
{
	json_t *object = json_object();

	for (size_t i = 0; i < n; i++) {
		const void *member = (const char *)from + fields[i].offset;

		if (is_said(&fields[i], member, given))
			sw__put_json(object, fields[i].key, value_json(&fields[i], member), ok);
	}
	if (!object)
		*ok = false;
	return object;
}
