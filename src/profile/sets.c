// SPDX-License-Identifier: Apache-2.0
#include "profile/sets.h"

#include <string.h>

size_t sw__sets_count(size_t n, size_t size)
{
	size_t count = 1;

	if (size > n)
		return 0;
	for (size_t i = 0; i < size; i++)
		count = count * (n - i) / (i + 1);
	return count;
}

/* Make the members after `at` follow it one by one. */
static void follow(struct sw__set *set, size_t at)
{
	for (size_t j = at + 1; j < SW__TOGETHER_MAX && j < set->size; j++)
		set->member[j] = (unsigned char)(set->member[j - 1] + 1);
}

/* The next set in lexicographic order; false after the last. */
static bool advance(struct sw__set *set, size_t n)
{
	for (size_t i = set->size; i-- > 0;) {
		if (set->member[i] + (size_t)set->size - i < n) {
			set->member[i]++;
			follow(set, i);
			return true;
		}
	}
	return false;
}

void sw__sets_all(size_t n, size_t size, struct sw__set *out)
{
	struct sw__set set = {.size = (unsigned char)size};

	if (size > n || size > SW__TOGETHER_MAX)
		return;
	follow(&set, 0);
	do {
		*out++ = set;
	} while (advance(&set, n));
}

static void shuffle(struct sw__set *sets, size_t n, struct sw__random *random)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = (size_t)sw__random_below(random, i);
		struct sw__set other = sets[j];

		sets[j] = sets[i - 1];
		sets[i - 1] = other;
	}
}

/* How often models were used, alone (a with a) and with each other. */
struct uses {
	unsigned count[SW__MODELS_MAX][SW__MODELS_MAX];
};

/* Pairs weigh more than any number of single uses, so that they decide first. */
static unsigned long wear(const struct uses *uses, const struct sw__set *set)
{
	static const unsigned long pair_weight = 1000003;
	unsigned long sum = 0;

	for (size_t i = 0; i < set->size; i++) {
		for (size_t j = i; j < set->size; j++)
			sum += (j > i ? pair_weight : 1) *
			       uses->count[set->member[i]][set->member[j]];
	}
	return sum;
}

static void use(struct uses *uses, const struct sw__set *set)
{
	for (size_t i = 0; i < set->size; i++) {
		for (size_t j = i; j < set->size; j++)
			uses->count[set->member[i]][set->member[j]]++;
	}
}

void sw__sets_balance(struct sw__set *sets, size_t total, size_t wanted, struct sw__random *random)
{
	struct uses uses;

	if (wanted >= total)
		return;
	memset(&uses, 0, sizeof(uses));
	shuffle(sets, total, random);
	for (size_t k = 0; k < wanted; k++) {
		size_t best = k;
		struct sw__set chosen;

		for (size_t i = k + 1; i < total; i++) {
			if (wear(&uses, &sets[i]) < wear(&uses, &sets[best]))
				best = i;
		}
		chosen = sets[best];
		sets[best] = sets[k];
		sets[k] = chosen;
		use(&uses, &chosen);
	}
}

struct sw__deck sw__deck_make(size_t n, uint64_t seed, uint64_t stream)
{
	struct sw__deck deck = {.n = n, .random = sw__random_make(seed, stream)};

	for (size_t i = 0; i < n; i++)
		deck.card[i] = (unsigned char)i;
	return deck;
}

size_t sw__deck_draw(struct sw__deck *deck)
{
	size_t j;
	unsigned char card;

	if (deck->left == 0)
		deck->left = deck->n;
	j = (size_t)sw__random_below(&deck->random, deck->left);
	card = deck->card[j];
	deck->card[j] = deck->card[--deck->left];
	deck->card[deck->left] = card;
	return card;
}

void sw__random_parts(struct sw__random *random, unsigned whole, size_t n, unsigned *out)
{
	unsigned left = whole;

	/* n - 1 different cuts among whole - 1 places, one place after the other. */
	size_t cuts = n - 1;
	size_t part = 0;
	unsigned since = 0;

	for (unsigned place = 1; place < whole; place++) {
		since++;
		if (sw__random_below(random, whole - place) < cuts) {
			out[part++] = since;
			left -= since;
			since = 0;
			cuts--;
		}
	}
	out[part] = left;
}
