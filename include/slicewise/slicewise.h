/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file slicewise.h
 * All of the public interface. Threads: objects are not locked; different objects may be used by different threads, and
 * a `const` object by several at once.
 */
#ifndef SLICEWISE_SLICEWISE_H
#define SLICEWISE_SLICEWISE_H

#include "slicewise/catalog.h"
#include "slicewise/plan.h"
#include "slicewise/predict.h"
#include "slicewise/status.h"
#include "slicewise/step.h"
#include "slicewise/types.h"
#include "slicewise/validate.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The library's version, such as "0.1.0". */
SW_API const char *sw_version(void);

#ifdef __cplusplus
}
#endif

#endif
