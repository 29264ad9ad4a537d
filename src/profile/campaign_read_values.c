// SPDX-License-Identifier: Apache-2.0
/* Texts, lists of words and of numbers, and the experiments' levels. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "profile/campaign_read.h"

#define RATE_MAX        1e6
#define CONCURRENCY_MAX 1e5
#define SETS_MAX        100000
#define TOKEN_ID_MAX    4294967295.0

enum { WORDS_MAX = 1024 };

static enum sw_status copy_text(const struct sw_node *node, char **out, struct sw_error *err)
{
	*out = strdup(node->text);
	return *out ? SW_OK : sw_fail(err, SW_NO_MEMORY, "%s: out of memory", node->text);
}

static bool is_scalar(const struct sw_node *node)
{
	return node->kind == SW_NODE_STRING || node->kind == SW_NODE_NUMBER ||
	       node->kind == SW_NODE_BOOL;
}

enum sw_status sw__read_text(const struct sw_node *node, void *text, void *source,
			     struct sw_error *err)
{
	char **into = text;

	(void)source;
	if (!is_scalar(node) || !*node->text || !sw_is_plain(node->text))
		return sw_node_refuse(node, err, "a text on one line");
	return copy_text(node, into, err);
}

static enum sw_status add_word(struct sw__words *words, const char *text, size_t size,
			       struct sw_error *err)
{
	char **more = realloc((void *)words->word, (words->n + 1) * sizeof(*more));

	if (more)
		words->word = more;
	if (!more || !(more[words->n] = strndup(text, size)))
		return sw_fail(err, SW_NO_MEMORY, "a command: out of memory");
	words->n++;
	return SW_OK;
}

/* A command on one line: words between blanks. No shell reads it, so there are no quotes. */
static enum sw_status split_words(const struct sw_node *node, struct sw__words *words,
				  struct sw_error *err)
{
	const char *at = node->text + strspn(node->text, " \t\n");
	enum sw_status st = SW_OK;

	while (st == SW_OK && *at) {
		size_t size = strcspn(at, " \t\n");

		st = add_word(words, at, size, err);
		at += size;
		at += strspn(at, " \t\n");
	}
	return st;
}

enum sw_status sw__read_words(const struct sw_node *node, void *into, void *source,
			      struct sw_error *err)
{
	struct sw__words *words = into;
	enum sw_status st = SW_OK;

	(void)source;
	if (node->kind == SW_NODE_STRING)
		st = split_words(node, words, err);
	else if (node->kind == SW_NODE_LIST)
		st = sw_node_check_list(node, WORDS_MAX, "word", err);
	for (size_t i = 0; st == SW_OK && node->kind == SW_NODE_LIST && i < node->count; i++) {
		if (!is_scalar(node->children[i]))
			return sw_node_refuse(node->children[i], err, "a word");
		st = add_word(words, node->children[i]->text, strlen(node->children[i]->text), err);
	}
	if (st == SW_OK && words->n == 0)
		return sw_node_refuse(node, err,
				      "a command: words between blanks, or a list of "
				      "words");
	return st;
}

enum sw_status sw__read_pairs(const struct sw_node *node, void *into, void *source,
			      struct sw_error *err)
{
	struct sw__pairs *pairs = into;
	enum sw_status st = SW_OK;

	(void)source;
	if (node->kind != SW_NODE_MAP)
		return sw_node_refuse(node, err, "names with values");
	pairs->pair = calloc(node->count + 1, sizeof(*pairs->pair));
	if (!pairs->pair)
		return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", node->key);
	for (size_t i = 0; st == SW_OK && i < node->count; i++) {
		const struct sw_node *child = node->children[i];
		struct sw__pair *pair = &pairs->pair[pairs->n];

		if (!is_scalar(child) && child->kind != SW_NODE_NULL)
			return sw_node_refuse(child, err, "a text");
		pairs->n++;
		pair->name = strdup(child->key);
		if (!pair->name)
			return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", child->key);
		if (child->kind != SW_NODE_NULL)
			st = copy_text(child, &pair->value, err);
	}
	return st;
}

