// SPDX-License-Identifier: Apache-2.0
#include "slicewise/compare.h"

#include "compare/compare_fixture.h"

static struct compare_fixture f;
static struct sw_compare_settings settings;
static struct sw_error err;

static void open_all(const char *yaml)
{
	compare_fixture_open(&f, yaml);
	settings = sw_compare_defaults();
	settings.duration_s = 20;
	settings.worlds = 5;
	settings.seeds = 1;
	err = (struct sw_error){SW_OK, ""};
}

static const char fleet[] =
	"fleet:\n  - {gpu: l40s, mechanism: mps, price_per_hour: 0.86}\n" TWO_WORKLOADS;

static bool same_figure(const struct sw_compared_figure *a, const struct sw_compared_figure *b)
{
	return check_near(a->value, b->value, 0) && check_near(a->low, b->low, 0) &&
	       check_near(a->high, b->high, 0);
}

/* All but the time. */
static bool same_row(const struct sw_compared *a, const struct sw_compared *b)
{
	const struct sw_compared_lateness *x = &a->lateness[0], *y = &b->lateness[0];

	return strcmp(a->strategy, b->strategy) == 0 && check_near(a->margin, b->margin, 0) &&
	       check_near(a->share, b->share, 0) &&
	       check_near(a->cost_per_hour, b->cost_per_hour, 0) &&
	       check_near(x->nominal_excess, y->nominal_excess, 0) &&
	       same_figure(&x->excess, &y->excess) &&
	       same_figure(&x->worst_decile, &y->worst_decile) && same_figure(&x->late, &y->late);
}

TEST(the_number_of_threads_changes_nothing)
{
	static const char *const names[] = {"ffd", "slicewise", "even-split", "oracle"};
	struct sw_comparison *one = NULL, *many = NULL;

	open_all(fleet);
	settings.strategies = names;
	settings.n_strategies = 4;
	settings.threads = 1;
	CHECK_INT(sw_compare(f.catalog, f.problem, &settings, &one, &err), SW_OK);
	settings.threads = 5;
	CHECK_INT(sw_compare(f.catalog, f.problem, &settings, &many, &err), SW_OK);
	CHECK_INT(one->n, 4);
	for (size_t i = 0; i < one->n; i++)
		CHECK(same_row(&one->rows[i], &many->rows[i]));
	sw_comparison_free(one);
	sw_comparison_free(many);
	compare_fixture_close(&f);
}

/* What is said of a plan is what planning by hand gives, and the oracle's bound is that plan's. */
TEST(rows_are_those_of_the_plans)
{
	static const char *const names[] = {"oracle", "exclusive", "slicewise"};
	static const double once[] = {1};
	struct sw_comparison *c = NULL;
	struct sw_plan *plan = NULL;

	open_all(fleet);
	settings.strategies = names;
	settings.n_strategies = 3;
	settings.margins = once;
	settings.n_margins = 1;
	CHECK_INT(sw_compare(f.catalog, f.problem, &settings, &c, &err), SW_OK);
	CHECK_INT(sw_plan_solve(f.catalog, f.problem, NULL, &plan, &err), SW_OK);
	CHECK_STR(c->rows[0].strategy, "slicewise");
	CHECK_NEAR(c->rows[0].cost_per_hour, plan->cost_per_hour, 1e-12);
	CHECK_NEAR(c->rows[0].share, plan->total_share, 1e-12);
	CHECK_STR(c->rows[1].strategy, "exclusive");
	CHECK_NEAR(c->rows[1].gpus, 2, 0);
	CHECK_NEAR(c->rows[1].share, 2, 0);
	CHECK_STR(c->rows[2].strategy, "oracle");
	CHECK_NEAR(c->rows[2].cost_per_hour, plan->bound_cost_per_hour, 1e-12);
	CHECK(isnan(c->rows[2].share) && isnan(c->rows[2].lateness[0].excess.value));
	CHECK_NEAR(sw_compared_saving(c->rows[0].gpus, c->rows[1].gpus), 0.5, 1e-12);
	sw_plan_free(plan);
	sw_comparison_free(c);
	compare_fixture_close(&f);
}

