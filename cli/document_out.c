// SPDX-License-Identifier: Apache-2.0
#include "document_out.h"

#include <math.h>

/* Beyond 2^53 a double no longer tells one whole number from the next. */
static const double WHOLE_MAX = 9007199254740992.0;

json_t *json_number(double x)
{
	if (!isfinite(x))
		return json_null();
	if (x == floor(x) && fabs(x) < WHOLE_MAX)
		return json_integer((json_int_t)x);
	return json_real(x);
}

void json_print(json_t *document, FILE *out)
{
	if (json_dumpf(document, out, JSON_INDENT(2) | JSON_REAL_PRECISION(NUMBER_DIGITS)) == 0)
		(void)fputc('\n', out);
	json_decref(document);
}
