/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file token_text.h
 * Text without a tokenizer: how many tokens a prompt is taken for, and what the tokens of an answer look like.
 */
#ifndef SLICEWISE_EMULATE_TOKEN_TEXT_H
#define SLICEWISE_EMULATE_TOKEN_TEXT_H

#include <stdint.h>

#include "base/text.h"

enum {
	SW__CHARACTERS_PER_TOKEN =
		4, /* what English text comes to in tokenizers of today's models */
	SW__TEMPLATE_TOKENS = 4 /* that a chat template adds per message: role and marks */
};

/** Tokens of UTF-8 text: a fourth of its characters, rounded up, at least 1. */
uint32_t sw__token_count(const char *text, size_t size);

/** Token number n (from 1) of answer `id`: one word of a fixed list, with a space in front from the second on. Static. */
const char *sw__token_word(uint64_t id, uint32_t n);

/** All words of the first `n` tokens. */
void sw__token_words(struct sw_text *out, uint64_t id, uint32_t n);

#endif
