// SPDX-License-Identifier: Apache-2.0
#include "plan/cover.h"

#include <coin/Cbc_C_Interface.h>
#include <coin/Clp_C_Interface.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/cbc_turn.h"

/* What is left unserved costs so many times the dearest GPU: no plan leaves anything that some column serves. */
static const double UNSERVED = 1000;
static const double WHOLE = 0.5; /* above it a number of the search is 1 */
enum { FIRST_ROOM = 256 };

struct sw__cover {
	const struct sw_problem *problem;
	const bool *wanted;
	size_t n, room;
	const struct sw__together **set;
	size_t rows;
	size_t *workload_row, *fleet_row; /* rows where there are none */
	Clp_Simplex *lp; /* one column a workload for what is left unserved, then the sets */
	double dearest;
};

static size_t number_rows(struct sw__cover *c)
{
	size_t n = 0;

	for (size_t w = 0; w < c->problem->n_workloads; w++)
		c->workload_row[w] = c->wanted[w] ? n++ : SIZE_MAX;
	for (size_t f = 0; f < c->problem->n_fleet; f++)
		c->fleet_row[f] = isfinite(c->problem->fleet[f].count) ? n++ : SIZE_MAX;
	return n;
}

/* Every workload once, every kind of GPU as often as there are. */
static bool add_rows(struct sw__cover *c)
{
	double *low = calloc(c->rows + 1, sizeof(*low)), *high = calloc(c->rows + 1, sizeof(*high));
	CoinBigIndex *starts = calloc(c->rows + 2, sizeof(*starts));
	int none_index = 0;
	double none_value = 0;
	bool ok = low && high && starts;

	for (size_t w = 0; ok && w < c->problem->n_workloads; w++)
		if (c->wanted[w]) {
			low[c->workload_row[w]] = 1;
			high[c->workload_row[w]] = INFINITY;
		}
	for (size_t f = 0; ok && f < c->problem->n_fleet; f++)
		if (c->fleet_row[f] != SIZE_MAX)
			high[c->fleet_row[f]] = c->problem->fleet[f].count;
	if (ok)
		Clp_addRows(c->lp, (int)c->rows, low, high, starts, &none_index, &none_value);
	free(low);
	free(high);
	free(starts);
	return ok;
}

static void add_column(Clp_Simplex *lp, double cost, int n, const int *row, const double *value)
{
	const CoinBigIndex starts[] = {0, n};
	const double low = 0, high = INFINITY;

	Clp_addColumns(lp, 1, &low, &high, &cost, starts, row, value);
}

static void add_unserved(struct sw__cover *c)
{
	for (size_t w = 0; w < c->problem->n_workloads; w++) {
		int row = (int)c->workload_row[w];
		const double one = 1;

		if (c->wanted[w])
			add_column(c->lp, UNSERVED * c->dearest, 1, &row, &one);
	}
}

static size_t wanted_workloads(const struct sw__cover *c)
{
	size_t n = 0;

	for (size_t w = 0; w < c->problem->n_workloads; w++)
		n += c->wanted[w];
	return n;
}

enum sw_status sw__cover_new(const struct sw_problem *problem, const bool *wanted,
			     struct sw__cover **out, struct sw_error *err)
{
	struct sw__cover *c = calloc(1, sizeof(*c));
	bool ok = c != NULL;

	*out = c;
	if (ok) {
		c->problem = problem;
		c->wanted = wanted;
		c->workload_row = calloc(problem->n_workloads + 1, sizeof(*c->workload_row));
		c->fleet_row = calloc(problem->n_fleet + 1, sizeof(*c->fleet_row));
		c->lp = Clp_newModel();
		ok = c->workload_row && c->fleet_row && c->lp;
	}
	if (ok) {
		for (size_t f = 0; f < problem->n_fleet; f++)
			c->dearest = fmax(c->dearest, problem->fleet[f].price_per_hour);
		Clp_setLogLevel(c->lp, 0);
		c->rows = number_rows(c);
		ok = add_rows(c);
	}
	if (ok) {
		add_unserved(c);
		return SW_OK;
	}
	sw__cover_free(c);
	*out = NULL;
	return sw_fail(err, SW_NO_MEMORY, "%zu workloads", problem->n_workloads);
}

void sw__cover_free(struct sw__cover *c)
{
	if (!c)
		return;
	if (c->lp)
		Clp_deleteModel(c->lp);
	free((void *)c->set);
	free(c->workload_row);
	free(c->fleet_row);
	free(c);
}

