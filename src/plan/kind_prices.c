// SPDX-License-Identifier: Apache-2.0
#include "plan/kind_prices.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"

/* One kind after another, weight moved from one resource to another by ever smaller steps; the sum is concave, so only ridges are
 * missed. */
enum { PASSES = 3, ROUNDS = 2 };
static const double steps[] = {0.5, 0.25, 0.1, 0.04, 0.015};
static const double enough =
	1e-4; /* relative gain of a pass below which another is not worth its time */

double sw__price_of_parts(const struct sw__part_table *table, size_t w, size_t f, double price,
			  const struct sw__kind_weight *weight)
{
	const struct sw__parts *parts = &table->parts[w * table->n_fleet + f];
	double sum = 0;

	if (isinf(price) || isinf(parts->of[0]))
		return INFINITY;
	for (int r = 0; r < SW__PARTS; r++)
		sum += weight->of[r] * parts->of[r];
	return price * sum;
}

double sw__sum_of_least(const struct sw__part_table *table, const double *price,
			const struct sw__kind_weight *weight)
{
	double sum = 0;

	for (size_t w = 0; w < table->n_workloads; w++) {
		double least = INFINITY;

		for (size_t f = 0; f < table->n_fleet; f++)
			least = fmin(least, sw__price_of_parts(table, w, f, price[f], &weight[f]));
		sum += isinf(least) ? 0 : least;
	}
	return sum;
}

struct search {
	const struct sw__part_table *table;
	const double *price;
	struct sw__kind_weight *weight;
	double *others; /* per workload: the least price on the kinds that are not moved */
};

static void price_others(struct search *s, size_t moved)
{
	for (size_t w = 0; w < s->table->n_workloads; w++) {
		s->others[w] = INFINITY;
		for (size_t f = 0; f < s->table->n_fleet; f++) {
			if (f != moved)
				s->others[w] = fmin(s->others[w],
						    sw__price_of_parts(s->table, w, f, s->price[f],
								       &s->weight[f]));
		}
	}
}

static double sum_with(const struct search *s, size_t f, const struct sw__kind_weight *weight)
{
	double sum = 0;

	for (size_t w = 0; w < s->table->n_workloads; w++) {
		double least =
			fmin(s->others[w], sw__price_of_parts(s->table, w, f, s->price[f], weight));

		sum += isinf(least) ? 0 : least;
	}
	return sum;
}

/* Weight from one resource to another; kept where the sum grows. */
static double move_weight(struct search *s, size_t f, int from, int to, double step, double best)
{
	struct sw__kind_weight moved = s->weight[f];
	double by = fmin(step, moved.of[from]), sum;

	if (from == to || by <= 0)
		return best;
	moved.of[from] -= by;
	moved.of[to] += by;
	sum = sum_with(s, f, &moved);
	if (sum <= best)
		return best;
	s->weight[f] = moved;
	return sum;
}

static double move_kind(struct search *s, size_t f)
{
	double best;

	price_others(s, f);
	best = sum_with(s, f, &s->weight[f]);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		for (int pair = 0; pair < ROUNDS * SW__PARTS * SW__PARTS; pair++)
			best = move_weight(s, f, pair / SW__PARTS % SW__PARTS, pair % SW__PARTS,
					   steps[i], best);
	}
	return best;
}

enum sw_status sw__kind_prices(const struct sw__part_table *table, const double *price,
			       struct sw__kind_weight *out, double *sum, struct sw_error *err)
{
	struct search s = {.table = table, .price = price, .weight = out};
	double before;

	*sum = 0;
	s.others = calloc(table->n_workloads + 1, sizeof(*s.others));
	if (!s.others)
		return sw_fail(err, SW_NO_MEMORY, "%zu workloads", table->n_workloads);
	for (size_t f = 0; f < table->n_fleet; f++) {
		for (int r = 0; r < SW__PARTS; r++)
			out[f].of[r] = 1.0 / SW__PARTS;
	}
	for (int pass = 0; pass < PASSES; pass++) {
		before = *sum;
		for (size_t f = 0; f < table->n_fleet; f++)
			*sum = move_kind(&s, f);
		if (!(*sum > before * (1 + enough)))
			break;
	}
	free(s.others);
	return SW_OK;
}
