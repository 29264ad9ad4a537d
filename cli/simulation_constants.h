/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file simulation_constants.h
 * What the simulator assumes: every constant with its range and its origin.
 */
#ifndef SLICEWISE_CLI_SIMULATION_CONSTANTS_H
#define SLICEWISE_CLI_SIMULATION_CONSTANTS_H

#include <stdio.h>

#include "command.h"

void simulation_constants(enum format format, const struct style *style, FILE *out);

#endif