TEST(a_strategy_without_a_plan_keeps_its_row)
{
	static const char *const names[] = {"exclusive", "slicewise"};
	struct sw_comparison *c = NULL;

	open_all("fleet:\n  - {gpu: l40s, mechanism: mps, count: 1}\n" TWO_WORKLOADS);
	settings.strategies = names;
	settings.n_strategies = 2;
	CHECK_INT(sw_compare(f.catalog, f.problem, &settings, &c, &err), SW_OK);
	CHECK(c->rows[0].planned && !c->rows[1].planned);
	CHECK(isnan(c->rows[1].gpus) && isnan(c->rows[1].planning_ms) && !c->rows[1].workloads[0]);
	CHECK(strstr(c->rows[1].why, "found a place") != NULL);
	sw_comparison_free(c);
	compare_fixture_close(&f);
}

TEST(all_but_exact_unless_named)
{
	static const double once[] = {1};
	struct sw_comparison *c = NULL;

	open_all(fleet);
	settings.margins = once;
	settings.n_margins = 1;
	settings.worlds = 1;
	settings.duration_s = 5;
	CHECK_INT(sw_compare(f.catalog, f.problem, &settings, &c, &err), SW_OK);
	CHECK(!sw_comparison_find(c, "exact") && sw_comparison_find(c, "ffd") &&
	      sw_comparison_find(c, "oracle"));
	CHECK(isnan(c->rows[0].lateness[0].excess.low));
	sw_comparison_free(c);
	compare_fixture_close(&f);
}

/* Excess in the median world and in the worst tenth. */
static struct sw_compared lateness(double median, double worst)
{
	struct sw_compared row = {.strategy = "some"};

	row.lateness[0].excess.value = median;
	row.lateness[0].worst_decile.value = worst;
	return row;
}

TEST(who_is_later)
{
	struct sw_compared fine = lateness(0, 0), nearly = lateness(0, SW_COMPARE_NO_EXCESS),
			   bad = lateness(0, 0.01), worse = lateness(0.002, 0.01),
			   unknown = lateness(NAN, NAN);

	CHECK(!sw_compared_later(&nearly, &fine));
	CHECK(sw_compared_later(&bad, &fine) && !sw_compared_later(&fine, &bad));
	CHECK(sw_compared_later(&worse, &bad) && !sw_compared_later(&bad, &worse));
	CHECK(!sw_compared_later(&bad, &bad) && !sw_compared_later(&unknown, &bad));
}

/* Where the budget allows nothing, once and one window. */
TEST(a_small_budget_is_kept_as_well_as_may_be)
{
	static const char *const names[] = {"slicewise"};
	struct sw_comparison *c = NULL;

	open_all(fleet);
	settings.strategies = names;
	settings.n_strategies = settings.worlds = 1;
	settings.seeds = 0;
	settings.duration_s = NAN;
	settings.events_max = 1;
	CHECK_INT(sw_compare(f.catalog, f.problem, &settings, &c, &err), SW_OK);
	CHECK_INT(c->seeds, 1);
	CHECK_NEAR(c->longest_s, 300, 0);
	sw_comparison_free(c);
	settings.events_max = 1e12;
	settings.duration_s = 10;
	CHECK_INT(sw_compare(f.catalog, f.problem, &settings, &c, &err), SW_OK);
	CHECK_INT(c->seeds, 2);
	sw_comparison_free(c);
	compare_fixture_close(&f);
}

static void check_refused(const char *word)
{
	struct sw_comparison *c = NULL;

	err.message[0] = '\0';
	CHECK_INT(sw_compare(f.catalog, f.problem, &settings, &c, &err), SW_BAD_INPUT);
	CHECK(!c && strstr(err.message, word));
}

TEST(what_is_refused)
{
	static const char *const names[] = {"slicewise", "slicewise", "best"};
	static const double margins[] = {1, 0};

	open_all(fleet);
	settings.strategies = names;
	settings.n_strategies = 2;
	check_refused("slicewise twice");
	settings.n_strategies = 1;
	settings.strategies = names + 2;
	check_refused("found best");
	settings.n_strategies = 0;
	settings.margins = margins;
	settings.n_margins = 2;
	check_refused("margins: found 0");
	settings.n_margins = 0;
	settings.worlds = 0;
	check_refused("worlds");
	settings.worlds = 1;
	settings.duration_s = -1;
	check_refused("duration");
	settings.duration_s = 1;
	settings.burstiness = 2;
	settings.trace = "day.csv";
	check_refused("both");
	compare_fixture_close(&f);
}

TEST_MAIN()
