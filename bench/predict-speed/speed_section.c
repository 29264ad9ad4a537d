// SPDX-License-Identifier: Apache-2.0
/*
 * The three are timed by turns, so that what else the machine does is the same for all; median and least of the turns are
 * said. Every turn goes through all mixes, so tables come from wherever the cache has left them.
 */
#include "predict-speed/speed_section.h"

#include <math.h>
#include <stdlib.h>

#include "base/random.h"
#include "math/ordered.h"
#include "predict-speed/bench_clock.h"
#include "predict-speed/boosted_trees.h"
#include "predict-speed/engine_pool.h"

enum { MIXES = 100000, EXACT_MIXES = 5000, TREE_ROWS = 5000, TURNS = 9 };

/* What the project promises, us. */
static const double table_us_most = 1;

struct turns {
	double us[TURNS]; /* per engine or row */
};

struct contest {
	struct engine_pool pool;
	struct engine_mix *mixes;
	struct boosted_trees *trees;
	struct turns table, exact, row;
	double sum; /* of something of every prediction: nothing may be left out */
	size_t overloads;
};

static double time_tables(struct contest *c)
{
	double begin = bench_now_s();

	c->overloads = 0;
	for (size_t i = 0; i < MIXES; i++) {
		const sw_tabled *tenants[MIX_ENGINES];
		struct sw_prediction out[MIX_ENGINES];

		for (int k = 0; k < MIX_ENGINES; k++)
			tenants[k] = c->pool.tabled[c->mixes[i].engine[k]];
		sw_predict_tabled(c->pool.mechanism, tenants, MIX_ENGINES, out);
		for (int k = 0; k < MIX_ENGINES; k++) {
			c->overloads += out[k].binds == SW_BINDS_OVERLOAD;
			c->sum += out[k].requests_per_s;
		}
	}
	return 1e6 * (bench_now_s() - begin) / ((double)MIXES * MIX_ENGINES);
}

static double time_exact(struct contest *c)
{
	double begin = bench_now_s();

	for (size_t i = 0; i < EXACT_MIXES; i++) {
		const sw_prepared *tenants[MIX_ENGINES];
		struct sw_prediction out[MIX_ENGINES];

		for (int k = 0; k < MIX_ENGINES; k++)
			tenants[k] = c->pool.prepared[c->mixes[i].engine[k]];
		sw_predict(c->pool.mechanism, tenants, MIX_ENGINES, out);
		for (int k = 0; k < MIX_ENGINES; k++)
			c->sum += out[k].requests_per_s;
	}
	return 1e6 * (bench_now_s() - begin) / ((double)EXACT_MIXES * MIX_ENGINES);
}

static double time_trees(struct contest *c)
{
	struct sw__random r = sw__random_make(1, 4000);
	double begin = bench_now_s();

	if (!c->trees)
		return NAN;
	for (int i = 0; i < TREE_ROWS; i++) {
		float row[TREE_FEATURES];

		for (int k = 0; k < TREE_FEATURES; k++)
			row[k] = (float)sw__random_uniform(&r);
		c->sum += boosted_trees_row(c->trees, row);
	}
	return 1e6 * (bench_now_s() - begin) / TREE_ROWS;
}

static void say(const char *mechanism, const char *what, struct turns *t, double most,
		struct figures *figures)
{
	char row[64];

	qsort(t->us, TURNS, sizeof(t->us[0]), sw__ascending);
	(void)snprintf(row, sizeof(row), "%s %s", mechanism, what);
	figures_at_most(figures, row, "median us", t->us[TURNS / 2], most);
	figures_at_most(figures, row, "least us", t->us[0], NAN);
}

static void contend(struct contest *c, struct figures *figures)
{
	const char *mechanism = sw_mechanism_name(c->pool.mechanism);

	for (int turn = 0; turn < TURNS; turn++) {
		c->table.us[turn] = time_tables(c);
		c->exact.us[turn] = time_exact(c);
		c->row.us[turn] = time_trees(c);
	}
	figures_say(figures,
		    "%s: %zu engines, %.2f ms to make a table of %.1f KB; %.1f %% of answers are "
		    "overload",
		    mechanism, c->pool.n, c->pool.make_ms, c->pool.table_kb,
		    100.0 * (double)c->overloads / ((double)MIXES * MIX_ENGINES));
	say(mechanism, "tables", &c->table, table_us_most, figures);
	say(mechanism, "sw_predict()", &c->exact, NAN, figures);
	if (c->trees)
		say(mechanism, "XGBoost row", &c->row, NAN, figures);
	if (!isfinite(c->sum))
		figures_say(figures, "a throughput is not finite");
}

static enum sw_status contest(const sw_catalog *catalog, enum sw_mechanism mechanism,
			      struct contest *c, struct figures *figures, struct sw_error *err)
{
	enum sw_status st = engine_pool_make(catalog, mechanism, &c->pool, err);

	if (st != SW_OK)
		return st;
	engine_pool_draw(&c->pool, c->mixes, MIXES);
	contend(c, figures);
	engine_pool_free(&c->pool);
	return SW_OK;
}

enum sw_status speed_section(const sw_catalog *catalog, struct figures *figures,
			     struct sw_error *err)
{
	static const enum sw_mechanism mechanisms[] = {SW_MPS, SW_TIMESLICE, SW_HAMI};
	struct contest *c = calloc(1, sizeof(*c));
	const char *version = boosted_trees_version();
	enum sw_status st = SW_OK;

	if (c)
		c->mixes = calloc(MIXES, sizeof(*c->mixes));
	if (!c || !c->mixes) {
		free(c);
		return SW_NO_MEMORY;
	}
	c->trees = boosted_trees_new();
	figures_section(figures, "speed",
			"Time per engine, bounds included, over 100 000 different mixes of four; "
			"median and least of nine turns.");
	if (version)
		figures_say(figures,
			    "XGBoost %s: 100 trees of depth 6, 24 features; one number of one row",
			    version);
	else
		figures_say(figures, "XGBoost is not installed: skipped");
	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]) && st == SW_OK; i++)
		st = contest(catalog, mechanisms[i], c, figures, err);
	boosted_trees_free(c->trees);
	free(c->mixes);
	free(c);
	return st;
}
