/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file lookup.h
 * GPUs and models that the command line names: by id, or by the path of a file, which must be readable (SW_IO).
 */
#ifndef SLICEWISE_CLI_LOOKUP_H
#define SLICEWISE_CLI_LOOKUP_H

#include <jansson.h>
#include <stdbool.h>

#include "slicewise/slicewise.h"

/** Whether a name is a path: it has a '/' or ends in ".json". */
bool lookup_is_path(const char *name);

enum sw_status lookup_gpu(const sw_catalog *catalog, const char *name, struct sw_gpu *out,
			  struct sw_error *err);
enum sw_status lookup_model(const sw_catalog *catalog, const char *name, struct sw_model *out,
			    struct sw_error *err);

/** The JSON file at `path` for what the library does not keep of it (notes, sources); NULL where it is none. */
json_t *lookup_json(const char *path);

/** What a name of either kind stands for. */
enum lookup_kind { LOOKUP_GPU, LOOKUP_MODEL };

/** Which kind `name` is. SW_BAD_INPUT names the nearest id; SW_IO: a path that cannot be read. */
enum sw_status lookup_kind(const sw_catalog *catalog, const char *name, enum lookup_kind *out,
			   struct sw_error *err);

#endif
