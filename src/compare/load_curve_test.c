// SPDX-License-Identifier: Apache-2.0
#include "compare/compare_fixture.h"
#include "slicewise/compare.h"

enum { LOADS = 4 };

/* Only what things cost: ours 1 at all loads. */
static struct sw_compared rows[LOADS][2];
static struct sw_comparison comparisons[LOADS];
static struct sw_load_curve_point points[LOADS];
static const struct sw_load_curve curve = {.n = LOADS, .points = points};

static double break_even(const double theirs[LOADS])
{
	for (int i = 0; i < LOADS; i++) {
		rows[i][0] = (struct sw_compared){.strategy = "slicewise", .cost_per_hour = 1};
		rows[i][1] = (struct sw_compared){.strategy = "other", .cost_per_hour = theirs[i]};
		comparisons[i] = (struct sw_comparison){.n = 2, .rows = rows[i]};
		points[i] = (struct sw_load_curve_point){0.2 * (i + 1), &comparisons[i]};
	}
	return sw_load_curve_break_even(&curve, "other");
}

TEST(where_savings_end_by_hand)
{
	static const double falls[] = {2, 2, 1, 1}, never[] = {1, 1, 1, 1}, always[] = {2, 2, 2, 2},
			    again[] = {2, 1, 2, 1}, unknown[] = {2, 2, 2, NAN};

	/* From 50 % at 0.4 to nothing at 0.6: 1 % is left 49/50 of the way. */
	CHECK_NEAR(break_even(falls), 0.4 + 0.2 * 49 / 50, 1e-9);
	CHECK_NEAR(break_even(never), 0, 0);
	CHECK(isnan(break_even(always)));
	CHECK_NEAR(break_even(again), 0.6 + 0.2 * 49 / 50, 1e-9);
	CHECK(isnan(break_even(unknown)));
	CHECK(isnan(sw_load_curve_break_even(&curve, "nobody")));
}

/* Alone on a kind of GPU, at full load, nobody saves anything; at little load two fit on one. */
TEST(a_curve_of_two_loads)
{
	static const char *const names[] = {"slicewise", "exclusive"};
	static const double loads[] = {0.95, 0.05}, once[] = {1};
	struct sw_compare_settings settings = sw_compare_defaults();
	struct sw_load_curve *out = NULL;
	struct compare_fixture f;

	compare_fixture_open(&f, "fleet:\n  - {gpu: l40s, mechanism: mps}\n" TWO_WORKLOADS);
	settings.strategies = names;
	settings.n_strategies = 2;
	settings.margins = once;
	settings.n_margins = settings.worlds = settings.seeds = 1;
	settings.duration_s = 10;
	CHECK_INT(sw_load_curve(f.catalog, f.problem, &settings, loads, 2, &out, NULL), SW_OK);
	CHECK_INT(out->n, 2);
	CHECK_NEAR(out->points[0].load, 0.05, 0);
	CHECK_NEAR(out->points[0].comparison->rows[0].gpus, 1, 0);
	CHECK_NEAR(out->points[1].comparison->rows[0].gpus, 2, 0);
	CHECK_NEAR(out->points[1].comparison->rows[1].gpus, 2, 0);
	CHECK(out->capacities[0].amount > 2 && out->capacities[1].amount > 4);
	sw_load_curve_free(out);
	compare_fixture_close(&f);
}

TEST(what_is_refused)
{
	static const double loads[] = {0.5, 0}, fine[] = {0.5};
	struct sw_compare_settings settings = sw_compare_defaults();
	struct sw_load_curve *out = NULL;
	struct sw_error err = {SW_OK, ""};
	struct compare_fixture f;

	compare_fixture_open(&f, "fleet:\n  - {gpu: l40s, mechanism: mps}\n" TWO_WORKLOADS);
	CHECK_INT(sw_load_curve(f.catalog, f.problem, &settings, loads, 2, &out, &err),
		  SW_BAD_INPUT);
	CHECK(strstr(err.message, "found 0"));
	CHECK_INT(sw_load_curve(f.catalog, f.problem, &settings, loads, 0, &out, &err),
		  SW_BAD_INPUT);
	f.problem->workloads[0].slo.bound_ms[SW_TPOT][SW_P95] = 0.01;
	CHECK_INT(sw_load_curve(f.catalog, f.problem, &settings, fine, 1, &out, &err),
		  SW_INFEASIBLE);
	CHECK(!out && strstr(err.message, "chat"));
	compare_fixture_close(&f);
}

TEST_MAIN()
