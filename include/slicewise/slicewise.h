/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file slicewise.h
 * All of the public interface. Threads: objects are not locked; different objects may be used by different threads, and
 * a `const` object by several at once. Numbers in files are read and written by the C library's rules, so a program that
 * calls setlocale() keeps LC_NUMERIC at "C".
 */
#ifndef SLICEWISE_SLICEWISE_H
#define SLICEWISE_SLICEWISE_H

#include "slicewise/apply.h"
#include "slicewise/catalog.h"
#include "slicewise/compare.h"
#include "slicewise/dataset.h"
#include "slicewise/drive.h"
#include "slicewise/emulate.h"
#include "slicewise/fit.h"
#include "slicewise/observe.h"
#include "slicewise/plan.h"
#include "slicewise/predict.h"
#include "slicewise/profile.h"
#include "slicewise/replan.h"
#include "slicewise/simulate.h"
#include "slicewise/status.h"
#include "slicewise/step.h"
#include "slicewise/types.h"
#include "slicewise/validate.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The library's version, such as "0.1.0". */
SW_API const char *sw_version(void);

/* For programs. */

/**
 * Write `size` bytes to `path`, whole or not at all: readers see the old file or the new one. SW_IO: it cannot be written;
 * the old file is as it was.
 */
SW_API enum sw_status sw_file_replace(const char *path, const char *bytes, size_t size,
				      struct sw_error *err);

/** The one of `n` words that `word` was probably meant to be (few letters differ), for "did you mean"; NULL: none. */
SW_API const char *sw_nearest(const char *word, const char *const *words, size_t n);

#ifdef __cplusplus
}
#endif

#endif
