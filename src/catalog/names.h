/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file names.h
 * The names of each enum in its order, NULL at the end: what SW_FIELD_CHOICE takes as `choices`.
 */
#ifndef SLICEWISE_CATALOG_NAMES_H
#define SLICEWISE_CATALOG_NAMES_H

#include "slicewise/catalog.h"

extern const char *const sw__dtype_names[];
extern const char *const sw__mechanism_names[];
extern const char *const sw__architecture_names[];
extern const char *const sw__family_names[];
extern const char *const sw__engine_names[];
extern const char *const sw__quantization_names[];

#endif
