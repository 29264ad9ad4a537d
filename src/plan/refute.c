// SPDX-License-Identifier: Apache-2.0
#include "plan/refute.h"

#include <limits.h>
#include <stdlib.h>

#include "base/error.h"

enum {
	KINDS_MAX = 5, /* kinds of GPU, beyond which there are too many ways to mix them */
	MIXES_MAX = 400, /* that cost less than the plan */
	VISITS_MAX = 100000, /* on the way to them: a kind may cost next to nothing */
	NEEDS_MAX = 200, /* workloads times kinds */
	PRICE_STEPS = 12, /* of virtual prices */
	WEIGHT_STEPS = 12
};

static const double rounding = 1e-9;

double sw__weighted_bound(const struct sw__needs *needs, const double *price, const double *weight)
{
	double sum = 0;

	for (size_t w = 0; w < needs->n_workloads; w++) {
		const struct sw__need *need = &needs->need[w * needs->n_fleet];
		double least = INFINITY;

		for (size_t f = 0; f < needs->n_fleet; f++) {
			double part = 0;

			if (isinf(price[f]) || isinf(need[f].part[0]))
				continue;
			for (int r = 0; r < SW__RESOURCES; r++)
				part += weight[r] * need[f].part[r];
			least = fmin(least, price[f] * part);
		}
		sum += least;
	}
	return sum;
}

double sw__best_bound(const struct sw__needs *needs, const double *price, int steps)
{
	double best = 0;

	for (int i = 0; i <= steps; i++) {
		for (int j = 0; i + j <= steps; j++) {
			const double weight[SW__RESOURCES] = {(double)i / steps, (double)j / steps,
							      (double)(steps - i - j) / steps};

			best = fmax(best, sw__weighted_bound(needs, price, weight));
		}
	}
	return best;
}

/* Whole GPUs of each kind. */
struct mix {
	unsigned n[KINDS_MAX];
	double cost;
};

struct refuting {
	const struct sw__needs *needs;
	const struct mix *mix;
	double price[KINDS_MAX]; /* virtual: INFINITY for kinds that are not in the mix */
};

/* With these virtual prices the engines cost more than the GPUs: there cannot be room for them. */
static bool prices_refute(const struct refuting *r)
{
	double worth = 0;

	for (size_t f = 0; f < r->needs->n_fleet; f++)
		worth += r->mix->n[f] ? r->mix->n[f] * r->price[f] : 0;
	return sw__best_bound(r->needs, r->price, WEIGHT_STEPS) > worth * (1 + rounding);
}

/* Virtual prices in all proportions, from kind f on, with `left` steps to give away. */
static bool some_prices_refute(struct refuting *r, size_t f, int left)
{
	size_t next = f + 1;

	while (next < r->needs->n_fleet && !r->mix->n[next])
		next++;
	if (next == r->needs->n_fleet) {
		r->price[f] = (double)left / PRICE_STEPS;
		return prices_refute(r);
	}
	for (int steps = 0; steps <= left; steps++) {
		r->price[f] = (double)steps / PRICE_STEPS;
		if (some_prices_refute(r, next, left - steps))
			return true;
	}
	return false;
}

static bool refuted(const struct sw__needs *needs, const struct mix *mix)
{
	struct refuting r = {.needs = needs, .mix = mix};
	size_t first = 0;

	while (first < needs->n_fleet && !mix->n[first])
		first++;
	if (first == needs->n_fleet)
		return needs->n_workloads > 0;
	for (size_t f = 0; f < needs->n_fleet; f++)
		r.price[f] = mix->n[f] ? 0 : (double)INFINITY;
	return some_prices_refute(&r, first, PRICE_STEPS);
}

/* The mixes that are looked for and those that were found. */
struct mixes {
	const struct sw_fleet_entry *fleet;
	size_t n_fleet;
	double from, upto; /* cost */
	struct mix now;
	size_t n, visits;
	struct mix *all;
};

/* How many of the last kind are needed at least to reach `from`. */
static unsigned fewest_of_last(const struct mixes *m, size_t f)
{
	double missing = (m->from * (1 - rounding) - m->now.cost) / m->fleet[f].price_per_hour;

	return f + 1 == m->n_fleet && missing > 0 ? (unsigned)fmin(ceil(missing), UINT_MAX) : 0;
}

/* All mixes that cost at least `from` and less than `upto`; false where they are too many. */
static bool add_mixes(struct mixes *m, size_t f)
{
	double price = m->fleet[f].price_per_hour, before = m->now.cost;
	bool enough = true;

	for (unsigned k = fewest_of_last(m, f); enough && k <= m->fleet[f].count; k++) {
		if (++m->visits > VISITS_MAX)
			return false;
		m->now.n[f] = k;
		m->now.cost = before + k * price;
		if (m->now.cost >= m->upto * (1 - rounding))
			break;
		if (f + 1 < m->n_fleet) {
			enough = add_mixes(m, f + 1);
		} else {
			enough = m->n < MIXES_MAX;
			if (enough)
				m->all[m->n++] = m->now;
		}
	}
	m->now.n[f] = 0;
	m->now.cost = before;
	return enough;
}

static int by_cost(const void *a, const void *b)
{
	const struct mix *x = a, *y = b;

	return (x->cost > y->cost) - (x->cost < y->cost);
}

enum sw_status sw__least_not_refuted(const struct sw__needs *needs,
				     const struct sw_fleet_entry *fleet, double from, double upto,
				     double *out, struct sw_error *err)
{
	struct mixes m = {.fleet = fleet, .n_fleet = needs->n_fleet, .from = from, .upto = upto};

	*out = from;
	if (needs->n_fleet > KINDS_MAX || needs->n_workloads * needs->n_fleet > NEEDS_MAX)
		return SW_OK;
	m.all = calloc(MIXES_MAX, sizeof(*m.all));
	if (!m.all)
		return sw_fail(err, SW_NO_MEMORY, "%d mixes of GPUs", MIXES_MAX);
	if (add_mixes(&m, 0)) {
		size_t i = 0;

		qsort(m.all, m.n, sizeof(*m.all), by_cost);
		while (i < m.n && refuted(needs, &m.all[i]))
			i++;
		*out = i < m.n ? m.all[i].cost : upto;
	}
	free(m.all);
	return SW_OK;
}
