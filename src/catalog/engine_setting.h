/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file engine_setting.h
 * The option that makes an engine take just its budget.
 */
#ifndef SLICEWISE_CATALOG_ENGINE_SETTING_H
#define SLICEWISE_CATALOG_ENGINE_SETTING_H

#include "slicewise/catalog.h"

/** Fill setting and setting_value of a fit whose other members are there. */
void sw__engine_setting(const struct sw_engine *engine, struct sw_memory_fit *fit);

#endif
