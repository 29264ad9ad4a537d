// SPDX-License-Identifier: Apache-2.0
#include "emulate/token_text.h"

/* Plain letters: no word needs an escape in JSON. The space belongs to the token, as in real vocabularies. */
static const char *const words[] = {
	" the",     " engine", " reads",   " a",      " prompt", " and",       " makes", " one",
	" word",    " after",  " another", " while",  " its",    " neighbour", " waits", " for",
	" memory",  " or",     " time",    " on",     " small",  " slices",    " of",    " shared",
	" silicon", " until",  " every",   " limit",  " holds",  " again",     " so",    " nobody",
	" needs",   " more",   " than",    " was",    " asked",  " then",      " each",  " batch",
	" moves",   " along",  " step",    " by",     " quiet",  " queue",     " grows", " shrinks",
	" with",    " load",   " that",    " comes",  " in",     " bursts",    " at",    " night",
	" numbers", " agree",  " when",    " clocks", " do",     " not",       " drift", " apart",
};

enum { WORDS = sizeof(words) / sizeof(words[0]) };

/* Answers begin at different words; the step is odd, so every word is reached. */
enum { STEP_OF_IDS = 7 };

uint32_t sw__token_count(const char *text, size_t size)
{
	size_t characters = 0;

	for (size_t i = 0; i < size; i++)
		characters += ((unsigned char)text[i] & 0xc0u) != 0x80u;
	if (characters == 0)
		return 1;
	return (uint32_t)((characters + SW__CHARACTERS_PER_TOKEN - 1) / SW__CHARACTERS_PER_TOKEN);
}

const char *sw__token_word(uint64_t id, uint32_t n)
{
	const char *word = words[(id % WORDS * STEP_OF_IDS + n) % WORDS];

	return n > 1 ? word : word + 1;
}

void sw__token_words(struct sw_text *out, uint64_t id, uint32_t n)
{
	for (uint32_t i = 1; i <= n; i++)
		sw_text_puts(out, sw__token_word(id, i));
}
