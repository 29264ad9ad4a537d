/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kv_pages.h
 * The KV cache of one engine as numbered blocks: who holds which, which are free, and what the free ones still hold.
 *
 * A freed block keeps its contents until someone else takes it. Blocks are taken from the oldest freed on, and a
 * sequence's are freed from its end to its beginning, so that the beginning of a context lives longest (vLLM's order). A
 * sequence that was preempted takes back what is left of it with sw__kv_recall().
 *
 * Not thread-safe. Numbers are below n_blocks; a table belongs to one pool.
 */
#ifndef SLICEWISE_SERVING_KV_PAGES_H
#define SLICEWISE_SERVING_KV_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "slicewise/status.h"

typedef struct sw__kv_pages sw__kv_pages;

/** The blocks of one sequence, in the order of its tokens; zeroes are an empty one. */
struct sw__kv_table {
	uint64_t owner; /* whose tokens they are: unique among the sequences of a pool */
	uint32_t n;
	uint32_t room;
	uint32_t *block; /* the table's; released by sw__kv_table_free() */
	uint32_t kept; /* blocks[0..kept) are remembered of before a release */
};

/** SW_OK: *out is the caller's; release it with sw__kv_pages_free(). SW_BAD_INPUT where either number is 0 or too large. */
enum sw_status sw__kv_pages_new(uint64_t n_blocks, uint32_t block_tokens, sw__kv_pages **out,
				struct sw_error *err);
void sw__kv_pages_free(sw__kv_pages *pages);

uint32_t sw__kv_blocks_free(const sw__kv_pages *pages);
uint32_t sw__kv_blocks_all(const sw__kv_pages *pages);
uint32_t sw__kv_block_tokens(const sw__kv_pages *pages);

/**
 * Make room for `tokens` tokens in all. *fits is false, and nothing has changed, where too few blocks are free. SW_NO_MEMORY: nothing
 * has changed.
 */
enum sw_status sw__kv_reserve(sw__kv_pages *pages, struct sw__kv_table *table, uint32_t tokens,
			      bool *fits, struct sw_error *err);

/** Give all blocks back. The table remembers those that the first `computed` tokens fill, for sw__kv_recall(). */
void sw__kv_release(sw__kv_pages *pages, struct sw__kv_table *table, uint32_t computed);

/** Take back, of an empty table's former blocks, the first ones that nobody has taken since. Returns their number. */
uint32_t sw__kv_recall(sw__kv_pages *pages, struct sw__kv_table *table);

/** The table's memory, not its blocks: release those first. */
void sw__kv_table_free(struct sw__kv_table *table);

#endif
