// SPDX-License-Identifier: Apache-2.0
/* The names that files use, from the lists of types.h. */
#include "catalog/names.h"

#define NAME(constant, id)         id,
#define NAME_OF_3(constant, id, x) id,

const char *const sw__dtype_names[] = {SW_DTYPE_LIST(NAME_OF_3) NULL};
const char *const sw__mechanism_names[] = {SW_MECHANISM_LIST(NAME) NULL};
const char *const sw__architecture_names[] = {SW_ARCHITECTURE_LIST(NAME) NULL};
const char *const sw__family_names[] = {SW_FAMILY_LIST(NAME) NULL};
const char *const sw__engine_names[] = {SW_ENGINE_LIST(NAME) NULL};
const char *const sw__quantization_names[] = {SW_QUANTIZATION_LIST(NAME_OF_3) NULL};

static const char *name_of(const char *const *names, unsigned i, unsigned count)
{
	return i < count ? names[i] : "?";
}

const char *sw_dtype_name(enum sw_dtype dtype)
{
	return name_of(sw__dtype_names, dtype, SW_DTYPE_COUNT);
}

const char *sw_mechanism_name(enum sw_mechanism mechanism)
{
	return name_of(sw__mechanism_names, mechanism, SW_MECHANISM_COUNT);
}

const char *sw_architecture_name(enum sw_architecture architecture)
{
	return name_of(sw__architecture_names, architecture, SW_ARCHITECTURE_COUNT);
}

const char *sw_family_name(enum sw_family family)
{
	return name_of(sw__family_names, family, SW_FAMILY_COUNT);
}

const char *sw_engine_name(enum sw_engine_kind kind)
{
	return name_of(sw__engine_names, kind, SW_ENGINE_COUNT);
}

const char *sw_quantization_name(enum sw_quantization quantization)
{
	return name_of(sw__quantization_names, quantization, SW_QUANTIZATION_COUNT);
}

double sw_dtype_bytes(enum sw_dtype dtype)
{
#define BYTES(constant, id, bytes) bytes,
	static const double bytes[] = {SW_DTYPE_LIST(BYTES)};
#undef BYTES

	return (unsigned)dtype < SW_DTYPE_COUNT ? bytes[dtype] : NAN;
}
