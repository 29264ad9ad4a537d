// SPDX-License-Identifier: Apache-2.0
#include "plan/table_seats.h"

#include <stdint.h>
#include <string.h>

#include "check.h"
#include "plan/greedy.h"

enum { GPUS = 4, SEATS = 3, N = GPUS * SEATS, DEMANDS = 4 };

static bool apart(const struct sw__seat *seats, const bool *spread)
{
	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j < i; j++)
			if (seats[i].gpu == seats[j].gpu && seats[i].demand == seats[j].demand &&
			    seats[i].demand != SIZE_MAX && spread[seats[i].demand])
				return false;
	return true;
}

/* All ways of giving the seats of a kind to those that have one. */
static bool possible(struct sw__seat *seats, size_t i, const bool *spread)
{
	if (i == N)
		return apart(seats, spread);
	for (size_t j = i; j < N; j++) {
		size_t demand = seats[i].demand;
		bool ok;

		if (seats[j].kind != seats[i].kind || (j > i && seats[j].demand == seats[i].demand))
			continue;
		seats[i].demand = seats[j].demand;
		seats[j].demand = demand;
		ok = possible(seats, i + 1, spread);
		seats[j].demand = seats[i].demand;
		seats[i].demand = demand;
		if (ok)
			return true;
	}
	return false;
}

TEST(as_often_as_brute_force_finds_a_way)
{
	uint64_t random = 3;
	unsigned found = 0, there = 0;

	for (int i = 0; i < 100; i++) {
		struct sw__seat seats[N], copy[N];
		bool spread[DEMANDS] = {true, true, i % 2 == 0, false};
		bool ours;

		for (size_t k = 0; k < N; k++)
			seats[k] = (struct sw__seat){k / SEATS, sw__random(&random) % 3,
						     sw__random(&random) % (DEMANDS + 1)};
		for (size_t k = 0; k < N; k++)
			if (seats[k].demand == DEMANDS)
				seats[k].demand = SIZE_MAX;
		memcpy(copy, seats, sizeof(copy));
		ours = sw__seats_apart(seats, N, spread);
		CHECK_INT(ours, apart(seats, spread));
		for (size_t k = 0; k < N; k++) { /* only within kinds */
			int was = 0, is = 0;

			for (size_t j = 0; j < N; j++) {
				was += copy[j].kind == seats[k].kind &&
				       copy[j].demand == seats[k].demand;
				is += seats[j].kind == seats[k].kind &&
				      seats[j].demand == seats[k].demand;
			}
			CHECK_INT(is, was);
		}
		found += ours;
		there += possible(copy, 0, spread);
	}
	CHECK_INT(found, there);
	CHECK(there > 20 && there < 100);
}

TEST_MAIN()
