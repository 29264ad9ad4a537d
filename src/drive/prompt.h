/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file prompt.h
 * The body of a request: a prompt of the wanted length that no other request has, and the wish for an exact number of tokens.
 *
 * Two prompts of a run differ in their first two tokens, and after them at random, so that a prefix cache finds nothing. Where a
 * fraction of the prompt is to be found, that fraction is the beginning of one text that all requests share. `salt` makes
 * the prompts of a run: the same bytes from the same salt, others in the next run, whose server may remember this one.
 */
#ifndef SLICEWISE_DRIVE_PROMPT_H
#define SLICEWISE_DRIVE_PROMPT_H

#include <stdint.h>

#include "base/text.h"
#include "serving/arrivals.h"

struct sw__prompt_style {
	char *model_json; /* the model's name as a JSON string */
	bool chat, ignore_eos;
	unsigned token_id_first, token_id_last; /* last 0: words */
	uint64_t salt;
};

/** Replace the content of `out` by the JSON body of request `number`. A failed allocation is remembered by `out`. */
void sw__prompt_body(const struct sw__prompt_style *style, uint64_t number,
		     const struct sw__arrival *arrival, struct sw_text *out);

#endif
