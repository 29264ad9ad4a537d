/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sets.h
 * Which models are together: sets of 2 to 4 out of n, all of them or a balanced sample, and levels that are dealt like cards.
 */
#ifndef SLICEWISE_PROFILE_SETS_H
#define SLICEWISE_PROFILE_SETS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/random.h"
#include "profile/campaign.h"

/** Models by their place in the campaign, ascending. */
struct sw__set {
	unsigned char size;
	unsigned char member[SW__TOGETHER_MAX];
};

/** How many sets of `size` out of `n` there are. */
size_t sw__sets_count(size_t n, size_t size);

/** All of them in lexicographic order into `out`, which has room for sw__sets_count(). */
void sw__sets_all(size_t n, size_t size, struct sw__set *out);

/**
 * Put the `wanted` sets that are to be used first to the front of `sets`, `total` of them: each next one is
 * that whose pairs of models have been together least so far, then whose models have been used least; chance decides between
 * equals. wanted >= total only leaves the order as it is.
 */
void sw__sets_balance(struct sw__set *sets, size_t total, size_t wanted, struct sw__random *random);

/** A deck of `n` cards that is shuffled whenever it is empty, so that of every n draws each card comes once. */
struct sw__deck {
	size_t n, left;
	unsigned char card[SW__LEVELS_MAX];
	struct sw__random random;
};

struct sw__deck sw__deck_make(size_t n, uint64_t seed, uint64_t stream);
size_t sw__deck_draw(struct sw__deck *deck);

/** Whole and positive parts of `whole` by chance, each way of cutting as likely: n <= whole. */
void sw__random_parts(struct sw__random *random, unsigned whole, size_t n, unsigned *out);

#endif
