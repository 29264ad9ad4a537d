// SPDX-License-Identifier: Apache-2.0
#include "plan/product_book.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	FIRST_CAPACITY = 64,
	PRODUCT_BITS = 6 /* the knots of a tabulation, and what loads add to them */
};

/* What products depend on: doubles throughout, so that it has no padding. */
struct key {
	double fleet;
	struct sw__model_ops ops;
	struct sw__device dev;
	double weight_bytes;
};

struct sw__product_page {
	struct key key;
	struct sw__known_products *known; /* NULL: a free place */
	struct sw__linear_parts *linear;
};

static void free_page(struct sw__product_page *page)
{
	free(page->known);
	sw__linear_parts_free(page->linear);
}

void sw__product_book_clear(struct sw__product_book *book)
{
	for (size_t i = 0; i < book->capacity; i++)
		free_page(&book->page[i]);
	free(book->page);
	*book = (struct sw__product_book){0};
}

static struct key key_of(size_t fleet, const struct sw_model *model,
			 const struct sw__step_setting *setting)
{
	return (struct key){(double)fleet, sw__model_ops(model), setting->dev,
			    setting->weight_bytes};
}

/* FNV-1a over its doubles. */
static uint64_t hash_of(const struct key *key)
{
	uint64_t word[sizeof(*key) / sizeof(uint64_t)], hash = 14695981039346656037u;

	_Static_assert(sizeof(struct key) % sizeof(uint64_t) == 0, "doubles");
	memcpy(word, key, sizeof(word));
	for (size_t i = 0; i < sizeof(word) / sizeof(word[0]); i++)
		hash = (hash ^ word[i]) * 1099511628211u;
	return hash ^ (hash >> 32);
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

struct sw__steps_known sw__product_book_get(struct sw__product_book *book, size_t fleet,
					    const struct sw_model *model,
					    const struct sw__step_setting *setting)
{
	struct key key = key_of(fleet, model, setting);
	struct sw__product_page *page;

	if (!grow(book))
		return (struct sw__steps_known){0};
	page = find(book, &key);
	if (!page->known) {
		page->key = key;
		page->known = sw__known_products_make(PRODUCT_BITS);
		sw__linear_parts_free(
			page->linear); /* of an attempt that there was no memory for */
		page->linear = calloc(1, sizeof(*page->linear));
		book->n += page->known != NULL;
	}
	return (struct sw__steps_known){page->known, page->linear};
}
