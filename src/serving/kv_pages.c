// SPDX-License-Identifier: Apache-2.0
#include "serving/kv_pages.h"

#include <stdlib.h>

#include "base/error.h"

#define NOBODY UINT32_MAX
/* Ids are 32 bits, and the last one is NOBODY. */
static const uint64_t blocks_max = UINT32_MAX - 1;

/* A block's place in the list of the free ones, oldest first, and what it holds: part `index` of `owner`'s tokens. */
struct block {
	uint32_t before, after;
	uint32_t index;
	bool free;
	uint64_t owner;
};

struct sw__kv_pages {
	uint32_t n, n_free, tokens;
	uint32_t oldest, newest;
	struct block *block;
};

static void append(sw__kv_pages *p, uint32_t id)
{
	struct block *b = &p->block[id];

	b->before = p->newest;
	b->after = NOBODY;
	b->free = true;
	if (p->newest == NOBODY)
		p->oldest = id;
	else
		p->block[p->newest].after = id;
	p->newest = id;
	p->n_free++;
}

static void take(sw__kv_pages *p, uint32_t id)
{
	struct block *b = &p->block[id];

	if (b->before == NOBODY)
		p->oldest = b->after;
	else
		p->block[b->before].after = b->after;
	if (b->after == NOBODY)
		p->newest = b->before;
	else
		p->block[b->after].before = b->before;
	b->free = false;
	p->n_free--;
}

enum sw_status sw__kv_pages_new(uint64_t n_blocks, uint32_t block_tokens, sw__kv_pages **out,
				struct sw_error *err)
{
	sw__kv_pages *p;

	*out = NULL;
	if (n_blocks == 0 || n_blocks > blocks_max || block_tokens == 0)
		return sw_fail(
			err, SW_BAD_INPUT,
			"KV cache: found %llu blocks of %u tokens, expected 1 to %llu of 1 or "
			"more",
			(unsigned long long)n_blocks, block_tokens, (unsigned long long)blocks_max);
	p = calloc(1, sizeof(*p));
	if (p)
		p->block = calloc(n_blocks, sizeof(*p->block));
	if (!p || !p->block) {
		free(p);
		return sw_fail(err, SW_NO_MEMORY, "KV cache: %llu blocks",
			       (unsigned long long)n_blocks);
	}
	p->n = (uint32_t)n_blocks;
	p->tokens = block_tokens;
	p->oldest = p->newest = NOBODY;
	for (uint32_t id = 0; id < p->n; id++)
		append(p, id);
	*out = p;
	return SW_OK;
}

void sw__kv_pages_free(sw__kv_pages *pages)
{
	if (pages)
		free(pages->block);
	free(pages);
}

uint32_t sw__kv_blocks_free(const sw__kv_pages *pages)
{
	return pages->n_free;
}

uint32_t sw__kv_blocks_all(const sw__kv_pages *pages)
{
	return pages->n;
}

uint32_t sw__kv_block_tokens(const sw__kv_pages *pages)
{
	return pages->tokens;
}

static enum sw_status make_room(struct sw__kv_table *t, uint32_t n, struct sw_error *err)
{
	uint32_t room = n < 8 ? 8 : n + n / 2;
	uint32_t *block;

	if (n <= t->room)
		return SW_OK;
	block = realloc(t->block, room * sizeof(*block));
	if (!block)
		return sw_fail(err, SW_NO_MEMORY, "a sequence of %u KV blocks", n);
	t->block = block;
	t->room = room;
	return SW_OK;
}

enum sw_status sw__kv_reserve(sw__kv_pages *pages, struct sw__kv_table *table, uint32_t tokens,
			      bool *fits, struct sw_error *err)
{
	uint32_t n = tokens / pages->tokens + (tokens % pages->tokens != 0);
	enum sw_status st;

	*fits = n <= table->n || n - table->n <= pages->n_free;
	if (!*fits || n <= table->n)
		return SW_OK;
	st = make_room(table, n, err);
	if (st != SW_OK)
		return st;
	table->kept = 0; /* its tokens are computed anew from here on */
	for (; table->n < n; table->n++) {
		uint32_t id = pages->oldest;

		take(pages, id);
		pages->block[id].owner = table->owner;
		pages->block[id].index = table->n;
		table->block[table->n] = id;
	}
	return SW_OK;
}

void sw__kv_release(sw__kv_pages *pages, struct sw__kv_table *table, uint32_t computed)
{
	uint32_t full = computed / pages->tokens;

	table->kept = full < table->n ? full : table->n;
	while (table->n > 0)
		append(pages, table->block[--table->n]);
}

uint32_t sw__kv_recall(sw__kv_pages *pages, struct sw__kv_table *table)
{
	for (; table->n < table->kept; table->n++) {
		uint32_t id = table->block[table->n];
		const struct block *b = &pages->block[id];

		if (!b->free || b->owner != table->owner || b->index != table->n)
			break;
		take(pages, id);
	}
	table->kept = 0;
	return table->n;
}

void sw__kv_table_free(struct sw__kv_table *table)
{
	free(table->block);
	*table = (struct sw__kv_table){0};
}