static enum sw_status read_level(const struct sw_node *node, double max, const char *unit,
				 double *out, size_t *n, struct sw_error *err)
{
	struct sw_field field = {.key = node->key,
				 .type = SW_FIELD_NUMBER,
				 .max = max,
				 .min_open = true,
				 .unit = unit};
	enum sw_status st = sw_node_read_field(node, &field, &out[*n], NULL, err);

	for (size_t i = 0; st == SW_OK && i < *n; i++) {
		if (out[i] == out[*n])
			return sw_node_refuse(node, err, "a level that no other is");
	}
	*n += st == SW_OK;
	return st;
}

enum sw_status sw__read_levels(const struct sw_node *node, double max, const char *unit,
			       double *out, size_t *n, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	*n = 0;
	if (node->kind != SW_NODE_LIST)
		return read_level(node, max, unit, out, n, err);
	st = sw_node_check_list(node, SW__LEVELS_MAX, "level", err);
	for (size_t i = 0; st == SW_OK && i < node->count; i++)
		st = read_level(node->children[i], max, unit, out, n, err);
	return st;
}

enum sw_status sw__read_token_ids(const struct sw_node *node, void *into, void *source,
				  struct sw_error *err)
{
	static const struct sw_field field = {
		.type = SW_FIELD_UINT, .max = TOKEN_ID_MAX, .unit = "a token's id"};
	unsigned *ids = into;
	enum sw_status st = SW_OK;

	if (node->kind != SW_NODE_LIST || node->count != 2)
		return sw_node_refuse(node, err, "two token ids: [FIRST, LAST]");
	for (size_t i = 0; st == SW_OK && i < 2; i++)
		st = sw_node_read_field(node->children[i], &field, &ids[i], source, err);
	if (st == SW_OK && ids[1] <= ids[0])
		return sw_node_refuse(node, err, "a last token id above the first");
	return st;
}

/* One of the three keys by which load is given. */
struct load_key {
	const char *key;
	enum sw__load_kind kind;
	double max;
	const char *unit;
};

static const struct load_key load_keys[] = {
	{"concurrency", SW__CONCURRENCY, CONCURRENCY_MAX, "requests in flight"},
	{"rates", SW__RATE, RATE_MAX, "requests per second"},
	{"load", SW__PART_OF_RATE, 1, "part of what the engine sustains alone"},
};

static enum sw_status read_loads(const struct sw_node *map, struct sw__load_levels *out,
				 struct sw_error *err)
{
	const struct sw_node *found = NULL;

	for (size_t i = 0; i < SW__FIELDS(load_keys); i++) {
		const struct load_key *k = &load_keys[i];
		const struct sw_node *node = sw_node_get(map, k->key);
		enum sw_status st;

		if (!node)
			continue;
		if (found)
			return sw_node_complain(node, err,
						"line %d has %s too; expected one of "
						"concurrency, rates and load",
						found->line, found->key);
		found = node;
		out->kind = k->kind;
		st = sw__read_levels(node, k->max, k->unit, out->level, &out->n, err);
		for (size_t j = 0; st == SW_OK && k->kind == SW__CONCURRENCY && j < out->n; j++) {
			if (out->level[j] != floor(out->level[j]))
				return sw_node_refuse(node, err, "whole numbers");
		}
		if (st != SW_OK)
			return st;
	}
	return found ? SW_OK
		     : sw_node_complain(map, err,
					"found no load, expected concurrency, rates or "
					"load");
}

static enum sw_status keep(const struct sw_node *node, void *into, void *source,
			   struct sw_error *err)
{
	(void)node, (void)into, (void)source, (void)err;
	return SW_OK;
}

