/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file relative_path.h
 * Paths on their way into a file, where names are relative to that file.
 */
#ifndef SLICEWISE_BASE_RELATIVE_PATH_H
#define SLICEWISE_BASE_RELATIVE_PATH_H

#include "base/text.h"

/**
 * How `path`, relative to the working directory, is written into the file `into`, so that sw_file_beside() of the two is
 * the same file again: appended to *out. An absolute path stays; so does any path where `into` is in the working directory,
 * is no file (a pipe), or has no folder yet. SW_NO_MEMORY only.
 */
enum sw_status sw_file_path_for(const char *into, const char *path, struct sw_text *out,
				struct sw_error *err);

#endif
