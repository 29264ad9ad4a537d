// SPDX-License-Identifier: Apache-2.0
/*
 * The best weights there are, by linear programming: of σ_w, what workload w is worth, the largest sum so that no kind of GPU serves it
 * for less by its parts,
 *
 *     max Σ σ_w    so that    σ_w ≤ price_f Σ_r λ_fr part_wfr    for all w, f,    Σ_r λ_fr ≤ 1    for all f,    λ ≥ 0.
 */
#include <coin/Clp_C_Interface.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "plan/kind_prices.h"

struct rows {
	const struct sw__part_table *table;
	const double *price;
	int n, n_elements;
	CoinBigIndex *start;
	int *column;
	double *element, *low, *high;
};

static int weight_column(const struct rows *r, size_t f, int part)
{
	return (int)(r->table->n_workloads + SW__PARTS * f) + part;
}

static void put(struct rows *r, int column, double element)
{
	r->column[r->n_elements] = column;
	r->element[r->n_elements++] = element;
}

static void end_row(struct rows *r, double high)
{
	r->low[r->n] = -(double)INFINITY;
	r->high[r->n++] = high;
	r->start[r->n] = r->n_elements;
}

static bool serves(const struct rows *r, size_t w, size_t f)
{
	return isfinite(r->price[f]) && isfinite(r->table->parts[w * r->table->n_fleet + f].of[0]);
}

static void fill_rows(struct rows *r)
{
	for (size_t w = 0; w < r->table->n_workloads; w++) {
		for (size_t f = 0; f < r->table->n_fleet; f++) {
			const struct sw__parts *parts = &r->table->parts[w * r->table->n_fleet + f];

			if (!serves(r, w, f))
				continue;
			put(r, (int)w, 1);
			for (int k = 0; k < SW__PARTS; k++)
				put(r, weight_column(r, f, k), -r->price[f] * parts->of[k]);
			end_row(r, 0);
		}
	}
	for (size_t f = 0; f < r->table->n_fleet; f++) {
		for (int k = 0; k < SW__PARTS; k++)
			put(r, weight_column(r, f, k), 1);
		end_row(r, 1);
	}
}

/* What no kind serves is left out: its price would have no end. */
static bool is_served(const struct rows *r, size_t w)
{
	for (size_t f = 0; f < r->table->n_fleet; f++) {
		if (serves(r, w, f))
			return true;
	}
	return false;
}

static bool solve(struct rows *r, struct sw__kind_weight *out)
{
	size_t columns = r->table->n_workloads + SW__PARTS * r->table->n_fleet;
	double *low = calloc(columns + 1, sizeof(*low)), *high = calloc(columns + 1, sizeof(*high));
	double *gain = calloc(columns + 1, sizeof(*gain));
	Clp_Simplex *lp = low && high && gain ? Clp_newModel() : NULL;
	bool solved = false;

	if (lp) {
		for (size_t i = 0; i < columns; i++) {
			high[i] = i >= r->table->n_workloads || is_served(r, i) ? (double)INFINITY
										: 0;
			gain[i] = i < r->table->n_workloads ? -1 : 0;
		}
		Clp_setLogLevel(lp, 0);
		Clp_resize(lp, 0, (int)columns);
		Clp_chgColumnLower(lp, low);
		Clp_chgColumnUpper(lp, high);
		Clp_chgObjCoefficients(lp, gain);
		Clp_addRows(lp, r->n, r->low, r->high, r->start, r->column, r->element);
		solved = Clp_dual(lp, 0) == 0;
	}
	for (size_t f = 0; solved && f < r->table->n_fleet; f++) {
		for (int k = 0; k < SW__PARTS; k++)
			out[f].of[k] = fmax(0, Clp_getColSolution(lp)[weight_column(r, f, k)]);
	}
	if (lp)
		Clp_deleteModel(lp);
	free(low);
	free(high);
	free(gain);
	return solved;
}

/* A solver's numbers are right to a millionth; what is proved by them is worked out anew, so the weights must add up. */
static void scale(struct sw__kind_weight *weight)
{
	double sum = 0;

	for (int k = 0; k < SW__PARTS; k++)
		sum += weight->of[k];
	for (int k = 0; k < SW__PARTS; k++)
		weight->of[k] = sum > 0 ? weight->of[k] / sum : 1.0 / SW__PARTS;
}

enum sw_status sw__kind_prices_lp(const struct sw__part_table *table, const double *price,
				  struct sw__kind_weight *out, double *sum, struct sw_error *err)
{
	size_t most = table->n_workloads * table->n_fleet + table->n_fleet + 1;
	struct rows r = {.table = table, .price = price};
	enum sw_status st = SW_OK;

	r.start = calloc(most + 1, sizeof(*r.start));
	r.column = calloc(most * (SW__PARTS + 1), sizeof(*r.column));
	r.element = calloc(most * (SW__PARTS + 1), sizeof(*r.element));
	r.low = calloc(most, sizeof(*r.low));
	r.high = calloc(most, sizeof(*r.high));
	*sum = 0;
	if (!r.start || !r.column || !r.element || !r.low || !r.high) {
		st = sw_fail(err, SW_NO_MEMORY, "%zu workloads", table->n_workloads);
	} else {
		fill_rows(&r);
		if (solve(&r, out)) {
			for (size_t f = 0; f < table->n_fleet; f++)
				scale(&out[f]);
			*sum = sw__sum_of_least(table, price, out);
		}
	}
	free(r.start);
	free(r.column);
	free(r.element);
	free(r.low);
	free(r.high);
	return st;
}
