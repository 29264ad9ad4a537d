/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mix_read.h
 * Mixes out of documents: of mix files, and of the GPUs of plan files.
 */
#ifndef SLICEWISE_PREDICT_MIX_READ_H
#define SLICEWISE_PREDICT_MIX_READ_H

#include "formats/document.h"
#include "slicewise/predict.h"

/** sw_mix_load() of a document's root; `path` is the file it was read from. */
enum sw_status sw__mix_read(const sw_catalog *catalog, const char *path, const struct sw_node *root,
			    struct sw_mix **out, struct sw_error *err);

/**
 * The mix of a run that was measured, JSON called `name` in messages: as a mix file, but of any mechanism, with GPUs and models
 * that may be described in full (catalog/described.h) and lengths that may be means, and without a judgement of what was so:
 * shares and memory are believed, and a model may not fit by our reckoning. Paths are best absolute; others are beside `name`.
 */
enum sw_status sw__mix_parse(const sw_catalog *catalog, const char *text, const char *name,
			     struct sw_mix **out, struct sw_error *err);

/**
 * Judge the tenants of a mix together and settle what they leave open: shares, what MIG can cut, who gets which memory,
 * the engines' own defaults, and that each model fits. `tenants` is the list they were read from, in `path`. What is
 * worth a word goes to mix->warning. SW_BAD_INPUT, SW_INFEASIBLE, SW_NO_MEMORY.
 */
enum sw_status sw__mix_check(const struct sw_node *tenants, const char *path, struct sw_mix *mix,
			     struct sw_error *err);

#endif
