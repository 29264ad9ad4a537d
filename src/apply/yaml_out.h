/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file yaml_out.h
 * A JSON tree as YAML for people: block style, keys in the order of the tree, strings quoted where they would be read as something else.
 */
#ifndef SLICEWISE_APPLY_YAML_OUT_H
#define SLICEWISE_APPLY_YAML_OUT_H

#include <jansson.h>

#include "base/text.h"

/** One document, begun by "---"; appended to `out`, which remembers whether memory ran out. */
void sw__yaml_write(const json_t *tree, struct sw_text *out);

#endif
