// SPDX-License-Identifier: Apache-2.0
#include "drive/prompt.h"

#include "base/random.h"

/* Streams of chance: the shared beginning, then one stream per request. */
enum { SHARED = 1, FIRST_REQUEST = 2 };

/*
 * Short, frequent English words: with the blank in front one token each in the vocabularies of GPT-2, Llama, Qwen, Mistral
 * and Phi. What the prompt became is told by the server, and reported.
 */
static const char *const words[] = {
	"the",   "of",    "and",   "to",     "in",    "is",    "you",    "that",   "it",    "he",
	"was",   "for",   "on",    "are",    "as",    "with",  "his",    "they",   "at",    "be",
	"this",  "have",  "from",  "or",     "one",   "had",   "by",     "word",   "but",   "not",
	"what",  "all",   "were",  "we",     "when",  "your",  "can",    "said",   "there", "use",
	"an",    "each",  "which", "she",    "do",    "how",   "their",  "if",     "will",  "up",
	"other", "about", "out",   "many",   "then",  "them",  "these",  "so",     "some",  "her",
	"would", "make",  "like",  "him",    "into",  "time",  "has",    "look",   "two",   "more",
	"write", "go",    "see",   "number", "no",    "way",   "could",  "people", "my",    "than",
	"first", "water", "been",  "call",   "who",   "oil",   "its",    "now",    "find",  "long",
	"down",  "day",   "did",   "get",    "come",  "made",  "may",    "part",   "over",  "new",
	"sound", "take",  "only",  "work",   "know",  "place", "year",   "live",   "me",    "back",
	"give",  "most",  "very",  "after",  "thing", "our",   "just",   "name",   "good",  "man",
	"think", "say",   "great", "where",  "help",  "much",  "before", "line",
};

enum { N_WORDS = sizeof(words) / sizeof(words[0]) };

static void put_token(const struct sw__prompt_style *style, uint64_t token, bool is_first,
		      struct sw_text *out)
{
	/* Not by sw_text_addf(): a prompt has thousands. */
	char digits[24];
	size_t at = sizeof(digits);
	uint64_t id = token + style->token_id_first;

	if (!style->token_id_last) {
		if (!is_first)
			sw_text_add(out, " ", 1);
		sw_text_puts(out, words[token]);
		return;
	}
	do {
		digits[--at] = (char)('0' + id % 10);
		id /= 10;
	} while (id);
	if (!is_first)
		sw_text_add(out, ",", 1);
	sw_text_add(out, digits + at, sizeof(digits) - at);
}

/* The request's number in the first two tokens behind the shared ones, chance in the others. */
static uint64_t own_token(struct sw__random *random, uint64_t number, uint64_t position,
			  uint64_t tokens)
{
	if (position == 0)
		return number % tokens;
	if (position == 1)
		return number / tokens % tokens;
	return sw__random_below(random, tokens);
}

static void put_prompt(const struct sw__prompt_style *style, uint64_t number,
		       const struct sw__arrival *arrival, struct sw_text *out)
{
	uint64_t tokens =
		style->token_id_last ? style->token_id_last - style->token_id_first + 1 : N_WORDS;
	struct sw__random shared = sw__random_make(style->salt, SHARED);
	struct sw__random own = sw__random_make(style->salt, FIRST_REQUEST + number);
	uint64_t salted = number + style->salt % tokens;

	for (uint32_t i = 0; i < arrival->prompt_tokens; i++) {
		uint64_t token =
			i < arrival->cached_tokens
				? sw__random_below(&shared, tokens)
				: own_token(&own, salted, i - arrival->cached_tokens, tokens);

		put_token(style, token, i == 0, out);
	}
}

void sw__prompt_body(const struct sw__prompt_style *style, uint64_t number,
		     const struct sw__arrival *arrival, struct sw_text *out)
{
	bool ids = style->token_id_last != 0;

	out->size = 0;
	sw_text_addf(out,
		     "{\"model\":%s,\"max_tokens\":%u,%s\"stream\":true,"
		     "\"stream_options\":{\"include_usage\":true},",
		     style->model_json, arrival->output_tokens,
		     style->ignore_eos ? "\"ignore_eos\":true," : "");
	sw_text_puts(out,
		     style->chat ? "\"messages\":[{\"role\":\"user\",\"content\":" : "\"prompt\":");
	sw_text_puts(out, ids ? "[" : "\"");
	put_prompt(style, number, arrival, out);
	sw_text_puts(out, ids ? "]" : "\"");
	sw_text_puts(out, style->chat ? "}]}" : "}");
}
