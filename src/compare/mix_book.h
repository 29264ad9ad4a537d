/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mix_book.h
 * GPUs of many plans, each distinct one once: what several strategies, or several margins of one, put on a GPU alike is
 * simulated once.
 */
#ifndef SLICEWISE_COMPARE_MIX_BOOK_H
#define SLICEWISE_COMPARE_MIX_BOOK_H

#include "compare/played_mix.h"

/** What one GPU did in one world under one kind of load. */
struct sw__entry {
	bool wanted, done;
	enum sw_status status;
	struct sw__played played;
};

struct sw__distinct {
	char *key; /* the mix as JSON */
	uint64_t
		seed; /* made from the key: a GPU's chance does not depend on which plan it is in */
	struct sw__planned_gpu gpu;
	struct sw__entry *entries; /* loads times worlds */
};

/** Zeroes with `loads` and `worlds` set are an empty one. */
struct sw__book {
	unsigned loads, worlds;
	size_t n, capacity;
	struct sw__distinct *mixes;
	size_t n_slots, *slots; /* by hash: index + 1 */
};

/** The index of this GPU's mix; `gpu` is given away, also where it was known or the call fails. SW_NO_MEMORY. */
enum sw_status sw__book_add(struct sw__book *book, struct sw__planned_gpu *gpu, size_t *index,
			    struct sw_error *err);
void sw__book_clear(struct sw__book *book);

struct sw__entry *sw__book_entry(const struct sw__book *book, size_t mix, unsigned load,
				 unsigned world);

#endif
