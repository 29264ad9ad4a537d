/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file file.h
 * Whole files in, whole files out. Reading refuses what is absurdly large; writing is all or nothing.
 */
#ifndef SLICEWISE_BASE_FILE_H
#define SLICEWISE_BASE_FILE_H

#include "base/text.h"

/**
 * Append the content of `path` to `*out` (gzip is unpacked by its content, not by its name).
 *
 * SW_IO: it cannot be opened or read; SW_BAD_INPUT: larger than `max_bytes` once unpacked, or damaged. On failure *out is as
 * before.
 */
enum sw_status sw_file_read(const char *path, size_t max_bytes, struct sw_text *out,
			    struct sw_error *err);

/**
 * Write `size` bytes to `path`: to a temporary name in the same folder, synced, renamed. Readers see the old file or the
 * new one, never a part; on failure the old file stays and the temporary one is gone. The permissions of an old file stay;
 * of a link, the file it points to is replaced.
 */
enum sw_status sw_file_write(const char *path, const char *bytes, size_t size,
			     struct sw_error *err);

/** `path` itself if absolute, else beside the file `beside`; into `out`, the caller's. SW_NO_MEMORY only. */
enum sw_status sw_file_beside(const char *beside, const char *path, struct sw_text *out,
			      struct sw_error *err);

#endif
