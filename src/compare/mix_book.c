// SPDX-License-Identifier: Apache-2.0
#include "compare/mix_book.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum { FIRST_SLOTS = 64, FIRST_CAPACITY = 16 };

/* FNV-1a. */
static const uint64_t FNV_BASIS = 14695981039346656037U, FNV_PRIME = 1099511628211U;

static uint64_t hash(const char *text)
{
	uint64_t h = FNV_BASIS;

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * FNV_PRIME;
	return h;
}

/* The slot that holds this key, or the free one that it belongs into. */
static size_t find_slot(const struct sw__book *book, const char *key, uint64_t h)
{
	size_t at = h & (book->n_slots - 1);

	while (book->slots[at] && strcmp(book->mixes[book->slots[at] - 1].key, key) != 0)
		at = (at + 1) & (book->n_slots - 1);
	return at;
}

static bool more_slots(struct sw__book *book)
{
	size_t *old = book->slots, was = book->n_slots;

	book->n_slots = was ? 2 * was : FIRST_SLOTS;
	book->slots = calloc(book->n_slots, sizeof(*book->slots));
	if (!book->slots) {
		book->slots = old;
		book->n_slots = was;
		return false;
	}
	for (size_t i = 0; i < book->n; i++)
		book->slots[find_slot(book, book->mixes[i].key, book->mixes[i].seed)] = i + 1;
	free(old);
	return true;
}

static bool more_mixes(struct sw__book *book)
{
	size_t wanted = book->capacity ? 2 * book->capacity : FIRST_CAPACITY;
	struct sw__distinct *more = realloc(book->mixes, wanted * sizeof(*more));

	if (!more)
		return false;
	book->mixes = more;
	book->capacity = wanted;
	return true;
}

/* `key` and `gpu` become the book's. */
static bool add_new(struct sw__book *book, char *key, const struct sw__planned_gpu *gpu)
{
	struct sw__distinct *mix;

	if (book->n == book->capacity && !more_mixes(book))
		return false;
	mix = &book->mixes[book->n];
	*mix = (struct sw__distinct){.key = key, .seed = hash(key), .gpu = *gpu};
	mix->entries = calloc((size_t)book->loads * book->worlds, sizeof(*mix->entries));
	if (!mix->entries)
		return false;
	book->slots[find_slot(book, key, mix->seed)] = ++book->n;
	return true;
}

enum sw_status sw__book_add(struct sw__book *book, struct sw__planned_gpu *gpu, size_t *index,
			    struct sw_error *err)
{
	char *key = NULL;
	enum sw_status st = sw_mix_to_json(NULL, &gpu->mix, &key, err);
	size_t slot;

	if (st == SW_OK && 2 * (book->n + 1) > book->n_slots && !more_slots(book))
		st = sw_fail(err, SW_NO_MEMORY, "%zu GPUs", book->n);
	if (st == SW_OK) {
		slot = find_slot(book, key, hash(key));
		*index = book->slots[slot] ? book->slots[slot] - 1 : book->n;
		if (!book->slots[slot]) {
			if (add_new(book, key, gpu))
				return SW_OK;
			st = sw_fail(err, SW_NO_MEMORY, "%zu GPUs", book->n);
		}
	}
	free(key);
	sw__planned_free(gpu);
	return st;
}

void sw__book_clear(struct sw__book *book)
{
	for (size_t i = 0; i < book->n; i++) {
		free(book->mixes[i].key);
		free(book->mixes[i].entries);
		sw__planned_free(&book->mixes[i].gpu);
	}
	free(book->mixes);
	free(book->slots);
	*book = (struct sw__book){.loads = book->loads, .worlds = book->worlds};
}

struct sw__entry *sw__book_entry(const struct sw__book *book, size_t mix, unsigned load,
				 unsigned world)
{
	return &book->mixes[mix].entries[(size_t)load * book->worlds + world];
}
