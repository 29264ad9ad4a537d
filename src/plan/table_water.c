// SPDX-License-Identifier: Apache-2.0
#include "plan/table_water.h"

#include <stdlib.h>

#include "base/error.h"

/* Beyond so many slices for one workload, parts of slices are near enough. */
enum { SLICES_MAX = 4096 };

static unsigned slices_of(const struct sw__slice_kind *kind)
{
	return kind->profile ? kind->profile->compute_slices : 1;
}

static unsigned slices_in_all(const struct sw_fleet_entry *entry)
{
	return entry->mechanism == SW_MIG ? entry->gpu.mig_compute_slices : 1;
}

static double capacity(const struct sw__table_cover *c, size_t demand, size_t kind)
{
	return c->covering.capacity[demand * c->covering.n_kinds + kind];
}

/* What `n` slices serve at the most, in most[0..n]: an unbounded knapsack. */
static void fill_most(const struct sw__table_cover *c, size_t demand, size_t fleet, unsigned n,
		      double *most)
{
	most[0] = 0;
	for (unsigned s = 1; s <= n; s++) {
		most[s] = most[s - 1];
		for (size_t k = 0; k < c->covering.n_kinds; k++) {
			unsigned takes = slices_of(&c->kinds[k]);

			if (c->kinds[k].fleet == fleet && takes <= s)
				most[s] = fmax(most[s], most[s - takes] + capacity(c, demand, k));
		}
	}
}

/* The part of a GPU of the entry that serves a demand at the least; INFINITY where none does. */
static double least_part(const struct sw__table_cover *c, size_t demand, size_t fleet, double *most)
{
	double per_slice = 0, rate = c->covering.rate[demand];
	double all = slices_in_all(&c->problem->fleet[fleet]);
	unsigned n = 0;

	for (size_t k = 0; k < c->covering.n_kinds; k++)
		if (c->kinds[k].fleet == fleet)
			per_slice =
				fmax(per_slice, capacity(c, demand, k) / slices_of(&c->kinds[k]));
	if (!(per_slice > 0))
		return INFINITY;
	if (rate / per_slice + all > SLICES_MAX)
		return rate / per_slice / all;
	fill_most(c, demand, fleet, SLICES_MAX, most);
	while (n < SLICES_MAX && most[n] < rate * (1 - 1e-9))
		n++;
	return n / all;
}

enum sw_status sw__tables_water(const struct sw__table_cover *c, const bool *served,
				double *per_hour, struct sw_error *err)
{
	double *most = calloc(SLICES_MAX + 1, sizeof(*most));

	*per_hour = 0;
	if (!most)
		return sw_fail(err, SW_NO_MEMORY, "%d slices", SLICES_MAX);
	for (size_t d = 0; d < c->covering.n_demands; d++) {
		double least = INFINITY;

		for (size_t f = 0; served[d] && f < c->problem->n_fleet; f++)
			least = fmin(least, c->problem->fleet[f].price_per_hour *
						    least_part(c, d, f, most));
		if (served[d] && isfinite(least))
			*per_hour += least;
	}
	free(most);
	return SW_OK;
}
