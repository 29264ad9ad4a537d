/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file store_header.h
 * What the first hundred bytes of a file say of it, before SQLite is let near it.
 */
#ifndef SLICEWISE_DATASET_STORE_HEADER_H
#define SLICEWISE_DATASET_STORE_HEADER_H

#include <stdbool.h>

#include "base/error.h"

/**
 * Look at the file at `path`. SW_OK: its header is that of a whole data set of a version we know, which goes to *version.
 * SW_BAD_INPUT says what was found instead; SW_IO: there is none, or it cannot be read.
 */
enum sw_status sw__store_header(const char *path, int *version, struct sw_error *err);

/** Whether a journal lies beside the file: of a writer at work, or of one that was killed and left the file in between. */
bool sw__store_has_journal(const char *path);

#endif