size_t sw__cover_columns(const struct sw__cover *c)
{
	return c->n;
}

const struct sw__together *sw__cover_set(const struct sw__cover *c, size_t i)
{
	return c->set[i];
}

static bool has(const struct sw__cover *c, const struct sw__together *set)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->set[i] == set)
			return true;
	return false;
}

/* The parts of workloads that a set serves, and its GPU. */
static int column_of(const struct sw__cover *c, const struct sw__together *set, int *row,
		     double *value)
{
	int n = 0;

	for (size_t i = 0; i < set->n; i++) {
		const struct sw__size *size = set->engines[i];
		int at = (int)c->workload_row[size->workload];

		if (n == 0 || row[n - 1] != at) { /* engines are sorted by workload */
			row[n] = at;
			value[n++] = 0;
		}
		value[n - 1] += (double)size->times / size->replicas;
	}
	if (c->fleet_row[set->fleet] != SIZE_MAX) {
		row[n] = (int)c->fleet_row[set->fleet];
		value[n++] = 1;
	}
	return n;
}

enum sw_status sw__cover_add(struct sw__cover *c, const struct sw__together *set, bool *added,
			     struct sw_error *err)
{
	int row[SW__TOGETHER_MAX + 1], n;
	double value[SW__TOGETHER_MAX + 1];

	if (added)
		*added = false;
	if (has(c, set))
		return SW_OK;
	if (c->n == c->room) {
		size_t room = c->room ? 2 * c->room : FIRST_ROOM;
		const struct sw__together **more =
			realloc((void *)c->set, room * sizeof(c->set[0]));

		if (!more)
			return sw_fail(err, SW_NO_MEMORY, "%zu sets of engines", room);
		c->set = more;
		c->room = room;
	}
	c->set[c->n++] = set;
	n = column_of(c, set, row, value);
	add_column(c->lp, c->problem->fleet[set->fleet].price_per_hour, n, row, value);
	if (added)
		*added = true;
	return SW_OK;
}

enum sw_status sw__cover_solve(struct sw__cover *c, double *value, struct sw__duals *duals,
			       struct sw_error *err)
{
	const double *price, *unserved;
	size_t wanted = wanted_workloads(c);

	(void)Clp_primal(c->lp, 0);
	if (!Clp_isProvenOptimal(c->lp))
		return sw_fail(err, SW_INTERNAL, "a linear programme of %zu sets is not solved",
			       c->n);
	unserved = Clp_getColSolution(c->lp);
	for (size_t i = 0; i < wanted; i++)
		if (unserved[i] > 1e-7)
			return sw_fail(err, SW_INFEASIBLE, "the sets do not serve everything");
	*value = Clp_getObjValue(c->lp);
	price = Clp_getRowPrice(c->lp);
	for (size_t w = 0; w < c->problem->n_workloads; w++)
		duals->workload[w] = c->wanted[w] ? fmax(0, price[c->workload_row[w]]) : 0;
	for (size_t f = 0; f < c->problem->n_fleet; f++)
		duals->fleet[f] = c->fleet_row[f] != SIZE_MAX ? fmin(0, price[c->fleet_row[f]]) : 0;
	return SW_OK;
}

/* Numbers of replicas that occur, each with a column of its own: whether a workload is divided so. */
struct division {
	size_t workload;
	unsigned replicas;
};

struct whole {
	const struct sw__cover *c;
	size_t n;
	struct division *division;
	Cbc_Model *model;
};

static size_t division_of(const struct whole *m, const struct sw__size *size)
{
	size_t i = 0;

	while (i < m->n && !(m->division[i].workload == size->workload &&
			     m->division[i].replicas == size->replicas))
		i++;
	return i;
}

static bool find_divisions(struct whole *m)
{
	size_t most = 1;

	for (size_t i = 0; i < m->c->n; i++)
		most += m->c->set[i]->n;
	m->division = calloc(most, sizeof(*m->division));
	for (size_t i = 0; m->division && i < m->c->n; i++)
		for (size_t k = 0; k < m->c->set[i]->n; k++) {
			const struct sw__size *size = m->c->set[i]->engines[k];

			if (division_of(m, size) == m->n)
				m->division[m->n++] =
					(struct division){size->workload, size->replicas};
		}
	return m->division != NULL;
}

static void row_of(Cbc_Model *model, int n, const int *column, const double *value, char sense,
		   double limit)
{
	Cbc_addRow(model, "", n, column, value, sense, limit);
}

