// SPDX-License-Identifier: Apache-2.0
/* Min-conflicts (Minton et al. 1992): whoever is in the wrong place changes with whom that hurts least. */
#include "plan/table_seats.h"

#include <stdint.h>

#include "plan/greedy.h"

/* Tries per seat, and how often one is made at random, so that a ring of bad exchanges is left again. */
enum { TRIES = 40, RANDOM_EVERY = 10 };

struct seating {
	struct sw__seat *seats;
	size_t n;
	const bool *spread;
	uint64_t random;
};

/* Other engines of `demand` on the GPU of seat i, which counts for nothing. */
static int others(const struct seating *s, size_t i, size_t demand)
{
	size_t gpu = s->seats[i].gpu;
	int n = 0;

	if (demand == SIZE_MAX || !s->spread[demand])
		return 0;
	for (size_t j = i; j-- > 0 && s->seats[j].gpu == gpu;)
		n += s->seats[j].demand == demand;
	for (size_t j = i + 1; j < s->n && s->seats[j].gpu == gpu; j++)
		n += s->seats[j].demand == demand;
	return n;
}

/* A seat whose engine is not apart, from a random one on; n: there is none. */
static size_t wrong_seat(struct seating *s)
{
	size_t from = (size_t)(sw__random(&s->random) % s->n);

	for (size_t k = 0; k < s->n; k++) {
		size_t i = (from + k) % s->n;

		if (others(s, i, s->seats[i].demand) > 0)
			return i;
	}
	return s->n;
}

/* How many are in each other's way more, if the engines of i and j change places. */
static int harm(const struct seating *s, size_t i, size_t j)
{
	size_t a = s->seats[i].demand, b = s->seats[j].demand;

	return others(s, j, a) + others(s, i, b) - others(s, i, a) - others(s, j, b);
}

/* The best change for seat i, of equal ones any; n: there is no other slice of its kind. */
static size_t best_change(struct seating *s, size_t i)
{
	bool anything = sw__random(&s->random) % RANDOM_EVERY == 0;
	size_t best = s->n, equal = 0;
	int least = 0;

	for (size_t j = 0; j < s->n; j++) {
		int how_bad;

		if (s->seats[j].gpu == s->seats[i].gpu || s->seats[j].kind != s->seats[i].kind ||
		    s->seats[j].demand == s->seats[i].demand)
			continue;
		how_bad = anything ? 0 : harm(s, i, j);
		if (best == s->n || how_bad < least) {
			least = how_bad;
			equal = 0;
		}
		if (how_bad == least && sw__random(&s->random) % ++equal == 0)
			best = j;
	}
	return best;
}

bool sw__seats_apart(struct sw__seat *seats, size_t n, const bool *spread)
{
	struct seating s = {.seats = seats, .n = n, .spread = spread, .random = 1};

	for (size_t tries = 0; n > 0 && tries <= TRIES * n; tries++) {
		size_t i = wrong_seat(&s), j;

		if (i == n)
			return true;
		j = best_change(&s, i);
		if (j == n)
			continue; /* another may be moved */
		{
			size_t demand = seats[i].demand;

			seats[i].demand = seats[j].demand;
			seats[j].demand = demand;
		}
	}
	return n == 0;
}
