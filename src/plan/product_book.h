/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file product_book.h
 * What products took, for all engines that a planner prepares: those of one model on slices alike share it.
 */
#ifndef SLICEWISE_PLAN_PRODUCT_BOOK_H
#define SLICEWISE_PLAN_PRODUCT_BOOK_H

#include "step/step_time.h"

struct sw__product_page;

struct sw__product_book {
	size_t n, capacity; /* a power of two, or 0 */
	struct sw__product_page *page; /* open addressing */
};

void sw__product_book_clear(struct sw__product_book *book);

/**
 * Those of `model` with this setting of its steps on GPUs of fleet entry `fleet`; borrowed until the book is cleared. NULL: out of
 * memory, which only makes it slower.
 */
struct sw__known_products *sw__product_book_get(struct sw__product_book *book, size_t fleet,
						const char *model,
						const struct sw__step_setting *setting);

#endif
