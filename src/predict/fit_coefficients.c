// SPDX-License-Identifier: Apache-2.0
#include "predict/fit_coefficients.h"

const struct sw__fit_coefficient sw__shared_coefficients[SW__SHARED_COUNT] = {
#define ROW(name, unit, value, spread, lowest, highest, meaning, origin) \
	{#name, unit, value, spread, lowest, highest, meaning, origin},
	SW__SHARED_COEFFICIENT_LIST(ROW)};

const struct sw__fit_coefficient sw__model_coefficients[SW__MODEL_COUNT] = {
	SW__MODEL_COEFFICIENT_LIST(ROW)
#undef ROW
};

struct sw__shared_values sw__shared_unmeasured(void)
{
	struct sw__shared_values v;

	for (int i = 0; i < SW__SHARED_COUNT; i++)
		v.at[i] = sw__shared_coefficients[i].value;
	return v;
}

struct sw__model_values sw__model_unmeasured(void)
{
	struct sw__model_values v;

	for (int i = 0; i < SW__MODEL_COUNT; i++)
		v.at[i] = sw__model_coefficients[i].value;
	return v;
}