#define LOAD_KEYS                                                      \
	{.key = "concurrency", .type = SW_FIELD_CALL, .read = keep},   \
		{.key = "rates", .type = SW_FIELD_CALL, .read = keep}, \
	{                                                              \
		.key = "load", .type = SW_FIELD_CALL, .read = keep     \
	}

static enum sw_status read_alone_shares(const struct sw_node *node, void *into, void *source,
					struct sw_error *err)
{
	struct sw__alone *alone = into;

	(void)source;
	return sw__read_levels(node, 1, "fraction of the compute", alone->share, &alone->n_shares,
			       err);
}

enum sw_status sw__read_alone(const struct sw_node *node, void *into, void *source,
			      struct sw_error *err)
{
	static const struct sw_field fields[] = {
		{.key = "shares", .type = SW_FIELD_CALL, .read = read_alone_shares},
		{.key = "crossed",
		 .type = SW_FIELD_BOOL,
		 .offset = offsetof(struct sw__alone, crossed)},
		LOAD_KEYS,
	};
	struct sw__alone *alone = into;
	enum sw_status st;

	alone->crossed = true;
	alone->share[0] = 1;
	alone->n_shares = 1;
	st = sw_node_read(node, fields, SW__FIELDS(fields), false, alone, source, NULL, err);
	return st == SW_OK ? read_loads(node, &alone->loads, err) : st;
}

/* "all", or how many. */
static enum sw_status read_sets(const struct sw_node *node, void *into, void *source,
				struct sw_error *err)
{
	static const struct sw_field field = {
		.type = SW_FIELD_UINT, .max = SETS_MAX, .unit = "sets of models"};
	unsigned *sets = into;

	if (node->kind == SW_NODE_STRING && strcmp(node->text, "all") == 0) {
		*sets = UINT_MAX;
		return SW_OK;
	}
	if (node->kind != SW_NODE_NUMBER)
		return sw_node_refuse(node, err, "all, or how many");
	return sw_node_read_field(node, &field, sets, source, err);
}

static enum sw_status read_together_shares(const struct sw_node *node, void *into, void *source,
					   struct sw_error *err)
{
	static const struct sw_field field = {.type = SW_FIELD_NUMBER,
					      .offset = offsetof(struct sw__together, share),
					      .max = 1,
					      .min_open = true,
					      .unit = "fraction of the compute"};
	struct sw__together *together = into;
	bool even = node->kind == SW_NODE_STRING && strcmp(node->text, "even") == 0;
	bool random = node->kind == SW_NODE_STRING && strcmp(node->text, "random") == 0;

	if (even || random) {
		together->shares = even ? SW__SHARES_EVEN : SW__SHARES_RANDOM;
		return SW_OK;
	}
	if (node->kind != SW_NODE_NUMBER)
		return sw_node_refuse(node, err, "even, random, or a share that each engine has");
	together->shares = SW__SHARES_FIXED;
	return sw_node_read_field(node, &field, together, source, err);
}

#define SETS(key_, n)                                                                  \
	{                                                                              \
		.key = key_, .type = SW_FIELD_CALL, .read = read_sets,                 \
		.offset = offsetof(struct sw__together, sets) + (n) * sizeof(unsigned) \
	}

enum sw_status sw__read_together(const struct sw_node *node, void *into, void *source,
				 struct sw_error *err)
{
	static const struct sw_field fields[] = {
		SETS("pairs", 2),
		SETS("triples", 3),
		SETS("quadruples", 4),
		{.key = "shares", .type = SW_FIELD_CALL, .read = read_together_shares},
		LOAD_KEYS,
	};
	struct sw__together *together = into;
	enum sw_status st =
		sw_node_read(node, fields, SW__FIELDS(fields), false, together, source, NULL, err);

	if (st == SW_OK && !together->sets[2] && !together->sets[3] && !together->sets[4])
		return sw_node_complain(node, err,
					"found no sets, expected pairs, triples or quadruples");
	return st == SW_OK ? read_loads(node, &together->loads, err) : st;
}
