// SPDX-License-Identifier: Apache-2.0
#include "sim-accuracy/sections.h"
void section_cnns(const sw_catalog *catalog, struct figures *figures)
{
	(void)catalog;
	(void)figures;
}
