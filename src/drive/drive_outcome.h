/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file drive_outcome.h
 * How a request ended: from how its exchange ended and what its answer was.
 */
#ifndef SLICEWISE_DRIVE_DRIVE_OUTCOME_H
#define SLICEWISE_DRIVE_DRIVE_OUTCOME_H

#include "drive/answer.h"
#include "net/http_client.h"
#include "slicewise/drive.h"

enum sw_drive_outcome sw__drive_outcome(const struct sw__http_end *end,
					const struct sw__answer *answer);

#endif
