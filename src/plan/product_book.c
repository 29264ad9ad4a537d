// SPDX-License-Identifier: Apache-2.0
#include "plan/product_book.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	FIRST_CAPACITY = 64,
	PRODUCT_BITS = 6 /* the knots of a tabulation, and what loads add to them */
};

/* What products depend on. */
struct key {
	size_t fleet;
	char model[SW_NAME_MAX];
	struct sw__device dev;
	double weight_bytes;
};

struct sw__product_page {
	struct key key;
	struct sw__known_products *known; /* NULL: a free place */
};

void sw__product_book_clear(struct sw__product_book *book)
{
	for (size_t i = 0; i < book->capacity; i++)
		free(book->page[i].known);
	free(book->page);
	*book = (struct sw__product_book){0};
}

static struct key key_of(size_t fleet, const char *model, const struct sw__step_setting *setting)
{
	struct key key;

	memset(&key, 0, sizeof(key)); /* compared with its padding */
	key.fleet = fleet;
	strncpy(key.model, model, sizeof(key.model) - 1);
	key.dev = setting->dev;
	key.weight_bytes = setting->weight_bytes;
	return key;
}

/* FNV-1a over its bytes. */
static uint64_t hash_of(const struct key *key)
{
	const unsigned char *byte = (const unsigned char *)key;
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < sizeof(*key); i++)
		hash = (hash ^ byte[i]) * 1099511628211u;
	return hash;
}

static struct sw__product_page *find(const struct sw__product_book *book, const struct key *key)
{
	size_t i = hash_of(key) & (book->capacity - 1);

	while (book->page[i].known && memcmp(&book->page[i].key, key, sizeof(*key)) != 0)
		i = (i + 1) & (book->capacity - 1);
	return &book->page[i];
}

static bool grow(struct sw__product_book *book)
{
	struct sw__product_book larger = {.n = book->n};
	struct sw__product_page *before = book->page;

	if (book->capacity && book->n * 2 < book->capacity)
		return true;
	larger.capacity = book->capacity ? 2 * book->capacity : FIRST_CAPACITY;
	larger.page = calloc(larger.capacity, sizeof(*larger.page));
	if (!larger.page)
		return false;
	for (size_t i = 0; i < book->capacity; i++)
		if (before[i].known)
			*find(&larger, &before[i].key) = before[i];
	book->page = larger.page;
	book->capacity = larger.capacity;
	free(before);
	return true;
}

struct sw__known_products *sw__product_book_get(struct sw__product_book *book, size_t fleet,
						const char *model,
						const struct sw__step_setting *setting)
{
	struct key key = key_of(fleet, model, setting);
	struct sw__product_page *page;

	if (!grow(book))
		return NULL;
	page = find(book, &key);
	if (!page->known) {
		page->key = key;
		page->known = sw__known_products_make(PRODUCT_BITS);
		book->n += page->known != NULL;
	}
	return page->known;
}
