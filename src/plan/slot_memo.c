// SPDX-License-Identifier: Apache-2.0
#include "plan/slot_memo.h"

#include <stdlib.h>

#include "base/error.h"

enum { FIRST_CAPACITY = 256 };

struct memo_entry {
	bool used, fits;
	struct sw__memo_key key;
	struct sw__slot slot;
};

void sw__memo_close(struct sw__memo *memo)
{
	free(memo->entry);
	*memo = (struct sw__memo){0};
}

/* FNV-1a over what makes the key. */
static size_t hash_of(const struct sw__memo_key *key)
{
	unsigned long hash = 14695981039346656037UL;

	hash = (hash ^ key->fleet) * 1099511628211UL;
	hash = (hash ^ key->running) * 1099511628211UL;
	for (size_t k = 0; k < key->n; k++) {
		hash = (hash ^ key->want[k].workload) * 1099511628211UL;
		hash = (hash ^ key->want[k].engine) * 1099511628211UL;
		hash = (hash ^ key->replicas[k]) * 1099511628211UL;
	}
	return hash ^ (hash >> 29);
}

static bool same_key(const struct sw__memo_key *a, const struct sw__memo_key *b)
{
	if (a->fleet != b->fleet || a->running != b->running || a->n != b->n)
		return false;
	for (size_t k = 0; k < a->n; k++) {
		if (a->want[k].workload != b->want[k].workload ||
		    a->want[k].engine != b->want[k].engine || a->replicas[k] != b->replicas[k])
			return false;
	}
	return true;
}

/* Where the key is, or would be. */
static struct memo_entry *find(const struct sw__memo *memo, const struct sw__memo_key *key)
{
	size_t i = hash_of(key) & (memo->capacity - 1);

	while (memo->entry[i].used && !same_key(&memo->entry[i].key, key))
		i = (i + 1) & (memo->capacity - 1);
	return &memo->entry[i];
}

bool sw__memo_find(const struct sw__memo *memo, const struct sw__memo_key *key, bool *fits,
		   struct sw__slot *slot)
{
	const struct memo_entry *entry = memo->capacity ? find(memo, key) : NULL;

	if (!entry || !entry->used)
		return false;
	*fits = entry->fits;
	if (entry->fits)
		*slot = entry->slot;
	return true;
}

static enum sw_status grow(struct sw__memo *memo, struct sw_error *err)
{
	struct sw__memo larger = {.n = memo->n,
				  .capacity = memo->capacity ? 2 * memo->capacity : FIRST_CAPACITY};

	if (memo->n * 2 < memo->capacity)
		return SW_OK;
	larger.entry = calloc(larger.capacity, sizeof(*larger.entry));
	if (!larger.entry)
		return sw_fail(err, SW_NO_MEMORY, "%zu sets of engines", larger.capacity);
	for (size_t i = 0; i < memo->capacity; i++) {
		if (memo->entry[i].used)
			*find(&larger, &memo->entry[i].key) = memo->entry[i];
	}
	free(memo->entry);
	memo->entry = larger.entry;
	memo->capacity = larger.capacity;
	return SW_OK;
}

enum sw_status sw__memo_add(struct sw__memo *memo, const struct sw__memo_key *key, bool fits,
			    const struct sw__slot *slot, struct sw_error *err)
{
	enum sw_status st = grow(memo, err);
	struct memo_entry *entry;

	if (st != SW_OK)
		return st;
	entry = find(memo, key);
	memo->n += !entry->used;
	entry->used = true;
	entry->fits = fits;
	entry->key = *key;
	entry->slot = *slot;
	return SW_OK;
}