static void add_sets(const struct whole *m)
{
	const struct sw__cover *c = m->c;

	for (size_t i = 0; i < c->n; i++)
		Cbc_addCol(m->model, "", 0, INFINITY,
			   c->problem->fleet[c->set[i]->fleet].price_per_hour, 1, 0, NULL, NULL);
	for (size_t d = 0; d < m->n; d++)
		Cbc_addCol(m->model, "", 0, 1, 0, 1, 0, NULL, NULL);
}

/* As many engines of a division as it has, if it is the one. */
static void serve_divisions(const struct whole *m, int *column, double *value)
{
	const struct sw__cover *c = m->c;

	for (size_t d = 0; d < m->n; d++) {
		int n = 0;

		for (size_t i = 0; i < c->n; i++) {
			double engines = 0;

			for (size_t k = 0; k < c->set[i]->n; k++)
				engines += division_of(m, c->set[i]->engines[k]) == d;
			if (engines > 0) {
				column[n] = (int)i;
				value[n++] = engines;
			}
		}
		column[n] = (int)(c->n + d);
		value[n++] = -(double)m->division[d].replicas;
		row_of(m->model, n, column, value, 'G', 0);
	}
}

static void choose_divisions(const struct whole *m, int *column, double *value)
{
	for (size_t w = 0; w < m->c->problem->n_workloads; w++) {
		int n = 0;

		for (size_t d = 0; m->c->wanted[w] && d < m->n; d++)
			if (m->division[d].workload == w) {
				column[n] = (int)(m->c->n + d);
				value[n++] = 1;
			}
		if (n > 0)
			row_of(m->model, n, column, value, 'G', 1);
	}
}

static void limit_fleet(const struct whole *m, int *column, double *value)
{
	const struct sw_problem *problem = m->c->problem;

	for (size_t f = 0; f < problem->n_fleet; f++) {
		int n = 0;

		for (size_t i = 0; isfinite(problem->fleet[f].count) && i < m->c->n; i++)
			if (m->c->set[i]->fleet == f) {
				column[n] = (int)i;
				value[n++] = 1;
			}
		if (n > 0)
			row_of(m->model, n, column, value, 'L', problem->fleet[f].count);
	}
}

static bool build(const struct whole *m)
{
	size_t room = m->c->n + m->n + 1;
	int *column = calloc(room, sizeof(*column));
	double *value = calloc(room, sizeof(*value));
	bool ok = column && value;

	if (ok) {
		add_sets(m);
		serve_divisions(m, column, value);
		choose_divisions(m, column, value);
		limit_fleet(m, column, value);
	}
	free(column);
	free(value);
	return ok;
}

static void solve_whole(const struct whole *m, double cutoff, int nodes, unsigned *times,
			bool *found, bool *proved)
{
	const double *solution;
	char text[32];

	Cbc_setLogLevel(m->model, 0);
	(void)snprintf(text, sizeof(text), "%.17g", cutoff);
	Cbc_setParameter(m->model, "cutoff", text);
	Cbc_setMaximumNodes(m->model, nodes);
	/* Sets are many and rows few: what cuts cost is more than what they save. */
	Cbc_setParameter(m->model, "cuts", "off");
	(void)Cbc_solve(m->model);
	solution = Cbc_bestSolution(m->model);
	*proved = Cbc_status(m->model) == 0 && !Cbc_isNodeLimitReached(m->model) &&
		  !Cbc_isAbandoned(m->model);
	*found = solution && Cbc_getObjValue(m->model) < cutoff;
	for (size_t i = 0; *found && i < m->c->n; i++)
		times[i] = (unsigned)floor(solution[i] + WHOLE);
}

enum sw_status sw__cover_whole(struct sw__cover *c, double cutoff, int nodes, unsigned *times,
			       bool *found, bool *proved, struct sw_error *err)
{
	struct whole m = {.c = c};
	bool ok;

	*found = *proved = false;
	sw__cbc_enter();
	m.model = Cbc_newModel();
	ok = m.model && find_divisions(&m) && build(&m);
	if (ok)
		solve_whole(&m, cutoff, nodes, times, found, proved);
	if (m.model)
		Cbc_deleteModel(m.model);
	sw__cbc_leave();
	free(m.division);
	return ok ? SW_OK : sw_fail(err, SW_NO_MEMORY, "%zu sets of engines", c->n);
}
