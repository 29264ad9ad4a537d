/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file product_book.h
 * What products took, for all engines that a planner prepares: those of one model on slices alike share it.
 */
#ifndef SLICEWISE_PLAN_PRODUCT_BOOK_H
#define SLICEWISE_PLAN_PRODUCT_BOOK_H

#include "predict/prepared.h"
#include "step/step_time.h"

struct sw__product_page;

struct sw__product_book {
	size_t n, capacity; /* a power of two, or 0 */
	struct sw__product_page *page; /* open addressing */
};

void sw__product_book_clear(struct sw__product_book *book);

/**
 * What is known of the steps of a model with such dimensions and this setting on GPUs of fleet entry `fleet`; borrowed until the book is
 * cleared. Nothing where memory is short, which only makes it slower.
 */
struct sw__steps_known sw__product_book_get(struct sw__product_book *book, size_t fleet,
					    const struct sw_model *model,
					    const struct sw__step_setting *setting);

#endif
